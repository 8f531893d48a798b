"""Dates and times: MySQL's and Joda's patterns, ISO 8601, text to date and timestamp."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from lakeward_local.athena.native.kit import Native, NativeError, invalid, native
from lakeward_local.athena.native.zones import zone

_MICROS_A_DAY: Final = 86_400_000_000


# ---- ISO 8601 and casts ----------------------------------------------------------------------------------------------

_DATE: Final = re.compile(r"\s*([+-]?\d{1,6})-(\d{1,2})-(\d{1,2})\s*")
_TIMESTAMP: Final = re.compile(
    r"\s*(\d{4,})-(\d{1,2})-(\d{1,2})(?: (\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,12}))?)?)?\s*(.*?)\s*", re.DOTALL
)
_ISO: Final = re.compile(
    r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:T(?:(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9}))?)?)?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?"
)


def cast_failure(text: str, target: str) -> NativeError:
    return NativeError("INVALID_CAST_ARGUMENT", f"Value cannot be cast to {target}: {text}")


def cast_date(text: str) -> date:
    found = _DATE.fullmatch(text)
    try:
        if found:
            return date(*map(int, found.groups()))
    except ValueError:
        pass
    raise cast_failure(text, "date")


def _moment(text: str, target: str) -> tuple[datetime, str]:
    """The wall clock and the zone's text of ``2001-02-03 04:05:06.789 Zone``."""
    found = _TIMESTAMP.fullmatch(text)
    if found:
        year, month, day, hour, minute, second, fraction, zone_name = found.groups()
        micros = _micros(fraction)
        try:
            moment = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0))  # noqa: DTZ001
            return moment + timedelta(microseconds=micros), zone_name
        except ValueError:
            pass
    raise cast_failure(text, target)


def _micros(fraction: str | None) -> int:
    """Microseconds of the digits behind the point, rounded half up."""
    return (int((fraction or "0").ljust(12, "0")[:12]) + 500_000) // 1_000_000


