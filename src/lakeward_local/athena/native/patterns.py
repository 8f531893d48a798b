"""The two pattern languages of dates: MySQL's (date_format, date_parse) and Joda's (format_ and parse_datetime)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from lakeward_local.athena.native.datetimes import in_utc
from lakeward_local.athena.native.kit import Native, NativeError, invalid, native
from lakeward_local.athena.native.zones import zone

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
                  "November", "December")  # fmt: skip

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
    return in_utc(_parse_datetime(text, pattern), text)


def datetime_zone(text: str, pattern: str) -> str:
    """The zone that a text is read in; UTC when the pattern reads none, or the text does not fit it."""
    try:
        compiled, fields = _joda_reader(pattern)
    except NativeError:
        return "UTC"
    found = compiled.fullmatch(text)
    return dict(zip(fields, found.groups(), strict=True)).get("zone", "UTC") if found else "UTC"


def datetime_instant(text: str, pattern: str) -> datetime:
    return _parse_datetime(text, pattern).astimezone(UTC)


def _parse_datetime(text: str, pattern: str) -> datetime:
    compiled, fields = _joda_reader(pattern)
    found = compiled.fullmatch(text)
    if found is None:
        raise invalid(f'Invalid format: "{text}" is malformed')
    values = dict(zip(fields, found.groups(), strict=True))
    return _assemble(values, text).replace(tzinfo=zone(values.get("zone", "UTC")))


# ---- Teradata's patterns (to_char, to_date, to_timestamp) ------------------------------------------------------------

_TERADATA: Final = {"yyyy": "%Y", "yy": "%y", "mm": "%m", "dd": "%d", "hh24": "%H", "hh": "%I", "mi": "%M", "ss": "%S"}
_TERADATA_TOKEN: Final = re.compile("yyyy|yy|mm|dd|hh24|hh|mi|ss|[-/,.;: ]|(.)", re.IGNORECASE | re.DOTALL)


@lru_cache(maxsize=256)
def _teradata(pattern: str) -> str:
    """A Teradata pattern as strftime's. https://trino.io/docs/current/functions/teradata.html"""
    out = ""
    for found in _TERADATA_TOKEN.finditer(pattern):
        if found.group(1):
            raise invalid(f"Failed to tokenize string [{pattern}] at offset [{found.start()}]")
        out += _TERADATA.get(found.group().lower(), found.group())
    return out


def teradata_format(moment: datetime, pattern: str) -> str:
    return moment.strftime(_teradata(pattern))


def teradata_parse(text: str, pattern: str) -> datetime:
    try:
        return datetime.strptime(text, _teradata(pattern))  # noqa: DTZ007 - a wall clock
    except ValueError as error:
        raise invalid(f"{error}") from error


NATIVES: Final[list[Native]] = [
    native("teradata_format", teradata_format, "TIMESTAMP VARCHAR", "VARCHAR"),
    native("teradata_parse", teradata_parse, "VARCHAR VARCHAR", "TIMESTAMP"),
    native("date_format", date_format, "TIMESTAMP VARCHAR VARCHAR", "VARCHAR"),
    native("date_parse", date_parse, "VARCHAR VARCHAR", "TIMESTAMP"),
    native("format_datetime", format_datetime, "TIMESTAMP VARCHAR VARCHAR", "VARCHAR"),
    native("datetime_instant", datetime_instant, "VARCHAR VARCHAR", "TIMESTAMPTZ"),
    native("parse_datetime", parse_datetime, "VARCHAR VARCHAR", "TIMESTAMPTZ"),
]
