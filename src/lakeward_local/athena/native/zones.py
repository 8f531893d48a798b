"""Time zones by region or offset."""

from __future__ import annotations

import re
from datetime import UTC, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lakeward_local.athena.native.kit import invalid


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo | timezone:
    """A zone by its region or by its offset.

    Raises:
        NativeError: INVALID_FUNCTION_ARGUMENT, no such zone.
    """
    offset = re.fullmatch(r"([+-])(\d{1,2}):?(\d{2})?", name)
    if offset:
        minutes = int(offset.group(2)) * 60 + int(offset.group(3) or 0)
        return timezone(timedelta(minutes=-minutes if offset.group(1) == "-" else minutes))
    if name in {"Z", "UTC"}:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise invalid(f"'{name}' is not a valid time zone") from error
