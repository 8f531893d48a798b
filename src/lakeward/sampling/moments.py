"""Days and instants of personal columns: what a value is, as the transform reads it, and others written like it."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from lakeward.contract import Column
from lakeward.contract.formats import Format, parse_format
from lakeward.transform.instants import DAY, EARLIEST_DAYS, INSTANT, LATEST_DAYS, LOCAL
from lakeward.transform.values import PER_SECOND

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 -- instants are in UTC here, without their zone
WRITTEN: dict[str, Callable[[datetime], str]] = {
    "%Y": lambda at: f"{at.year:04}",
    "%y": lambda at: f"{at.year % 100:02}",
    "%m": lambda at: f"{at.month:02}",
    "%-m": lambda at: f"{at.month}",
    "%b": lambda at: f"{at:%b}",
    "%B": lambda at: f"{at:%B}",
    "%d": lambda at: f"{at.day:02}",
    "%-d": lambda at: f"{at.day}",
    "%a": lambda at: f"{at:%a}",
    "%A": lambda at: f"{at:%A}",
    "%H": lambda at: f"{at.hour:02}",
    "%-H": lambda at: f"{at.hour}",
    "%I": lambda at: f"{at:%I}",
    "%-I": lambda at: f"{int(f'{at:%I}')}",
    "%p": lambda at: f"{at:%p}",
    "%M": lambda at: f"{at.minute:02}",
    "%S": lambda at: f"{at.second:02}",
    "%f": lambda at: f"{at.microsecond:06}",
    "%z": lambda _at: "+0000",
    "%%": lambda _at: "%",
}


def day_in(column: Column, text: str, number: int | None) -> date | None:
    """The day that a value is.

    Args:
        column: says how it is read.
        text: of a text; empty for a number.
        number: what it is as a whole number, where it is one.
    """
    if column.formats is not None:
        found = next(filter(None, (_parsed(parse_format(of), text) for of in column.formats)), None)
        return None if found is None else found.date()
    if column.parse == "epoch_days":
        if number is None or not EARLIEST_DAYS <= number <= LATEST_DAYS:
            return None
        return (EPOCH + timedelta(days=number)).date()
    try:
        return date.fromisoformat(text) if re.fullmatch(DAY, text, re.ASCII) else None
    except ValueError:
        return None


def instant_in(column: Column, text: str, number: int | None) -> datetime | None:
    """The instant that a value is, in UTC without its zone; the same arguments."""
    if column.formats is not None:
        return _formatted_instant(column, text)
    if column.parse in PER_SECOND:
        return None if number is None else _since_1970(number, PER_SECOND[column.parse])
    if not re.fullmatch(INSTANT, text, re.ASCII) and not (column.zone and re.fullmatch(LOCAL, text, re.ASCII)):
        return None
    try:
        return _in_utc(column, datetime.fromisoformat(text))
    except ValueError:
        return None


def _formatted_instant(column: Column, text: str) -> datetime | None:
    for written in map(parse_format, column.formats or ()):
        for of in filter(None, (written, written.zulu)):
            found = _parsed(of, text)
            if found is not None:
                return _in_utc(column, found, zulu=of is written.zulu)
    return None


def _since_1970(number: int, per_second: int) -> datetime | None:
    try:
        return EPOCH + timedelta(microseconds=number * (1_000_000 // per_second))
    except OverflowError:
        return None


def day_as(column: Column, text: str, day: date) -> str:
    """A day, written as a value is."""
    if column.formats is not None:
        fits = [of for of in map(parse_format, column.formats) if _parsed(of, text) is not None]
        return _as(fits[0] if fits else parse_format(column.formats[0]), datetime(day.year, day.month, day.day))  # noqa: DTZ001
    return f"{(day - EPOCH.date()).days}" if column.parse == "epoch_days" else day.isoformat()


def instant_as(column: Column, at: datetime) -> str:
    """An instant in UTC, written in the first way that a column reads."""
    if column.formats is not None:
        of = parse_format(column.formats[0])
        zone = ZoneInfo(column.zone) if column.zone and not of.has_offset else UTC
        return _as(of, at.replace(tzinfo=UTC).astimezone(zone))
    if column.parse in PER_SECOND:
        return f"{round((at - EPOCH).total_seconds()) * PER_SECOND[column.parse]}"
    return f"{at.isoformat()}Z"


def years_of(column: Column) -> tuple[date, date]:
    """The days that every format of a column can write."""
    short = any("%y" in parse_format(of).parts for of in column.formats or ())
    return (date(1969, 1, 1), date(2068, 12, 31)) if short else (date(1, 1, 1), date(9999, 12, 31))


def _as(of: Format, at: datetime) -> str:
    return "".join(WRITTEN[part](at) if part in WRITTEN else part for part in of.parts)


def _parsed(of: Format, text: str) -> datetime | None:
    """What Python reads of a text that has a format; its directives are those of ``strptime`` but for the hyphen."""
    if not re.fullmatch(of.pattern, text):
        return None
    directives = (part.replace("%-", "%") if part.startswith("%") else part for part in of.parts)
    try:
        return datetime.strptime(text, "".join(directives))  # noqa: DTZ007 -- an offset is read where there is one
    except ValueError:
        return None


def _in_utc(column: Column, found: datetime, *, zulu: bool = False) -> datetime | None:
    """An instant in UTC; None for a time that clocks skip, or that they show twice where that is refused."""
    if found.tzinfo is None:
        if zulu or column.zone is None:
            return found
        first, second = (found.replace(tzinfo=ZoneInfo(column.zone), fold=fold) for fold in (0, 1))
        if first.astimezone(UTC).astimezone(first.tzinfo).replace(tzinfo=None) != found:
            return None
        if first.utcoffset() != second.utcoffset() and column.repeated == "refuse":
            return None
        found = second if column.repeated == "later" else first
    try:
        return found.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        return None
