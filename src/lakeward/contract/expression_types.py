"""What an expression is worth: types are worked out from the columns' when a contract is read, and never guessed later.

int, bigint         + - * % give bigint; with a decimal, a decimal; with a float or double, a double
decimal(p,s)        + - give the decimal that holds every sum, * that of every product: at most 38 digits
/                   always a double
case, coalesce, …   the type that holds all of their values
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lakeward.contract.expression import COMPARISONS, Node, nearest
from lakeward.contract.types import NUMERIC, Type, parse_type

NULL, BOOLEAN, BIGINT, DOUBLE = Type("null"), Type("boolean"), Type("bigint"), Type("double")
STRING, DATE, TIMESTAMP = Type("string"), Type("date"), Type("timestamp")
DIGITS = {"int": 10, "bigint": 19}
CASTS = {
    "int": ("int", "bigint", "decimal", "float", "double", "string"),
    "bigint": ("int", "bigint", "decimal", "float", "double", "string"),
    "decimal": ("int", "bigint", "decimal", "float", "double", "string"),
    "double": (*NUMERIC, "string"),
    "float": ("int", "bigint", "float", "decimal"),
    "string": ("string", "int", "bigint", "decimal", "boolean", "date"),
    "date": ("date", "timestamp", "string"),
    "timestamp": ("timestamp", "date", "string"),
    "boolean": ("boolean",),
}
"""Type -> kinds that can be cast to it. A value that does not fit without rounding cannot be represented."""


@dataclass(frozen=True)
class Typed:
    """A piece of an expression, and what it is worth. Operands that meet have been given one type by casts."""

    op: str
    of: Type
    args: tuple["Typed", ...] = ()
    name: str = ""


def typed(node: Node, columns: Mapping[str, Type]) -> Typed:
    """Work out the types of an expression.

    Args:
        node: the expression.
        columns: the columns that it may name.

    Raises:
        ValueError: it has none; the message says what was expected.
    """
    if node.op == "column":
        if node.name not in columns:
            raise ValueError(f"expected the name of a column, found {node.name!r}; {nearest(node.name, list(columns))}")
        if columns[node.name].nested or columns[node.name].kind == "binary":
            raise ValueError(f"expected columns of single values, found {node.name}, which is {columns[node.name]}")
        return Typed("column", columns[node.name], name=node.name)
    if node.op in ("number", "text", "true", "false", "null"):
        return _literal(node)
    args = tuple(typed(arg, columns) for arg in node.args)
    if node.op == "cast":
        return cast(args[0], parse_type(node.name))
    if node.op == "call":
        return _call(node.name, args)
    return _operation(node.op, args)


def cast(value: Typed, to: Type) -> Typed:
    """A value as another type, without rounding."""
    if value.of == to:
        return value
    if value.of != NULL and value.of.kind not in CASTS.get(to.kind, ()):
        raise ValueError(f"expected a value that can become {to}, found {value.of}")
    return Typed("cast", to, (value,))


def assigned(value: Typed, to: Type) -> Typed:
    """The value of an expression as that of its column.

    Raises:
        ValueError: a cast would have to be written down.
    """
    exact = ("int", "bigint", "decimal")
    if value.of in (to, NULL) or (value.of.kind in exact and to.kind in (*exact, "double")):
        return cast(value, to)
    if (value.of.kind, to.kind) == ("float", "double"):
        return cast(value, to)
    raise ValueError(f"expected an expression of type {to}, found one of type {value.of}; write cast(… as {to})")


def _literal(node: Node) -> Typed:
    match node.op:
        case "number":
            whole, _, decimals = node.name.partition(".")
            digits = len(whole.lstrip("0")) + len(decimals)
            if digits > 38 or (not decimals and int(whole) >= 2**63):
                raise ValueError(f"expected a number of 64 bits or at most 38 digits, found {node.name}")
            of = Type("decimal", (max(digits, 1, len(decimals)), len(decimals))) if decimals else BIGINT
        case "text":
            of = STRING
        case "null":
            of = NULL
        case _:
            of = BOOLEAN
    return Typed(node.op, of, name=node.name)


def _operation(op: str, args: tuple[Typed, ...]) -> Typed:
    if op in ("and", "or", "not"):
        return Typed(op, BOOLEAN, tuple(_wanted(arg, BOOLEAN) for arg in args))
    if op == "is null":
        return Typed(op, BOOLEAN, args)
    if op in (*COMPARISONS, "in"):
        return Typed(op, BOOLEAN, _alike(args))
    if op == "||":
        return Typed(op, STRING, tuple(_wanted(arg, STRING) for arg in args))
    if op == "case":
        conditions = [_wanted(arg, BOOLEAN) for arg in args[:-1:2]]
        results = _alike((*args[1:-1:2], args[-1]))
        parts = [part for pair in zip(conditions, results[:-1], strict=True) for part in pair]
        return Typed(op, results[0].of, (*parts, results[-1]))
    return _arithmetic(op, args)


def _arithmetic(op: str, args: tuple[Typed, ...]) -> Typed:
    for arg in args:
        if arg.of.kind not in NUMERIC:
            raise ValueError(f"expected numbers around {op}, found {arg.of}")
    kinds = {arg.of.kind for arg in args}
    if op == "/" or kinds & {"float", "double"}:
        if op == "%":
            raise ValueError("expected whole numbers around %, found others")
        return Typed(op, DOUBLE, tuple(cast(arg, DOUBLE) for arg in args))
    if op == "negative" and "decimal" in kinds:
        return Typed(op, args[0].of, args)
    if "decimal" not in kinds:
        return Typed(op, BIGINT, tuple(cast(arg, BIGINT) for arg in args))
    if op == "%":
        raise ValueError("expected whole numbers around %, found others")
    (p1, s1), (p2, s2) = (as_decimal(arg.of).numbers for arg in args)
    scale = s1 + s2 if op == "*" else max(s1, s2)
    precision = p1 + p2 if op == "*" else max(p1 - s1, p2 - s2) + scale + 1
    if precision > 38:
        raise ValueError(
            f"expected at most 38 digits from {args[0].of} {op} {args[1].of}, found {precision}; cast first"
        )
    of = Type("decimal", (precision, scale))
    return Typed(op, of, tuple(cast(arg, as_decimal(arg.of) if op == "*" else of) for arg in args))


def as_decimal(of: Type) -> Type:
    """An exact number's type as the decimal that holds it."""
    return of if of.kind == "decimal" else Type("decimal", (DIGITS[of.kind], 0))


