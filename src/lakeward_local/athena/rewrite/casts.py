"""CAST, from every type to every other, with Trino's rules and failures.

https://trino.io/docs/current/functions/conversion.html, and the operators of io.trino.type.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lakeward_local.athena import types as t
from lakeward_local.athena.errors import unsupported
from lakeward_local.athena.functions.sql import (
    decimal_text,
    duck_type,
    fail,
    instant,
    literal,
    local,
    paired,
    zone_text,
    zoned,
)
from lakeward_local.athena.rewrite import json_casts
from lakeward_local.athena.types import Type

_INTEGER_TEXT: Final = r"^[+-]?[0-9]+$"
_DECIMAL_TEXT: Final = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_DOUBLE_TEXT: Final = r"^\s*([+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?[dDfF]?|[+-]?NaN|[+-]?Infinity)\s*$"


def cast(sql: str, source: Type, target: Type) -> str:
    """SQL for ``CAST(sql AS target)``; it fails with Trino's error when the value does not convert."""
    if source.name == "unknown":
        return f"CAST({sql} AS {duck_type(target)})"
    if target == t.JSON and source != t.JSON:
        return json_casts.to_json(sql, source)
    if source == t.JSON and target != t.JSON:
        return json_casts.from_json(sql, target, cast)
    if target.inner:
        return _nested(sql, source, target)
    if source == target and (source.zone is None) == (target.zone is None):
        return sql
    if target.name == "timestamp with time zone" and target.numbers[0] > 6:
        raise unsupported(f"precisions finer than microseconds: {target}")
    rule = _RULES.get((_group(source), _group(target)))
    if rule is None:
        raise unsupported(f"CAST from {source} to {target}")
    return rule(sql, source, target)


def _group(kind: Type) -> str:
    return "integer" if kind.is_integer else "text" if kind.is_text else kind.name


def _nested(sql: str, source: Type, target: Type) -> str:
    """Arrays, maps and rows convert by element."""
    if duck_type(source) == duck_type(target) and not _changes(source, target):
        return sql
    match target.name:
        case "array":
            return f"list_transform({sql}, lambda _a: {cast('_a', source.element, target.element)})"
        case "map":
            keys = cast(f"map_keys({sql})", t.array(source.inner[0]), t.array(target.inner[0]))
            values = cast(f"map_values({sql})", t.array(source.inner[1]), t.array(target.inner[1]))
            return f"(CASE WHEN {sql} IS NOT NULL THEN map({keys}, {values}) END)"
    fields = ", ".join(
        f"f{i} := " + cast(f"struct_extract({sql}, 'f{i}')", s, x)
        for i, (s, x) in enumerate(zip(source.inner, target.inner, strict=True))
    )
    return f"(CASE WHEN {sql} IS NOT NULL THEN struct_pack({fields}) END)"


def _changes(source: Type, target: Type) -> bool:
    """Whether values change although DuckDB's type stays: shorter text, coarser timestamps."""
    if source.inner:
        return any(_changes(s, x) for s, x in zip(source.inner, target.inner, strict=True))
    return source != target and bool(target.numbers) and target.name != "decimal"


def _failed(text: str, target: Type) -> str:
    return fail("INVALID_CAST_ARGUMENT", f"'Cannot cast ''' || {text} || ''' to {_shown(target)}'", target)


def _shown(target: Type) -> str:
    return {"integer": "INT", "bigint": "BIGINT", "double": "DOUBLE", "boolean": "BOOLEAN"}.get(
        target.name, str(target).upper()
    )


def _plain(sql: str, _source: Type, target: Type) -> str:
    return f"CAST({sql} AS {duck_type(target)})"


def _integer(sql: str, source: Type, target: Type) -> str:
    if t.INTEGER_DIGITS[source.name] <= t.INTEGER_DIGITS[target.name]:
        return _plain(sql, source, target)
    outside = f"CAST({sql} AS BIGINT) NOT BETWEEN {-_LIMIT[target.name] - 1} AND {_LIMIT[target.name]}"
    return f"(CASE WHEN {outside} THEN {fail('NUMERIC_VALUE_OUT_OF_RANGE', _out_of_range(sql, target), target)} ELSE CAST({sql} AS {duck_type(target)}) END)"  # noqa: E501


_LIMIT: Final = {"tinyint": 127, "smallint": 32767, "integer": 2147483647, "bigint": 9223372036854775807}


def _out_of_range(sql: str, target: Type) -> str:
    return f"'Out of range for {target}: ' || CAST({sql} AS VARCHAR)"


