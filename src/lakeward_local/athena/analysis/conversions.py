"""Conversions between types, implicit and explicit."""

from __future__ import annotations

import re
from typing import Final

from lakeward_local.athena import types as t
from lakeward_local.athena.analysis import plan as p
from lakeward_local.athena.errors import Position, QueryError
from lakeward_local.athena.functions import operators as op
from lakeward_local.athena.types import Type


def coerce(value: p.Expr, target: Type) -> p.Expr:
    """The value in the wanted type, by an implicit conversion when it differs."""
    if value.type == target and t.same_zones(value.type, target):
        return value
    if isinstance(value, p.Const) and value.value is None:
        return p.Const(target, None)
    if isinstance(value, p.Const) and value.type.is_integer and target.is_numeric:
        return p.Const(target, value.value)
    if value.type.is_text and target.name == "varchar" and value.type.name == "varchar":
        return value if not isinstance(value, p.Const) else p.Const(target, value.value)
    return p.Cast(target, value)


def common_of(values: list[p.Expr]) -> Type | None:
    """The common type of several values."""
    common: Type | None = t.UNKNOWN
    for value in values:
        common = t.common_type(common, value.type) if common is not None else None
    return common


def comparable(left: p.Expr, right: p.Expr, operator: str, at: Position) -> tuple[p.Expr, p.Expr]:
    common = t.common_type(left.type, right.type)
    fits = common is not None and (
        t.is_orderable(common) if operator in {"<", "<=", ">", ">="} else t.is_comparable(common)
    )
    if common is None or not fits:
        raise QueryError("TYPE_MISMATCH", f"Cannot apply operator: {left.type} {operator} {right.type}", at)
    return compared(left, common), compared(right, common)


def compared(value: p.Expr, common: Type) -> p.Expr:
    """A value as it is compared: of a timestamp with time zone only the instant counts."""
    value = coerce(value, common)
    return coerce(value, common.in_utc) if value.type.varies else value


def arithmetic(operator: str, left: p.Expr, right: p.Expr, at: Position) -> p.Expr:
    """``left operator right``; NULL takes the other side's type."""
    if left.type == t.UNKNOWN and right.type.is_numeric:
        left = coerce(left, right.type)
    if right.type == t.UNKNOWN and left.type.is_numeric:
        right = coerce(right, left.type)
    if t.UNKNOWN in (left.type, right.type) and left.type == right.type:
        left = right = p.Const(t.INTEGER, None)
    result = op.arithmetic_type(operator, left.type, right.type)
    if result is None:
        raise QueryError("TYPE_MISMATCH", f"Cannot apply operator: {left.type} {operator} {right.type}", at)
    if result.name == "decimal":
        left, right = coerce(left, t.as_decimal(left.type)), coerce(right, t.as_decimal(right.type))
    elif result.is_numeric:
        left, right = coerce(left, result), coerce(right, result)
    return p.Call(result, op.arithmetic(operator), (left, right))


def choose(conditions: list[p.Expr], results: list[p.Expr], at: Position) -> p.Expr:
    """CASE: one more result than conditions."""
    common = common_of(results)
    if common is None:
        types = ", ".join(sorted({str(r.type) for r in results}))
        raise QueryError(
            "TYPE_MISMATCH",
            f"All CASE results must be the same type or coercible to a common type. Cannot "
            f"find common type between {types}",
            at,
        )
    args: list[p.Expr] = []
    for condition, result in zip(conditions, results, strict=False):
        args += [condition, coerce(result, common)]
    return p.Call(common, op.CASE, (*args, coerce(results[-1], common)))


_CASTABLE: Final = {
    "boolean": "boolean tinyint smallint integer bigint real double decimal varchar char json",
    "integers": "boolean tinyint smallint integer bigint real double decimal varchar char json",
    "real": "boolean tinyint smallint integer bigint real double decimal varchar json",
    "double": "boolean tinyint smallint integer bigint real double decimal varchar json",
    "decimal": "boolean tinyint smallint integer bigint real double decimal varchar char json",
    "varchar": "boolean tinyint smallint integer bigint real double decimal varchar char date time timestamp json "
               "uuid ipaddress varbinary|timestamp with time zone",
    "char": "varchar char boolean",
    "varbinary": "varbinary uuid ipaddress",
    "date": "date timestamp varchar char json|timestamp with time zone",
    "time": "time timestamp varchar|timestamp with time zone",
    "timestamp": "date time timestamp varchar char json|timestamp with time zone",
    "timestamp with time zone": "date time timestamp varchar char|timestamp with time zone",
    "json": "boolean tinyint smallint integer bigint real double decimal varchar json",
    "interval day to second": "varchar|interval day to second",
    "interval year to month": "varchar|interval year to month",
    "uuid": "uuid varchar varbinary",
    "ipaddress": "ipaddress varchar varbinary",
}  # fmt: skip

#: What a map's keys may be when it is cast to or from JSON.
_JSON_KEYS: Final = frozenset(
    ["boolean", "tinyint", "smallint", "integer", "bigint", "real", "double", "decimal", "varchar"]
)


def can_cast(source: Type, target: Type) -> bool:
    """Whether an explicit CAST exists. https://trino.io/docs/current/functions/conversion.html"""
    if source.name == "unknown" or source == target:
        return True
    if "json" in (source.name, target.name) and "map" in (source.name, target.name):
        key, value = source.inner or target.inner
        values = (value, t.JSON) if source.inner else (t.JSON, value)
        return (key.name in _JSON_KEYS or key == t.UNKNOWN) and can_cast(*values)
    if target.name == "json" and source.inner:
        return all(can_cast(i, t.JSON) for i in source.inner)
    if source.name == "json" and target.inner:
        return all(can_cast(t.JSON, i) or i == t.JSON for i in target.inner)
    if source.inner or target.inner:
        same = source.name == target.name and len(source.inner) == len(target.inner)
        return same and all(can_cast(s, x) for s, x in zip(source.inner, target.inner, strict=True))
    simple, _, long = _CASTABLE.get("integers" if source.is_integer else source.name, "").partition("|")
    return target.name in simple.split() or target.name in re.split(r"\|", long)
