"""Every rule of a column at its edge: a value that keeps it, what that becomes, one that breaks it, and the reason."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

NONE, READ = "expected a value, found none", "expected a number, found a string that is not one"
RULES: list[tuple[str, str, Any, Any, Any, str]] = [
    ("required", "type: int, at: $.x, required: true", 1, 1, None, NONE),
    ("type", "type: double, at: $.x", 1, 1.0, "1", READ),
    ("range", "type: int, at: $.x, minimum: 0", 0, 0, -1, "expected at least 0, found less"),
    ("range", "type: bigint, at: $.x, maximum: 7", 7, 7, 8, "expected at most 7, found more"),
    ("range", "type: double, at: $.x, maximum: 9.5", 9.5, 9.5, 9.75, "expected at most 9.5, found more"),
    (
        "range",
        "type: 'decimal(6,2)', at: $.x, minimum: 0.1",
        0.1,
        Decimal("0.10"),
        0.05,
        "expected at least 0.1, found less",
    ),
    (
        "range",
        "type: date, at: $.x, minimum: '2020-02-29'",
        "2020-02-29",
        date(2020, 2, 29),
        "2020-02-28",
        "expected at least 2020-02-29, found less",
    ),
    (
        "range",
        "type: timestamp, at: $.x, maximum: '2020-01-01T01:00:00+01:00'",
        "2020-01-01T00:00:00Z",
        datetime(2020, 1, 1),
        "2020-01-01T00:00:00.000001Z",
        "expected at most 2020-01-01T01:00:00+01:00, found more",
    ),
    (
        "allowed",
        "type: string, at: $.x, allowed: [red, it's]",
        "it's",
        "it's",
        "blue",
        "expected one of red, it's, found another string",
    ),
    (
        "pattern",
        r"type: string, at: $.x, pattern: '[A-Z]{2}\d+''?'",
        "AB12'",
        "AB12'",
        "AB12 ",
        r"expected a match of [A-Z]{2}\d+'?, found another string",
    ),
    (
        "length",
        "type: string, at: $.x, min_length: 2",
        "né",
        "né",
        "n",
        "expected at least 2 character(s), found fewer",
    ),
    (
        "length",
        "type: string, at: $.x, max_length: 2",
        "😀é",
        "😀é",
        "abc",
        "expected at most 2 character(s), found more",
    ),
]
"""Rule, column, good value, the typed one, bad value, reason."""


def read_as(column: str, value: Any) -> Any:
    """What a value of the table above is as the type of its column."""
    if "date" in column:
        return date.fromisoformat(value)
    if "timestamp" in column:
        return datetime.fromisoformat(value).replace(tzinfo=None)
    return Decimal(str(value)) if "decimal" in column else value
