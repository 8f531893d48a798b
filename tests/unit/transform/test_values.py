"""Each type and parse: what is read as what, and what is refused with which words."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from transform_world import contract, record, transform

EUROS = "type: 'decimal(9,2)', parse: text, decimal_mark: ',', signs: [€]"
READ: list[tuple[str, Any, Any]] = [
    ("type: boolean", True, True),
    ("type: boolean", False, False),
    ("type: int", 5, 5),
    ("type: int", 5.0, 5),
    ("type: int", -(2**31), -(2**31)),
    ("type: int", 2**31 - 1, 2**31 - 1),
    ("type: bigint", 2**63 - 1, 2**63 - 1),
    ("type: bigint", -(2**63), -(2**63)),
    ("type: double", 2, 2.0),
    ("type: double", 2.5, 2.5),
    ("type: double", -1e300, -1e300),
    ("type: 'decimal(10,2)'", 12.34, Decimal("12.34")),
    ("type: 'decimal(10,2)'", 12, Decimal("12.00")),
    ("type: 'decimal(10,2)'", "12.3", Decimal("12.30")),
    ("type: 'decimal(38,0)'", "1234567890123456789", Decimal(1234567890123456789)),
    ("type: 'decimal(10,2)'", "1.2000", Decimal("1.20")),
    ("type: 'decimal(38,20)'", "0.12345678901234567891", Decimal("0.12345678901234567891")),
    ("type: 'decimal(38,2)'", "123456789012345678901234.5", Decimal("123456789012345678901234.50")),
    ("type: 'decimal(38,10)'", 1e-7, Decimal("0.0000001000")),
    ("type: 'decimal(10,0)'", -0.0, Decimal(0)),
    ("type: 'decimal(38,2)'", 1234567890123.45, Decimal("1234567890123.45")),
    ("type: 'decimal(38,2)'", 10**23 + 1, Decimal(10**23 + 1)),
    ("type: 'decimal(38,2)', parse: text", "9007199254740993.1", Decimal("9007199254740993.10")),
    ("type: bigint, parse: text", "9007199254740993.0", 9007199254740993),
    ("type: bigint", 9007199254740991.0, 9007199254740991),
    ("type: string", "", ""),
    ("type: string", "naïve 😀 \u0000 'quoted' \"twice\"", "naïve 😀 \u0000 'quoted' \"twice\""),
    ("type: string", "null", "null"),
    ("type: date", "2024-02-29", date(2024, 2, 29)),
    ("type: date", "0001-01-01", date(1, 1, 1)),
    ("type: timestamp", "2024-03-01T12:00:00Z", datetime(2024, 3, 1, 12)),
    ("type: timestamp", "0001-01-01T00:00:00Z", datetime(1, 1, 1)),
    ("type: timestamp", "9999-12-31T23:59:59.999999Z", datetime(9999, 12, 31, 23, 59, 59, 999999)),
    ("type: timestamp", "2024-03-01T12:00:00.123456+02:00", datetime(2024, 3, 1, 10, 0, 0, 123456)),
    ("type: timestamp", "2024-03-31T02:30:00+01:00", datetime(2024, 3, 31, 1, 30)),
    ("type: timestamp", "2024-03-31T02:30Z", datetime(2024, 3, 31, 2, 30)),
    ("type: timestamp", "2024-03-31 02:30+01:00", datetime(2024, 3, 31, 1, 30)),
    (
        "type: 'decimal(9,2)', parse: text, decimal_mark: ',', group_mark: ' ', signs: [€]",
        "1\u00a0234,50\u202f€",
        Decimal("1234.50"),
    ),
    ("type: timestamp", "2024-03-31T02:30:00-18:00", datetime(2024, 3, 31, 20, 30)),
    ("type: timestamp", "2024-03-31T02:30:00+18", datetime(2024, 3, 30, 8, 30)),
    ("type: timestamp", "2024-03-31T02:30:00+1730", datetime(2024, 3, 30, 9, 0)),
    ("type: timestamp, parse: epoch_milliseconds", 1_517_966_773_840, datetime(2018, 2, 7, 1, 26, 13, 840000)),
    ("type: timestamp, parse: epoch_milliseconds", -1, datetime(1969, 12, 31, 23, 59, 59, 999000)),
    ("type: timestamp, parse: epoch_milliseconds", 253_402_300_799_999, datetime(9999, 12, 31, 23, 59, 59, 999000)),
    ("type: timestamp, parse: epoch_seconds", 0, datetime(1970, 1, 1)),
]

REFUSED: list[tuple[str, Any, str]] = [
    ("type: boolean", "true", "expected true or false, found another string"),
    ("type: boolean", 1, "expected true or false, found a number"),
    ("type: int", "5", "expected a whole number from -2147483648 to 2147483647, found a string that is not one"),
    ("type: int", 5.5, "expected a whole number from -2147483648 to 2147483647, found another number"),
    ("type: int", 2**31, "expected a whole number from -2147483648 to 2147483647, found another number"),
    (
        "type: bigint",
        2**63,
        "expected a whole number from -9223372036854775808 to 9223372036854775807, found another number",
    ),
    (
        "type: bigint",
        10**30,
        "expected a whole number from -9223372036854775808 to 9223372036854775807, found another number",
    ),
    ("type: double", "strong", "expected a number, found a string that is not one"),
    ("type: double", [1], "expected a number, found an array"),
    ("type: double", True, "expected a number, found true or false"),
    (
        "type: 'decimal(10,2)'",
        12.345,
        "expected a number that fits decimal(10,2) without rounding, found another number",
    ),
    ("type: 'decimal(4,2)'", 123, "expected a number that fits decimal(4,2) without rounding, found another number"),
    (
        "type: 'decimal(10,2)'",
        "12,3",
        "expected a number that fits decimal(10,2) without rounding, found a string that is not one",
    ),
    (
        "type: timestamp",
        "0000-06-01T00:00:00Z",
        "expected an instant with an offset such as 2018-01-31T12:00:00Z, found another string",
    ),
    (
        "type: timestamp",
        "9999-12-31T23:59:59-10:00",
        "expected an instant with an offset such as 2018-01-31T12:00:00Z, found another string",
    ),
    (
        "type: timestamp",
        "0001-01-01T00:00:00+01:00",
        "expected an instant with an offset such as 2018-01-31T12:00:00Z, found another string",
    ),
    (
        "type: timestamp",
        "2024-03-01T24:00:00Z",
        "expected an instant with an offset such as 2018-01-31T12:00:00Z, found another string",
    ),
    (
        "type: timestamp",
        "2016-12-31T23:59:60Z",
        "expected an instant with an offset such as 2018-01-31T12:00:00Z, found another string",
    ),
    (
        "type: 'decimal(10,2)'",
        "1_0",
        "expected a number that fits decimal(10,2) without rounding, found a string that is not one",
    ),
    (
        "type: 'decimal(10,2)'",
        " 1.00 ",
        "expected a number that fits decimal(10,2) without rounding, found a string that is not one",
    ),
    (
        "type: 'decimal(10,2)'",
        "1.0000000000000000001",
        "expected a number that fits decimal(10,2) without rounding, found a string that is not one",
    ),
    (
        "type: 'decimal(10,2)'",
        "1e2",
        "expected a number that fits decimal(10,2) without rounding, found a string that is not one",
    ),
    (
        "type: 'decimal(10,2)'",
        ".5",
        "expected a number that fits decimal(10,2) without rounding, found a string that is not one",
    ),
    (
        "type: 'decimal(4,2)'",
        "123.4",
        "expected a number that fits decimal(4,2) without rounding, found a string that is not one",
    ),
    ("type: 'decimal(38,6)'", 1e-7, "expected a number that fits decimal(38,6) without rounding, found another number"),
    ("type: date", "0000-01-01", "expected a day such as 2018-01-31, found another string"),
    ("type: string", 5, "expected a string, found a number"),
    ("type: string", {"a": 1}, "expected a string, found an object"),
    ("type: date", "2023-02-29", "expected a day such as 2018-01-31, found another string"),
    ("type: date", "2024-03-01T00:00:00Z", "expected a day such as 2018-01-31, found another string"),
    ("type: date", "01/03/2024", "expected a day such as 2018-01-31, found another string"),
    (
        "type: timestamp",
        "2024-03-01T23:30:00",
        "expected an instant with an offset such as 2018-01-31T12:00:00Z, found another string",
    ),
    (
        "type: timestamp",
        "2024-02-30T12:00:00Z",
        "expected an instant with an offset such as 2018-01-31T12:00:00Z, found another string",
    ),
    (
        "type: timestamp",
        1_517_966_773,
        "expected an instant with an offset such as 2018-01-31T12:00:00Z, found a number",
    ),
    (
        "type: timestamp, parse: epoch_milliseconds",
        253_402_300_800_000,
        "expected milliseconds since 1970 within the years 1 to 9999, found another number",
    ),
    (
        "type: timestamp, parse: epoch_milliseconds",
        9 * 10**18,
        "expected milliseconds since 1970 within the years 1 to 9999, found another number",
    ),
    (
        "type: timestamp, parse: epoch_seconds",
        0.5,
        "expected seconds since 1970 within the years 1 to 9999, found another number",
    ),
    *(
        (
            "type: 'decimal(38,2)'",
            number,
            "expected a number that fits decimal(38,2) without rounding, found another number",
        )
        for number in (123456789012345678.99, 9007199254740993.0, 99999999999999999999.5, 1234567890123456.5, 1e22)
    ),
    *(
        (f"type: {of}", number, f"expected a whole number from {low} to {high}, found another number")
        for of, low, high in (("bigint", -(2**63), 2**63 - 1),)
        for number in (9007199254740993.0, 1e17)
    ),
    *(
        (f"type: timestamp{more}", f"2024-03-01T00:00:00{offset}", f"expected {words}, found another string")
        for offset in ("+25:00", "+99:99", "+14:60", "-18:30", "+19")
        for more, words in (
            ("", "an instant with an offset such as 2018-01-31T12:00:00Z"),
            (", formats: ['%Y-%m-%dT%H:%M:%S%z']", "an instant written as %Y-%m-%dT%H:%M:%S%z"),
        )
    ),
]


@pytest.mark.parametrize(("column", "value", "typed"), READ, ids=lambda v: repr(v)[:40])
def test_a_value_is_read_as_its_type(column: str, value: Any, typed: Any, tmp_path: Path) -> None:
    result = transform(contract(f"name: x, {column}, at: $.x"), [{"items": [record(x=value)]}], tmp_path)

    assert [row["x"] for row in result.accepted] == [typed]
    assert result.quarantined == []


@pytest.mark.parametrize(("column", "value", "reason"), REFUSED, ids=lambda v: repr(v)[:40])
def test_a_value_of_another_kind_is_quarantined_and_the_rest_is_kept(
    column: str, value: Any, reason: str, tmp_path: Path
) -> None:
    page = {"items": [record(1), record(2, x=value), record(3)]}

    result = transform(contract(f"name: x, {column}, at: $.x"), [page], tmp_path)

    assert [row["id"] for row in result.accepted] == ["p1", "p3"]
    assert result.reasons() == [("x", "type", reason, "page-00001", 2)]


@pytest.mark.parametrize("value", [None, "missing"])
def test_a_null_and_a_missing_value_are_null(value: Any, tmp_path: Path) -> None:
    fields = {} if value == "missing" else {"x": None}

    result = transform(contract("name: x, type: int, at: $.x"), [{"items": [record(**fields)]}], tmp_path)

    assert [row["x"] for row in result.accepted] == [None]
