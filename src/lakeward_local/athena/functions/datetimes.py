"""Date and time functions. https://trino.io/docs/current/functions/datetime.html"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from lakeward_local.athena import types as t
from lakeward_local.athena.errors import QueryError
from lakeward_local.athena.functions.registry import Function, scalar
from lakeward_local.athena.functions.sql import (
    LITERAL,
    duck_type,
    fail,
    guard,
    instant,
    local,
    moved_wall,
    paired,
    zone_text,
    zoned,
)
from lakeward_local.athena.types import Type

_DATE_UNITS: Final = ("day", "week", "month", "quarter", "year")
_TIME_UNITS: Final = ("millisecond", "second", "minute", "hour")
_INTERVALS: Final = {
    "millisecond": "to_milliseconds", "second": "to_seconds", "minute": "to_minutes", "hour": "to_hours",
    "day": "to_days", "week": "to_weeks", "month": "to_months", "year": "to_years",
}  # fmt: skip


_OfUnit = Callable[[str, Sequence[str], Sequence[Type], Type], str]


def _by_unit(of_unit: _OfUnit) -> Callable[[Sequence[str], Sequence[Type], Type], str]:
    """A template whose first argument is a unit; units that the type does not have are refused as in Trino."""

    def template(a: Sequence[str], types: Sequence[Type], result: Type) -> str:
        kind = types[-1]
        units = {"time": _TIME_UNITS, "date": _DATE_UNITS}.get(kind.name, _TIME_UNITS + _DATE_UNITS)
        name = {"date": "DATE", "time": "Time"}.get(kind.name, "Timestamp")
        constant = LITERAL.fullmatch(a[0])
        if constant is None:
            cases = " ".join(f"WHEN '{unit}' THEN {of_unit(unit, a, types, result)}" for unit in units)
            unknown = fail(
                "INVALID_FUNCTION_ARGUMENT", f"chr(39) || {a[0]} || chr(39) || ' is not a valid {name} field'", result
            )
            return f"(CASE WHEN {a[0]} IS NOT NULL THEN CASE lower({a[0]}) {cases} ELSE {unknown} END END)"
        unit = a[0][1:-1].lower()
        if unit not in units:
            raise QueryError("INVALID_FUNCTION_ARGUMENT", f"{a[0]} is not a valid {name} field")
        return of_unit(unit, a, types, result)

    return template


def _trunc(unit: str, a: Sequence[str], types: Sequence[Type], result: Type) -> str:
    if result.name == "time":
        return f"CAST(date_trunc('{unit}', CAST('1970-01-01' AS DATE) + {a[1]}) AS TIME)"
    value = f"CAST(date_trunc('{unit}', {local(a[1], types[1])}) AS {'DATE' if result.name == 'date' else 'TIMESTAMP'})"
    if result.name != "timestamp with time zone":
        return value
    if unit in {"millisecond", "second", "minute"} and result.zone is not None:
        return f"date_trunc('{unit}', {a[1]})"
    return moved_wall(value, a[1], result)


def _add(unit: str, a: Sequence[str], _types: Sequence[Type], result: Type) -> str:
    amount = (
        f"CAST({a[1]} AS INTEGER)" if unit in {"day", "week", "month", "quarter", "year"} else f"CAST({a[1]} AS BIGINT)"
    )
    if unit == "quarter":
        unit, amount = "month", f"({amount} * 3)"
    return shift(a[2], f"{_INTERVALS[unit]}({amount})", result, wall_clock=unit in _DATE_UNITS)


def shift(sql: str, interval: str, result: Type, *, wall_clock: bool) -> str:
    """A date or timestamp plus an interval; calendar units move the wall clock, the others the instant."""
    if result.name == "timestamp with time zone" and wall_clock:
        return moved_wall(f"({local(sql, result)} + {interval})", sql, result)
    if result.varies:
        return paired(f"({instant(sql, result)} + {interval})", zone_text(sql, result))
    return f"CAST(({sql} + {interval}) AS {duck_type(result)})"


def _diff(unit: str, a: Sequence[str], types: Sequence[Type], _r: Type) -> str:
    if unit in _DATE_UNITS:
        return f"date_sub('{unit}', {local(a[1], types[1])}, {local(a[2], types[1])})"
    return f"date_sub('{unit}', {instant(a[1], types[1])}, {instant(a[2], types[2])})"


def _field(part: str) -> Callable[[Sequence[str], Sequence[Type], Type], str]:
    return lambda a, types, _r: f"CAST(date_part('{part}', {local(a[0], types[0])}) AS BIGINT)"


def _second(a: Sequence[str], types: Sequence[Type], _r: Type) -> str:
    return f"CAST(floor(date_part('second', {local(a[0], types[0])})) AS BIGINT)"


def _millisecond(a: Sequence[str], types: Sequence[Type], _r: Type) -> str:
    return f"CAST(date_part('millisecond', {local(a[0], types[0])}) % 1000 AS BIGINT)"


def _offset(part: str) -> Callable[[Sequence[str], Sequence[Type], Type], str]:
    divide = "// 3600" if part == "hour" else "% 3600 // 60"
    return lambda a, types, _r: (
        f"CAST(epoch({local(a[0], types[0])}) - epoch({instant(a[0], types[0])} AT TIME ZONE 'UTC') AS BIGINT) {divide}"
    )


def _formatted(name: str) -> Callable[[Sequence[str], Sequence[Type], Type], str]:
    def template(a: Sequence[str], types: Sequence[Type], _r: Type) -> str:
        zone = zone_text(a[0], types[0]) if types[0].name == "timestamp with time zone" else "''"
        return f"{name}(CAST({local(a[0], types[0])} AS TIMESTAMP), {a[1]}, {zone})"

    return template


def _iso8601(a: Sequence[str], types: Sequence[Type], _r: Type) -> str:
    kind = types[0]
    if kind.name == "date":
        return f"strftime({a[0]}, '%Y-%m-%d')"
    zone = zone_text(a[0], kind) if kind.name == "timestamp with time zone" else "''"
    return f"trino_to_iso8601(CAST({local(a[0], kind)} AS TIMESTAMP), {kind.numbers[0]}, {zone})"


def _to_char(a: Sequence[str], types: Sequence[Type], _r: Type) -> str:
    return f"trino_teradata_format(CAST({local(a[0], types[0])} AS TIMESTAMP), {a[1]})"


def _from_nanos(a: Sequence[str], _t: Sequence[Type], result: Type) -> str:
    message = "'the local Athena does not support timestamps finer than microseconds'"
    return guard(f"{a[0]} % 1000 <> 0", "NOT_SUPPORTED", message, f"make_timestamptz({a[0]} // 1000)", result)


def _last_day(a: Sequence[str], types: Sequence[Type], _r: Type) -> str:
    return f"last_day(CAST({local(a[0], types[0])} AS DATE))"


def _with_timezone(a: Sequence[str], _types: Sequence[Type], result: Type) -> str:
    if result.zone is not None:
        return zoned(a[0], result)
    zone = f"trino_zone_name({a[1]})"
    return paired(f"(trino_instant({a[0]}, {zone}) AT TIME ZONE 'UTC')", zone)


def _at_timezone(a: Sequence[str], types: Sequence[Type], result: Type) -> str:
    moment = instant(a[0], types[0])
    return moment if result.zone is not None else paired(moment, f"trino_zone_name({a[1]})")


def _from_unixtime(a: Sequence[str], _types: Sequence[Type], result: Type) -> str:
    moment = f"to_timestamp(round({a[0]}, 3))"
    return moment if result.zone is not None else paired(moment, f"trino_zone_name({a[1]})")


def _from_unixtime_offset(a: Sequence[str], _types: Sequence[Type], _result: Type) -> str:
    return paired(f"to_timestamp(round({a[0]}, 3))", f"trino_offset_name({a[1]}, {a[2]})")


def _at_timezone_type(args: Sequence[Type]) -> Type:
    return t.timestamp_tz(args[0].numbers[0], None)


_MOMENTS: Final = ("date", "timestamp", "timestamptz")
_FIELDS: Final = {
    "year": "year", "quarter": "quarter", "month": "month", "week": "week", "week_of_year": "week", "day": "day",
    "day_of_month": "day", "day_of_week": "isodow", "dow": "isodow", "day_of_year": "dayofyear", "doy": "dayofyear",
    "year_of_week": "isoyear", "yow": "isoyear",
}  # fmt: skip

FUNCTIONS: Final[list[Function]] = [
    *(scalar(f"{n}({m}) -> bigint", _field(part)) for n, part in _FIELDS.items() for m in _MOMENTS),
    *(scalar(f"{n}(year_interval) -> bigint", f"date_part('{n}', {{0}})") for n in ("year", "month")),
    *(
        scalar(f"{n}(day_interval) -> bigint", f"trino_interval_part('{n}', {{0}})")
        for n in ("day", "hour", "minute", "second", "millisecond")
    ),
    *(
        scalar(f"{n}({m}) -> bigint", _field(n))
        for n in ("hour", "minute")
        for m in ("timestamp", "timestamptz", "time")
    ),
    *(scalar(f"second({m}) -> bigint", _second) for m in ("timestamp", "timestamptz", "time")),
    *(scalar(f"millisecond({m}) -> bigint", _millisecond) for m in ("timestamp", "timestamptz", "time")),
    scalar("timezone_hour(timestamptz) -> bigint", _offset("hour")),
    scalar("timezone_minute(timestamptz) -> bigint", _offset("minute")),
    *(scalar(f"date_trunc(varchar, {m}) -> arg1", _by_unit(_trunc)) for m in (*_MOMENTS, "time")),
    *(scalar(f"date_add(varchar, bigint, {m}) -> arg2", _by_unit(_add)) for m in (*_MOMENTS, "time")),
    *(scalar(f"date_diff(varchar, {m}, {m}) -> bigint", _by_unit(_diff)) for m in (*_MOMENTS, "time")),
    scalar("to_char(timestamptz, varchar) -> varchar", _to_char),
    scalar("to_date(varchar, varchar) -> date", "CAST(trino_teradata_parse({0}, {1}) AS DATE)"),
    scalar("to_timestamp(varchar, varchar) -> timestamp(3)", "trino_teradata_parse({0}, {1})"),
    *(scalar(f"date_format({m}, varchar) -> varchar", _formatted("trino_date_format")) for m in _MOMENTS[1:]),
    *(scalar(f"format_datetime({m}, varchar) -> varchar", _formatted("trino_format_datetime")) for m in _MOMENTS[1:]),
    scalar("date_parse(varchar, varchar) -> timestamp(3)", "trino_date_parse({0}, {1})"),
    scalar("parse_datetime(varchar, varchar)", "trino_parse_datetime({0}, {1})", lambda _a: t.timestamp_tz(3, "UTC")),
    scalar("date(varchar) -> date", "trino_cast_date({0})"),
    scalar("date(date) -> date", "{0}"),
    *(
        scalar(f"date({m}) -> date", lambda a, types, _r: f"CAST({local(a[0], types[0])} AS DATE)")
        for m in _MOMENTS[1:]
    ),
    scalar("from_iso8601_timestamp(varchar)", "trino_from_iso8601({0})", lambda _a: t.timestamp_tz(3, "UTC")),
    scalar("from_iso8601_date(varchar) -> date", "trino_from_iso8601_date({0})"),
    *(scalar(f"to_iso8601({m}) -> varchar", _iso8601) for m in _MOMENTS),
    scalar("from_unixtime(double)", "to_timestamp(round({0}, 3))", lambda _a: t.timestamp_tz(3, "UTC")),
    scalar("from_unixtime(double, varchar)", _from_unixtime, lambda _a: t.timestamp_tz(3, None)),
    scalar("from_unixtime_nanos(bigint)", _from_nanos, lambda _a: t.timestamp_tz(9, "UTC")),
    scalar("from_unixtime(double, bigint, bigint)", _from_unixtime_offset, lambda _a: t.timestamp_tz(3, None)),
    scalar("to_unixtime(timestamp) -> double", "epoch({0})"),
    scalar("to_unixtime(timestamptz) -> double", lambda a, types, _r: f"epoch({instant(a[0], types[0])})"),
    *(scalar(f"last_day_of_month({m}) -> date", _last_day) for m in _MOMENTS),
    scalar("at_timezone(timestamptz, varchar)", _at_timezone, _at_timezone_type),
    scalar("timezone(timestamptz) -> varchar", lambda a, types, _r: zone_text(a[0], types[0])),
    scalar("with_timezone(timestamp, varchar)", _with_timezone, _at_timezone_type),
    scalar("to_milliseconds(day_interval) -> bigint", "CAST(epoch_ms({0}) AS BIGINT)"),
    scalar("parse_duration(varchar) -> day_interval", "to_milliseconds(CAST(trino_parse_duration({0}) AS DOUBLE))"),
    scalar("current_date() -> date", "CAST((now() AT TIME ZONE 'UTC') AS DATE)"),
    scalar("current_timezone() -> varchar", "'UTC'"),
    *(
        scalar(f"{n}()", "date_trunc('millisecond', now())", lambda _a: t.timestamp_tz(3, "UTC"))
        for n in ("now", "current_timestamp")
    ),
    scalar("localtimestamp() -> timestamp", "date_trunc('millisecond', now() AT TIME ZONE 'UTC')"),
]