def _floating_to_integer(sql: str, _source: Type, target: Type) -> str:
    """Rounded half up, as Java's Math.round with the sign kept."""
    rounded = (
        f"(CASE WHEN {sql} < 0 THEN -floor(-CAST({sql} AS DOUBLE) + 0.5) ELSE floor(CAST({sql} AS DOUBLE) + 0.5) END)"
    )
    limit = _LIMIT[target.name]
    outside = f"isnan({sql}) OR isinf({sql}) OR {rounded} > {limit} OR {rounded} < {-limit - 1}"
    message = f"'Unable to cast ' || trino_java_double({sql}) || ' to {target}'"
    code = "INVALID_CAST_ARGUMENT"
    return f"(CASE WHEN {outside} THEN {fail(code, message, target)} ELSE CAST({rounded} AS {duck_type(target)}) END)"


def _decimal_to_integer(sql: str, _source: Type, target: Type) -> str:
    limit = _LIMIT[target.name]
    rounded = f"CAST(round({sql}, 0) AS HUGEINT)"
    message = f"'Cannot cast ''' || CAST({sql} AS VARCHAR) || ''' to {target.name.upper()}'"
    return (
        f"(CASE WHEN {rounded} NOT BETWEEN {-limit - 1} AND {limit} THEN {fail('INVALID_CAST_ARGUMENT', message, target)} "  # noqa: E501
        f"ELSE CAST({rounded} AS {duck_type(target)}) END)"
    )


def _to_decimal(sql: str, source: Type, target: Type) -> str:
    """Rounded half up; too large a value fails."""
    message = f"'Cannot cast {source.name.upper()} ''' || {_number_text(sql, source)} || ''' to {str(target).upper()}'"
    if source.is_floating:
        tried = f"trino_double_to_decimal(CAST({sql} AS DOUBLE), {target.numbers[0]}, {target.numbers[1]})"
        return f"CAST({tried} AS {duck_type(target)})"
    tried = f"TRY_CAST({sql} AS {duck_type(target)})"
    return f"(CASE WHEN {sql} IS NOT NULL AND {tried} IS NULL THEN {fail('INVALID_CAST_ARGUMENT', message, target)} ELSE {tried} END)"  # noqa: E501


def _number_text(sql: str, source: Type) -> str:
    if source.name == "decimal":
        return decimal_text(sql, source)
    return f"trino_java_double(CAST({sql} AS DOUBLE))" if source.is_floating else f"CAST({sql} AS VARCHAR)"


def _to_real(sql: str, source: Type, target: Type) -> str:
    return _plain(sql, source, target) if source.name != "double" else f"trino_to_real({sql})"


def _text_to(pattern: str) -> Callable[[str, Type, Type], str]:
    """Text that has the right form and fits; anything else fails."""

    def rule(sql: str, _source: Type, target: Type) -> str:
        tried = f"TRY_CAST(trim({sql}) AS {duck_type(target)})"
        if target.is_integer:
            tried = f"TRY_CAST({sql} AS {duck_type(target)})"
        good = (
            f"regexp_full_match({sql}, {literal(pattern.removeprefix('^').removesuffix('$'))}) AND {tried} IS NOT NULL"
        )
        return f"(CASE WHEN {sql} IS NULL THEN NULL WHEN {good} THEN {tried} ELSE {_failed(sql, target)} END)"

    return rule


def _text_to_double(sql: str, _source: Type, target: Type) -> str:
    value = f"TRY_CAST(rtrim(trim({sql}), 'dDfF') AS {duck_type(target)})"
    good = f"regexp_full_match({sql}, {literal(_DOUBLE_TEXT.removeprefix('^').removesuffix('$'))})"
    special = f"TRY_CAST(trim({sql}) AS {duck_type(target)})"
    return f"(CASE WHEN {sql} IS NULL THEN NULL WHEN {good} THEN COALESCE({special}, {value}) ELSE {_failed(sql, target)} END)"  # noqa: E501


def _text_to_boolean(sql: str, _source: Type, target: Type) -> str:
    low = f"lower({sql})"
    return (
        f"(CASE WHEN {sql} IS NULL THEN NULL WHEN {low} IN ('t', 'true', '1') THEN true "
        f"WHEN {low} IN ('f', 'false', '0') THEN false ELSE {_failed(sql, target)} END)"
    )