def _wanted(arg: Typed, of: Type) -> Typed:
    if arg.of not in (of, NULL):
        raise ValueError(f"expected a {of}, found a {arg.of}")
    return cast(arg, of)


def _alike(args: tuple[Typed, ...]) -> tuple[Typed, ...]:
    """The same values, all of the type that holds them all."""
    common = NULL
    for arg in args:
        common = _common(common, arg.of)
    return tuple(cast(arg, common) for arg in args)


def _common(one: Type, other: Type) -> Type:
    if other in (one, NULL):
        return one
    if one == NULL:
        return other
    kinds = {one.kind, other.kind}
    if not kinds <= set(NUMERIC):
        raise ValueError(f"expected values of one type, found {one} and {other}")
    if kinds & {"float", "double"}:
        return DOUBLE
    if "decimal" not in kinds:
        return BIGINT
    (p1, s1), (p2, s2) = as_decimal(one).numbers, as_decimal(other).numbers
    scale = max(s1, s2)
    return Type("decimal", (min(38, max(p1 - s1, p2 - s2) + scale), scale))


def _numbers(args: tuple[Typed, ...]) -> tuple[Type, tuple[Typed, ...]]:
    (value, *_) = _arithmetic("negative", args[:1]).args
    return value.of, (value, *args[1:])


