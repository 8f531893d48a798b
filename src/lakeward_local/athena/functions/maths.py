"""Mathematical functions. https://trino.io/docs/current/functions/math.html"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lakeward_local.athena import types as t
from lakeward_local.athena.functions.ordering import without_nulls
from lakeward_local.athena.functions.registry import Function, Template, scalar
from lakeward_local.athena.functions.sql import duck_type, fail, guard, literal
from lakeward_local.athena.types import Type


def _round_decimal_type(args: Sequence[Type]) -> Type:
    """round(decimal(p,s)) is decimal(p-s+min(1,s),0); with digits the scale stays and a digit is added."""
    precision, scale = args[0].numbers
    if len(args) == 1:
        return t.decimal(min(38, max(1, precision - scale + min(1, scale))), 0)
    return t.decimal(min(38, precision + 1), scale)


def _whole_decimal_type(args: Sequence[Type]) -> Type:
    precision, scale = args[0].numbers
    return t.decimal(min(38, max(1, precision - scale + min(1, scale))), 0)


def _truncate_decimal_type(args: Sequence[Type]) -> Type:
    precision, scale = args[0].numbers
    return args[0] if len(args) > 1 else t.decimal(max(1, precision - scale), 0)


def _round_double(args: Sequence[str], _types: Sequence[Type], result: Type) -> str:
    digits = args[1] if len(args) > 1 else "0"
    return f"CAST(trino_round(CAST({args[0]} AS DOUBLE), CAST({digits} AS INTEGER)) AS {duck_type(result)})"


def _round_integer(args: Sequence[str], _types: Sequence[Type], result: Type) -> str:
    return f"CAST(round(CAST({args[0]} AS HUGEINT), {args[1]}) AS {duck_type(result)})"


def _round_decimal(args: Sequence[str], _types: Sequence[Type], result: Type) -> str:
    digits = args[1] if len(args) > 1 else "0"
    return f"CAST(trino_round_decimal({args[0]}, {digits}) AS {duck_type(result)})"


def _checked_log(name: str) -> Template:
    return lambda a, _t, _r: (
        f"(CASE WHEN {a[0]} > 0 THEN {name}({a[0]}) WHEN {a[0]} = 0 THEN CAST('-Infinity' AS DOUBLE) "
        f"WHEN {a[0]} IS NOT NULL THEN CAST('NaN' AS DOUBLE) END)"
    )


def _within(name: str, low: int, high: int) -> Template:
    """asin and acos answer NaN outside their domain; DuckDB fails."""
    return lambda a, _t, _r: (
        f"(CASE WHEN {a[0]} BETWEEN {low} AND {high} THEN {name}({a[0]}) WHEN {a[0]} IS NOT NULL "
        f"THEN CAST('NaN' AS DOUBLE) END)"
    )


def _sqrt(a: Sequence[str], _t: Sequence[Type], _r: Type) -> str:
    return f"(CASE WHEN {a[0]} >= 0 THEN sqrt({a[0]}) WHEN {a[0]} IS NOT NULL THEN CAST('NaN' AS DOUBLE) END)"


def _mod(a: Sequence[str], _types: Sequence[Type], result: Type) -> str:
    if result.is_floating:
        return (
            f"trino_fmod({a[0]}, {a[1]})"
            if result.name == "double"
            else (f"CAST(trino_fmod(CAST({a[0]} AS DOUBLE), CAST({a[1]} AS DOUBLE)) AS FLOAT)")
        )
    return guard(f"{a[1]} = 0", "DIVISION_BY_ZERO", "'Division by zero'", f"({a[0]} % {a[1]})", result)


def _remainder_type(args: Sequence[Type]) -> Type:
    (p1, s1), (p2, s2) = (a.numbers for a in args)
    scale = max(s1, s2)
    return t.decimal(max(1, min(38, min(p2 - s2, p1 - s1) + scale)), scale)


def _width_bucket(a: Sequence[str], _t: Sequence[Type], result: Type) -> str:
    x, low, high, n = a
    bucket = (
        f"(CASE WHEN {low} < {high} THEN CASE WHEN {x} < {low} THEN 0 WHEN {x} >= {high} THEN {n} + 1 "
        f"ELSE CAST(floor({n} * ({x} - {low}) / ({high} - {low})) AS BIGINT) + 1 END "
        f"ELSE CASE WHEN {x} >= {low} THEN 0 WHEN {x} < {high} THEN {n} + 1 "
        f"ELSE {n} - CAST(floor({n} * ({x} - {high}) / ({low} - {high})) AS BIGINT) END END)"
    )
    for wrong, message in (
        (f"isnan({x})", "operand must not be NaN"),
        (f"NOT isfinite({low})", "first bound must be finite"),
        (f"NOT isfinite({high})", "second bound must be finite"),
    ):
        bucket = guard(wrong, "INVALID_FUNCTION_ARGUMENT", f"'{message}'", bucket, result)
    checked = guard(f"{low} = {high}", "INVALID_FUNCTION_ARGUMENT", "'bounds cannot equal each other'", bucket, result)
    return guard(f"{n} <= 0", "INVALID_FUNCTION_ARGUMENT", "'bucketCount must be greater than 0'", checked, result)


def _bins(a: Sequence[str], _t: Sequence[Type], result: Type) -> str:
    x, bins = a
    found = f"len(list_filter({bins}, lambda _b: _b <= {x}))"
    for wrong, message in (
        (f"isnan({x})", "Operand must not be NaN"),
        (f"{bins} <> list_sort({bins})", "Bin values are not sorted in ascending order"),
        (f"len(list_filter({bins}, lambda _b: _b IS NULL OR NOT isfinite(_b))) > 0", "Bin values must be finite"),
        (f"len({bins}) = 0", "Bins cannot be an empty array"),
    ):
        found = guard(wrong, "INVALID_FUNCTION_ARGUMENT", f"'{message}'", found, result)
    return found


def _extreme(name: str) -> Template:
    """greatest and least are NULL when any argument is; DuckDB skips NULLs."""

    def template(a: Sequence[str], types: Sequence[Type], result: Type) -> str:
        nulls = " OR ".join(f"{x} IS NULL" for x in a)
        values = [without_nulls(x, kind) for x, kind in zip(a, types, strict=True)]
        if result.is_floating and name == "greatest":  # NaN is less than all numbers here, and more to DuckDB
            value = f"-least({', '.join(f'-{x}' for x in values)})"
        else:
            value = f"{name}({', '.join(values)})"
        return f"(CASE WHEN {nulls} THEN CAST(NULL AS {duck_type(result)}) ELSE {value} END)"

    return template


def _bounded_random(a: Sequence[str], _t: Sequence[Type], result: Type) -> str:
    low, high = ("0", a[0]) if len(a) == 1 else a
    message = "'bound must be positive'" if len(a) == 1 else "'start value must be less than stop value'"
    value = f"CAST({low} + floor(random() * ({high} - {low})) AS {duck_type(result)})"
    return guard(f"{high} <= {low}", "INVALID_FUNCTION_ARGUMENT", message, value, result)


def _from_base(a: Sequence[str], _t: Sequence[Type], _r: Type) -> str:
    return f"trino_from_base({a[0]}, {a[1]})"


def _shift_right_arithmetic(a: Sequence[str], _t: Sequence[Type], _r: Type) -> str:
    return f"(CAST({a[0]} AS BIGINT) >> least({a[1]}, 63))"


_BITS: Final = {"tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64}
_FLOATING: Final = ("double", "real")
_INTEGERS: Final = ("tinyint", "smallint", "integer", "bigint")
_NUMBERS: Final = (*_INTEGERS, "decimal", *_FLOATING)


def _whole(name: str) -> Template:
    """ceil or floor, in the result's type."""
    return lambda a, _types, result: f"CAST({name}({a[0]}) AS {duck_type(result)})"


