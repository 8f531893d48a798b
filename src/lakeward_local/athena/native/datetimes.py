"""Dates and times: MySQL's and Joda's patterns, ISO 8601, text to date and timestamp."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lakeward_local.athena.native.kit import Native, NativeError, invalid, native

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
                  "November", "December")  # fmt: skip
_MICROS_A_DAY: Final = 86_400_000_000


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


# ---- MySQL's patterns (date_format, date_parse) ----------------------------------------------------------------------


def date_format(moment: datetime, pattern: str, _zone: str) -> str:
    """https://trino.io/docs/current/functions/datetime.html#mysql-date-functions"""
    out, at = [], 0
    while at < len(pattern):
        if pattern[at] != "%" or at + 1 == len(pattern):
            out.append(pattern[at])
            at += 1
            continue
        out.append(_mysql_field(moment, pattern[at + 1]))
        at += 2
    return "".join(out)


def _mysql_field(m: datetime, code: str) -> str:
    if code in "DUuVXw":
        raise invalid(f"%{code} not supported in date format string")
    simple = {
        "a": _DAYS[m.weekday()][:3],
        "b": _MONTHS[m.month - 1][:3],
        "c": str(m.month),
        "d": f"{m.day:02}",
        "e": str(m.day),
        "f": f"{m.microsecond:06}",
        "H": f"{m.hour:02}",
        "h": f"{(m.hour - 1) % 12 + 1:02}",
        "I": f"{(m.hour - 1) % 12 + 1:02}",
        "i": f"{m.minute:02}",
        "j": f"{m.timetuple().tm_yday:03}",
        "k": str(m.hour),
        "l": str((m.hour - 1) % 12 + 1),
        "M": _MONTHS[m.month - 1],
        "m": f"{m.month:02}",
        "p": "AM" if m.hour < 12 else "PM",
        "r": f"{(m.hour - 1) % 12 + 1:02}:{m.minute:02}:{m.second:02} {'AM' if m.hour < 12 else 'PM'}",
        "S": f"{m.second:02}",
        "s": f"{m.second:02}",
        "T": f"{m.hour:02}:{m.minute:02}:{m.second:02}",
        "v": f"{m.isocalendar().week:02}",
        "W": _DAYS[m.weekday()],
        "x": f"{m.isocalendar().year:04}",
        "Y": f"{m.year:04}",
        "y": f"{m.year % 100:02}",
        "%": "%",
    }
    return simple.get(code, code)


_MYSQL_READ: Final = {
    "Y": ("year", r"[+-]?\d{1,4}"),
    "y": ("short_year", r"\d{2}"),
    "m": ("month", r"\d{1,2}"),
    "c": ("month", r"\d{1,2}"),
    "d": ("day", r"\d{1,2}"),
    "e": ("day", r"\d{1,2}"),
    "H": ("hour", r"\d{1,2}"),
    "k": ("hour", r"\d{1,2}"),
    "h": ("hour12", r"\d{1,2}"),
    "I": ("hour12", r"\d{1,2}"),
    "l": ("hour12", r"\d{1,2}"),
    "i": ("minute", r"\d{1,2}"),
    "s": ("second", r"\d{1,2}"),
    "S": ("second", r"\d{1,2}"),
    "f": ("fraction", r"\d{1,9}"),
    "p": ("half", "[AaPp][Mm]"),
    "b": ("month_name", "[A-Za-z]+"),
    "M": ("month_name", "[A-Za-z]+"),
    "a": ("day_name", "[A-Za-z]+"),
    "W": ("day_name", "[A-Za-z]+"),
    "j": ("day_of_year", r"\d{1,3}"),
}


