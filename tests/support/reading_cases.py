"""One line for each type and each way to read it: a value that is read, what it becomes, one that is refused, and why.

Every engine is held to this table. A value is what stands in a JSON record; ``MISSING`` is nothing at all.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any


class _Missing:
    """No value at all. It has the same name in every process: names of tests must not differ between workers."""

    def __repr__(self) -> str:
        return "missing"


MISSING = _Missing()


@dataclass(frozen=True)
class Case:
    """A column (YAML flow style, without name and path), two values, the typed one, and the reason for the other."""

    column: str
    good: Any
    typed: Any
    bad: Any
    reason: str


INT = "a whole number from -2147483648 to 2147483647"
BIGINT = "a whole number from -9223372036854775808 to 9223372036854775807"
INSTANT = "an instant with an offset such as 2018-01-31T12:00:00Z"
BERLIN = "type: timestamp, zone: Europe/Berlin"
BERLIN_WORDS = f"expected {INSTANT}, or a time without one that Europe/Berlin shows once, found another string"
GERMAN = "parse: text, decimal_mark: ',', group_mark: ., signs: [€, EUR]"
GERMAN_WORDS = "or a text of one with ',' before decimals, '.' between groups of three digits, € or EUR beside it"
FITS = "a number that fits decimal(12,2) without rounding"
FLOAT = "a number of at most 3.4e38"
STRUCT = "struct<a:int,b:list<string>>"


def instant(*parts: int) -> datetime:
    """A timestamp: UTC, without saying so."""
    return datetime(*parts)  # type: ignore[arg-type]


def zoned(*parts: int) -> datetime:
    """A timestamptz in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


