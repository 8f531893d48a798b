"""Array functions. https://trino.io/docs/current/functions/array.html"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lakeward_local.athena import types as t
from lakeward_local.athena.functions.ordering import elements_without_nulls, equality, without_nulls
from lakeward_local.athena.functions.registry import Function, Template, scalar
from lakeward_local.athena.functions.sql import duck_type, guard, joined
from lakeward_local.athena.types import Type

MAX_SEQUENCE: Final = 10_000
_WRONG_WAY: Final = (
    "'sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop "
    "should be less than or equal to start'"
)


def _element_at(a: Sequence[str], _t: Sequence[Type], result: Type) -> str:
    return guard(
        f"{a[1]} = 0",
        "INVALID_FUNCTION_ARGUMENT",
        "'SQL array indices start at 1'",
        f"list_extract({a[0]}, {a[1]})",
        result,
    )


def _slice(a: Sequence[str], _t: Sequence[Type], result: Type) -> str:
    array, start, length = a
    from_start = f"list_slice({array}, {start}, {start} + {length} - 1)"
    from_end = (
        f"(CASE WHEN -({start}) > len({array}) THEN [] ELSE list_slice({array}, len({array}) + {start} + 1, "
        f"len({array}) + {start} + {length}) END)"
    )
    value = f"(CASE WHEN {length} = 0 THEN [] WHEN {start} > 0 THEN {from_start} ELSE {from_end} END)"
    checked = guard(
        f"{length} < 0", "INVALID_FUNCTION_ARGUMENT", "'length must be greater than or equal to 0'", value, result
    )
    checked = guard(f"{start} = 0", "INVALID_FUNCTION_ARGUMENT", "'SQL array indices start at 1'", checked, result)
    return f"(CASE WHEN {array} IS NOT NULL AND {start} IS NOT NULL AND {length} IS NOT NULL THEN {checked} END)"


def _sequence(a: Sequence[str], types: Sequence[Type], result: Type) -> str:
    """Inclusive; the step has the sign of the way; at most 10,000 entries."""
    step = a[2] if len(a) > 2 else None
    if types[0].is_integer:
        step = step or f"(CASE WHEN {a[1]} >= {a[0]} THEN 1 ELSE -1 END)"
        value = f"generate_series({a[0]}, {a[1]}, {step})"
        checked = guard(
            f"abs(({a[1]} - {a[0]}) // {step}) >= {MAX_SEQUENCE}",
            "INVALID_FUNCTION_ARGUMENT",
            f"'result of sequence function must not have more than {MAX_SEQUENCE} entries'",
            value,
            result,
        )
        wrong = f"({a[1]} > {a[0]} AND {step} < 0) OR ({a[1]} < {a[0]} AND {step} > 0)"
        checked = guard(
            wrong,
            "INVALID_FUNCTION_ARGUMENT",
            _WRONG_WAY,
            checked,
            result,
        )
        return guard(f"{step} = 0", "INVALID_FUNCTION_ARGUMENT", "'step must not be zero'", checked, result)
    if len(types) > 2 and types[2] == t.YEAR_TO_MONTH:
        return _months(a, result)
    step = step or f"(CASE WHEN {a[1]} >= {a[0]} THEN INTERVAL '1 day' ELSE INTERVAL '-1 day' END)"
    series = f"generate_series(CAST({a[0]} AS TIMESTAMP), CAST({a[1]} AS TIMESTAMP), {step})"
    series = guard(
        f"len({series}) > {MAX_SEQUENCE}",
        "INVALID_FUNCTION_ARGUMENT",
        f"'result of sequence function must not have more than {MAX_SEQUENCE} entries'",
        series,
        t.array(t.timestamp(3)),
    )
    wrong = f"(({a[1]} > {a[0]}) AND {step} < INTERVAL '0 day') OR (({a[1]} < {a[0]}) AND {step} > INTERVAL '0 day')"
    checked = guard(
        wrong,
        "INVALID_FUNCTION_ARGUMENT",
        _WRONG_WAY,
        f"CAST({series} AS {duck_type(result)})",
        result,
    )
    return guard(f"{step} = INTERVAL '0 day'", "INVALID_FUNCTION_ARGUMENT", "'step must not be zero'", checked, result)


def _months(a: Sequence[str], result: Type) -> str:
    """Each entry counts its months from the start, so that 31 January, 29 February, 31 March follow each other."""
    step = f"CAST(date_part('year', {a[2]}) * 12 + date_part('month', {a[2]}) AS BIGINT)"
    count = f"(date_sub('month', {a[0]}, {a[1]}) // {step})"
    entries = f"list_transform(range(0, {count} + 1), lambda _i: {a[0]} + to_months(CAST(_i * {step} AS INTEGER)))"
    message = f"'result of sequence function must not have more than {MAX_SEQUENCE} entries'"
    value = f"CAST({entries} AS {duck_type(result)})"
    checked = guard(f"{count} >= {MAX_SEQUENCE}", "INVALID_FUNCTION_ARGUMENT", message, value, result)
    wrong = f"({a[1]} > {a[0]} AND {step} < 0) OR ({a[1]} < {a[0]} AND {step} > 0)"
    checked = guard(wrong, "INVALID_FUNCTION_ARGUMENT", _WRONG_WAY, checked, result)
    return guard(f"{step} = 0", "INVALID_FUNCTION_ARGUMENT", "'step must not be zero'", checked, result)


def _quantify(quantifier: str) -> Template:
    """Three-valued: any_match is NULL when nothing matched and something was NULL."""

    def template(a: Sequence[str], _t: Sequence[Type], _r: Type) -> str:
        hits = f"list_transform({a[0]}, {a[1]})"
        if quantifier == "all":
            return f"trino_all({hits})"
        return f"trino_any({hits})" if quantifier == "any" else f"(NOT trino_any({hits}))"

    return template


def _join(a: Sequence[str], _t: Sequence[Type], _r: Type) -> str:
    """NULL elements are skipped, or written as the third argument."""
    text = a[0]
    if len(a) == 3:
        text = f"list_transform({text}, lambda _e: COALESCE(_e, {a[2]}))"
    return f"(CASE WHEN {a[0]} IS NOT NULL THEN {joined(text, a[1])} END)"


def _extreme(name: str) -> Template:
    """NULL when any element is; an empty array answers NULL."""

    def template(a: Sequence[str], types: Sequence[Type], _r: Type) -> str:
        found = f"list_{name}({elements_without_nulls(a[0], types[0])})"
        if types[0].element.is_floating and name == "max":  # NaN is less than all numbers here, and more to DuckDB
            found = f"-list_min(list_transform({a[0]}, lambda _v: -_v))"
        return f"(CASE WHEN len({a[0]}) = list_count({a[0]}) THEN {found} END)"

    return template


def _intersect(a: Sequence[str], _t: Sequence[Type], _r: Type) -> str:
    return f"trino_distinct(list_filter({a[0]}, lambda _x: trino_has({a[1]}, _x)))"


def _except(a: Sequence[str], _t: Sequence[Type], _r: Type) -> str:
    return f"trino_distinct(list_filter({a[0]}, lambda _x: NOT trino_has({a[1]}, _x)))"


def _sort(a: Sequence[str], types: Sequence[Type], _r: Type) -> str:
    return f"list_sort({elements_without_nulls(a[0], types[0])}, 'ASC', 'NULLS LAST')"


def _contains(a: Sequence[str], types: Sequence[Type], result: Type) -> str:
    if types[1].inner:
        return _contains_nested(a, types, result)
    return (
        f"(CASE WHEN {a[0]} IS NULL OR {a[1]} IS NULL THEN NULL WHEN list_contains({a[0]}, {a[1]}) THEN true "
        f"WHEN len({a[0]}) <> list_count({a[0]}) THEN NULL ELSE false END)"
    )


def _contains_nested(a: Sequence[str], types: Sequence[Type], result: Type) -> str:
    """The first element that is equal, or that cannot be told to be different, decides."""
    items = f"list_filter({a[0]}, lambda _c: _c IS NOT NULL)"
    same = f"list_transform({items}, lambda _c: {equality('_c', a[1], types[1])})"
    deciding = f"list_filter({same}, lambda _s: _s IS DISTINCT FROM false)"
    message = "'contains does not support arrays with elements that are null or contain null'"
    answer = (
        f"(CASE WHEN len({deciding}) > 0 THEN true WHEN len({a[0]}) <> list_count({a[0]}) THEN NULL ELSE false END)"
    )
    undecided = f"len({deciding}) > 0 AND list_extract({deciding}, 1) IS NULL"
    checked = guard(undecided, "NOT_SUPPORTED", message, answer, result)
    return f"(CASE WHEN {a[0]} IS NOT NULL AND {a[1]} IS NOT NULL THEN {checked} END)"


def _position(a: Sequence[str], types: Sequence[Type], _r: Type) -> str:
    items, value = elements_without_nulls(a[0], types[0]), without_nulls(a[1], types[1])
    place = f"COALESCE(CAST(list_position({items}, {value}) AS BIGINT), 0)"
    return f"(CASE WHEN {a[0]} IS NOT NULL AND {a[1]} IS NOT NULL THEN {place} END)"


def _remove(a: Sequence[str], types: Sequence[Type], _r: Type) -> str:
    items, value = elements_without_nulls(a[0], types[0]), without_nulls(a[1], types[1])
    return (
        f"(CASE WHEN {a[1]} IS NOT NULL THEN list_filter({items}, lambda _x: (_x = {value}) IS DISTINCT FROM true) END)"
    )


def _zip_types(args: Sequence[Type]) -> Type:
    return t.array(t.row([(None, x.element) for x in args]))


def _zip(a: Sequence[str], _types: Sequence[Type], result: Type) -> str:
    fields = ", ".join(f"f{i} := list_extract({x}, _i)" for i, x in enumerate(a))
    longest = ", ".join(f"len({x})" for x in a)
    nulls = " OR ".join(f"{x} IS NULL" for x in a)
    zipped = f"list_transform(range(1, greatest({longest}) + 1), lambda _i: struct_pack({fields}))"
    return f"(CASE WHEN {nulls} THEN NULL ELSE CAST({zipped} AS {duck_type(result)}) END)"


FUNCTIONS: Final[list[Function]] = [
    scalar("all_match(array(T), function(T, boolean)) -> boolean", _quantify("all")),
    scalar("any_match(array(T), function(T, boolean)) -> boolean", _quantify("any")),
    scalar("none_match(array(T), function(T, boolean)) -> boolean", _quantify("none")),
    scalar("array_distinct(array(T)) -> array(T)", "trino_distinct({0})"),
    scalar("array_except(array(T), array(T)) -> array(T)", _except),
    scalar("array_intersect(array(T), array(T)) -> array(T)", _intersect),
    scalar("array_union(array(T), array(T)) -> array(T)", "trino_distinct({0} || {1})"),
    scalar("array_join(array(T), varchar) -> varchar", _join),
    scalar("array_join(array(T), varchar, varchar) -> varchar", _join),
    scalar(
        "array_histogram(array(T)) -> map(T, bigint)",
        lambda a, _t, r: (
            f"(CASE WHEN {a[0]} IS NOT NULL THEN CAST(list_histogram(list_filter({a[0]}, lambda _h: _h IS NOT NULL)) "
            f"AS {duck_type(r)}) END)"
        ),
    ),
    scalar(
        "shuffle(array(T)) -> array(T)",
        "list_transform(list_sort(list_transform({0}, lambda _h: struct_pack(k := random(), v := _h))), "
        "lambda _h: _h.v)",
        deterministic=False,
    ),
    scalar("array_max(array(T)) -> T", _extreme("max")),
    scalar("array_min(array(T)) -> T", _extreme("min")),
    scalar("array_position(array(T), T) -> bigint", _position),
    scalar("array_remove(array(T), T) -> array(T)", _remove),
    scalar("array_sort(array(T)) -> array(T)", _sort),
    scalar("array_sort(array(T), function(T, T, bigint)) -> array(T)", "{*}"),
    scalar(
        "arrays_overlap(array(T), array(T)) -> boolean",
        "(CASE WHEN len({0}) = 0 OR len({1}) = 0 THEN false WHEN list_has_any({0}, {1}) THEN true "
        "WHEN len({0}) <> list_count({0}) OR len({1}) <> list_count({1}) THEN NULL ELSE false END)",
    ),
    scalar("cardinality(array(T)) -> bigint", "CAST(len({0}) AS BIGINT)"),
    scalar(
        "combinations(array(T), bigint) -> array(array(T))",
        "list_transform(trino_combinations(CAST(len({0}) AS BIGINT), {1}), "
        "lambda _c: list_transform(_c, lambda _k: list_extract({0}, _k)))",
    ),
    scalar("contains(array(T), T) -> boolean", _contains),
    scalar(
        "contains_sequence(array(T), array(T)) -> boolean",
        "(len({1}) = 0 OR len(list_filter(range(1, len({0}) - len({1}) + 2), lambda _i: "
        "list_slice({0}, _i, _i + len({1}) - 1) = {1})) > 0)",
    ),
    scalar("element_at(array(T), bigint) -> T", _element_at),
    scalar("filter(array(T), function(T, boolean)) -> array(T)", "list_filter({0}, {1})"),
    scalar("flatten(array(array(T))) -> array(T)", "flatten({0})"),
    scalar(
        "ngrams(array(T), bigint) -> array(array(T))",
        lambda a, _t, r: guard(
            f"{a[1]} <= 0",
            "INVALID_FUNCTION_ARGUMENT",
            "'N must be positive'",
            f"(CASE WHEN len({a[0]}) <= {a[1]} THEN [{a[0]}] ELSE list_transform(range(1, len({a[0]}) - {a[1]} + 2), "
            f"lambda _i: list_slice({a[0]}, _i, _i + {a[1]} - 1)) END)",
            r,
        ),
    ),
    scalar("reduce(array(T), S, function(S, T, S), function(S, R)) -> R", "{*}"),
    scalar("repeat(T, bigint) -> array(T)", "list_transform(range({1}), lambda _i: {0})"),
    scalar("sequence(bigint, bigint) -> array(bigint)", _sequence),
    scalar("sequence(bigint, bigint, bigint) -> array(bigint)", _sequence),
    scalar("sequence(date, date) -> array(date)", _sequence),
    scalar("sequence(date, date, day_interval) -> array(date)", _sequence),
    scalar("sequence(date, date, year_interval) -> array(date)", _sequence),
    scalar("sequence(timestamp, timestamp, day_interval) -> array(timestamp)", _sequence, lambda a: t.array(a[0])),
    scalar("sequence(timestamp, timestamp, year_interval) -> array(timestamp)", _sequence, lambda a: t.array(a[0])),
    scalar("slice(array(T), bigint, bigint) -> array(T)", _slice),
    scalar("transform(array(T), function(T, U)) -> array(U)", "list_transform({0}, {1})"),
    scalar(
        "trim_array(array(T), bigint) -> array(T)",
        lambda a, _t, r: guard(
            f"{a[1]} NOT BETWEEN 0 AND len({a[0]})",
            "INVALID_FUNCTION_ARGUMENT",
            f"'size must not be negative or exceed array cardinality ' || len({a[0]}) || ': ' || {a[1]}",
            f"list_slice({a[0]}, 1, len({a[0]}) - {a[1]})",
            r,
        ),
    ),
    *(
        scalar(f"zip({', '.join(f'array({c})' for c in names)})", _zip, _zip_types)
        for names in ("AB", "ABC", "ABCD", "ABCDE")
    ),
    scalar("zip_with(array(T), array(U), function(T, U, R)) -> array(R)", "{*}"),
]
