"""Values as Athena writes them in GetQueryResults and in the CSV.

https://docs.aws.amazon.com/athena/latest/ug/querying.html and answers of the service.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from lakeward_local.athena.errors import QueryError
from lakeward_local.athena.native.addresses import address_text
from lakeward_local.athena.native.datetimes import interval_months_text, interval_time_text
from lakeward_local.athena.native.numbers import java_double, java_real
from lakeward_local.athena.native.zones import zone
from lakeward_local.athena.types import Type

Renderer = Callable[[Any], str | None]


def renderer(kind: Type) -> Renderer:
    """A function from a DuckDB value of this type to Athena's text; NULL stays None.

    Raises:
        QueryError: NOT_SUPPORTED, the values' zone is not known.
    """
    inner = _inner(kind)
    return lambda value: None if value is None else inner(value)


def _inner(kind: Type) -> Callable[[Any], str]:  # noqa: PLR0911 - one kind a line
    match kind.name:
        case "array":
            element = _nested(kind.element)
            return lambda value: "[" + ", ".join(map(element, value)) + "]"
        case "map":
            key, item = _nested(kind.inner[0]), _nested(kind.inner[1])
            return lambda value: "{" + ", ".join(f"{key(k)}={item(v)}" for k, v in _pairs(value)) + "}"
        case "row":
            return _row(kind)
        case "timestamp":
            return _timestamp(max(3, kind.numbers[0]))
        case "timestamp with time zone":
            wall = _timestamp(max(3, kind.numbers[0]))
            name = kind.zone
            if name is None:
                return lambda value: f"{wall(value['t'].replace(tzinfo=UTC).astimezone(zone(value['z'])))} {value['z']}"
            where = zone(name)
            return lambda value: f"{wall(value.replace(tzinfo=UTC).astimezone(where))} {name}"
        case "time":
            digits = max(3, kind.numbers[0])
            return lambda value: f"{value:%H:%M:%S}." + f"{value.microsecond:06}"[:digits]
        case "interval year to month":
            return interval_months_text
        case "char":
            return lambda value: str(value).ljust(kind.numbers[0])
    if kind.name not in _SIMPLE:
        raise QueryError("NOT_SUPPORTED", f"the local Athena cannot show values of type {kind}")
    return _SIMPLE[kind.name]


def _nested(kind: Type) -> Callable[[Any], str]:
    inner = _inner(kind)
    return lambda value: "null" if value is None else inner(value)


def _pairs(value: Any) -> list[tuple[Any, Any]]:
    """A DuckDB map: a dict, or keys and values when the keys cannot be hashed."""
    if isinstance(value, dict) and set(value) == {"key", "value"} and isinstance(value["key"], list):
        return list(zip(value["key"], value["value"], strict=True))
    return list(value.items())


def _row(kind: Type) -> Callable[[Any], str]:
    names = [name or f"field{i}" for i, name in enumerate(kind.fields)]
    parts = [_nested(x) for x in kind.inner]

    def text(value: Any) -> str:
        values = list(value.values()) if isinstance(value, dict) else list(value)
        return "{" + ", ".join(f"{n}={show(v)}" for n, show, v in zip(names, parts, values, strict=True)) + "}"

    return text


def _timestamp(digits: int) -> Callable[[datetime], str]:
    return lambda value: (
        f"{value.year:04}-{value:%m-%d %H:%M:%S}." + f"{value.microsecond:06}"[:digits].ljust(digits, "0")
    )


def _date(value: date) -> str:
    return f"{value.year:04}-{value:%m-%d}"


def _decimal(value: Decimal) -> str:
    return format(value, "f")


def _uuid(value: UUID | str) -> str:
    return str(value)


_SIMPLE: Final[dict[str, Callable[[Any], str]]] = {
    "boolean": lambda value: "true" if value else "false",
    "tinyint": str, "smallint": str, "integer": str, "bigint": str, "varchar": str, "json": str,
    "double": java_double, "real": java_real, "decimal": _decimal, "date": _date, "uuid": _uuid,
    "ipaddress": address_text,
    "varbinary": lambda value: " ".join(f"{byte:02x}" for byte in value),
    "interval day to second": interval_time_text, "unknown": str,
}  # fmt: skip

#: Trino's base names that ResultSetMetadata calls otherwise.
_METADATA_NAMES: Final = {"real": "float"}
_PRECISIONS: Final = {
    "boolean": (0, 0), "tinyint": (3, 0), "smallint": (5, 0), "integer": (10, 0), "bigint": (19, 0), "float": (17, 0),
    "double": (17, 0), "varchar": (2147483647, 0), "date": (0, 0), "timestamp": (3, 0), "varbinary": (1073741824, 0),
}  # fmt: skip


def column_info(name: str, kind: Type) -> dict[str, Any]:
    """A column as ResultSetMetadata describes it."""
    shown = _METADATA_NAMES.get(kind.name, kind.name)
    precision, scale = _PRECISIONS.get(shown, (0, 0))
    if kind.name == "decimal":
        precision, scale = kind.numbers
    if kind.name in {"varchar", "char"} and kind.numbers:
        precision = kind.numbers[0]
    return {
        "CatalogName": "hive", "SchemaName": "", "TableName": "", "Name": name, "Label": name, "Type": shown,
        "Precision": precision, "Scale": scale, "Nullable": "UNKNOWN", "CaseSensitive": kind.is_text,
    }  # fmt: skip
