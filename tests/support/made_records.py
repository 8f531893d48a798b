"""Records as no service should send them: every type's extremes, other types in their place, doubles of keys."""

import json
from base64 import b64encode
from functools import cache
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

COLUMNS = (
    "name: flag, type: boolean, at: $.flag",
    "name: small, type: int, at: $.small, minimum: -1000",
    "name: large, type: bigint, at: $.large",
    "name: real, type: double, at: $.real, maximum: 1.0e+300",
    "name: exact, type: 'decimal(38,10)', at: $.exact",
    "name: money, type: 'decimal(9,2)', at: $.money, minimum: 0",
    "name: note, type: string, at: $.note",
    "name: colour, type: string, at: $.colour, allowed: [red, it's]",
    "name: birthday, type: date, at: $.birthday",
    "name: at, type: timestamp, at: $.at",
    "name: at_ms, type: timestamp, parse: epoch_milliseconds, at: $.at_ms",
    "name: at_s, type: timestamp, parse: epoch_seconds, at: $.at_s",
    "name: at_day, type: date, utc_day_of: at",
    "name: deep, type: string, at: $.a.b.c.d",
    "name: single, type: float, at: $.real",
    "name: moment, type: timestamptz, at: $.at",
    "name: blob, type: binary, at: $.blob",
    "name: whole, type: 'list<bigint>', at: $.whole",
    "name: prices, type: 'map<string,double>', at: $.prices",
    "name: place, type: 'struct<lat:double,tags:list<string>>', at: $.place",
)
"""Columns for ``transform_world.contract``, of every type and parse that one JSON value can have."""

INSTANTS = (
    "2024-03-31T02:30:00+01:00",  # an hour that Berlin's clocks leave out
    "2024-10-27T02:30:00+02:00",
    "2024-10-27T02:30:00+01:00",  # and one that they have twice
    "2016-12-31T23:59:60Z",  # a leap second
    "2016-12-31T23:59:59.999999Z",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:00",
    "9999-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:59-23:59",
    "1582-10-10T12:00:00Z",  # a day that the Gregorian calendar skipped
    "1883-11-18T12:03:58-04:56",
    "2024-02-29T24:00:00Z",
    "2024-02-30T00:00:00Z",
    "2024-02-29 12:00:00.1Z",
    "2024-02-29T12:00:00",
    "infinity",
    "epoch",
)
NUMBERS = (
    2**31 - 1, -(2**31), 2**31, 2**53, 2**53 + 1, 2**63 - 1, -(2**63), 2**63, 2**64, 10**18, 10**38, 10**40, 10**300,
    0.1, -0.0, 5.0, 5e-324, 1e-7, 1e300, 1.7976931348623157e308, 253_402_300_799_999, 253_402_300_800_000,
    -62_135_596_800, -62_135_596_801, 1e15, 123456789.12, 0.005, 99999.995,
)  # fmt: skip
TEXTS = (
    "", " ", "null", "NaN", "Infinity", "-inf", "1", "1.50", "12345678901234567890123456789.123456789", "1e5", "0x10",
    "1_000", "true", "t", "red", "it's", "\u0000", "a\u0000b", "\ufeff", "\u202e", "\U0001f600", "e\u0301", "\u00e9",
    "\u0130\u0131", "\ud7ff", "\uffff", "'; DROP TABLE accepted; --", '"', "\\", "\n\r\t", "2024-02-29", "2023-02-29",
    "0000-12-31", "10000-01-01", "x" * 3000,
)  # fmt: skip


def _nested(levels: int) -> Any:
    value: Any = "at the end"
    for _ in range(levels):
        value = [value] if levels % 2 else {"d": value}
    return value


