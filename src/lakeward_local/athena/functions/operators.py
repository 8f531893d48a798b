"""Operators and special forms as functions: their types and their DuckDB SQL.

Arithmetic on decimals: https://trino.io/docs/current/functions/decimal.html#precision-and-scale
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lakeward_local.athena import types as t
from lakeward_local.athena.functions.datetimes import shift
from lakeward_local.athena.functions.ordering import equality, order
from lakeward_local.athena.functions.registry import Function, Pattern, Template
from lakeward_local.athena.functions.sql import duck_type, guard, instant, paired
from lakeward_local.athena.types import Type

_ARGUMENT: Final = "INVALID_FUNCTION_ARGUMENT"
_ZERO: Final = ("DIVISION_BY_ZERO", "'Division by zero'")
_ANY: Final = Pattern("T")


def form(name: str, template: Template) -> Function:
    """A special form: its types are decided by the analysis."""
    return Function(name, (_ANY,), _ANY, template)


def arithmetic_type(operator: str, a: Type, b: Type) -> Type | None:  # noqa: PLR0911 - one rule a line
    """The result's type, or None when the operator does not apply."""
    if a.is_numeric and b.is_numeric:
        if a.is_exact and b.is_exact and "decimal" in (a.name, b.name):
            return _decimal_type(operator, t.as_decimal(a).numbers, t.as_decimal(b).numbers)
        return t.common_type(a, b)
    if operator in "+-" and (a.is_datetime or a.name == "time") and b.is_interval:
        return a if not (a.name == "timestamp" and a.numbers[0] < 3 and b == t.DAY_TO_SECOND) else t.timestamp(3)
    if operator == "+" and a.is_interval and (b.is_datetime or b.name == "time"):
        return arithmetic_type("+", b, a)
    if operator in "+-" and a.is_interval and a == b:
        return a
    if operator == "-" and a.name == b.name and (a.is_datetime or a.name == "time"):
        return t.DAY_TO_SECOND
    if operator == "-" and a.is_datetime and b.is_datetime:
        return t.DAY_TO_SECOND
    if operator in "*/" and a.is_interval and b.is_numeric:
        return a
    if operator == "*" and b.is_interval and a.is_numeric:
        return b
    return None


def _decimal_type(operator: str, a: tuple[int, ...], b: tuple[int, ...]) -> Type | None:
    (p1, s1), (p2, s2) = a, b
    scale = max(s1, s2)
    match operator:
        case "+" | "-":
            precision = max(p1 - s1, p2 - s2) + scale + 1
        case "*":
            precision, scale = p1 + p2, s1 + s2
        case "/":
            precision = p1 + s2 + max(0, s2 - s1)
        case _:
            precision = min(p2 - s2, p1 - s1) + scale
    return (
        t.decimal(max(1, min(t.MAX_DECIMAL_PRECISION, precision)), scale) if scale <= t.MAX_DECIMAL_PRECISION else None
    )


def arithmetic(operator: str) -> Function:
    return form(operator, _TEMPLATES[operator])


def _plus(a: Sequence[str], types: Sequence[Type], result: Type) -> str:
    if types[0].is_interval and not types[1].is_interval:
        return _moved(a[1], f"({a[0]})", types[0], result)
    if types[1].is_interval and not types[0].is_interval:
        return _moved(a[0], f"({a[1]})", types[1], result)
    return _same(a, result, "+")


def _minus(a: Sequence[str], types: Sequence[Type], result: Type) -> str:
    if types[1].is_interval and not types[0].is_interval:
        return _moved(a[0], f"(-{a[1]})", types[1], result)
    if types[0].name == "time":
        return f"to_microseconds(epoch_us({a[0]}) - epoch_us({a[1]}))"
    if types[0].is_datetime:
        first, second = (f"epoch_us(CAST({instant(x, kind)} AS TIMESTAMPTZ))" for x, kind in zip(a, types, strict=True))
        return f"to_microseconds({first} - {second})"
    return _same(a, result, "-")


def _moved(moment: str, interval: str, kind: Type, result: Type) -> str:
    if result.name == "date" and kind == t.DAY_TO_SECOND:
        message = "'Cannot add hour, minutes or seconds to a date'"
        moved = shift(moment, interval, result, wall_clock=False)
        return guard(f"epoch_us({interval}) % 86400000000 <> 0", "INVALID_FUNCTION_ARGUMENT", message, moved, result)
    return shift(moment, interval, result, wall_clock=kind == t.YEAR_TO_MONTH)


