"""SQL/JSON paths: parsed once, evaluated to a sequence of items.

https://trino.io/docs/current/functions/json.html#json-path-language
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from lakeward_local.athena.native.jsons import Double, Number, load
from lakeward_local.athena.native.kit import NativeError
from lakeward_local.athena.native.regexps import compile_java


class PathFailure(Exception):
    """A path that finds what its mode does not allow; the function's ON ERROR decides."""


Items = list[Any]
#: The root, the current item of a filter, the array whose ``last`` is meant, the variables.
Evaluate = Callable[["Frame"], Items]


class Frame:
    """What a path expression sees."""

    __slots__ = ("current", "last", "root", "variables")

    def __init__(self, root: Any, variables: Mapping[str, Any], current: Any = None, last: int = -1) -> None:
        self.root, self.variables, self.current, self.last = root, variables, current, last

    def at(self, current: Any) -> Frame:
        return Frame(self.root, self.variables, current, self.last)

    def inside(self, size: int) -> Frame:
        return Frame(self.root, self.variables, self.current, size - 1)


_TOKEN: Final = re.compile(
    r'\s+|(?P<string>"(?:[^"]|"")*")|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<variable>\$[A-Za-z_]\w*)'
    r"|(?P<word>[A-Za-z_]\w*)|(?P<sign>\.\.|==|!=|<>|<=|>=|&&|\|\||[-$@.\[\](),*?+/%<>=!])"
)


def _invalid(path: str) -> NativeError:
    return NativeError("INVALID_PATH", f"Invalid JSON path: '{path}'")


@lru_cache(maxsize=512)
def parsed(path: str) -> Evaluate:
    """A path as a function.

    Raises:
        NativeError: INVALID_PATH.
    """
    mode, _, text = path.strip().partition(" ")
    if mode not in {"lax", "strict"}:
        raise _invalid(path)
    tokens, at = [], 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise _invalid(path)
        if found.lastgroup:
            tokens.append((found.lastgroup, found.group()))
        at = found.end()
    parser = _Parser(tokens, path, strict=mode == "strict")
    result = parser.sum()
    if parser.at < len(tokens):
        raise _invalid(path)
    return result


