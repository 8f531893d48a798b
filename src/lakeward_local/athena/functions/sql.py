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
    "ipaddress": "BLOB",
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


#: A text constant in SQL.
LITERAL: Final = re.compile(r"'(?:[^']|'')*'")


def joined(array: str, separator: str) -> str:
    """An array of texts in one; NULLs are left out. DuckDB's own way takes a constant separator only."""
    if LITERAL.fullmatch(separator):
        return f"COALESCE(array_to_string({array}, {separator}), '')"
    return f"trino_joined({array}, {separator})"


def duck_type(t: Type) -> str:
    """The DuckDB type that holds a Trino type's values."""
    match t.name:
        case "decimal":
            return f"DECIMAL({t.numbers[0]},{t.numbers[1]})"
        case "timestamp with time zone" if t.zone is None:
            return "STRUCT(t TIMESTAMPTZ, z VARCHAR)"
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
    if t.zone is None:
        return f"trino_wall(struct_extract({sql}, 't') AT TIME ZONE 'UTC', struct_extract({sql}, 'z'))"
    minutes = _offset_minutes(t.zone)
    if minutes is not None:
        return f"(({sql} AT TIME ZONE 'UTC') + to_minutes({minutes}))"
    return f"({sql} AT TIME ZONE {literal(t.zone)})"


def instant(sql: str, t: Type) -> str:
    """A timestamp with time zone without its zone; other types unchanged."""
    return f"struct_extract({sql}, 't')" if t.name == "timestamp with time zone" and t.zone is None else sql


def zone_text(sql: str, t: Type) -> str:
    """SQL for the zone's name of a timestamp with time zone."""
    return f"struct_extract({sql}, 'z')" if t.zone is None else literal(t.zone)


def paired(moment: str, zone: str) -> str:
    """An instant and its zone as one value; NULL when either is."""
    return f"(CASE WHEN {moment} IS NOT NULL AND {zone} IS NOT NULL THEN struct_pack(t := {moment}, z := {zone}) END)"


def moved_wall(wall: str, original: str, t: Type) -> str:
    """A wall clock as a value of the type, in the zone of the value that it was made from."""
    if t.zone is not None:
        return zoned(wall, t)
    zone = zone_text(original, t)
    return paired(f"(trino_instant(CAST({wall} AS TIMESTAMP), {zone}) AT TIME ZONE 'UTC')", zone)


def _offset_minutes(zone: str) -> int | None:
    """The minutes of a zone like ``+05:30``, which DuckDB does not know; None for a region."""
    found = re.fullmatch(r"([+-])(\d{2}):(\d{2})", zone)
    if found is None:
        return None
    return (int(found.group(2)) * 60 + int(found.group(3))) * (-1 if found.group(1) == "-" else 1)


def zoned(sql: str, t: Type) -> str:
    """A wall clock as the instant that it is in a type's zone."""
    if t.zone is None:
        raise unsupported("a wall clock in a zone that differs from row to row")
    minutes = _offset_minutes(t.zone)
    if minutes is not None:
        return f"(({sql} - to_minutes({minutes})) AT TIME ZONE 'UTC')"
    if t.zone == "UTC":
        return f"({sql} AT TIME ZONE 'UTC')"
    # of a wall clock that is shown twice Trino takes the first, DuckDB the second
    return f"(trino_instant(CAST({sql} AS TIMESTAMP), {literal(t.zone)}) AT TIME ZONE 'UTC')"