def _same(a: Sequence[str], result: Type, operator: str) -> str:
    if result.name == "decimal":
        target = duck_type(result)
        return f"CAST(CAST({a[0]} AS {target}) {operator} CAST({a[1]} AS {target}) AS {target})"
    return f"({a[0]} {operator} {a[1]})"


def _times(a: Sequence[str], types: Sequence[Type], result: Type) -> str:
    if result.is_interval:
        at = 0 if types[0].is_interval else 1
        return _scaled(a[at], a[1 - at], types[1 - at], result)
    if result.name == "decimal":
        return f"CAST({a[0]} * {a[1]} AS {duck_type(result)})"
    return f"({a[0]} * {a[1]})"


def _divide(a: Sequence[str], types: Sequence[Type], result: Type) -> str:
    if result.is_interval:
        return _interval_by_number(a[0], a[1], result)
    if result.is_floating:
        return f"({a[0]} / {a[1]})"
    if result.name == "decimal":
        return _divide_decimals(a, types, result)
    return guard(_by_zero(a), *_ZERO, f"({a[0]} // {a[1]})", result)


def _interval_units(interval: str, result: Type) -> str:
    """An interval in Trino's units: months, or milliseconds."""
    if result == t.YEAR_TO_MONTH:
        return f"(date_part('year', {interval}) * 12 + date_part('month', {interval}))"
    return f"(epoch_us({interval}) // 1000)"


def _interval_of(units: str, result: Type) -> str:
    if result == t.YEAR_TO_MONTH:
        return f"to_months(CAST({units} AS INTEGER))"
    return f"to_microseconds(CAST({units} AS BIGINT) * 1000)"


def _scaled(interval: str, number: str, kind: Type, result: Type) -> str:
    """An interval times a number; what is no whole number is a double, and fractions of the answer are cut."""
    units = _interval_units(interval, result)
    if kind.is_integer:
        return _interval_of(f"{units} * {number}", result)
    value = _interval_of(f"trunc({units} * CAST({number} AS DOUBLE))", result)
    return guard(f"isnan(CAST({number} AS DOUBLE))", _ARGUMENT, "'Cannot multiply by double NaN'", value, result)


def _interval_by_number(interval: str, number: str, result: Type) -> str:
    divisor = f"CAST({number} AS DOUBLE)"
    value = _interval_of(f"trunc({_interval_units(interval, result)} / {divisor})", result)
    message = f"'Cannot divide by double ' || trino_java_double({divisor})"
    return guard(f"isnan({divisor}) OR {divisor} = 0", _ARGUMENT, message, value, result)


def _divide_decimals(a: Sequence[str], types: Sequence[Type], result: Type) -> str:
    """Exact, in integers: unscaled(a) * 10^(s2 + s - s1) / unscaled(b), rounded half away from zero."""
    s1, s2 = types[0].numbers[1], types[1].numbers[1]
    scale = result.numbers[1]
    dividend = _unscaled(a[0], s1 + s2 + scale - s1)
    divisor = _unscaled(a[1], s2)
    quotient = f"trino_divide({dividend}, {divisor})"
    if scale:
        quotient = f"(CAST({quotient} AS DECIMAL(38,0)) * CAST('0.{'0' * (scale - 1)}1' AS DECIMAL({scale},{scale})))"
    return guard(_by_zero(a), *_ZERO, f"CAST({quotient} AS {duck_type(result)})", result)


def _by_zero(a: Sequence[str]) -> str:
    """NULL by zero is NULL."""
    return f"{a[1]} = 0 AND {a[0]} IS NOT NULL"


def _unscaled(sql: str, digits: int) -> str:
    """A decimal times 10^digits as a whole number; ``digits`` is at least the scale."""
    factor = f"CAST('1{'0' * digits}' AS DECIMAL({min(digits + 1, 38)},0))"
    return f"CAST({sql} * {factor} AS HUGEINT)" if digits else f"CAST({sql} AS HUGEINT)"


