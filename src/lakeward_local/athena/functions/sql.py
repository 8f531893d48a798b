"""Small pieces of DuckDB SQL that the function tables share."""

from __future__ import annotations

import re
from typing import Final

from lakeward_local.athena.errors import unsupported
from lakeward_local.athena.types import Type

_DUCK: Final = {
    "boolean": "BOOLEAN",
    "tinyint": "TINYINT",
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "real": "FLOAT",
    "double": "DOUBLE",
    "varchar": "VARCHAR",
    "char": "VARCHAR",
    "varbinary": "BLOB",
    "json": "VARCHAR",
    "date": "DATE",
    "time": "TIME",
    "timestamp": "TIMESTAMP",
    "timestamp with time zone": "TIMESTAMPTZ",
    "interval day to second": "INTERVAL",
    "interval year to month": "INTERVAL",
    "unknown": "INTEGER",
    "uuid": "UUID",
    "ipaddress": "VARCHAR",
}

#: Errors raised inside DuckDB carry their Trino name between these marks.
MARK_START: Final = "⟦"
MARK_END: Final = "⟧"


def decimal_text(sql: str, kind: Type) -> str:
    """A decimal's text; DuckDB leaves out the zero before the point when there are no digits before it."""
    precision, scale = kind.numbers
    if precision > scale:
        return f"CAST({sql} AS VARCHAR)"
    return f"regexp_replace(CAST({sql} AS VARCHAR), '^(-?)\\.', '\\10.')"


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def duck_type(t: Type) -> str:
    """The DuckDB type that holds a Trino type's values."""
    match t.name:
        case "decimal":
            return f"DECIMAL({t.numbers[0]},{t.numbers[1]})"
        case "array":
            return f"{duck_type(t.element)}[]"
        case "map":
            return f"MAP({duck_type(t.inner[0])}, {duck_type(t.inner[1])})"
        case "row":
            return "STRUCT(" + ", ".join(f"f{i} {duck_type(x)}" for i, x in enumerate(t.inner)) + ")"
    if t.name in {"timestamp", "time"} and t.numbers[0] > 6:
        raise unsupported(f"precisions finer than microseconds: {t}")
    if t.name not in _DUCK:
        raise unsupported(f"values of type {t}")
    return _DUCK[t.name]


def fail(code: str, message: str, result: Type) -> str:
    """SQL that fails with a Trino error when it is evaluated; ``message`` is SQL for a text.

    A failing cast is used, not ``error()``, because DuckDB refuses volatile functions inside TRY.
    """
    failing = f"CAST(('{MARK_START}{code}: ' || ({message}) || '{MARK_END}') AS INTEGER)"
    return failing if duck_type(result) == "INTEGER" else f"CAST(CAST({failing} AS VARCHAR) AS {duck_type(result)})"


def guard(condition: str, code: str, message: str, value: str, result: Type) -> str:
    """``value``, or the error when ``condition`` holds."""
    return f"(CASE WHEN {condition} THEN {fail(code, message, result)} ELSE {value} END)"


def local(sql: str, t: Type) -> str:
    """A timestamp with time zone as the wall clock of its zone; other types unchanged."""
    if t.name != "timestamp with time zone":
        return sql
    minutes = _offset_minutes(known_zone(t))
    if minutes is not None:
        return f"(({sql} AT TIME ZONE 'UTC') + to_minutes({minutes}))"
    return f"({sql} AT TIME ZONE {literal(known_zone(t))})"


def _offset_minutes(zone: str) -> int | None:
    """The minutes of a zone like ``+05:30``, which DuckDB does not know; None for a region."""
    found = re.fullmatch(r"([+-])(\d{2}):(\d{2})", zone)
    if found is None:
        return None
    return (int(found.group(2)) * 60 + int(found.group(3))) * (-1 if found.group(1) == "-" else 1)


def known_zone(t: Type) -> str:
    if t.zone is None:
        raise unsupported("timestamps whose zone differs from row to row; use AT TIME ZONE with a constant zone")
    return t.zone


def zoned(sql: str, t: Type) -> str:
    """A wall clock as the instant that it is in a type's zone."""
    minutes = _offset_minutes(known_zone(t))
    if minutes is not None:
        return f"(({sql} - to_minutes({minutes})) AT TIME ZONE 'UTC')"
    return f"({sql} AT TIME ZONE {literal(known_zone(t))})"