def round_micros(moment: datetime, precision: int) -> datetime:
    """Rounded half up to a precision of 0 to 6 digits."""
    unit = 10 ** (6 - precision)
    micros = moment.microsecond
    return moment + timedelta(microseconds=(micros + unit // 2) // unit * unit - micros)


def cast_timestamp(text: str, precision: int) -> datetime:
    moment, zone_name = _moment(text, "timestamp")
    if zone_name:
        raise cast_failure(text, "timestamp")
    return round_micros(moment, precision)


_TIME: Final = re.compile(r"\s*(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,12}))?)?\s*")


def cast_time(text: str, precision: int) -> time:
    """A time of day, rounded half up to a precision of 0 to 6 digits."""
    found = _TIME.fullmatch(text)
    if found:
        hour, minute, second, fraction = found.groups()
        try:
            wall = time(int(hour), int(minute), int(second or 0))
        except ValueError:
            pass
        else:
            moment = datetime.combine(date(1970, 1, 1), wall) + timedelta(microseconds=_micros(fraction))
            return round_micros(moment, precision).time()
    raise cast_failure(text, "time")


def cast_timestamp_tz(text: str, precision: int) -> datetime:
    return in_utc(_cast_timestamp_tz(text, precision), text)


def timestamp_tz_instant(text: str, precision: int) -> datetime:
    return _cast_timestamp_tz(text, precision).astimezone(UTC)


def _cast_timestamp_tz(text: str, precision: int) -> datetime:
    moment, zone_name = _moment(text, "timestamp with time zone")
    try:
        aware = moment.replace(tzinfo=zone(zone_name or "UTC"))
    except NativeError as error:
        raise cast_failure(text, "timestamp with time zone") from error
    if aware.astimezone(UTC).astimezone(aware.tzinfo).replace(tzinfo=None) != moment:  # no clock there has shown it
        raise cast_failure(text, "timestamp with time zone")
    return round_micros(aware, precision)


def in_utc(moment: datetime, text: str) -> datetime:
    """The instant, of a text that has no other offset than UTC's.

    Raises:
        NativeError: NOT_SUPPORTED; Trino's value would have the text's zone, and only the query can tell it here.
    """
    if moment.utcoffset():
        raise NativeError(
            "NOT_SUPPORTED",
            f"the local Athena does not support zones that differ from row to row ({text}): "
            "write AT TIME ZONE 'UTC' directly behind the call",
        )
    return moment.astimezone(UTC)


def literal_zone(text: str) -> str:
    """The zone written in a timestamp literal, or an empty text."""
    found = _TIMESTAMP.fullmatch(text)
    return found.group(8) if found else ""


def fraction_digits(text: str) -> int:
    found = _TIMESTAMP.fullmatch(text)
    return len(found.group(7) or "") if found else 0


def iso8601_offset(text: str) -> str:
    """The offset that an ISO 8601 timestamp is written with; UTC when it has none or is none."""
    found = _ISO.fullmatch(text)
    return (found.groups()[-1] if found else None) or "UTC"


def from_iso8601(text: str) -> datetime:
    return in_utc(_from_iso8601(text), text)


def iso8601_instant(text: str) -> datetime:
    return _from_iso8601(text).astimezone(UTC)


def _from_iso8601(text: str) -> datetime:
    day, sign, rest = text.partition("T")
    if re.fullmatch(r"\d{4}-(?:W\d{2}(?:-\d)?|\d{3})", day):  # weeks and days of the year as a plain date
        text = from_iso8601_date(day).isoformat() + sign + rest
    found = _ISO.fullmatch(text)
    if found is None:
        raise invalid(f'Invalid format: "{text}"')
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    try:
        moment = datetime(int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0),  # noqa: DTZ001
                          int((fraction or "0").ljust(6, "0")[:6]))  # fmt: skip
    except ValueError as error:
        raise invalid(f'Cannot parse "{text}": {error}') from error
    return round_micros(moment.replace(tzinfo=zone(offset or "UTC")), 3)


def from_iso8601_date(text: str) -> date:
    if not re.fullmatch(r"\d{4}(-\d{1,2}(-\d{1,2})?|-W\d{2}(-\d)?|-\d{3})?", text):
        raise invalid(f'Invalid format: "{text}"')
    try:
        if re.fullmatch(r"\d{4}-\d{3}", text):
            return date(int(text[:4]), 1, 1) + timedelta(days=int(text[5:]) - 1)
        if "W" in text:
            return date.fromisoformat(text)
        year, month, day = (int(x) for x in f"{text}-1-1".split("-")[:3])
        return date(year, month, day)
    except ValueError as error:
        raise invalid(f'Cannot parse "{text}": {error}') from error


def to_iso8601(moment: datetime, precision: int, zone_name: str) -> str:
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    if precision:
        text += f".{moment.microsecond:06}"[: precision + 1]
    if zone_name:
        offset = moment.replace(tzinfo=zone(zone_name)).strftime("%z")
        text += "Z" if offset == "+0000" else f"{offset[:3]}:{offset[3:5]}"
    return text


_DURATION: Final = {"ns": 1e-6, "us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4, "h": 3.6e6, "d": 8.64e7}


def parse_duration(text: str) -> float:
    """Milliseconds of ``42.8ms``, ``3.81 d``, rounded half up."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*", text)
    if found is None or found.group(2) not in _DURATION:
        raise invalid(f"duration is not a valid data duration string: {text}")
    return math.floor(float(found.group(1)) * _DURATION[found.group(2)] + 0.5)


def interval_part(part: str, value: timedelta) -> int:
    """One field of a day-to-second interval."""
    micros = (value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds
    sizes = {"day": (_MICROS_A_DAY, 10**12), "hour": (3_600_000_000, 24), "minute": (60_000_000, 60),
             "second": (1_000_000, 60), "millisecond": (1000, 1000)}  # fmt: skip
    size, modulo = sizes[part]
    return (abs(micros) // size % modulo) * (-1 if micros < 0 else 1)


def interval_time_text(value: timedelta) -> str:
    """``2 00:00:00.000``: days, then the time."""
    micros = (value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds
    millis, sign = abs(micros) // 1000, "-" if micros < 0 else ""
    days, rest = divmod(millis, 86_400_000)
    return f"{sign}{days} {rest // 3_600_000:02}:{rest // 60_000 % 60:02}:{rest // 1000 % 60:02}.{rest % 1000:03}"


def interval_months_text(months: int) -> str:
    """``1-2``: years and months."""
    return f"{'-' if months < 0 else ''}{abs(months) // 12}-{abs(months) % 12}"


NATIVES: Final[list[Native]] = [
    native("interval_time_text", interval_time_text, "INTERVAL", "VARCHAR"),
    native("interval_month_count_text", interval_months_text, "BIGINT", "VARCHAR"),
    native("cast_date", cast_date, "VARCHAR", "DATE"),
    native("cast_time", cast_time, "VARCHAR BIGINT", "TIME"),
    native("cast_timestamp", cast_timestamp, "VARCHAR BIGINT", "TIMESTAMP"),
    native("cast_timestamp_tz", cast_timestamp_tz, "VARCHAR BIGINT", "TIMESTAMPTZ"),
    native("timestamp_tz_instant", timestamp_tz_instant, "VARCHAR BIGINT", "TIMESTAMPTZ"),
    native("from_iso8601", from_iso8601, "VARCHAR", "TIMESTAMPTZ"),
    native("iso8601_instant", iso8601_instant, "VARCHAR", "TIMESTAMPTZ"),
    native("from_iso8601_date", from_iso8601_date, "VARCHAR", "DATE"),
    native("to_iso8601", to_iso8601, "TIMESTAMP BIGINT VARCHAR", "VARCHAR"),
    native("parse_duration", parse_duration, "VARCHAR", "DOUBLE"),
    native("interval_part", interval_part, "VARCHAR INTERVAL", "BIGINT"),
]