def _text_to_text(sql: str, source: Type, target: Type) -> str:
    """Shorter varchars cut; char pads when it is shown, so here it loses its blanks."""
    if not target.numbers:
        return sql if source.name == "varchar" else f"rpad({sql}, {source.numbers[0]}, ' ')"
    length = target.numbers[0]
    cut = sql if source.numbers and source.numbers[0] <= length else f"substring({sql}, 1, {length})"
    return f"rtrim({cut}, ' ')" if target.name == "char" else cut


def _bounded(text: Callable[[str, Type], str]) -> Callable[[str, Type, Type], str]:
    """A value's text, which must fit a bounded varchar."""

    def rule(sql: str, source: Type, target: Type) -> str:
        value = text(sql, source)
        if not target.numbers:
            return value
        message = f"'Value ' || {value} || ' cannot be represented as {target}'"
        return f"(CASE WHEN length({value}) > {target.numbers[0]} THEN {fail('INVALID_CAST_ARGUMENT', message, target)} ELSE {value} END)"  # noqa: E501

    return rule


def _timestamp_text(sql: str, source: Type) -> str:
    """``2001-02-03 04:05:06.789``, as many digits as the precision has, and the zone."""
    wall = local(sql, source)
    precision = source.numbers[0]
    text = f"strftime({wall}, '%Y-%m-%d %H:%M:%S')"
    if precision:
        text += f" || '.' || rpad(strftime({wall}, '%f'), {precision}, '0')"
    if source.name == "timestamp with time zone":
        text += f" || ' ' || {zone_text(sql, source)}"
    return f"({text})"


def _time_text(sql: str, source: Type) -> str:
    precision = source.numbers[0]
    text = f"strftime(CAST('1970-01-01' AS DATE) + {sql}, '%H:%M:%S')"
    if precision:
        text += f" || '.' || left(strftime(CAST('1970-01-01' AS DATE) + {sql}, '%f'), {precision})"
    return f"({text})"


def _to_timestamp(sql: str, source: Type, target: Type) -> str:
    wall = f"CAST({local(sql, source)} AS TIMESTAMP)"
    return _rounded(wall, source, target)


def _rounded(sql: str, source: Type, target: Type) -> str:
    """Half up to the target's precision."""
    precision = target.numbers[0]
    if (source.numbers or (0,))[0] <= precision or source.name == "date":
        return sql
    unit = 10 ** (6 - precision)
    made = f"make_timestamp(CAST(floor((epoch_us({sql}) + {unit // 2}) / {unit}) AS BIGINT) * {unit})"
    return f"({made} AT TIME ZONE 'UTC')" if target.name == "timestamp with time zone" else made


def _to_zoned(sql: str, source: Type, target: Type) -> str:
    if source.name == "timestamp with time zone":
        moment = _rounded(instant(sql, source), source, target)
        return moment if target.zone is not None else paired(moment, zone_text(sql, source))
    moment = zoned(_rounded(f"CAST({sql} AS TIMESTAMP)", source, target), target.in_utc)
    return moment if target.zone is not None else paired(moment, "'UTC'")


def _rounded_time(sql: str, source: Type, target: Type) -> str:
    day = f"(CAST('1970-01-01' AS DATE) + {sql})"
    return sql if source.numbers[0] <= target.numbers[0] else f"CAST({_rounded(day, source, target)} AS TIME)"


def _time_today(sql: str, _source: Type, target: Type) -> str:
    """A time of day on the day of the query, in UTC."""
    return _rounded(f"(CAST((now() AT TIME ZONE 'UTC') AS DATE) + {sql})", t.timestamp(6), target)


def _time_today_zoned(sql: str, source: Type, target: Type) -> str:
    return _to_zoned(_time_today(sql, source, t.timestamp(6)), t.timestamp(6), target)


def _interval_text(sql: str, source: Type) -> str:
    return f"trino_interval_{'months' if source == t.YEAR_TO_MONTH else 'time'}_text({sql})"


def _to_boolean(sql: str, _source: Type, _target: Type) -> str:
    return f"({sql} <> 0)"


def _numeric_from_boolean(sql: str, _source: Type, target: Type) -> str:
    return f"CAST(CAST({sql} AS INTEGER) AS {duck_type(target)})"


def _real_to_double(sql: str, _source: Type, _target: Type) -> str:
    return f"CAST({sql} AS DOUBLE)"


