"""Map functions. https://trino.io/docs/current/functions/map.html"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lakeward_local.athena import types as t
from lakeward_local.athena.functions.ordering import has_null
from lakeward_local.athena.functions.registry import Function, scalar
from lakeward_local.athena.functions.sql import duck_type, guard
from lakeward_local.athena.types import Type


def build_map(a: Sequence[str], _t: Sequence[Type], result: Type) -> str:
    duplicates = f"len(list_distinct({a[0]})) <> len({a[0]})"
    value = f"CAST(map({a[0]}, {a[1]}) AS {duck_type(result)})"
    checked = guard(duplicates, "INVALID_FUNCTION_ARGUMENT", "'Duplicate map keys are not allowed'", value, result)
    if result.inner[0].inner:
        wrong = f"len(list_filter({a[0]}, lambda _m: {has_null('_m', result.inner[0])})) > 0"
        checked = guard(wrong, "INVALID_FUNCTION_ARGUMENT", "'map key cannot be indeterminate'", checked, result)
    checked = guard(
        f"len({a[0]}) <> list_count({a[0]})", "INVALID_FUNCTION_ARGUMENT", "'map key cannot be null'", checked, result
    )
    checked = guard(
        f"len({a[0]}) <> len({a[1]})",
        "INVALID_FUNCTION_ARGUMENT",
        "'Key and value arrays must be the same length'",
        checked,
        result,
    )
    return f"(CASE WHEN {a[0]} IS NOT NULL AND {a[1]} IS NOT NULL THEN {checked} END)"


def _from_entries(a: Sequence[str], types: Sequence[Type], result: Type) -> str:
    keys = f"list_transform({a[0]}, lambda _e: _e.f0)"
    values = f"list_transform({a[0]}, lambda _e: _e.f1)"
    return build_map((keys, values), types, result)


def _concat(a: Sequence[str], _t: Sequence[Type], result: Type) -> str:
    """The last map that has a key wins."""
    return f"CAST(map_concat({', '.join(a)}) AS {duck_type(result)})"


def _entries(a: Sequence[str], _t: Sequence[Type], result: Type) -> str:
    return f"CAST(list_transform(map_entries({a[0]}), lambda _e: struct_pack(f0 := _e.key, f1 := _e.value)) AS {duck_type(result)})"  # noqa: E501


def entries_type(args: Sequence[Type]) -> Type:
    return t.array(t.row([(None, args[0].inner[0]), (None, args[0].inner[1])]))


def from_entries_type(args: Sequence[Type]) -> Type:
    inner = args[0].element.inner
    return t.map_of(inner[0], inner[1])


def multimap_type(args: Sequence[Type]) -> Type:
    inner = args[0].element.inner
    return t.map_of(inner[0], t.array(inner[1]))


FUNCTIONS: Final[list[Function]] = [
    scalar("map() -> map(unknown, unknown)", "CAST(MAP {{}} AS MAP(INTEGER, INTEGER))"),
    scalar("map(array(K), array(V)) -> map(K, V)", build_map),
    scalar("cardinality(map(K, V)) -> bigint", "CAST(cardinality({0}) AS BIGINT)"),
    scalar("element_at(map(K, V), K) -> V", "map_extract_value({0}, {1})"),
    scalar("map_concat(map(K, V), map(K, V)...) -> map(K, V)", _concat),
    scalar("map_entries(map(K, V))", _entries, entries_type),
    scalar("map_from_entries(array(row(K, V)))", _from_entries, from_entries_type),
    scalar("map_zip_with(map(K, A), map(K, B), function(K, A, B, R)) -> map(K, R)", "{*}"),
    scalar("multimap_from_entries(array(row(K, V)))", "trino_multimap_agg({0})", multimap_type),
    scalar("map_keys(map(K, V)) -> array(K)", "map_keys({0})"),
    scalar("map_values(map(K, V)) -> array(V)", "map_values({0})"),
    scalar("map_filter(map(K, V), function(K, V, boolean)) -> map(K, V)", "{*}"),
    scalar("transform_keys(map(K, V), function(K, V, R)) -> map(R, V)", "{*}"),
    scalar("transform_values(map(K, V), function(K, V, R)) -> map(K, R)", "{*}"),
]
