"""Trino types as Glue column types."""

from __future__ import annotations

from typing import Final

from lakeward_local.athena.errors import QueryError
from lakeward_local.athena.types import Type

_NAMES: Final = {"integer": "int", "real": "float", "varbinary": "binary", "unknown": "string", "json": "string",
                 "timestamp with time zone": "timestamp", "timestamp": "timestamp", "time": "string", "uuid": "string",
                 "varchar": "string"}  # fmt: skip


_UNSTORED: Final = frozenset(
    {"unknown", "timestamp with time zone", "time", "time with time zone", "json", "uuid", "ipaddress"}
)


def stored_type(kind: Type) -> str:
    """The Glue type of a column that a Hive table is to hold.

    Raises:
        QueryError: NOT_SUPPORTED, Hive cannot store such values (although views may show them).
    """
    if kind.name in _UNSTORED:
        raise QueryError("NOT_SUPPORTED", f"Unsupported Hive type: {kind}")
    for inner in kind.inner:
        stored_type(inner)
    return hive_type(kind)


def hive_type(kind: Type) -> str:
    """The Glue type's text.

    Raises:
        QueryError: NOT_SUPPORTED, Hive has no such type.
    """
    match kind.name:
        case "decimal":
            return f"decimal({kind.numbers[0]},{kind.numbers[1]})"
        case "array":
            return f"array<{hive_type(kind.element)}>"
        case "map":
            return f"map<{hive_type(kind.inner[0])},{hive_type(kind.inner[1])}>"
        case "row":
            pairs = zip(kind.fields, kind.inner, strict=True)
            return "struct<" + ",".join(f"{n or f'field{i}'}:{hive_type(x)}" for i, (n, x) in enumerate(pairs)) + ">"
        case "char":
            return f"char({kind.numbers[0]})"
    if kind.is_interval or kind.name == "function":
        raise QueryError("NOT_SUPPORTED", f"Unsupported Hive type: {kind}")
    return _NAMES.get(kind.name, kind.name)