_odd = (
    st.none()
    | st.booleans()
    | st.sampled_from(NUMBERS)
    | st.sampled_from(TEXTS)
    | st.sampled_from(INSTANTS)
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from([[], {}, [1, "a"], {"a": 1}, _nested(40), _nested(41)])
)
_likely = {
    "flag": st.booleans(),
    "small": st.integers(-2000, 2**31),
    "large": st.integers(-(2**63), 2**63 - 1),
    "real": st.floats(allow_nan=False, allow_infinity=False),
    "exact": st.decimals(-(10**20), 10**20, places=10).map(lambda value: f"{value:f}"),
    "money": st.integers(-100, 10**9).map(lambda cents: cents / 100),
    "note": st.text(max_size=30),
    "blob": st.binary(max_size=9).map(lambda raw: b64encode(raw).decode()),
    "colour": st.sampled_from(["red", "it's", "blue"]),
    "birthday": st.dates().map(str),
    "at": st.sampled_from(INSTANTS) | st.datetimes().map(lambda at: f"{at.isoformat()}Z"),
    "at_ms": st.integers(-(10**14), 3 * 10**14),
    "at_s": st.integers(-(10**11), 3 * 10**11),
    "whole": st.lists(st.integers(-(2**63), 2**63 - 1) | st.none(), max_size=4),
    "prices": st.dictionaries(st.text(max_size=5), st.floats(allow_nan=False, allow_infinity=False), max_size=3),
    "place": st.fixed_dictionaries({}, optional={"lat": st.floats(-90, 90), "tags": st.lists(st.text(), max_size=2)}),
    "a": st.sampled_from([{"b": {"c": {"d": "found"}}}, {"b": {"c": None}}, {"b": []}, _nested(40)]),
}
_key = {
    "id": st.sampled_from([f"p{n}" for n in range(40)] + ["\u00e9", "e\u0301", "", "P1", " p1"]),
    "version": st.integers(-2, 4),
    "day": st.sampled_from(["2024-02-29", "2024-03-01", "2024-03-02"]),
}


def _mostly(usual: st.SearchStrategy[Any], *others: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Three in so many of one kind, the rest of the others."""
    return st.sampled_from([usual, usual, usual, *others]).flatmap(lambda kind: kind)


_good = st.fixed_dictionaries(_key, optional=_likely)
_bad = st.fixed_dictionaries(
    {name: st.one_of(values, _odd) for name, values in _key.items()}, optional={n: v | _odd for n, v in _likely.items()}
)


@cache
def made_records(count: int) -> list[Any]:
    """So many records, the same ones every time: most of them good, some with other values, some no records at all."""
    return _collected(count, _mostly(_good, _bad, _odd))


def _collected(count: int, of: st.SearchStrategy[Any]) -> list[Any]:
    made: list[Any] = []

    @settings(
        max_examples=count, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(of)
    def collect(record: Any) -> None:
        made.append(record)

    collect()
    return made


_element = st.fixed_dictionaries(
    {"to": st.text(max_size=8)},
    optional={
        "n": st.integers(-5, 5),
        "at": _likely["at"],
        "tags": st.lists(st.text(max_size=3), max_size=2),
    },
)
_bad_element = st.fixed_dictionaries({}, optional=dict.fromkeys(("to", "n", "at", "tags"), _odd)) | _odd
_array = st.lists(_mostly(_element, _bad_element), min_size=1, max_size=5)
_no_array = st.sampled_from([[], None, {}, {"0": {"to": "a"}}, "[]", 0, True])
ELEMENT_COLUMNS = (
    "name: to, type: string, at: '$.way.legs[*].to', required: true",
    "name: n, type: int, at: '$.way.legs[*].n', minimum: -3, on_violation: set_null",
    "name: at, type: timestamp, at: '$.way.legs[*].at'",
    "name: tags, type: list<string>, at: '$.way.legs[*].tags'",
    "name: colour, type: string, at: $.colour, allowed: [red, it's], on_violation: warn",
    "name: leg, type: bigint, constant: element",
    "name: came, type: timestamp, constant: ingested_at",
)
"""Columns for records whose ``$.way.legs`` is exploded."""


@cache
def made_arrays(count: int) -> list[Any]:
    """So many records with arrays of elements, the same ones every time; some with other values, some no records."""
    way = st.fixed_dictionaries({"legs": _mostly(_array, _no_array)}, optional={"by": st.text(max_size=3)})
    good = st.fixed_dictionaries({**_key, "way": way}, optional={"colour": _likely["colour"] | _odd})
    bad = st.fixed_dictionaries(
        {name: st.one_of(values, _odd) for name, values in _key.items()}, optional={"way": way | _odd}
    )
    return _collected(count, _mostly(good, bad, _odd))


def pages_of(records: list[Any]) -> list[str]:
    """The records as pages of different sizes, some written with escapes and some without."""
    pages, start, size = [], 0, 1
    while start < len(records):
        items = {"items": records[start : start + size]}
        pages.append(json.dumps(items, ensure_ascii=len(pages) % 2 == 0, allow_nan=False))
        start, size = start + size, size * 2 % 61
    return pages
