"""``UPSTREAM_OVERRIDES``: which origin is asked instead of the one that a contract names.

The replay of a recorded service is reached this way, and it is the only way to plain http. On AWS it is ``{}``.
Whatever it says is written into every certificate (``served_by``).
"""

import json
import re

from lakeward.errors import ConfigurationMissing

ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-]+(:\d{1,5})?")


def parse_overrides(text: str) -> dict[str, str]:
    """Read the JSON map ``{"https://host": "http://127.0.0.1:8080"}``.

    Raises:
        ConfigurationMissing: not a map of origins.
    """
    expected = 'expected UPSTREAM_OVERRIDES as {"https://host": "http://host:port"}'
    try:
        overrides = json.loads(text)
    except ValueError:
        raise ConfigurationMissing(f"{expected}, found text that is not JSON") from None
    if not isinstance(overrides, dict):
        raise ConfigurationMissing(f"{expected}, found a {type(overrides).__name__}")
    for given in [*overrides.keys(), *overrides.values()]:
        if not isinstance(given, str) or not ORIGIN.fullmatch(given):
            raise ConfigurationMissing(f"{expected}, found {given!r}, which is not scheme://host[:port]")
    return overrides
