"""Aggregate functions. https://trino.io/docs/current/functions/aggregate.html

In a template, ``⟨name(arguments)⟩`` marks DuckDB's aggregate: the rewrite puts DISTINCT and ORDER BY inside its
brackets and FILTER or OVER behind it; the text around is computed from its answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lakeward_local.athena import types as t
from lakeward_local.athena.functions.registry import Function, aggregate
from lakeward_local.athena.functions.sql import duck_type, guard
from lakeward_local.athena.types import Type


def _sum_decimal(args: Sequence[Type]) -> Type:
    return t.decimal(38, args[0].numbers[1])


_INTEGERS: Final = ("tinyint", "smallint", "integer", "bigint")
_ORDERED: Final = ("max", "min")
#: Their largest value is their negatives' smallest: to ``max`` a NaN is less than all numbers, to DuckDB it is more.
_FLOATING: Final = ("double", "real")
_STATISTICS: Final = {
    "stddev": "stddev_samp", "stddev_samp": "stddev_samp", "stddev_pop": "stddev_pop", "variance": "var_samp",
    "var_samp": "var_samp", "var_pop": "var_pop",
}  # fmt: skip
_PAIRS: Final = ("corr", "covar_pop", "covar_samp", "regr_intercept", "regr_slope", "regr_avgx", "regr_avgy",
                 "regr_r2", "regr_sxx", "regr_sxy", "regr_syy")  # fmt: skip

_MONTHS: Final = "date_part('year', {0}) * 12 + date_part('month', {0})"
_PERCENTILES: Final = ("bigint", "double", "real")


def _percentile(a: Sequence[str], types: Sequence[Type], _r: Type) -> str:
    """Exact. DuckDB counts a negative percentile from the other end; Trino refuses it."""
    one = types[1].name != "array"
    outside = f"{a[1]} NOT BETWEEN 0 AND 1" if one else f"list_min({a[1]}) < 0 OR list_max({a[1]}) > 1"
    message = "'Percentile must be between 0 and 1'"
    return f"⟨quantile_disc({a[0]}, {guard(outside, 'INVALID_FUNCTION_ARGUMENT', message, a[1], types[1])})⟩"


FUNCTIONS: Final[list[Function]] = [
    aggregate("count() -> bigint", "⟨count(*)⟩"),
    aggregate("count(T) -> bigint", "⟨count({0})⟩"),
    aggregate("count_if(boolean) -> bigint", "CAST(⟨count_if({0})⟩ AS BIGINT)"),
    *(aggregate(f"sum({x}) -> bigint", "CAST(⟨sum({0})⟩ AS BIGINT)") for x in _INTEGERS),
    aggregate("sum(decimal)", lambda a, _t, r: f"CAST(⟨sum({a[0]})⟩ AS DECIMAL(38,{r.numbers[1]}))", _sum_decimal),
    aggregate("sum(double) -> double", "⟨sum({0})⟩"),
    aggregate("sum(real) -> real", "CAST(⟨sum({0})⟩ AS FLOAT)"),
    aggregate("sum(day_interval) -> day_interval", "to_microseconds(CAST(⟨sum(epoch_us({0}))⟩ AS BIGINT))"),
    aggregate("sum(year_interval) -> year_interval", f"to_months(CAST(⟨sum({_MONTHS})⟩ AS INTEGER))"),
    aggregate("avg(day_interval) -> day_interval", "to_microseconds(CAST(⟨avg(epoch_us({0}))⟩ AS BIGINT))"),
    aggregate("avg(year_interval) -> year_interval", f"to_months(CAST(⟨avg({_MONTHS})⟩ AS INTEGER))"),
    aggregate("avg(bigint) -> double", "⟨avg({0})⟩"),
    aggregate("avg(double) -> double", "⟨avg({0})⟩"),
    aggregate("avg(real) -> real", "CAST(⟨avg({0})⟩ AS FLOAT)"),
    aggregate("avg(decimal) -> arg0", lambda a, _t, r: _average(a[0], r)),
    *(aggregate(f"max({x}) -> {x}", "(-⟨min(-{0})⟩)") for x in _FLOATING),
    *(
        aggregate(f"max({x}, bigint) -> array({x})", "list_transform(⟨min(-{0}, {1})⟩, lambda _v: -_v)")
        for x in _FLOATING
    ),
    *(aggregate(f"max_by(T, {x}) -> T", "⟨arg_min_null({0}, -{1})⟩") for x in _FLOATING),
    *(aggregate(f"max_by(T, {x}, bigint) -> array(T)", "⟨arg_min({0}, -{1}, {2})⟩") for x in _FLOATING),
    *(aggregate(f"{n}(T) -> T", f"⟨{n}({{0}})⟩") for n in _ORDERED),
    *(aggregate(f"{n}(T, bigint) -> array(T)", f"⟨{n}({{0}}, {{1}})⟩") for n in _ORDERED),
    *(aggregate(f"{n}_by(T, U) -> T", f"⟨arg_{n}_null({{0}}, {{1}})⟩") for n in _ORDERED),
    *(aggregate(f"{n}_by(T, U, bigint) -> array(T)", f"⟨arg_{n}({{0}}, {{1}}, {{2}})⟩") for n in _ORDERED),
    *(aggregate(f"{n}(T) -> T", "⟨any_value({0})⟩") for n in ("arbitrary", "any_value")),
    aggregate("array_agg(T) -> array(T)", "⟨list({0})⟩"),
    *(aggregate(f"{n}(boolean) -> boolean", "⟨bool_and({0})⟩") for n in ("bool_and", "every")),
    aggregate("bool_or(boolean) -> boolean", "⟨bool_or({0})⟩"),
    aggregate("approx_distinct(T) -> bigint", "⟨count(DISTINCT {0})⟩"),
    aggregate("approx_distinct(T, double) -> bigint", lambda a, _t, r: _distinct_within(a[0], a[1], r)),
    *(aggregate(f"approx_percentile({x}, double) -> {x}", _percentile) for x in _PERCENTILES),
    *(aggregate(f"approx_percentile({x}, array(double)) -> array({x})", _percentile) for x in _PERCENTILES),
    *(
        aggregate(
            f"approx_percentile({x}, double, double) -> {x}",
            lambda a, _t, r: (
                f"CAST(trino_weighted_percentile(⟨list(struct_pack(f0 := CAST({a[0]} AS DOUBLE), f1 := {a[1]}))⟩, "
                f"{a[2]}) AS {duck_type(r)})"
            ),
        )
        for x in _PERCENTILES
    ),
    aggregate(
        "approx_most_frequent(bigint, T, bigint) -> map(T, bigint)",
        lambda a, _t, r: f"CAST(trino_most_frequent(⟨list({a[1]})⟩, {a[0]}) AS {duck_type(r)})",
    ),
    aggregate("geometric_mean(double) -> double", "⟨geomean({0})⟩"),
    *(aggregate(f"{n}(double) -> double", f"⟨{d}({{0}})⟩") for n, d in _STATISTICS.items()),
    *(aggregate(f"{n}(double, double) -> double", f"⟨{n}({{0}}, {{1}})⟩") for n in _PAIRS),
    aggregate("regr_count(double, double) -> bigint", "CAST(⟨regr_count({0}, {1})⟩ AS BIGINT)"),
    aggregate("kurtosis(double) -> double", "⟨kurtosis({0})⟩"),
    aggregate("skewness(double) -> double", "trino_skewness(⟨list({0})⟩)"),
    aggregate("entropy(bigint) -> double", "trino_entropy(⟨list({0})⟩)"),
    aggregate("bitwise_and_agg(bigint) -> bigint", "⟨bit_and({0})⟩"),
    aggregate("bitwise_or_agg(bigint) -> bigint", "⟨bit_or({0})⟩"),
    aggregate("bitwise_xor_agg(bigint) -> bigint", "⟨bit_xor({0})⟩"),
    aggregate("histogram(T) -> map(T, bigint)", lambda a, _t, r: f"CAST(⟨histogram({a[0]})⟩ AS {duck_type(r)})"),
    aggregate("map_agg(K, V) -> map(K, V)", "trino_map_agg(⟨list(struct_pack(f0 := {0}, f1 := {1}))⟩)"),
    aggregate(
        "multimap_agg(K, V) -> map(K, array(V))", "trino_multimap_agg(⟨list(struct_pack(f0 := {0}, f1 := {1}))⟩)"
    ),
    aggregate("map_union(map(K, V)) -> map(K, V)", "trino_map_union(⟨list({0})⟩)"),
    aggregate("numeric_histogram(bigint, double) -> map(double, double)", "trino_numeric_histogram({0}, ⟨list({1})⟩)"),
    aggregate("listagg(varchar, varchar) -> varchar", "⟨string_agg({0}, {1})⟩"),
    aggregate("listagg(varchar) -> varchar", "⟨string_agg({0}, '')⟩"),
]


def _distinct_within(sql: str, error: str, result: Type) -> str:
    """Exact, within any error; but an error that Trino refuses is refused."""
    message = f"'Standard error must be in [0.004063, 0.260000]: ' || printf('%.6f', {error})"
    outside = f"{error} < 0.0040625 OR {error} > 0.26"
    return guard(outside, "INVALID_FUNCTION_ARGUMENT", message, f"⟨count(DISTINCT {sql})⟩", result)


def _average(sql: str, result: Type) -> str:
    """Exact: the sum over the count, rounded half up at the argument's scale."""
    scale = result.numbers[1]
    return (
        f"CAST(trino_decimal_average(CAST(⟨sum({sql})⟩ AS VARCHAR), ⟨count({sql})⟩, {scale}) AS "
        f"DECIMAL({result.numbers[0]},{scale}))"
    )