def items_of(text: str, path: str, variables: Mapping[str, Any]) -> Items:
    """What a path finds in a JSON text.

    Raises:
        NativeError: INVALID_PATH; JSON_INPUT_CONVERSION_ERROR, the text is no JSON.
        PathFailure: the evaluation fails.
    """
    evaluate = parsed(path)
    try:
        root = load(text)
    except (ValueError, RecursionError) as error:
        raise NativeError("JSON_INPUT_CONVERSION_ERROR", "conversion to JSON failed: ") from error
    return evaluate(Frame(root, variables))


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]], path: str, *, strict: bool) -> None:
        self.tokens, self.path, self.strict, self.at = tokens, path, strict, 0

    def peek(self, ahead: int = 0) -> str:
        at = self.at + ahead
        return self.tokens[at][1] if at < len(self.tokens) else ""

    def take(self, *texts: str) -> str | None:
        if self.peek() in texts and self.at < len(self.tokens) and self.tokens[self.at][0] != "string":
            self.at += 1
            return self.tokens[self.at - 1][1]
        return None

    def expect(self, text: str) -> None:
        if not self.take(text):
            raise _invalid(self.path)

    # ---- arithmetic

    def sum(self) -> Evaluate:
        left = self.product()
        while sign := self.take("+", "-"):
            left = _arithmetic(sign, left, self.product())
        return left

    def product(self) -> Evaluate:
        left = self.signed()
        while sign := self.take("*", "/", "%"):
            left = _arithmetic(sign, left, self.signed())
        return left

    def signed(self) -> Evaluate:
        sign = self.take("+", "-")
        if sign is None:
            return self.accessor()
        inner = self.signed()
        return lambda frame: [_like(x, -_number(x) if sign == "-" else _number(x)) for x in inner(frame)]

    # ---- accessors

    def accessor(self) -> Evaluate:
        value = self.primary()
        while True:
            if self.take("?"):
                self.expect("(")
                value = self._filter(value, self.either())
                self.expect(")")
            elif self.take("["):
                value = self._subscripts(value)
            elif self.take(".."):
                value = _descendants(value, self._member_name())
            elif self.take("."):
                value = self._member(value)
            else:
                return value

    def primary(self) -> Evaluate:  # noqa: PLR0911 - one kind a line
        if self.take("("):
            inner = self.sum()
            self.expect(")")
            return inner
        if self.at >= len(self.tokens):
            raise _invalid(self.path)
        kind, text = self.tokens[self.at]
        self.at += 1
        match kind, text:
            case "sign", "$":
                return lambda frame: [frame.root]
            case "sign", "@":
                return lambda frame: [frame.current]
            case "word", "last":
                return lambda frame: [Number(frame.last)]
            case "word", "true" | "false":
                return lambda _frame: [text == "true"]
            case "word", "null":
                return lambda _frame: [None]
            case "string", _:
                return lambda _frame: [text[1:-1].replace('""', '"')]
            case "number", _:
                return lambda _frame: [Number(text)]
            case "variable", _:
                return lambda frame: [_variable(frame, text[1:])]
        raise _invalid(self.path)

    def _member_name(self) -> str:
        kind, text = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
        if kind not in {"word", "string"}:
            raise _invalid(self.path)
        self.at += 1
        return text[1:-1].replace('""', '"') if kind == "string" else text

    def _member(self, value: Evaluate) -> Evaluate:
        if self.take("*"):
            return self._over_objects(value, lambda x: list(x.values()))
        if self.peek() in _METHODS and self.peek(1) == "(":
            method = _METHODS[self.peek()]
            self.at += 2
            self.expect(")")
            return self._method(value, method)
        name = self._member_name()

        def members(x: dict[str, Any]) -> Items:
            if name in x:
                return [x[name]]
            if self.strict:
                raise PathFailure(f"missing member '{name}' in JSON object")
            return []

        return self._over_objects(value, members)

    def _over_objects(self, value: Evaluate, members: Callable[[dict[str, Any]], Items]) -> Evaluate:
        """Lax mode looks into arrays one level deep and passes over what is no object."""

        def evaluate(frame: Frame) -> Items:
            found: Items = []
            for item in value(frame):
                for x in item if isinstance(item, list) and not self.strict else [item]:
                    if isinstance(x, dict):
                        found += members(x)
                    elif self.strict:
                        raise PathFailure("invalid item type for member accessor: expected an object")
            return found

        return evaluate

    def _subscripts(self, value: Evaluate) -> Evaluate:
        if self.take("*"):
            self.expect("]")
            return lambda frame: [x for array in self._arrays(value(frame)) for x in array]
        ranges = [self._range()]
        while self.take(","):
            ranges.append(self._range())
        self.expect("]")

        def evaluate(frame: Frame) -> Items:
            found: Items = []
            for array in self._arrays(value(frame)):
                inner = frame.inside(len(array))
                for low, high in ranges:
                    first = _index(low(inner))
                    last = first if high is None else _index(high(inner))
                    if self.strict and not 0 <= first <= last < len(array):
                        raise PathFailure(f"array subscript out of bounds: [{first}]")
                    found += array[max(first, 0) : last + 1] if last >= 0 else []
            return found

        return evaluate

    def _range(self) -> tuple[Evaluate, Evaluate | None]:
        low = self.sum()
        return low, self.sum() if self.take("to") else None

    def _arrays(self, items: Items) -> list[Items]:
        """Lax mode takes anything else for an array of one."""
        if self.strict and not all(isinstance(x, list) for x in items):
            raise PathFailure("invalid item type for array accessor: expected an array")
        return [x if isinstance(x, list) else [x] for x in items]

    def _method(self, value: Evaluate, method: Callable[[Any], Items]) -> Evaluate:
        whole = method in (_METHODS["type"], _METHODS["size"])

        def evaluate(frame: Frame) -> Items:
            items = value(frame)
            if not whole and not self.strict:
                items = [x for item in items for x in (item if isinstance(item, list) else [item])]
            if method is _METHODS["size"] and self.strict and not all(isinstance(x, list) for x in items):
                raise PathFailure("invalid item type for size() method: expected an array")
            return [y for x in items for y in method(x)]

        return evaluate

    # ---- predicates: True, False, or None for unknown

    def _filter(self, value: Evaluate, predicate: Callable[[Frame], bool | None]) -> Evaluate:
        def evaluate(frame: Frame) -> Items:
            items = value(frame)
            if not self.strict:
                items = [x for item in items for x in (item if isinstance(item, list) else [item])]
            return [x for x in items if predicate(frame.at(x)) is True]

        return evaluate

    def either(self) -> Callable[[Frame], bool | None]:
        terms = [self.both()]
        while self.take("||"):
            terms.append(self.both())
        return terms[0] if len(terms) == 1 else lambda frame: _any([term(frame) for term in terms])

    def both(self) -> Callable[[Frame], bool | None]:
        terms = [self.negated()]
        while self.take("&&"):
            terms.append(self.negated())
        return terms[0] if len(terms) == 1 else lambda frame: _negated(_any([_negated(x(frame)) for x in terms]))

    def negated(self) -> Callable[[Frame], bool | None]:
        if self.take("!"):
            inner = self.negated()
            return lambda frame: _negated(inner(frame))
        return self.predicate()

    def predicate(self) -> Callable[[Frame], bool | None]:
        if self.peek() == "exists" and self.peek(1) == "(":
            self.at += 2
            path = self.sum()
            self.expect(")")
            return lambda frame: _unknown_on_failure(lambda: bool(path(frame)))
        if self.peek() == "(":
            start = self.at
            try:
                self.expect("(")
                inner = self.either()
                self.expect(")")
            except NativeError:
                self.at = start
            else:
                if self.take("is"):
                    self.expect("unknown")
                    return lambda frame: inner(frame) is None
                return inner
        return self._comparison(self.sum())

    def _comparison(self, left: Evaluate) -> Callable[[Frame], bool | None]:
        if self.take("starts"):
            self.expect("with")
            start = self.primary()
            return self._pairs(left, start, _starts_with)
        if self.take("like_regex"):
            pattern = compile_java(self._member_name())
            return self._pairs(
                left, lambda _f: [""], lambda x, _y: pattern.search(x) is not None if _is_text(x) else None
            )
        operator = self.take("==", "=", "!=", "<>", "<", "<=", ">", ">=")
        if operator is None:
            raise _invalid(self.path)
        return self._pairs(left, self.sum(), lambda x, y: _compare(operator, x, y))

    def _pairs(
        self, left: Evaluate, right: Evaluate, test: Callable[[Any, Any], bool | None]
    ) -> Callable[[Frame], bool | None]:
        def evaluate(frame: Frame) -> bool | None:
            pairs = [(x, y) for x in self._unwrapped(left(frame)) for y in self._unwrapped(right(frame))]
            return _any([test(x, y) for x, y in pairs])

        return lambda frame: _unknown_on_failure(lambda: evaluate(frame))

    def _unwrapped(self, items: Items) -> Items:
        return items if self.strict else [x for i in items for x in (i if isinstance(i, list) else [i])]


