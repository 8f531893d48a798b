"""What an expression is worth, worked out in plain Python: a second opinion on ``lakeward.transform.expressions``."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Context, Decimal, localcontext
from typing import Any

from lakeward.contract.expression_types import Typed
from lakeward.contract.types import Type

EXACT = Context(prec=200)
COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


class Failed(Exception):
    """It has no value that can be represented."""


class Unsure(Exception):
    """Python and SQL may round differently here; nobody promises which."""


def worth(tree: Typed, row: Mapping[str, Any]) -> Any:  # noqa: PLR0911, PLR0912 - one form a line
    """The value, None for none.

    Raises:
        Failed, Unsure
    """
    match tree.op:
        case "column":
            return row[tree.name]
        case "number":
            return Decimal(tree.name) if tree.of.kind == "decimal" else int(tree.name)
        case "text":
            return tree.name
        case "true" | "false" | "null":
            return {"true": True, "false": False, "null": None}[tree.op]
        case "case":
            for condition, value in zip(tree.args[:-1:2], tree.args[1:-1:2], strict=True):
                if worth(condition, row):
                    return worth(value, row)
            return worth(tree.args[-1], row)
        case "call" if tree.name == "coalesce":
            return next((value for arg in tree.args if (value := worth(arg, row)) is not None), None)
    args = [worth(arg, row) for arg in tree.args]
    match tree.op:
        case "and":
            return False if False in args else None if None in args else True
        case "or":
            return True if True in args else None if None in args else False
        case "is null":
            return args[0] is None
        case "in":
            found = [None if None in (args[0], arg) else args[0] == arg for arg in args[1:]]
            return True if True in found else None if None in found else False
        case "call" if tree.name in ("least", "greatest"):
            known = [arg for arg in args if arg is not None]
            return (min if tree.name == "least" else max)(known) if known else None
        case "call" if tree.name == "nullif":
            return None if args[0] == args[1] else args[0]
    if None in args:
        return None
    with localcontext(EXACT):
        return _fitting(_strict(tree, args), tree.of)


def _strict(tree: Typed, args: list[Any]) -> Any:  # noqa: PLR0911 - one form a line
    match tree.op:
        case "cast":
            return _cast(args[0], tree.args[0].of, tree.of)
        case "call":
            return _call(tree, args)
        case "not":
            return not args[0]
        case "||":
            return "".join(args)
        case "negative":
            return -args[0]
        case "+":
            return args[0] + args[1]
        case "-":
            return args[0] - args[1]
        case "*":
            return args[0] * args[1]
        case "/" | "%" if args[1] == 0:
            raise Failed
        case "/":
            return args[0] / args[1]
        case "%":
            return int(math.copysign(1, args[0])) * (abs(args[0]) % abs(args[1]))
    return COMPARED[tree.op](*args)


def _fitting(value: Any, of: Type) -> Any:
    """The value, if its type has it."""
    if of.kind == "double" and not math.isfinite(value):
        raise Failed
    if of.kind in ("int", "bigint"):
        bits = 31 if of.kind == "int" else 63
        if not -(2**bits) <= value < 2**bits:
            raise Failed
    if of.kind == "decimal":
        value += 0  # SQL's decimals know no -0
    if of.kind == "decimal" and abs(value) >= Decimal(10) ** (of.numbers[0] - of.numbers[1]):
        raise Failed
    return value


def _cast(value: Any, of: Type, to: Type) -> Any:  # noqa: PLR0911, PLR0912 - one type a line
    text = value if of.kind == "string" else None
    match to.kind:
        case "string":
            return _text(value, of)
        case "int" | "bigint":
            if text is not None and not re.fullmatch(r"[+-]?[0-9]{1,19}", text):
                raise Failed
            if isinstance(value, float) and abs(value) > 2**53:
                raise Failed
            if text is None and value != int(value):
                raise Failed
            return int(value)
        case "decimal":
            if text is not None and not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text):
                raise Failed
            if isinstance(value, float):
                return _decimal_of(value, to)
            number = Decimal(value)
            if number != round(number, to.numbers[1]):
                raise Failed
            return number
        case "double":
            if text is not None and not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", text):
                raise Failed
            if isinstance(value, Decimal) and len(value.as_tuple().digits) > 15:
                raise Unsure
            return float(value)
        case "date" if isinstance(value, datetime):
            return value.date()
        case "date" if text is not None:
            return _moment(date.fromisoformat, text if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else "")
        case "timestamp" if isinstance(value, date) and not isinstance(value, datetime):
            return datetime(value.year, value.month, value.day)
        case "timestamp" if text is not None:
            at = _moment(datetime.fromisoformat, text)
            if at.tzinfo is None:
                raise Failed
            return at.astimezone(UTC).replace(tzinfo=None)
    return value


def _decimal_of(value: float, to: Type) -> Decimal:
    """The decimal that is worth as much as a double."""
    if abs(value) >= 10.0 ** (to.numbers[0] - to.numbers[1]):
        raise Failed
    if abs(value) * 10.0 ** to.numbers[1] > 2**52:
        raise Unsure
    number = round(Decimal(repr(value)), to.numbers[1])
    if float(number) != value:
        raise Failed
    return number


def _text(value: Any, of: Type) -> str:
    if of.kind == "boolean":
        return "true" if value else "false"
    return f"{value:.{of.numbers[1]}f}" if of.kind == "decimal" else str(value)


def _moment(read: Callable[[str], Any], text: str) -> Any:
    try:
        return read(text)
    except ValueError:
        raise Failed from None


def _call(tree: Typed, args: list[Any]) -> Any:  # noqa: PLR0911, PLR0912 - one function a line
    match tree.name:
        case "lower":
            return args[0].lower()
        case "upper":
            return args[0].upper()
        case "trim":
            return args[0].strip(" ")
        case "length":
            return len(args[0])
        case "replace":
            return args[0].replace(args[1], args[2]) if args[1] else args[0]
        case "concat":
            return "".join(args)
        case "substr":
            raise Unsure
        case "abs":
            return abs(args[0])
        case "floor" | "ceil":
            whole = (math.floor if tree.name == "floor" else math.ceil)(args[0])
            return float(whole) if tree.of.kind == "double" else Decimal(whole)
        case "round" if isinstance(args[0], float):
            raise Unsure
        case "round":
            step = Decimal(1).scaleb(-min(args[1], tree.of.numbers[1]))
            return Decimal(args[0]).quantize(step, rounding="ROUND_HALF_UP") if tree.of.kind == "decimal" else args[0]
        case "make_date":
            return _made(date, args)
        case "make_timestamp":
            return _made(datetime, args)
        case "day_of_week":
            return args[0].isoweekday()
    return getattr(args[0], tree.name)


def _made(of: type[date], args: list[int]) -> date:
    try:
        return of(*args)
    except (ValueError, OverflowError):
        raise Failed from None
