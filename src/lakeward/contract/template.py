"""Templates: how a slot's instants are written into a request.

    {slot.start}                          2018-01-31T00:00:00.000
    {slot.end-1d}                         a look-back or look-ahead, in hours (h) or days (d)
    {slot.start|Europe/Berlin}            in a zone, as its clocks show it
    {slot.start|epoch_seconds}            in another form
    {slot.start-3h|Asia/Tokyo|%Y/%m/%d}   all of it

A form is ``iso`` (milliseconds, no offset: the form of the FDSN web services, in which a time is UTC), ``iso_z`` and
``iso_offset`` (seconds, with Z or the offset), ``date``, ``epoch_seconds``, ``epoch_milliseconds``, or text with the
directives of Python's strftime.
"""

import difflib
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from urllib.parse import quote, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from lakeward.contract.shapes import TEMPLATE
from lakeward.slot import Slot

POINTS: dict[str, Callable[[Slot], datetime]] = {
    "start": lambda slot: slot.start,
    "end": lambda slot: slot.end,
    "last_millisecond": lambda slot: slot.end - timedelta(milliseconds=1),
}
FORMS: dict[str, Callable[[datetime], str]] = {
    "iso": lambda at: at.replace(tzinfo=None).isoformat(timespec="milliseconds"),
    "iso_z": lambda at: at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    "iso_offset": lambda at: at.isoformat(timespec="seconds"),
    "date": lambda at: at.strftime("%Y-%m-%d"),
    "epoch_seconds": lambda at: str(epoch_milliseconds(at) // 1000),
    "epoch_milliseconds": lambda at: str(epoch_milliseconds(at)),
}


IN_PATHS = "/:@!$&'()*+,;=~"
"""What a path may hold as it is (RFC 3986, 3.3), and the slash: ``{slot.start|%Y/%m/%d}`` names folders."""


def fill(template: str, slot: Slot) -> str:
    """The text with every template in it replaced."""
    return re.sub(TEMPLATE, lambda found: _written(found, slot), template)


def fill_url(url: str, slot: Slot) -> str:
    """The URL with every template in its path replaced; what a path cannot hold as it is, is percent-encoded."""
    return re.sub(TEMPLATE, lambda found: quote(_written(found, slot), safe=IN_PATHS), url)


def leaves_its_folder(url: str) -> bool:
    """Whether a path, once filled, has ``.`` or ``..`` in it, which who asks or who answers takes out."""
    filled = fill_url(url, Slot(datetime(2018, 1, 31, tzinfo=UTC)))
    return any(unquote(segment) in (".", "..") for segment in urlsplit(filled).path.split("/"))


def write_instant(instant: datetime, form: str, zone: str) -> str:
    """An aware instant as a request carries it.

    Args:
        instant: aware.
        form: one of FORMS, or text with strftime's directives.
        zone: IANA name.
    """
    local = instant.astimezone(UTC if zone == "UTC" else ZoneInfo(zone))
    return FORMS[form](local) if form in FORMS else local.strftime(form)


def sets_clocks_back(zone: str) -> bool:
    """Whether the clocks of a zone were set since 2000, or will be by 2037: an hour of them then comes twice."""
    return len(_offsets(zone)) > 1


@cache
def _offsets(zone: str) -> frozenset[timedelta | None]:
    if zone == "UTC" or not zone_is_known(zone):
        return frozenset()
    clocks, first = ZoneInfo(zone), datetime(2000, 1, 1, tzinfo=UTC)
    return frozenset((first + timedelta(days=days)).astimezone(clocks).utcoffset() for days in range(0, 13_880, 5))


def shows_bare_clock(form: str) -> bool:
    """Whether a form shows a time of day, and nothing of the offset: the hour that comes twice looks the same twice."""
    if form in FORMS:
        return form == "iso"
    directives = set(re.findall(r"%[-_^#0-9]*(:?[A-Za-z])", form))
    return bool(directives & {"H", "I", "M", "S", "f", "X", "c", "T", "R", "r", "k", "l"}) and not (
        directives & {"z", ":z", "Z", "s"}
    )


def bare_clocks(template: str) -> Iterator[str]:
    """Zones whose clocks are set back, and whose time of day a text's templates show without the offset."""
    for found in re.finditer(TEMPLATE, template):
        zone, form = _zone_and_form(found["rest"])
        if shows_bare_clock(form) and sets_clocks_back(zone):
            yield zone


def unknown_zones(template: str) -> Iterator[str]:
    """Zones that a text's templates name and that nobody knows."""
    for found in re.finditer(TEMPLATE, template):
        zone, _ = _zone_and_form(found["rest"])
        if not zone_is_known(zone):
            yield zone


def zone_problem(zone: str) -> str | None:
    """What to say of a time zone that nobody knows; None of one that somebody does."""
    if zone_is_known(zone):
        return None
    near = difflib.get_close_matches(zone, sorted(available_timezones()), n=1)
    return f"expected the name of a time zone, found {zone!r}" + (f"; did you mean {near[0]!r}?" if near else "")


def zone_is_known(zone: str) -> bool:
    """Whether the time zone database has it."""
    try:
        return bool(zone == "UTC" or ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def epoch_milliseconds(instant: datetime) -> int:
    """Milliseconds since 1970, whole."""
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _written(found: re.Match[str], slot: Slot) -> str:
    instant = POINTS[found["point"]](slot)
    if found["amount"]:
        step = timedelta(hours=1) if found["unit"] == "h" else timedelta(days=1)
        instant += int(found["amount"]) * step
    zone, form = _zone_and_form(found["rest"])
    return write_instant(instant, form, zone)


def _zone_and_form(rest: str) -> tuple[str, str]:
    """``|Europe/Berlin|date`` -> its zone and form, with what is left out filled in."""
    zone, form = "UTC", "iso"
    for part in rest.split("|")[1:]:
        if part in FORMS or "%" in part:
            form = part
        else:
            zone = part
    return zone, form