def _variable(frame: Frame, name: str) -> Any:
    if name not in frame.variables:
        raise NativeError("INVALID_PATH", f"no value passed for parameter {name}")
    return frame.variables[name]


def _unknown_on_failure(test: Callable[[], bool | None]) -> bool | None:
    try:
        return test()
    except PathFailure:
        return None


def _negated(value: bool | None) -> bool | None:
    return None if value is None else not value


def _any(values: list[bool | None]) -> bool | None:
    return True if True in values else None if None in values else False


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, Number)


def _starts_with(value: Any, start: Any) -> bool | None:
    return bool(value.startswith(start)) if _is_text(value) and _is_text(start) else None


def _compare(operator: str, a: Any, b: Any) -> bool | None:
    """Unknown for what cannot be compared; null equals null and nothing else."""
    if a is None or b is None:
        same = a is None and b is None
        return same if operator in {"==", "="} else not same if operator in {"!=", "<>"} else None
    if isinstance(a, Number) and isinstance(b, Number):
        x, y = Decimal(a), Decimal(b)
    elif (_is_text(a) and _is_text(b)) or (isinstance(a, bool) and isinstance(b, bool)):
        x, y = a, b
    else:
        return None
    return {"==": x == y, "=": x == y, "!=": x != y, "<>": x != y, "<": x < y, "<=": x <= y, ">": x > y,
            ">=": x >= y}[operator]  # fmt: skip


