"""AT TIME ZONE: which zone a timestamp's values have."""

from __future__ import annotations

from lakeward_local.athena import types as t
from lakeward_local.athena.analysis import plan as p
from lakeward_local.athena.analysis.literals import zone_name
from lakeward_local.athena.errors import Position, QueryError, unsupported
from lakeward_local.athena.functions import operators as op
from lakeward_local.athena.native import zones
from lakeward_local.athena.native.kit import NativeError


def checked_zone(zone: str, at: Position | None = None) -> str:
    """The zone's name as Trino shows it.

    Raises:
        QueryError: INVALID_FUNCTION_ARGUMENT, no such zone.
    """
    try:
        zones.zone(zone)
    except NativeError as error:
        raise QueryError("INVALID_FUNCTION_ARGUMENT", f"'{zone}' is not a valid time zone", at) from error
    return zone_name(zone)


def at_zone(value: p.Expr, zone: p.Expr, at: Position) -> p.Expr:
    """The same instant with another zone; a timestamp without zone counts as UTC."""
    if value.type.name not in {"timestamp", "timestamp with time zone"}:
        raise QueryError(
            "TYPE_MISMATCH",
            f"Type of value must be a time or timestamp with or without time zone (actual {value.type})",
            at,
        )
    if not isinstance(zone, p.Const):
        raise unsupported("AT TIME ZONE with a zone that is no constant", at)
    if zone.value is None:
        return p.Const(t.timestamp_tz(value.type.numbers[0]), None)
    zoned = t.timestamp_tz(value.type.numbers[0], checked_zone(zone.value, at))
    if value.type.name == "timestamp":
        value = p.Cast(t.timestamp_tz(value.type.numbers[0]), value)
    return p.Call(zoned, op.AT_TIME_ZONE, (value,))