def _modulo(a: Sequence[str], _types: Sequence[Type], result: Type) -> str:
    if result.is_floating:
        value = f"trino_fmod(CAST({a[0]} AS DOUBLE), CAST({a[1]} AS DOUBLE))"
        return value if result.name == "double" else f"CAST({value} AS FLOAT)"
    return guard(_by_zero(a), *_ZERO, f"CAST(({a[0]} % {a[1]}) AS {duck_type(result)})", result)


_TEMPLATES: Final[dict[str, Template]] = {"+": _plus, "-": _minus, "*": _times, "/": _divide, "%": _modulo}


def _subscript_array(a: Sequence[str], _types: Sequence[Type], result: Type) -> str:
    array, index = a
    value = f"list_extract({array}, {index})"
    value = guard(
        f"{index} > len({array})",
        "INVALID_FUNCTION_ARGUMENT",
        f"'Array subscript must be less than or equal to array length: ' || {index} || ' > ' || len({array})",
        value,
        result,
    )
    value = guard(
        f"{index} < 0", "INVALID_FUNCTION_ARGUMENT", f"'Array subscript is negative: ' || {index}", value, result
    )
    return guard(f"{index} = 0", "INVALID_FUNCTION_ARGUMENT", "'SQL array indices start at 1'", value, result)


def _subscript_map(a: Sequence[str], _types: Sequence[Type], result: Type) -> str:
    missing = f"{a[0]} IS NOT NULL AND {a[1]} IS NOT NULL AND NOT map_contains({a[0]}, {a[1]})"
    return guard(
        missing,
        "INVALID_FUNCTION_ARGUMENT",
        f"'Key not present in map: ' || CAST({a[1]} AS VARCHAR)",
        f"map_extract_value({a[0]}, {a[1]})",
        result,
    )


def _case(a: Sequence[str], _types: Sequence[Type], _result: Type) -> str:
    pairs = " ".join(f"WHEN {a[i]} THEN {a[i + 1]}" for i in range(0, len(a) - 1, 2))
    return f"(CASE {pairs} ELSE {a[-1]} END)"


def _coalesce(a: Sequence[str], _types: Sequence[Type], _result: Type) -> str:
    return f"COALESCE({', '.join(a)})"


def _array(a: Sequence[str], _types: Sequence[Type], result: Type) -> str:
    return f"CAST([{', '.join(a)}] AS {duck_type(result)})"


def _row(a: Sequence[str], _types: Sequence[Type], _result: Type) -> str:
    return "struct_pack(" + ", ".join(f"f{i} := {x}" for i, x in enumerate(a)) + ")"


def _in(a: Sequence[str], types: Sequence[Type], _result: Type) -> str:
    if types[0].inner:
        return "(" + " OR ".join(equality(a[0], x, types[0]) for x in a[1:]) + ")"
    return f"({a[0]} IN ({', '.join(a[1:])}))"


def _nullif(a: Sequence[str], types: Sequence[Type], _result: Type) -> str:
    return f"(CASE WHEN {equality(a[1], a[2], types[1])} THEN NULL ELSE {a[0]} END)"