def _shift(name: str) -> Template:
    return lambda a, _types, result: (
        f"CAST(trino_shift('{name}', CAST({a[0]} AS BIGINT), {a[1]}, {_BITS[result.name]}) AS {duck_type(result)})"
    )


FUNCTIONS: Final[list[Function]] = [
    *(scalar(f"abs({x}) -> arg0", "abs({0})") for x in _NUMBERS),
    *(scalar(f"sign({x}) -> {x}", lambda a, _t, r: f"CAST(sign({a[0]}) AS {duck_type(r)})") for x in _INTEGERS),
    scalar("sign(decimal) -> decimal(1,0)", "CAST(sign({0}) AS DECIMAL(1,0))"),
    *(
        scalar(
            f"sign({x}) -> {x}",
            lambda a, _t, r: (
                f"(CASE WHEN isnan({a[0]}) OR {a[0]} = 0 THEN {a[0]} ELSE CAST(sign({a[0]}) AS {duck_type(r)}) END)"
            ),
        )
        for x in _FLOATING
    ),
    *(scalar(f"{n}({x}) -> {x}", "{0}") for n in ("ceil", "ceiling", "floor") for x in _INTEGERS),
    *(scalar(f"{n}({x}) -> {x}", _whole(n)) for n in ("ceil", "ceiling", "floor") for x in _FLOATING),
    *(scalar(f"{n}(decimal)", _whole(n), _whole_decimal_type) for n in ("ceil", "ceiling", "floor")),
    *(scalar(f"round({x}) -> {x}", "{0}") for x in _INTEGERS),
    *(scalar(f"round({x}, integer) -> {x}", _round_integer) for x in _INTEGERS),
    *(scalar(f"round({x}) -> {x}", _round_double) for x in _FLOATING),
    *(scalar(f"round({x}, integer) -> {x}", _round_double) for x in _FLOATING),
    scalar("round(decimal)", _round_decimal, _round_decimal_type),
    scalar("round(decimal, integer)", _round_decimal, _round_decimal_type),
    *(scalar(f"truncate({x}) -> {x}", lambda a, _t, r: f"CAST(trunc({a[0]}) AS {duck_type(r)})") for x in _FLOATING),
    scalar("truncate(decimal)", lambda a, _t, r: f"CAST(trunc({a[0]}) AS {duck_type(r)})", _truncate_decimal_type),
    scalar(
        "truncate(decimal, integer)",
        lambda a, _t, r: f"CAST(trino_truncate({a[0]}, {a[1]}) AS {duck_type(r)})",
        _truncate_decimal_type,
    ),
    scalar("cbrt(double) -> double", "trino_cbrt({0})"),
    scalar("sqrt(double) -> double", _sqrt),
    scalar("exp(double) -> double", "exp({0})"),
    scalar("ln(double) -> double", _checked_log("ln")),
    scalar("log2(double) -> double", _checked_log("log2")),
    scalar("log10(double) -> double", _checked_log("log10")),
    scalar("log(double, double) -> double", "(ln({1}) / ln({0}))"),
    *(scalar(f"{n}(double, double) -> double", "trino_pow({0}, {1})") for n in ("pow", "power")),
    *(scalar(f"mod({x}, {x}) -> {x}", _mod) for x in (*_INTEGERS, *_FLOATING)),
    scalar("mod(decimal, decimal)", _mod, _remainder_type),
    *(
        scalar(f"{n}(double) -> double", f"(CASE WHEN isinf({{0}}) THEN CAST('NaN' AS DOUBLE) ELSE {n}({{0}}) END)")
        for n in ("sin", "cos", "tan")
    ),
    *(scalar(f"{n}(double) -> double", f"{n}({{0}})") for n in ("atan", "sinh", "cosh", "tanh", "degrees", "radians")),
    scalar("asin(double) -> double", _within("asin", -1, 1)),
    scalar("acos(double) -> double", _within("acos", -1, 1)),
    scalar("atan2(double, double) -> double", "atan2({0}, {1})"),
    scalar("pi() -> double", "pi()"),
    scalar("e() -> double", "exp(CAST(1 AS DOUBLE))"),
    scalar("nan() -> double", "CAST('NaN' AS DOUBLE)"),
    scalar("infinity() -> double", "CAST('Infinity' AS DOUBLE)"),
    *(scalar(f"is_nan({x}) -> boolean", "isnan({0})") for x in _FLOATING),
    scalar("is_finite(double) -> boolean", "isfinite({0})"),
    scalar("is_infinite(double) -> boolean", "isinf({0})"),
    scalar("greatest(T...) -> T", _extreme("greatest")),
    scalar("least(T...) -> T", _extreme("least")),
    *(scalar(f"{n}() -> double", "random()", deterministic=False) for n in ("rand", "random")),
    *(
        scalar(f"{n}({x}) -> {x}", _bounded_random, deterministic=False)
        for n in ("rand", "random")
        for x in ("integer", "bigint")
    ),
    *(
        scalar(f"{n}({x}, {x}) -> {x}", _bounded_random, deterministic=False)
        for n in ("rand", "random")
        for x in ("integer", "bigint")
    ),
    scalar("width_bucket(double, double, double, bigint) -> bigint", _width_bucket),
    scalar("width_bucket(double, array(double)) -> bigint", _bins),
    scalar("from_base(varchar, bigint) -> bigint", _from_base),
    scalar("to_base(bigint, bigint) -> varchar", "trino_to_base({0}, {1})"),
    scalar("bitwise_and(bigint, bigint) -> bigint", "({0} & {1})"),
    scalar("bitwise_or(bigint, bigint) -> bigint", "({0} | {1})"),
    scalar("bitwise_xor(bigint, bigint) -> bigint", "xor({0}, {1})"),
    scalar("bitwise_not(bigint) -> bigint", "(~{0})"),
    *(
        scalar(
            f"bitwise_{n}({x}, bigint) -> {x}",
            _shift(n),
        )
        for n in ("left_shift", "right_shift", "right_shift_arithmetic")
        for x in _INTEGERS
    ),
    scalar("bit_count(bigint, bigint) -> bigint", "trino_bit_count({0}, {1})"),
    scalar(
        "cosine_similarity(map(varchar, double), map(varchar, double)) -> double",
        "trino_cosine(map_keys({0}), map_values({0}), map_keys({1}), map_values({1}))",
    ),
    scalar("normal_cdf(double, double, double) -> double", "trino_normal_cdf({0}, {1}, {2})"),
    scalar("inverse_normal_cdf(double, double, double) -> double", "trino_inverse_normal_cdf({0}, {1}, {2})"),
    scalar("wilson_interval_lower(bigint, bigint, double) -> double", "trino_wilson(-1, {0}, {1}, {2})"),
    scalar("wilson_interval_upper(bigint, bigint, double) -> double", "trino_wilson(1, {0}, {1}, {2})"),
    scalar("great_circle_distance(double, double, double, double) -> double", "trino_distance({0}, {1}, {2}, {3})"),
    scalar("uuid() -> uuid", "uuid()", deterministic=False),
    scalar("typeof(T) -> varchar", lambda _a, types, _r: literal(str(types[0]))),
    scalar("fail(varchar) -> unknown", lambda a, _t, r: fail("GENERIC_USER_ERROR", a[0], r)),
]
