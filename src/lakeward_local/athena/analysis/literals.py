"""Literals: their types and what they may hold."""

from __future__ import annotations

import re
from typing import Final

from lakeward_local.athena import types as t
from lakeward_local.athena.analysis import plan as p
from lakeward_local.athena.errors import QueryError, unsupported
from lakeward_local.athena.native import datetimes
from lakeward_local.athena.native.jsons import parse as parse_json
from lakeward_local.athena.native.kit import NativeError
from lakeward_local.athena.native.zones import zone_name
from lakeward_local.athena.syntax import nodes as n

_MAX_INTEGER: Final = 2**31 - 1
_MAX_BIGINT: Final = 2**63 - 1


def literal(node: n.Literal, *, zone_required: t.Type | None = None) -> p.Expr:  # noqa: PLR0911, PLR0912 - one kind a line
    """The typed constant.

    Raises:
        QueryError: INVALID_LITERAL, the text does not fit the type.
    """
    value = node.value
    match node.kind:
        case "null":
            return p.Const(t.UNKNOWN, None)
        case "boolean":
            return p.Const(t.BOOLEAN, value.lower())
        case "string":
            return p.Const(t.varchar(len(value)), value)
        case "integer":
            return _integer(node)
        case "double":
            return p.Const(t.DOUBLE, value)
        case "decimal":
            return _decimal(value, node)
        case "binary":
            digits = re.sub(r"\s", "", value)
            if not re.fullmatch(r"(?:[0-9A-Fa-f]{2})*", digits):
                raise QueryError(
                    "SYNTAX_ERROR", "Binary literal must contain an even number of hexadecimal digits", node.at
                )
            return p.Const(t.VARBINARY, digits)
        case "date":
            return _checked(node, lambda: p.Const(t.DATE, datetimes.cast_date(value).isoformat()))
        case "timestamp":
            return _checked(node, lambda: _timestamp(value, zone_required))
        case "time":
            if not re.fullmatch(r"\d{1,2}:\d{2}(:\d{2}(\.\d{1,6})?)?", value):
                raise QueryError("INVALID_LITERAL", f"'{value}' is not a valid TIME literal", node.at)
            digits = value.partition(".")[2]
            return p.Const(t.Type("time", (len(digits),)), value)
        case "json":
            return _checked(node, lambda: p.Const(t.JSON, parse_json(value)))
    if node.kind == "char":
        return p.Cast(t.Type("char", (len(value),)), p.Const(t.varchar(len(value)), value))
    return p.Cast(t.parse_type(node.kind), p.Const(t.varchar(len(value)), value))


def _checked(node: n.Literal, make: object) -> p.Expr:
    try:
        return make()  # type: ignore[operator,no-any-return]
    except NativeError as error:
        raise QueryError(
            "INVALID_LITERAL", f"'{node.value}' is not a valid {node.kind.upper()} literal", node.at
        ) from error


def _integer(node: n.Literal) -> p.Expr:
    number = int(node.value)
    if -_MAX_INTEGER - 1 <= number <= _MAX_INTEGER:
        return p.Const(t.INTEGER, str(number))
    if -_MAX_BIGINT - 1 <= number <= _MAX_BIGINT:
        return p.Const(t.BIGINT, str(number))
    raise QueryError("INVALID_LITERAL", f"Invalid numeric literal: {node.value}", node.at)


def _decimal(text: str, node: n.Literal) -> p.Expr:
    if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)", text):
        raise QueryError("INVALID_LITERAL", f"'{text}' is not a valid DECIMAL literal", node.at)
    whole, _, fraction = text.partition(".")
    precision = max(1, len(whole.lstrip("+-0")) + len(fraction))
    if precision > t.MAX_DECIMAL_PRECISION:
        raise QueryError("INVALID_LITERAL", f"Invalid decimal literal: {text}", node.at)
    return p.Const(t.decimal(precision, len(fraction)), text)


def _timestamp(text: str, required: t.Type | None) -> p.Expr:
    digits = datetimes.fraction_digits(text)
    if digits > 6:
        raise unsupported("timestamps finer than microseconds")
    zone = datetimes.literal_zone(text)
    if zone or required is not None:
        precision = required.numbers[0] if required is not None else digits
        moment = datetimes.timestamp_tz_instant(text, precision)
        return p.Const(t.timestamp_tz(precision, zone_name(zone or "UTC")), moment.strftime("%Y-%m-%d %H:%M:%S.%f+00"))
    moment = datetimes.cast_timestamp(text, 6)
    return p.Const(t.timestamp(digits), moment.strftime("%Y-%m-%d %H:%M:%S.%f"))


_SECONDS: Final = {"day": 86400, "hour": 3600, "minute": 60, "second": 1, "week": 604800}


def interval(node: n.Interval) -> p.Expr:
    """``INTERVAL '3' DAY``, ``INTERVAL '2-1' YEAR TO MONTH``; the constant is months, or microseconds."""
    sign = -1 if node.negative else 1
    text = node.value.strip()
    if text.startswith("-"):
        sign, text = -sign, text[1:]
    if node.start in {"year", "month"}:
        found = re.fullmatch(r"(\d+)-(\d+)" if node.end else r"(\d+)", text)
        if found is None:
            raise QueryError("INVALID_LITERAL", f"'{node.value}' is not a valid INTERVAL literal", node.at)
        numbers = [int(x) for x in found.groups()]
        months = numbers[0] * (12 if node.start == "year" else 1) + (numbers[1] if node.end else 0)
        return p.Const(t.YEAR_TO_MONTH, str(sign * months))
    return p.Const(t.DAY_TO_SECOND, str(sign * _microseconds(text, node)))


def _microseconds(text: str, node: n.Interval) -> int:
    if node.end is None:
        if not re.fullmatch(r"\d+" if node.start != "second" else r"\d+(\.\d+)?", text):
            raise QueryError("INVALID_LITERAL", f"'{node.value}' is not a valid INTERVAL literal", node.at)
        whole, _, fraction = text.partition(".")
        return int(whole) * _SECONDS[node.start] * 1_000_000 + int(fraction.ljust(6, "0")[:6] or 0)
    units = ["day", "hour", "minute", "second"]
    wanted = units[units.index(node.start) : units.index(node.end) + 1]
    parts = re.split(r"[ :]", text)
    if len(parts) != len(wanted) or not all(re.fullmatch(r"\d+(\.\d+)?", x) for x in parts):
        raise QueryError("INVALID_LITERAL", f"'{node.value}' is not a valid INTERVAL literal", node.at)
    return sum(round(float(x) * 1_000_000) * _SECONDS[u] for x, u in zip(parts, wanted, strict=True))