NOT: Final = form("not", "(NOT {0})")
NEGATE: Final = form("-", lambda a, _t, r: f"(-{a[0]})" if not r.is_interval else f"(-({a[0]}))")
AND: Final = form("and", lambda a, _t, _r: "(" + " AND ".join(a) + ")")
OR: Final = form("or", lambda a, _t, _r: "(" + " OR ".join(a) + ")")
IS_NULL: Final = form("is null", "({0} IS NULL)")
IS_DISTINCT: Final = form("is distinct from", "({0} IS DISTINCT FROM {1})")
BETWEEN: Final = form("between", lambda a, t, r: _between(a, t, r))  # noqa: PLW0108 - it is written below
IN: Final = form("in", _in)
CASE: Final = form("case", _case)
COALESCE: Final = form("coalesce", _coalesce)
NULLIF: Final = form("nullif", _nullif)
TRY: Final = form("try", lambda a, _t, r: try_zoned(a[0], list(zip(a[1::2], a[2::2], strict=True)), r))
ARRAY: Final = form("array", _array)
ROW: Final = form("row", _row)
SUBSCRIPT_ARRAY: Final = form("subscript", _subscript_array)
SUBSCRIPT_MAP: Final = form("subscript", _subscript_map)
CONCAT: Final = form("||", "({0} || {1})")
LIKE: Final = form("like", lambda a, _t, _r: _like(a))
AT_TIME_ZONE: Final = form("at time zone", lambda a, types, _r: instant(a[0], types[0]))
AT_ZONE_OF_ROW: Final = form(
    "at time zone", lambda a, types, _r: paired(instant(a[0], types[0]), f"trino_zone_name({a[1]})")
)
JSON_VALUE: Final = form("json_value", "trino_json_value({0}, {1}, {2}, {3}, {4})")
JSON_VALUE_STATE: Final = form("json_value", "trino_json_value_state({0}, {1}, {2}, {3}, {4})")
JSON_QUERY: Final = form("json_query", "trino_json_query({0}, {1}, {2}, {3}, {4})")
JSON_EXISTS: Final = form("json_exists", "trino_json_exists({0}, {1}, {2}, {3}, {4})")
JSON_OBJECT: Final = form("json_object", "trino_json_object({0}, {1}, {2}, {3})")
JSON_ARRAY: Final = form("json_array", "trino_json_array({0}, {1})")
JSON_FORMATTED: Final = form("json_formatted", "trino_json_formatted({0})")
JSON_TABLE: Final = form("json_table", "trino_json_table({0}, {1}, {2}, {3})")


def try_zoned(sql: str, readings: Sequence[tuple[str, str]], result: Type) -> str:
    """TRY. DuckDB's takes every error for NULL, Trino's lets NOT_SUPPORTED through.

    ``readings`` are the parts that refuse a text with another zone than UTC, each with its reading as an instant.
    """
    refused = [f"(TRY({zoned}) IS NULL AND TRY({instant}) IS NOT NULL)" for zoned, instant in readings]
    message = "'the local Athena does not support zones that differ from row to row'"
    return guard(" OR ".join(refused), "NOT_SUPPORTED", message, f"TRY({sql})", result) if refused else f"TRY({sql})"


def _between(a: Sequence[str], types: Sequence[Type], _result: Type) -> str:
    if not types[0].inner:
        return f"({a[0]} BETWEEN {a[1]} AND {a[2]})"
    return f"({order(a[0], a[1], types[0])} >= 0 AND {order(a[0], a[2], types[0])} <= 0)"


def _like(a: Sequence[str]) -> str:
    """With an escape character, what follows it must be one that needs escaping: DuckDB takes anything."""
    if len(a) < 3:
        return f"({a[0]} LIKE {a[1]})"
    rest = f"replace(replace(replace({a[1]}, {a[2]} || {a[2]}, ''), {a[2]} || '%', ''), {a[2]} || '_', '')"
    message = "'Escape character must be followed by ''%'', ''_'' or the escape character itself'"
    value = f"({a[0]} LIKE {a[1]} ESCAPE {a[2]})"
    return guard(f"contains({rest}, {a[2]})", "INVALID_FUNCTION_ARGUMENT", message, value, t.BOOLEAN)


def field_access(index: int) -> Function:
    return form(f"field {index}", f"struct_extract({{0}}, 'f{index}')")


def comparison(operator: str) -> Function:
    return form(operator, _COMPARISONS[operator])


def _compare(operator: str) -> Template:
    def template(a: Sequence[str], types: Sequence[Type], _result: Type) -> str:
        if types[0].inner and operator in {"=", "<>"}:
            equal = equality(a[0], a[1], types[0])
            return equal if operator == "=" else f"(NOT {equal})"
        if types[0].inner:
            return f"({order(a[0], a[1], types[0])} {operator} 0)"
        plain = f"({a[0]} {operator} {a[1]})"
        computed = [x for x in a if x.endswith(")") or "NaN" in x or x.startswith("_")]
        if types[0].is_floating and computed:  # NaN equals nothing in Trino, and everything computed may be NaN
            answer = "true" if operator == "<>" else "false"
            nans = " OR ".join(f"isnan({x})" for x in a)
            known = " AND ".join(f"{x} IS NOT NULL" for x in a)
            return f"(CASE WHEN {known} AND ({nans}) THEN {answer} ELSE {plain} END)"
        return plain

    return template


_COMPARISONS: Final[dict[str, Template]] = {op: _compare(op) for op in ("=", "<>", "<", "<=", ">", ">=")}
