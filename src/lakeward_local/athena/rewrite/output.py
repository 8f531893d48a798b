"""The last projection: values in a form that reaches Python whole.

DuckDB hands zoned instants over only with a library that is not here, and months as 30 days each; so instants leave as
UTC wall clocks and months as a count. ``render`` knows.
"""

from __future__ import annotations

from lakeward_local.athena import types as t
from lakeward_local.athena.analysis import plan as p
from lakeward_local.athena.functions.sql import quote
from lakeward_local.athena.types import Type


def for_python(sql: str, outputs: tuple[p.Output, ...]) -> str:
    """The query with such columns converted; unchanged when there are none."""
    items = [_converted(f"o.c{i}", x.type) for i, x in enumerate(outputs)]
    if all(item == f"o.c{i}" for i, item in enumerate(items)):
        return sql
    columns = ", ".join(f"{item} AS c{i}" for i, item in enumerate(items))
    return f"SELECT {columns} FROM ({sql}) AS o"


def _converted(sql: str, kind: Type) -> str:  # noqa: PLR0911 - one kind a line
    if kind.name == "timestamp with time zone" and kind.zone is None:
        wall = f"struct_extract({sql}, 't') AT TIME ZONE 'UTC'"
        return f"(CASE WHEN {sql} IS NOT NULL THEN struct_pack(t := {wall}, z := struct_extract({sql}, 'z')) END)"
    if kind.name == "timestamp with time zone":
        return f"({sql} AT TIME ZONE 'UTC')"
    if kind == t.YEAR_TO_MONTH:
        return f"CAST(date_part('year', {sql}) * 12 + date_part('month', {sql}) AS BIGINT)"
    match kind.name:
        case "array":
            inner = _converted("_o", kind.element)
            return sql if inner == "_o" else f"list_transform({sql}, lambda _o: {inner})"
        case "map":
            key, value = _converted("_k", kind.inner[0]), _converted("_v", kind.inner[1])
            if (key, value) == ("_k", "_v"):
                return sql
            keys = f"list_transform(map_keys({sql}), lambda _k: {key})"
            return f"(CASE WHEN {sql} IS NOT NULL THEN map({keys}, list_transform(map_values({sql}), lambda _v: {value})) END)"  # noqa: E501
        case "row":
            parts = [_converted(f"struct_extract({sql}, 'f{i}')", x) for i, x in enumerate(kind.inner)]
            if all(part == f"struct_extract({sql}, 'f{i}')" for i, part in enumerate(parts)):
                return sql
            packed = ", ".join(f"f{i} := {part}" for i, part in enumerate(parts))
            return f"(CASE WHEN {sql} IS NOT NULL THEN struct_pack({packed}) END)"
    return sql


def for_files(sql: str, outputs: tuple[p.Output, ...]) -> str:
    """The query with its columns and its rows' fields under their own names, as files hold them."""
    columns = ", ".join(f"{_named(f'o.c{i}', x.type)} AS {quote(x.name)}" for i, x in enumerate(outputs))
    return f"SELECT {columns} FROM ({sql}) AS o"


def _named(sql: str, kind: Type) -> str:
    match kind.name:
        case "row":
            pairs = enumerate(zip(kind.fields, kind.inner, strict=True))
            packed = ", ".join(
                f"{quote(n or f'field{i}')} := " + _named(f"struct_extract({sql}, 'f{i}')", x) for i, (n, x) in pairs
            )
            return f"(CASE WHEN {sql} IS NOT NULL THEN struct_pack({packed}) END)"
        case "array" if _has_row(kind):
            return f"list_transform({sql}, lambda _n: {_named('_n', kind.element)})"
        case "map" if _has_row(kind):
            return (
                f"(CASE WHEN {sql} IS NOT NULL THEN map(map_keys({sql}), list_transform(map_values({sql}), "
                f"lambda _n: {_named('_n', kind.inner[1])})) END)"
            )
    return sql


def _has_row(kind: Type) -> bool:
    return kind.name == "row" or any(_has_row(x) for x in kind.inner)
