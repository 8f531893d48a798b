"""The order of arrays and rows: Trino refuses to order values by a NULL inside them, DuckDB has a place for it.

``<`` and its like fail as Trino does, when the comparison comes to the NULL. Where DuckDB compares out of sight
(sorting, ``max``, ``array_sort``) every value with a NULL inside is refused, also where Trino would not have
come to it.
Source: https://trino.io/docs/current/functions/comparison.html, ``ARRAY comparison not supported for arrays with null
elements``.
"""

from __future__ import annotations

from typing import Final

from lakeward_local.athena import types as t
from lakeward_local.athena.functions.sql import duck_type, fail, guard
from lakeward_local.athena.types import Type

_MESSAGES: Final = {
    "array": "'ARRAY comparison not supported for arrays with null elements'",
    "row": "'ROW comparison not supported for fields with null elements'",
}


def equality(a: str, b: str, kind: Type, depth: int = 0) -> str:
    """``=`` of nested values: NULLs inside make it NULL unless something else differs; maps have no order."""
    if not kind.inner:
        return f"({a} = {b})"
    known = f"{a} IS NOT NULL AND {b} IS NOT NULL"
    match kind.name:
        case "row":
            fields = [
                equality(f"struct_extract({a}, 'f{i}')", f"struct_extract({b}, 'f{i}')", x, depth)
                for i, x in enumerate(kind.inner)
            ]
            return f"(CASE WHEN {known} THEN {' AND '.join(fields)} END)"
        case "array":
            i = f"_q{depth}"
            same = equality(f"list_extract({a}, {i})", f"list_extract({b}, {i})", kind.element, depth + 1)
            every = f"trino_all(list_transform(range(1, len({a}) + 1), lambda {i}: {same}))"
            return f"(CASE WHEN {known} THEN CASE WHEN len({a}) <> len({b}) THEN false ELSE {every} END END)"
    e = f"_q{depth}"
    same = equality(f"{e}.value", f"map_extract_value({b}, {e}.key)", kind.inner[1], depth + 1)
    every = f"trino_all(list_transform(map_entries({a}), lambda {e}: map_contains({b}, {e}.key) AND {same}))"
    return f"(CASE WHEN {known} THEN CASE WHEN cardinality({a}) <> cardinality({b}) THEN false ELSE {every} END END)"


def order(a: str, b: str, kind: Type) -> str:
    """-1, 0 or 1 for two arrays or rows; NULL when one of them is NULL; an error when a NULL inside decides."""
    return f"(CASE WHEN {a} IS NOT NULL AND {b} IS NOT NULL THEN {_order(a, b, kind, 0)} END)"


def _order(a: str, b: str, kind: Type, depth: int) -> str:
    match kind.name:
        case "row":
            found = "0"
            for at, field in reversed(list(enumerate(kind.inner))):
                part = _part(f"struct_extract({a}, 'f{at}')", f"struct_extract({b}, 'f{at}')", field, kind, depth)
                found = f"(CASE {part} WHEN -1 THEN -1 WHEN 1 THEN 1 ELSE {found} END)"
            return found
        case "array":
            i, k = f"_o{depth}", f"_k{depth}"
            same = equality(f"list_extract({a}, {i})", f"list_extract({b}, {i})", kind.element, depth)
            places = f"list_transform(range(1, least(len({a}), len({b})) + 1), lambda {i}: {same} IS TRUE)"
            part = _part(f"list_extract({a}, {k})", f"list_extract({b}, {k})", kind.element, kind, depth + 1)
            lengths = f"CAST(sign(len({a}) - len({b})) AS INTEGER)"
            decided = f"(CASE WHEN {k} = 0 THEN {lengths} ELSE {part} END)"
            return f"list_transform([COALESCE(list_position({places}, false), 0)], lambda {k}: {decided})[1]"
    return f"(CASE WHEN {a} < {b} THEN -1 WHEN {a} = {b} THEN 0 ELSE 1 END)"


def _part(a: str, b: str, kind: Type, whole: Type, depth: int) -> str:
    refused = fail("NOT_SUPPORTED", _MESSAGES[whole.name], t.INTEGER)
    return f"(CASE WHEN {a} IS NULL OR {b} IS NULL THEN {refused} ELSE {_order(a, b, kind, depth)} END)"


def has_null(sql: str, kind: Type, depth: int = 0) -> str:
    """Whether a value has a NULL inside, at any depth; false for a NULL itself."""
    match kind.name:
        case "row":
            fields = [(f"struct_extract({sql}, 'f{i}')", x) for i, x in enumerate(kind.inner)]
            parts = [f"{f} IS NULL" + (f" OR {has_null(f, x, depth)}" if x.inner else "") for f, x in fields]
            return f"({sql} IS NOT NULL AND ({' OR '.join(parts)}))"
        case "array":
            e = f"_n{depth}"
            inner = f" OR {has_null(e, kind.element, depth + 1)}" if kind.element.inner else ""
            return f"COALESCE(len(list_filter({sql}, lambda {e}: {e} IS NULL{inner})) > 0, false)"
    return "false"


def sort_key(sql: str, kind: Type, *, descending: bool, nulls_first: bool) -> str:
    """One key of ORDER BY. A NaN is more than all numbers, but less where NULLs come first: then by the negatives."""
    if nulls_first and kind.is_floating:
        sql, descending = f"(-{sql})", not descending
    return f"{sql} {'DESC' if descending else 'ASC'} NULLS {'FIRST' if nulls_first else 'LAST'}"


def without_nulls(sql: str, kind: Type) -> str:
    """The value itself, or NOT_SUPPORTED when it cannot be ordered (or looked up) because of a NULL inside."""
    if kind.name not in _MESSAGES:
        return sql
    return guard(has_null(sql, kind), "NOT_SUPPORTED", _MESSAGES[kind.name], sql, kind)


def elements_without_nulls(sql: str, array: Type) -> str:
    """An array whose elements can be ordered among each other; NULL elements themselves stay."""
    if array.element.name not in _MESSAGES:
        return sql
    checked = f"list_transform({sql}, lambda _v: {without_nulls('_v', array.element)})"
    return f"CAST({checked} AS {duck_type(array)})"
