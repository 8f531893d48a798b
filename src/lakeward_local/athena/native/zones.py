"""Time zones by region or offset."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lakeward_local.athena.native.kit import Native, invalid, native


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


def zone_name(text: str) -> str:
    """A zone as Trino shows it: ``Z`` and zero offsets are UTC, offsets have two digits each.

    Raises:
        NativeError: INVALID_FUNCTION_ARGUMENT, no such zone.
    """
    zone(text)
    found = re.fullmatch(r"([+-])(\d{1,2}):?(\d{2})?", text)
    if found:
        text = f"{found.group(1)}{int(found.group(2)):02}:{found.group(3) or '00'}"
    return "UTC" if text in {"Z", "+00:00", "-00:00", "UTC", "Etc/UTC", "GMT"} else text


def offset_name(hours: int, minutes: int) -> str:
    """The zone of an offset in hours and minutes of one sign."""
    total = hours * 60 + minutes
    if abs(total) > 14 * 60:
        raise invalid(f"Invalid offset minutes {total}")
    return zone_name(f"{'-' if total < 0 else '+'}{abs(total) // 60:02}:{abs(total) % 60:02}")


def _wall(utc: datetime, name: str) -> datetime:
    return utc.replace(tzinfo=UTC).astimezone(zone(name)).replace(tzinfo=None)


def _instant(wall: datetime, name: str) -> datetime:
    return wall.replace(tzinfo=zone(name)).astimezone(UTC).replace(tzinfo=None)


NATIVES: Final[list[Native]] = [
    native("zone_name", zone_name, "VARCHAR", "VARCHAR"),
    native("offset_name", offset_name, "BIGINT BIGINT", "VARCHAR"),
    native("wall", _wall, "TIMESTAMP VARCHAR", "TIMESTAMP"),
    native("instant", _instant, "TIMESTAMP VARCHAR", "TIMESTAMP"),
]