_Rule = Callable[[str, Type, Type], str]
_RULES: Final[dict[tuple[str, str], _Rule]] = {
    ("integer", "integer"): _integer, ("integer", "decimal"): _to_decimal, ("integer", "double"): _plain,
    ("integer", "real"): _plain, ("integer", "boolean"): _to_boolean,
    ("decimal", "decimal"): _to_decimal, ("decimal", "integer"): _decimal_to_integer, ("decimal", "double"): _plain,
    ("decimal", "real"): _plain, ("decimal", "boolean"): _to_boolean,
    ("double", "integer"): _floating_to_integer, ("real", "integer"): _floating_to_integer,
    ("double", "decimal"): _to_decimal, ("real", "decimal"): _to_decimal, ("double", "real"): _to_real,
    ("real", "double"): _real_to_double, ("double", "boolean"): _to_boolean, ("real", "boolean"): _to_boolean,
    ("boolean", "integer"): _numeric_from_boolean, ("boolean", "double"): _numeric_from_boolean,
    ("boolean", "real"): _numeric_from_boolean, ("boolean", "decimal"): _numeric_from_boolean,
    ("text", "integer"): _text_to(_INTEGER_TEXT), ("text", "decimal"): _text_to(_DECIMAL_TEXT),
    ("text", "double"): _text_to_double, ("text", "real"): _text_to_double, ("text", "boolean"): _text_to_boolean,
    ("text", "text"): _text_to_text, ("text", "date"): lambda s, _f, _t: f"trino_cast_date({s})",
    ("text", "timestamp"): lambda s, _f, x: f"trino_cast_timestamp({s}, {x.numbers[0]})",
    ("text", "timestamp with time zone"): lambda s, _f, x: f"trino_cast_timestamp_tz({s}, {x.numbers[0]})",
    ("text", "time"): lambda s, _f, x: f"trino_cast_time({s}, {x.numbers[0]})",
    ("text", "varbinary"): lambda s, _f, _t: f"encode({s})",
    ("text", "uuid"): lambda s, _f, _x: f"CAST({s} AS UUID)",
    ("integer", "text"): _bounded(lambda s, _f: f"CAST({s} AS VARCHAR)"),
    ("decimal", "text"): _bounded(decimal_text),
    ("boolean", "text"): _bounded(lambda s, _f: f"CAST({s} AS VARCHAR)"),
    ("double", "text"): _bounded(lambda s, _f: f"trino_cast_double({s})"),
    ("real", "text"): _bounded(lambda s, _f: f"trino_cast_real({s})"),
    ("date", "text"): _bounded(lambda s, _f: f"strftime({s}, '%Y-%m-%d')"),
    ("timestamp", "text"): _bounded(_timestamp_text), ("timestamp with time zone", "text"): _bounded(_timestamp_text),
    ("time", "text"): _bounded(_time_text), ("uuid", "text"): _bounded(lambda s, _f: f"CAST({s} AS VARCHAR)"),
    ("interval day to second", "text"): _bounded(_interval_text),
    ("interval year to month", "text"): _bounded(_interval_text),
    ("date", "timestamp"): _to_timestamp, ("timestamp", "timestamp"): _to_timestamp,
    ("timestamp with time zone", "timestamp"): _to_timestamp,
    ("timestamp", "date"): lambda s, _f, _t: f"CAST({s} AS DATE)",
    ("timestamp with time zone", "date"): lambda s, f, _t: f"CAST({local(s, f)} AS DATE)",
    ("date", "timestamp with time zone"): _to_zoned, ("timestamp", "timestamp with time zone"): _to_zoned,
    ("timestamp with time zone", "timestamp with time zone"): _to_zoned,
    ("timestamp", "time"): lambda s, _f, _t: f"CAST({s} AS TIME)",
    ("timestamp with time zone", "time"): lambda s, f, _t: f"CAST({local(s, f)} AS TIME)",
    ("time", "timestamp"): _time_today, ("time", "timestamp with time zone"): _time_today_zoned,
    ("time", "time"): _rounded_time,
    ("uuid", "varbinary"): lambda s, _f, _t: f"unhex(replace(CAST({s} AS VARCHAR), '-', ''))",
    ("text", "ipaddress"): lambda s, _f, _t: f"trino_cast_address({s})",
    ("ipaddress", "text"): _bounded(lambda s, _f: f"trino_address_text({s})"),
    ("ipaddress", "varbinary"): lambda s, _f, _t: s,
    ("varbinary", "ipaddress"): lambda s, _f, _t: f"trino_address_from_bytes({s})",
    ("varbinary", "uuid"): lambda s, _f, _t: f"CAST(hex({s}) AS UUID)",
}  # fmt: skip
