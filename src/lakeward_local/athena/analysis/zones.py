"""AT TIME ZONE: which zone a timestamp's values have."""

from __future__ import annotations

from typing import Final

from lakeward_local.athena import types as t
from lakeward_local.athena.analysis import plan as p
from lakeward_local.athena.errors import Position, QueryError, unsupported
from lakeward_local.athena.functions import operators as op
from lakeward_local.athena.functions.registry import Function
from lakeward_local.athena.native import datetimes, patterns, zones
from lakeward_local.athena.native.kit import NativeError
from lakeward_local.athena.types import Type


def checked_zone(zone: str, at: Position | None = None) -> str:
    """The zone's name as Trino shows it.

    Raises:
        QueryError: INVALID_FUNCTION_ARGUMENT, no such zone.
    """
    try:
        return zones.zone_name(zone)
    except NativeError as error:
        raise QueryError("INVALID_FUNCTION_ARGUMENT", f"'{zone}' is not a valid time zone", at) from error


#: What reads a zone from a text -> the same, for places where only the instant counts.
_INSTANTS: Final = {
    "from_iso8601_timestamp": op.form("from_iso8601_timestamp", "trino_iso8601_instant({0})"),
    "parse_datetime": op.form("parse_datetime", "trino_datetime_instant({0}, {1})"),
}


def as_instant(value: p.Expr) -> p.Expr:
    """A value of which only the instant is looked at, so that its text may have any zone."""
    if isinstance(value, p.Call) and value.function.name in _INSTANTS:
        return p.Call(value.type, _INSTANTS[value.function.name], value.args)
    return value


def zone_readings(value: p.Expr, at: Position) -> list[p.Expr]:
    """What below an expression reads a zone from a text, each followed by its reading as an instant.

    Raises:
        QueryError: NOT_SUPPORTED, a text that is known only within the expression.
    """
    found: list[p.Expr] = []
    for e in p.walk(value):
        if isinstance(e, p.Cast) and e.type.name == "timestamp with time zone" and e.value.type.is_text:
            raise unsupported("TRY around a cast to timestamp with time zone; use TRY_CAST", at)
        if as_instant(e) != e:
            if p.contains(e, lambda x: isinstance(x, p.Variable)):
                raise unsupported("TRY around a lambda that reads timestamps with time zone", at)
            found += [e, as_instant(e)]
    return found


def zoned_call(function: Function, args: list[p.Expr], result: Type) -> p.Expr:
    """A scalar call; functions that choose a zone make it known when it is a constant."""
    if function.name == "from_iso8601_timestamp" and isinstance(args[0], p.Const) and args[0].value is not None:
        zone = checked_zone(datetimes.iso8601_offset(args[0].value))
        return as_instant(p.Call(result.with_zone(zone), function, tuple(args)))
    if function.name == "parse_datetime" and all(isinstance(a, p.Const) and a.value is not None for a in args):
        text, pattern = (a.value or "" for a in args if isinstance(a, p.Const))
        zone = patterns.datetime_zone(text, pattern)
        return as_instant(p.Call(result.with_zone(checked_zone(zone)), function, tuple(args)))
    if function.name in {"at_timezone", "to_unixtime"}:
        args = [as_instant(args[0]), *args[1:]]
    zone_at = {"at_timezone": 1, "with_timezone": 1, "from_unixtime": 1}.get(function.name)
    if zone_at is not None and len(args) == zone_at + 1:
        chosen = args[zone_at]
        zone_text = chosen.value if isinstance(chosen, p.Const) else None
        result = result.with_zone(checked_zone(zone_text) if zone_text is not None else None)
    return p.Call(result, function, tuple(args))


def at_zone(value: p.Expr, zone: p.Expr, at: Position) -> p.Expr:
    """The same instant with another zone; a timestamp without zone counts as UTC."""
    if value.type.name not in {"timestamp", "timestamp with time zone"}:
        raise QueryError(
            "TYPE_MISMATCH",
            f"Type of value must be a time or timestamp with or without time zone (actual {value.type})",
            at,
        )
    if zone.type == t.DAY_TO_SECOND and isinstance(zone, p.Const):
        minutes = int(zone.value or 0) // 60_000_000
        zone = p.Const(t.VARCHAR, zones.offset_name(0, minutes))
    if not zone.type.is_text and zone.type != t.UNKNOWN:
        raise QueryError("TYPE_MISMATCH", f"Invalid type of time zone (actual {zone.type})", at)
    if not isinstance(zone, p.Const):
        if value.type.name == "timestamp":
            value = p.Cast(t.timestamp_tz(value.type.numbers[0]), value)
        return p.Call(t.timestamp_tz(value.type.numbers[0], None), op.AT_ZONE_OF_ROW, (as_instant(value), zone))
    if zone.value is None:
        return p.Const(t.timestamp_tz(value.type.numbers[0]), None)
    zoned = t.timestamp_tz(value.type.numbers[0], checked_zone(zone.value, at))
    if value.type.name == "timestamp":
        value = p.Cast(t.timestamp_tz(value.type.numbers[0]), value)
    return p.Call(zoned, op.AT_TIME_ZONE, (as_instant(value),))