PLAIN = [
    Case("type: boolean", True, True, "true", "expected true or false, found another string"),
    Case("type: int", 5.0, 5, 5.5, f"expected {INT}, found another number"),
    Case("type: bigint", -(2**63), -(2**63), 2**63, f"expected {BIGINT}, found another number"),
    Case("type: float", 0.5, 0.5, 1e39, "expected a number of at most 3.4e38, found another number"),
    Case("type: float", -2, -2.0, "1", "expected a number of at most 3.4e38, found a string that is not one"),
    Case("type: double", 1e300, 1e300, "1", "expected a number, found a string that is not one"),
    Case("type: 'decimal(12,2)'", "1.10", Decimal("1.10"), 1.115, f"expected {FITS}, found another number"),
    Case("type: string", "", "", 5, "expected a string, found a number"),
    Case(
        "type: date",
        "2024-02-29",
        date(2024, 2, 29),
        "2023-02-29",
        "expected a day such as 2018-01-31, found another string",
    ),
    Case(
        "type: timestamp",
        "2024-03-01T12:00:00+01:00",
        instant(2024, 3, 1, 11),
        "2024-03-01T12:00:00",
        f"expected {INSTANT}, found another string",
    ),
    Case(
        "type: timestamptz",
        "2024-03-01T12:00:00+01:00",
        zoned(2024, 3, 1, 11),
        "2024-03-01T12:00:00",
        f"expected {INSTANT}, found another string",
    ),
    Case("type: binary", "aMOk", b"h\xc3\xa4", "aMO", "expected bytes in base64, found another string"),
    Case("type: binary, parse: hex", "68C3a4", b"h\xc3\xa4", "68C", "expected bytes in hex, found another string"),
    Case("type: binary", "", b"", 5, "expected bytes in base64, found a number"),
]
NUMBERS = [
    Case(
        "type: int, parse: text", "+007", 7, "7 ", f"expected {INT}, or a text of one, found a string that is not one"
    ),
    Case("type: int, parse: text", 7, 7, "7.5", f"expected {INT}, or a text of one, found another number"),
    Case(
        "type: bigint, parse: text, group_mark: ','",
        "-1,234,567",
        -1234567,
        "12,34",
        f"expected {BIGINT}, or a text of one with ',' between groups of three digits, found a string that is not one",
    ),
    Case(
        "type: double, parse: text",
        "1e3",
        1000.0,
        "1,5",
        "expected a number, or a text of one, found a string that is not one",
    ),
    Case(
        "type: float, parse: text, decimal_mark: ','",
        "1,5",
        1.5,
        "1.5",
        f"expected {FLOAT}, or a text of one with ',' before decimals, found a string that is not one",
    ),
    Case(
        f"type: 'decimal(12,2)', {GERMAN}",
        "1.234.567,89 €",
        Decimal("1234567.89"),
        "1.5",
        f"expected {FITS}, {GERMAN_WORDS}, found a string that is not one",
    ),
    Case(
        f"type: 'decimal(12,2)', {GERMAN}",
        "-EUR 5",
        Decimal("-5.00"),
        "5 USD",
        f"expected {FITS}, {GERMAN_WORDS}, found a string that is not one",
    ),
    Case(
        f"type: 'decimal(12,2)', {GERMAN}",
        "€-0,5",
        Decimal("-0.50"),
        "0,555",
        f"expected {FITS}, {GERMAN_WORDS}, found another number",
    ),
    Case(
        "type: double, parse: text, signs: ['%']",
        "12.5 %",
        12.5,
        "12.5 %%",
        "expected a number, or a text of one with % beside it, found a string that is not one",
    ),
    Case(
        "type: int, parse: text, group_mark: ' '",
        "1 000",
        1000,
        "10 00",
        f"expected {INT}, or a text of one with ' ' between groups of three digits, found a string that is not one",
    ),
]
WORDS = [
    Case(
        "type: boolean, true_words: [Y, '1'], false_words: [N, '0']",
        "Y",
        True,
        "y",
        "expected one of Y, 1, N, 0, found another string",
    ),
    Case(
        "type: boolean, true_words: [Y, '1'], false_words: [N, '0']",
        0,
        False,
        2,
        "expected one of Y, 1, N, 0, found a number",
    ),
    Case(
        "type: string, map_values: {A: active, B: it's off}",
        "B",
        "it's off",
        "C",
        "expected one of A, B, found another string",
    ),
    Case("type: string, map_values: {'1': low, '2': high}", 2, "high", 3, "expected one of 1, 2, found another string"),
    Case(
        "type: int, parse: text, map_values: {one: '1'}",
        "one",
        1,
        "two",
        "expected one of one, found a string that is not one",
    ),
    Case(
        "type: date, map_values: {ever: '9999-12-31'}",
        "ever",
        date(9999, 12, 31),
        "never",
        "expected one of ever, found another string",
    ),
    Case("type: int, null_words: [NA, '-999']", "NA", None, "na", f"expected {INT}, found a string that is not one"),
    Case("type: int, null_words: [NA, '-999']", -999, None, "-99", f"expected {INT}, found a string that is not one"),
    Case("type: string, trim: true", " \t a b\n", "a b", 5, "expected a string, found a number"),
    Case(
        "type: date, trim: true, null_words: ['']",
        "  ",
        None,
        " - ",
        "expected a day such as 2018-01-31, found another string",
    ),
    Case("type: int, default: 7", MISSING, 7, "x", f"expected {INT}, found a string that is not one"),
    Case("type: string, default: none, null_words: ['-']", "-", "none", 5, "expected a string, found a number"),
    Case("type: boolean, default: false", None, False, 0, "expected true or false, found a number"),
    Case(
        "type: 'decimal(12,2)', default: 0.1",
        None,
        Decimal("0.10"),
        "x",
        f"expected {FITS}, found a string that is not one",
    ),
    Case(
        "type: date, default: '2000-01-01'",
        MISSING,
        date(2000, 1, 1),
        "x",
        "expected a day such as 2018-01-31, found another string",
    ),
    Case(
        "type: timestamp, default: '2000-01-01T00:00:00+01:00'",
        MISSING,
        instant(1999, 12, 31, 23),
        "x",
        f"expected {INSTANT}, found another string",
    ),
    Case(
        "type: timestamptz, default: '2000-01-01T00:00:00Z'",
        MISSING,
        zoned(2000, 1, 1),
        "x",
        f"expected {INSTANT}, found another string",
    ),
]
TIMES = [
    Case(
        "type: date, formats: ['%d.%m.%Y', '%-m/%-d/%y']",
        "31.12.2024",
        date(2024, 12, 31),
        "31.11.2024",
        "expected a day written as %d.%m.%Y or %-m/%-d/%y, found another string",
    ),
    Case(
        "type: date, formats: ['%d.%m.%Y', '%-m/%-d/%y']",
        "2/29/24",
        date(2024, 2, 29),
        "2/29/23",
        "expected a day written as %d.%m.%Y or %-m/%-d/%y, found another string",
    ),
    Case(
        "type: date, formats: ['%a, %d %b %Y']",
        "Fri, 01 MAR 2024",
        date(2024, 3, 1),
        "Fri, 1 Mar 2024",
        "expected a day written as %a, %d %b %Y, found another string",
    ),
    Case(
        "type: date, formats: ['%Y%m%d']",
        "20240301",
        date(2024, 3, 1),
        20240301,
        "expected a day written as %Y%m%d, found a number",
    ),
    Case(
        "type: date, parse: epoch_days",
        19783,
        date(2024, 3, 1),
        3_000_000,
        "expected days since 1970 within the years 1 to 9999, found another number",
    ),
    Case(
        "type: timestamp, parse: epoch_seconds",
        -1,
        instant(1969, 12, 31, 23, 59, 59),
        0.5,
        "expected seconds since 1970 within the years 1 to 9999, found another number",
    ),
    Case(
        "type: timestamp, parse: epoch_milliseconds",
        1,
        instant(1970, 1, 1, 0, 0, 0, 1000),
        10**18,
        "expected milliseconds since 1970 within the years 1 to 9999, found another number",
    ),
    Case(
        "type: timestamp, parse: epoch_microseconds",
        -1,
        instant(1969, 12, 31, 23, 59, 59, 999_999),
        True,
        "expected microseconds since 1970 within the years 1 to 9999, found true or false",
    ),
    Case(
        "type: timestamptz, parse: epoch_milliseconds",
        1000.0,
        zoned(1970, 1, 1, 0, 0, 1),
        [1],
        "expected milliseconds since 1970 within the years 1 to 9999, found an array",
    ),
    Case(
        "type: timestamptz, parse: epoch_seconds",
        0,
        zoned(1970, 1, 1),
        "0",
        "expected seconds since 1970 within the years 1 to 9999, found a string that is not one",
    ),
    Case(
        "type: timestamptz, parse: epoch_microseconds",
        1,
        zoned(1970, 1, 1, 0, 0, 0, 1),
        "1",
        "expected microseconds since 1970 within the years 1 to 9999, found a string that is not one",
    ),
    Case(
        "type: timestamp, formats: ['%d.%m.%Y %H:%M'], zone: UTC",
        "01.03.2024 23:59",
        instant(2024, 3, 1, 23, 59),
        "01.03.2024 24:00",
        "expected an instant written as %d.%m.%Y %H:%M, at a time that UTC shows once, found another string",
    ),
    Case(
        "type: timestamp, formats: ['%m/%d/%Y %-I:%M:%S.%f %p'], zone: America/New_York",
        "03/01/2024 1:02:03.5 PM",
        instant(2024, 3, 1, 18, 2, 3, 500000),
        "03/01/2024 13:02:03.5 PM",
        "expected an instant written as %m/%d/%Y %-I:%M:%S.%f %p, at a time that America/New_York shows once, "
        "found another string",
    ),
    Case(
        "type: timestamp, formats: ['%Y-%m-%d %H:%M:%S %z']",
        "2024-03-01 12:00:00 +0530",
        instant(2024, 3, 1, 6, 30),
        "2024-03-01 12:00:00",
        "expected an instant written as %Y-%m-%d %H:%M:%S %z, found another string",
    ),
    Case(
        "type: timestamptz, formats: ['%Y-%m-%d %H:%M%z']",
        "2024-03-01 12:00Z",
        zoned(2024, 3, 1, 12),
        "2024-03-01 12:00 Z",
        "expected an instant written as %Y-%m-%d %H:%M%z, found another string",
    ),
    Case(BERLIN, "2024-07-01T12:00:00", instant(2024, 7, 1, 10), "2024-03-31T02:30:00", BERLIN_WORDS),
    Case(BERLIN, "2024-03-31T03:00:00", instant(2024, 3, 31, 1), "2024-10-27T02:30:00", BERLIN_WORDS),
    Case(BERLIN, "2024-10-27T02:30:00+01:00", instant(2024, 10, 27, 1, 30), "2024-10-27 02:00:00", BERLIN_WORDS),
    Case(
        f"{BERLIN}, repeated: earlier",
        "2024-10-27T02:30:00",
        instant(2024, 10, 27, 0, 30),
        "2024-03-31T02:00:00",
        BERLIN_WORDS.replace("shows once", "shows"),
    ),
    Case(
        f"{BERLIN}, repeated: later",
        "2024-10-27T02:30:00",
        instant(2024, 10, 27, 1, 30),
        "2024-03-31T02:59:59",
        BERLIN_WORDS.replace("shows once", "shows"),
    ),
    Case(
        "type: timestamp, zone: Australia/Lord_Howe, repeated: earlier",
        "2024-04-07T01:45:00",
        instant(2024, 4, 6, 14, 45),
        "2024-10-06T02:15:00",
        f"expected {INSTANT}, or a time without one that Australia/Lord_Howe shows, found another string",
    ),
    Case(
        "type: timestamp, zone: Pacific/Apia",
        "2011-12-31T00:00:00",
        instant(2011, 12, 30, 10),
        "2011-12-30T12:00:00",
        f"expected {INSTANT}, or a time without one that Pacific/Apia shows once, found another string",
    ),
]
NESTED = [
    Case("type: list<int>", [1, None, 3], [1, None, 3], [1, "2"], "expected a value of list<int>, found an array"),
    Case("type: list<int>", [], [], {"a": 1}, "expected a value of list<int>, found an object"),
    Case(
        "type: 'map<string,double>'",
        {"a": 1, "b": None},
        [("a", 1.0), ("b", None)],
        {"a": "1"},
        "expected a value of map<string,double>, found an object",
    ),
    Case("type: 'map<string,int>'", {}, [], [], "expected a value of map<string,int>, found an array"),
    Case(
        f"type: '{STRUCT}'",
        {"b": ["x"], "c": 1},
        {"a": None, "b": ["x"]},
        {"a": 1.5},
        f"expected a value of {STRUCT}, found an object",
    ),
    Case(
        f"type: 'list<{STRUCT}>'",
        [{"a": 1, "b": None}, None],
        [{"a": 1, "b": None}, None],
        [{"a": 1}, 5],
        f"expected a value of list<{STRUCT}>, found an array",
    ),
    Case(
        "type: 'map<string,list<timestamp>>'",
        {"x": ["2024-03-01T00:00:00Z"]},
        [("x", [instant(2024, 3, 1)])],
        {"x": ["2024"]},
        "expected a value of map<string,list<timestamp>>, found an object",
    ),
    Case(
        "type: list<date>, formats: ['%d.%m.%Y'], null_words: ['-']",
        ["01.03.2024", "-"],
        [date(2024, 3, 1), None],
        ["1.3.2024"],
        "expected a value of list<date>, found an array",
    ),
    Case(
        "type: 'list<decimal(30,10)>'",
        ["12345678901234567890.0123456789"],
        [Decimal("12345678901234567890.0123456789")],
        ["1e400"],
        "expected a value of list<decimal(30,10)>, found an array",
    ),
    Case(
        "type: 'struct<a:struct<b:struct<c:binary>>>'",
        {"a": {"b": {"c": "aGk="}}},
        {"a": {"b": {"c": b"hi"}}},
        {"a": {"b": {"c": "a"}}},
        "expected a value of struct<a:struct<b:struct<c:binary>>>, found an object",
    ),
]
CASES = [*PLAIN, *NUMBERS, *WORDS, *TIMES, *NESTED]
