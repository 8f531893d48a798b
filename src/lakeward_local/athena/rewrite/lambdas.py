"""Functions whose lambdas DuckDB cannot take as they are: the parameters are replaced by what they stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from lakeward_local.athena.analysis import plan as p
from lakeward_local.athena.errors import QueryError
from lakeward_local.athena.functions.maps import build_map
from lakeward_local.athena.functions.sql import duck_type

if TYPE_CHECKING:
    from lakeward_local.athena.rewrite.expressions import ExpressionWriter

Variables = Mapping[str, str]


def _inline(writer: ExpressionWriter, function: p.Expr, variables: Variables, *values: str) -> str:
    """A lambda's body with its parameters replaced."""
    if not isinstance(function, p.Lambda):
        raise QueryError("NOT_SUPPORTED", "expected a lambda expression here")
    return writer.write(function.body, {**variables, **dict(zip(function.params, values, strict=True))})


def _zip_with(writer: ExpressionWriter, e: p.Call, variables: Variables) -> str:
    left, right = (writer.write(a, variables) for a in e.args[:2])
    i = f"_z{len(variables)}"
    body = _inline(writer, e.args[2], variables, f"list_extract({left}, {i})", f"list_extract({right}, {i})")
    mapped = f"list_transform(range(1, greatest(len({left}), len({right})) + 1), lambda {i}: {body})"
    return f"(CASE WHEN {left} IS NOT NULL AND {right} IS NOT NULL THEN {mapped} END)"


def _reduce(writer: ExpressionWriter, e: p.Call, variables: Variables) -> str:
    """Folded over structs of state and element, because DuckDB's fold has one type for both."""
    array, initial = (writer.write(a, variables) for a in e.args[:2])
    element, state = duck_type(e.args[0].type.element), duck_type(e.args[1].type)
    a, b = f"_s{len(variables)}", f"_x{len(variables)}"
    step = _inline(writer, e.args[2], variables, f"{a}.s", f"{b}.x")
    first = f"struct_pack(s := CAST({initial} AS {state}), x := CAST(NULL AS {element}))"
    rest = f"list_transform({array}, lambda _y: struct_pack(s := CAST(NULL AS {state}), x := CAST(_y AS {element})))"
    folded = (
        f"list_reduce(list_prepend({first}, {rest}), lambda {a}, {b}: struct_pack(s := CAST({step} AS {state}), "
        f"x := CAST(NULL AS {element}))).s"
    )
    return f"(CASE WHEN {array} IS NOT NULL THEN {_inline(writer, e.args[3], variables, f'({folded})')} END)"


def _map_filter(writer: ExpressionWriter, e: p.Call, variables: Variables) -> str:
    source = writer.write(e.args[0], variables)
    i = f"_m{len(variables)}"
    condition = _inline(writer, e.args[1], variables, f"{i}.key", f"{i}.value")
    return f"map_from_entries(list_filter(map_entries({source}), lambda {i}: {condition}))"


def _transform_values(writer: ExpressionWriter, e: p.Call, variables: Variables) -> str:
    source = writer.write(e.args[0], variables)
    i = f"_m{len(variables)}"
    body = _inline(writer, e.args[1], variables, f"{i}.key", f"{i}.value")
    values = f"list_transform(map_entries({source}), lambda {i}: {body})"
    return f"(CASE WHEN {source} IS NOT NULL THEN CAST(map(map_keys({source}), {values}) AS {duck_type(e.type)}) END)"


def _transform_keys(writer: ExpressionWriter, e: p.Call, variables: Variables) -> str:
    source = writer.write(e.args[0], variables)
    i = f"_m{len(variables)}"
    body = _inline(writer, e.args[1], variables, f"{i}.key", f"{i}.value")
    return build_map(
        (f"list_transform(map_entries({source}), lambda {i}: {body})", f"map_values({source})"), (), e.type
    )


def _regexp_replace(writer: ExpressionWriter, e: p.Call, variables: Variables) -> str:
    text, pattern = (writer.write(a, variables) for a in e.args[:2])
    i = f"_r{len(variables)}"
    body = _inline(writer, e.args[2], variables, f"{i}.groups")
    pieces = f"list_transform(trino_regexp_pieces({text}, {pattern}), lambda {i}: CASE WHEN {i}.groups IS NULL THEN {i}.plain "  # noqa: E501
    return f"array_to_string({pieces}ELSE COALESCE({body}, '') END), '')"


def _array_sort(writer: ExpressionWriter, e: p.Call, variables: Variables) -> str:
    """Insertion: each element goes behind those that the comparator puts before it or beside it."""
    array = writer.write(e.args[0], variables)
    kind = duck_type(e.args[0].type.element)
    a, b, y = (f"_{letter}{len(variables)}" for letter in "sxy")
    order = _inline(writer, e.args[1], variables, y, f"{b}.x")
    before = f"list_filter({a}.s, lambda {y}: {order} <= 0)"
    behind = f"list_filter({a}.s, lambda {y}: {order} > 0)"
    first = f"struct_pack(s := CAST([] AS {kind}[]), x := CAST(NULL AS {kind}))"
    rest = f"list_transform({array}, lambda _y: struct_pack(s := CAST([] AS {kind}[]), x := CAST(_y AS {kind})))"
    step = f"struct_pack(s := list_append({before}, {b}.x) || {behind}, x := CAST(NULL AS {kind}))"
    sorted_ = f"list_reduce(list_prepend({first}, {rest}), lambda {a}, {b}: {step}).s"
    return f"(CASE WHEN {array} IS NOT NULL THEN {sorted_} END)"


def _map_zip_with(writer: ExpressionWriter, e: p.Call, variables: Variables) -> str:
    left, right = (writer.write(a, variables) for a in e.args[:2])
    k = f"_k{len(variables)}"
    body = _inline(
        writer, e.args[2], variables, k, f"map_extract_value({left}, {k})", f"map_extract_value({right}, {k})"
    )
    keys = f"trino_distinct(map_keys({left}) || map_keys({right}))"
    made = f"CAST(map({keys}, list_transform({keys}, lambda {k}: {body})) AS {duck_type(e.type)})"
    return f"(CASE WHEN {left} IS NOT NULL AND {right} IS NOT NULL THEN {made} END)"


HIGHER_ORDER: Final[dict[str, Callable[..., str]]] = {
    "zip_with": _zip_with, "reduce": _reduce, "map_filter": _map_filter, "transform_values": _transform_values,
    "transform_keys": _transform_keys,
    "regexp_replace": _regexp_replace, "array_sort": _array_sort, "map_zip_with": _map_zip_with,
}  # fmt: skip
