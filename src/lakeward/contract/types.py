"""The column types of a contract, with Athena's names, and the ways in which a source value is read as one."""

import re
from typing import Literal, get_args

SimpleType = Literal["boolean", "int", "bigint", "double", "string", "date", "timestamp"]
SIMPLE_TYPES: tuple[str, ...] = get_args(SimpleType)

DECIMAL = re.compile(r"decimal\((?P<precision>[1-9][0-9]?),(?P<scale>0|[1-9][0-9]?)\)")
TYPE_PATTERN = rf"^({'|'.join(SIMPLE_TYPES)}|decimal\(([1-9]|[12][0-9]|3[0-8]),(0|[1-9]|[12][0-9]|3[0-8])\))$"
NUMERIC = ("int", "bigint", "double", "decimal")

Parse = Literal["plain", "epoch_milliseconds", "epoch_seconds", "iso8601"]

PARSES: dict[str, tuple[str, ...]] = {
    "boolean": ("plain",),
    "int": ("plain",),
    "bigint": ("plain",),
    "double": ("plain",),
    "decimal": ("plain",),
    "string": ("plain",),
    "date": ("iso8601",),
    "timestamp": ("iso8601", "epoch_milliseconds", "epoch_seconds"),
}
"""Which ``parse`` each type knows; the first is what a column has when it names none."""


def kind(type_name: str) -> str:
    """``decimal(10,2)`` -> ``decimal``; every other type is its own kind."""
    return "decimal" if type_name.startswith("decimal(") else type_name


def type_problem(type_name: str) -> str | None:
    """Say what is wrong with a type's name, or None when it is one of ours."""
    if type_name in SIMPLE_TYPES:
        return None
    match = DECIMAL.fullmatch(type_name)
    if match is None:
        return f"expected one of {', '.join(SIMPLE_TYPES)} or decimal(p,s) without spaces"
    precision, scale = int(match["precision"]), int(match["scale"])
    if precision > 38 or scale > precision:
        return "expected decimal(p,s) with 1 <= p <= 38 and 0 <= s <= p"
    return None