def _number(value: Any) -> Decimal:
    if not isinstance(value, Number):
        raise PathFailure("invalid operand: expected a number")
    return Decimal(value)


def _json_number(value: Decimal) -> Number:
    text = format(value, "f")
    return Number(text)


def _like(operand: Any, result: Decimal) -> Number:
    """A number computed from one operand: of a double a double."""
    return Double(repr(float(result))) if isinstance(operand, Double) else _json_number(result)


def _index(items: Items) -> int:
    if len(items) != 1:
        raise PathFailure("array subscript is no single number")
    return int(_number(items[0]))


def _arithmetic(sign: str, left: Evaluate, right: Evaluate) -> Evaluate:
    def evaluate(frame: Frame) -> Items:
        a, b = left(frame), right(frame)
        if len(a) != 1 or len(b) != 1:
            raise PathFailure("arithmetic on a sequence that is no single number")
        x, y = _number(a[0]), _number(b[0])
        if sign in "/%" and not y:
            raise PathFailure("division by zero")
        whole = x == int(x) and y == int(y)
        match sign:
            case "+":
                result = x + y
            case "-":
                result = x - y
            case "*":
                result = x * y
            case "/":
                result = Decimal(int(x / y)) if whole else x / y
            case _:
                result = x - y * int(x / y)
        return [Double(repr(float(result)))] if Double in {type(a[0]), type(b[0])} else [_json_number(result)]

    return evaluate


def _descendants(value: Evaluate, name: str) -> Evaluate:
    def below(item: Any) -> Items:
        if isinstance(item, list):
            return [x for inner in item for x in below(inner)]
        if not isinstance(item, dict):
            return []
        own = [item[name]] if name in item else []
        return own + [x for inner in item.values() for x in below(inner)]

    return lambda frame: [x for item in value(frame) for x in below(item)]


def _type_name(value: Any) -> Items:
    names = {bool: "boolean", type(None): "null", list: "array", dict: "object", Number: "number", Double: "number"}
    return [names.get(type(value), "string")]


def _to_double(value: Any) -> Items:
    try:
        return [Double(repr(float(value)))]
    except (TypeError, ValueError):
        raise PathFailure("invalid item for double() method") from None


def _whole(name: str) -> Callable[[Any], Items]:
    def method(value: Any) -> Items:
        number = _number(value)
        result = (
            abs(number)
            if name == "abs"
            else number.to_integral_value("ROUND_CEILING" if name == "ceiling" else "ROUND_FLOOR")
        )
        return [_like(value, result)]

    return method


def _key_values(value: Any) -> Items:
    if not isinstance(value, dict):
        raise PathFailure("invalid item type for keyvalue() method: expected an object")
    return [{"name": k, "value": v, "id": Number("0")} for k, v in value.items()]


_METHODS: Final[dict[str, Callable[[Any], Items]]] = {
    "abs": _whole("abs"), "ceiling": _whole("ceiling"), "floor": _whole("floor"), "double": _to_double,
    "keyvalue": _key_values, "size": lambda x: [Number(len(x) if isinstance(x, list) else 1)], "type": _type_name,
}  # fmt: skip