@lru_cache(maxsize=256)
def _mysql_reader(pattern: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    text = pattern.replace("%T", "%H:%i:%s").replace("%r", "%h:%i:%s %p")
    out, fields, at = [], [], 0
    while at < len(text):
        code = text[at + 1] if text[at] == "%" and at + 1 < len(text) else ""
        if not code or code == "%":
            out.append(re.escape(text[at]))
            at += 2 if code else 1
            continue
        if code not in _MYSQL_READ:
            raise invalid(f"%{code} not supported in date format string")
        field, expression = _MYSQL_READ[code]
        fields.append(field)
        out.append(f"({expression})")
        at += 2
    return re.compile("".join(out)), tuple(fields)


def date_parse(text: str, pattern: str) -> datetime:
    compiled, fields = _mysql_reader(pattern)
    found = compiled.fullmatch(text)
    if found is None:
        raise invalid(f'Invalid format: "{text}"')
    return _assemble(dict(zip(fields, found.groups(), strict=True)), text)


def _assemble(values: dict[str, str], text: str) -> datetime:
    """A wall clock from parsed fields; what is missing is the start of 1970."""
    number = {k: int(v) for k, v in values.items() if v.lstrip("+-").isdigit() and k != "fraction"}
    year = number.get("year", 1970)
    if "short_year" in number:
        year = number["short_year"] + (2000 if number["short_year"] < 70 else 1900)
    month = number.get("month", 1)
    if "month_name" in values:
        names = [m.lower() for m in _MONTHS]
        month = next((i for i, m in enumerate(names, 1) if values["month_name"].lower() in {m, m[:3]}), 0)
    hour = number.get("hour", 0)
    if "hour12" in number:
        hour = number["hour12"] % 12 + (12 if values.get("half", "").lower() == "pm" else 0)
    micros = int(values.get("fraction", "0").ljust(6, "0")[:6])
    try:
        moment = datetime(year, month, number.get("day", 1), hour, number.get("minute", 0),  # noqa: DTZ001
                          number.get("second", 0), micros)  # fmt: skip
        if "day_of_year" in number:
            moment = moment.replace(month=1, day=1) + timedelta(days=number["day_of_year"] - 1)
    except ValueError as error:
        raise invalid(f'Cannot parse "{text}": {error}') from error
    return moment


# ---- Joda's patterns (format_datetime, parse_datetime) ---------------------------------------------------------------


@lru_cache(maxsize=256)
def _joda_tokens(pattern: str) -> tuple[tuple[str, int] | str, ...]:
    tokens: list[tuple[str, int] | str] = []
    for found in re.finditer(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+", pattern):
        text = found.group()
        if text.startswith("'"):
            tokens.append(found.group(1).replace("''", "'") or "'")
        elif found.group(2):
            tokens.append((found.group(2), len(text)))
        else:
            tokens.append(text)
    return tuple(tokens)


def format_datetime(moment: datetime, pattern: str, zone_name: str) -> str:
    return "".join(
        t if isinstance(t, str) else _joda_field(moment, t[0], t[1], zone_name) for t in _joda_tokens(pattern)
    )


def _joda_field(m: datetime, letter: str, width: int, zone_name: str) -> str:  # noqa: PLR0911 - one kind a line
    iso = m.isocalendar()
    numbers = {
        "C": m.year // 100,
        "Y": m.year,
        "y": m.year,
        "x": iso.year,
        "w": iso.week,
        "e": iso.weekday,
        "D": m.timetuple().tm_yday,
        "d": m.day,
        "H": m.hour,
        "k": m.hour or 24,
        "K": m.hour % 12,
        "h": (m.hour - 1) % 12 + 1,
        "m": m.minute,
        "s": m.second,
    }
    if letter in {"y", "Y", "x"} and width == 2:
        return f"{numbers[letter] % 100:02}"
    if letter in numbers:
        return str(numbers[letter]).zfill(width)
    match letter:
        case "M":
            name = _MONTHS[m.month - 1]
            return str(m.month).zfill(width) if width < 3 else name[:3] if width == 3 else name
        case "E":
            return _DAYS[m.weekday()] if width > 3 else _DAYS[m.weekday()][:3]
        case "a":
            return "AM" if m.hour < 12 else "PM"
        case "G":
            return "AD"
        case "S":
            return f"{m.microsecond:06}".ljust(width, "0")[:width]
        case "Z" | "z":
            return _zone_text(m, letter, width, zone_name or "UTC")
    raise invalid(f"Illegal pattern component: {letter * width}")


def _zone_text(m: datetime, letter: str, width: int, zone_name: str) -> str:
    aware = m.replace(tzinfo=zone(zone_name))
    if letter == "Z" and width < 3:
        offset = aware.strftime("%z")
        return offset if width == 1 else f"{offset[:3]}:{offset[3:5]}"
    return zone_name if letter == "Z" else str(aware.tzname())


_JODA_READ: Final = {
    "y": "year",
    "Y": "year",
    "M": "month",
    "d": "day",
    "H": "hour",
    "h": "hour12",
    "K": "hour",
    "m": "minute",
    "s": "second",
    "S": "fraction",
    "a": "half",
    "D": "day_of_year",
    "E": "day_name",
}


@lru_cache(maxsize=256)
def _joda_reader(pattern: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    out, fields = [], []
    tokens = _joda_tokens(pattern)
    for at, token in enumerate(tokens):
        if isinstance(token, str):
            out.append(re.escape(token))
            continue
        letter, width = token
        adjacent = at + 1 < len(tokens) and not isinstance(tokens[at + 1], str)
        if letter in {"Z", "z"}:
            field, expression = "zone", r"Z|[+-]\d{2}:?\d{2}|[A-Za-z]+(?:/[A-Za-z_]+)*"
        elif letter == "M" and width >= 3:
            field, expression = "month_name", "[A-Za-z]+"
        elif letter in {"y", "Y"} and width == 2:
            field, expression = "short_year", r"\d{2}"
        elif letter in _JODA_READ:
            field = _JODA_READ[letter]
            expression = (
                "[A-Za-z]+"
                if letter in "aE"
                else rf"\d{{{width}}}"
                if adjacent
                else r"[+-]?\d+"
                if letter in "yY"
                else r"\d{1,9}"
            )
        else:
            raise invalid(f"Illegal pattern component: {letter * width}")
        fields.append(field)
        out.append(f"({expression})")
    return re.compile("".join(out)), tuple(fields)


def parse_datetime(text: str, pattern: str) -> datetime:
    compiled, fields = _joda_reader(pattern)
    found = compiled.fullmatch(text)
    if found is None:
        raise invalid(f'Invalid format: "{text}" is malformed')
    values = dict(zip(fields, found.groups(), strict=True))
    return _assemble(values, text).replace(tzinfo=zone(values.get("zone", "UTC"))).astimezone(UTC)


# ---- ISO 8601 and casts ----------------------------------------------------------------------------------------------

_DATE: Final = re.compile(r"\s*([+-]?\d{1,6})-(\d{1,2})-(\d{1,2})\s*")
_TIMESTAMP: Final = re.compile(
    r"\s*(\d{4,})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,12}))?)?)?\s*(.*?)\s*", re.DOTALL
)
_ISO: Final = re.compile(
    r"(\d{4})(?:-?(\d{2})(?:-?(\d{2}))?)?(?:T(?:(\d{2})(?::?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?)?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?"
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
        micros = round(int((fraction or "0").ljust(9, "0")[:9]) / 1000)
        try:
            moment = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0))  # noqa: DTZ001
            return moment + timedelta(microseconds=micros), zone_name
        except ValueError:
            pass
    raise cast_failure(text, target)


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


def cast_timestamp_tz(text: str, precision: int) -> datetime:
    moment, zone_name = _moment(text, "timestamp with time zone")
    try:
        aware = moment.replace(tzinfo=zone(zone_name or "UTC"))
    except NativeError as error:
        raise cast_failure(text, "timestamp with time zone") from error
    return round_micros(aware, precision).astimezone(UTC)


def literal_zone(text: str) -> str:
    """The zone written in a timestamp literal, or an empty text."""
    found = _TIMESTAMP.fullmatch(text)
    return found.group(8) if found else ""


def fraction_digits(text: str) -> int:
    found = _TIMESTAMP.fullmatch(text)
    return len(found.group(7) or "") if found else 0


def from_iso8601(text: str) -> datetime:
    found = _ISO.fullmatch(text)
    if found is None:
        raise invalid(f'Invalid format: "{text}"')
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    try:
        moment = datetime(int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0),  # noqa: DTZ001
                          int((fraction or "0").ljust(6, "0")[:6]))  # fmt: skip
    except ValueError as error:
        raise invalid(f'Cannot parse "{text}": {error}') from error
    return round_micros(moment.replace(tzinfo=zone(offset or "UTC")), 3).astimezone(UTC)


def from_iso8601_date(text: str) -> date:
    if not re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?|-W\d{2}(-\d)?|-\d{3})?", text):
        raise invalid(f'Invalid format: "{text}"')
    try:
        if re.fullmatch(r"\d{4}-\d{3}", text):
            return date(int(text[:4]), 1, 1) + timedelta(days=int(text[5:]) - 1)
        return date.fromisoformat(text if "W" in text else (text + "-01-01")[:10])
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
    """Milliseconds of ``42.8ms``, ``3.81 d``."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*", text)
    if found is None or found.group(2) not in _DURATION:
        raise invalid(f"duration is not a valid data duration string: {text}")
    return float(found.group(1)) * _DURATION[found.group(2)]


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
    native("date_format", date_format, "TIMESTAMP VARCHAR VARCHAR", "VARCHAR"),
    native("date_parse", date_parse, "VARCHAR VARCHAR", "TIMESTAMP"),
    native("format_datetime", format_datetime, "TIMESTAMP VARCHAR VARCHAR", "VARCHAR"),
    native("parse_datetime", parse_datetime, "VARCHAR VARCHAR", "TIMESTAMPTZ"),
    native("cast_date", cast_date, "VARCHAR", "DATE"),
    native("cast_timestamp", cast_timestamp, "VARCHAR BIGINT", "TIMESTAMP"),
    native("cast_timestamp_tz", cast_timestamp_tz, "VARCHAR BIGINT", "TIMESTAMPTZ"),
    native("from_iso8601", from_iso8601, "VARCHAR", "TIMESTAMPTZ"),
    native("from_iso8601_date", from_iso8601_date, "VARCHAR", "DATE"),
    native("to_iso8601", to_iso8601, "TIMESTAMP BIGINT VARCHAR", "VARCHAR"),
    native("parse_duration", parse_duration, "VARCHAR", "DOUBLE"),
    native("interval_part", interval_part, "VARCHAR INTERVAL", "BIGINT"),
]