def _rounded(args: tuple[Typed, ...]) -> tuple[Type, tuple[Typed, ...]]:
    places = int(args[1].name) if len(args) > 1 and args[1].op == "number" and args[1].of == BIGINT else 0
    if len(args) > 1 and args[1].op != "number":
        raise ValueError("expected a whole number as the places to round to, found something else")
    of, (value, *_) = _numbers(args)
    if of.kind == "decimal":
        precision, scale = of.numbers
        scale_left = min(places, scale)
        of = Type("decimal", (min(38, precision - scale + 1 + scale_left), scale_left))
    return of, (value, Typed("number", Type("int"), name=str(places)))


def _alike_all(args: tuple[Typed, ...]) -> tuple[Type, tuple[Typed, ...]]:
    alike = _alike(args)
    return alike[0].of, alike


def _fixed(result: Type, *wanted: Type) -> "Signature":
    def check(args: tuple[Typed, ...]) -> tuple[Type, tuple[Typed, ...]]:
        given = zip(args, wanted, strict=False)
        whole = [cast(a, BIGINT) if w == BIGINT and a.of.kind == "int" else _wanted(a, w) for a, w in given]
        return result, tuple(whole)

    return check


def _day_part(args: tuple[Typed, ...]) -> tuple[Type, tuple[Typed, ...]]:
    if args[0].of not in (DATE, TIMESTAMP):
        raise ValueError(f"expected a date or a timestamp, found a {args[0].of}")
    return BIGINT, args


Signature = Callable[[tuple[Typed, ...]], tuple[Type, tuple[Typed, ...]]]
FUNCTIONS: dict[str, tuple[int, int, Signature]] = {
    "lower": (1, 1, _fixed(STRING, STRING)),
    "upper": (1, 1, _fixed(STRING, STRING)),
    "trim": (1, 1, _fixed(STRING, STRING)),
    "length": (1, 1, _fixed(BIGINT, STRING)),
    "substr": (2, 3, _fixed(STRING, STRING, BIGINT, BIGINT)),
    "replace": (3, 3, _fixed(STRING, STRING, STRING, STRING)),
    "concat": (2, 20, lambda args: (STRING, tuple(_wanted(arg, STRING) for arg in args))),
    "coalesce": (2, 20, _alike_all),
    "nullif": (2, 2, _alike_all),
    "least": (2, 20, _alike_all),
    "greatest": (2, 20, _alike_all),
    "abs": (1, 1, _numbers),
    "round": (1, 2, _rounded),
    "floor": (1, 1, _rounded),
    "ceil": (1, 1, _rounded),
    "year": (1, 1, _day_part),
    "month": (1, 1, _day_part),
    "day": (1, 1, _day_part),
    "day_of_week": (1, 1, _day_part),
    "hour": (1, 1, _fixed(BIGINT, TIMESTAMP)),
    "minute": (1, 1, _fixed(BIGINT, TIMESTAMP)),
    "second": (1, 1, _fixed(BIGINT, TIMESTAMP)),
    "make_date": (3, 3, _fixed(DATE, BIGINT, BIGINT, BIGINT)),
    "make_timestamp": (6, 6, _fixed(TIMESTAMP, *[BIGINT] * 6)),
}
"""Function -> fewest and most arguments, and its type."""


def _call(name: str, args: tuple[Typed, ...]) -> Typed:
    if name not in FUNCTIONS:
        raise ValueError(f"expected a function that is known, found {name!r}; {nearest(name, list(FUNCTIONS))}")
    fewest, most, check = FUNCTIONS[name]
    if not fewest <= len(args) <= most:
        wanted = str(fewest) if fewest == most else f"{fewest} to {most}"
        raise ValueError(f"expected {wanted} argument(s) of {name}, found {len(args)}")
    of, ready = check(args)
    return Typed("call", of, ready, name)
