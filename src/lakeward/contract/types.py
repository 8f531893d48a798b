"""The column types of a contract, with Athena's names, and the ways in which a source value is read as one.

boolean int bigint float double decimal(p,s) string date timestamp timestamptz binary
list<T>   map<string,T>   struct<name:T,…>        nested up to MAX_DEPTH of them, without spaces
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

SimpleType = Literal[
    "boolean", "int", "bigint", "float", "double", "string", "date", "timestamp", "timestamptz", "binary"
]
SIMPLE_TYPES: tuple[str, ...] = get_args(SimpleType)
NESTED = ("list", "map", "struct")
ELSEWHERE = {
    **dict.fromkeys(("varchar", "char", "text", "str", "uuid"), "string"),
    **dict.fromkeys(("integer", "smallint", "tinyint", "int32"), "int"),
    **dict.fromkeys(("long", "int64", "biginteger"), "bigint"),
    **dict.fromkeys(("real", "float32"), "float"),
    **dict.fromkeys(("number", "float64"), "double"),
    **dict.fromkeys(("numeric", "money"), "decimal(p,s)"),
    **dict.fromkeys(("bool", "bit"), "boolean"),
    **dict.fromkeys(("datetime", "instant"), "timestamp"),
    **dict.fromkeys(("bytes", "blob", "varbinary"), "binary"),
    "array": "list<T>",
    **dict.fromkeys(("object", "row", "record"), "struct<name:T>"),
    "dict": "map<string,T>",
}
"""Type of another system -> ours."""
MAX_DEPTH = 4
"""Lists, maps and structs inside one another."""

DECIMAL = re.compile(r"decimal\((?P<precision>[1-9][0-9]?),(?P<scale>0|[1-9][0-9]?)\)")
_DECIMAL_PATTERN = r"decimal\(([1-9]|[12][0-9]|3[0-8]),(0|[1-9]|[12][0-9]|3[0-8])\)"
TYPE_PATTERN = rf"^({'|'.join(SIMPLE_TYPES)}|{_DECIMAL_PATTERN}|({'|'.join(NESTED)})<[a-z0-9_<>:,()]+>)$"
"""For JSON Schema, which cannot say how types nest; ``parse_type`` can."""
NUMERIC = ("int", "bigint", "float", "double", "decimal")
INSTANTS = ("timestamp", "timestamptz")

Parse = Literal[
    "plain",
    "text",
    "epoch_milliseconds",
    "epoch_seconds",
    "epoch_microseconds",
    "epoch_days",
    "iso8601",
    "base64",
    "hex",
]

_EPOCHS = ("epoch_milliseconds", "epoch_seconds", "epoch_microseconds")
PARSES: dict[str, tuple[str, ...]] = {
    "boolean": ("plain",),
    "int": ("plain", "text"),
    "bigint": ("plain", "text"),
    "float": ("plain", "text"),
    "double": ("plain", "text"),
    "decimal": ("plain", "text"),
    "string": ("plain",),
    "date": ("iso8601", "epoch_days"),
    "timestamp": ("iso8601", *_EPOCHS),
    "timestamptz": ("iso8601", *_EPOCHS),
    "binary": ("base64", "hex"),
}
"""Which ``parse`` each type knows; the first is what a column has when it names none."""


@dataclass(frozen=True)
class Type:
    """A type. ``kind`` is its name without what stands in brackets.

    ``numbers`` are a decimal's precision and scale. ``inner`` has a list's element, a map's value (its keys are
    strings), or a struct's members, whose ``names`` stand beside them.
    """

    kind: str
    numbers: tuple[int, int] = (0, 0)
    inner: tuple["Type", ...] = ()
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        inner = [str(t) for t in self.inner]
        match self.kind:
            case "decimal":
                return f"decimal({self.numbers[0]},{self.numbers[1]})"
            case "list":
                return f"list<{inner[0]}>"
            case "map":
                return f"map<string,{inner[0]}>"
            case "struct":
                return f"struct<{','.join(f'{n}:{t}' for n, t in zip(self.names, inner, strict=True))}>"
        return self.kind

    @property
    def nested(self) -> bool:
        """Whether it holds other types."""
        return self.kind in NESTED

    @property
    def depth(self) -> int:
        """Nested types on the longest way in."""
        return 1 + max(t.depth for t in self.inner) if self.nested else 0

    def scalars(self) -> Iterator["Type"]:
        """The types of the values in it: itself, unless it is nested."""
        if not self.nested:
            yield self
        for inner in self.inner:
            yield from inner.scalars()


@cache
def parse_type(name: str) -> Type:
    """A type by its name.

    Raises:
        ValueError: it is none of ours; the message says what was expected.
    """
    found, rest = _read(name)
    if rest:
        raise ValueError(f"expected nothing after {name.removesuffix(rest)}")
    if found.depth > MAX_DEPTH:
        raise ValueError(f"expected at most {MAX_DEPTH} lists, maps and structs inside one another")
    return found


def kind(type_name: str) -> str:
    """``decimal(10,2)`` -> ``decimal``, ``list<int>`` -> ``list``; every other type is its own kind."""
    return re.split(r"[(<]", type_name, maxsplit=1)[0]


def type_problem(type_name: str) -> str | None:
    """Say what is wrong with a type's name, or None when it is one of ours."""
    try:
        parse_type(type_name)
    except ValueError as problem:
        return str(problem)
    return None


def _read(text: str) -> tuple[Type, str]:
    """The type at the head of a text, and what follows it."""
    word = re.match(r"[A-Za-z0-9_]*", text)
    name = word[0] if word else ""
    rest = text[len(name) :]
    if name in SIMPLE_TYPES:
        return Type(name), rest
    if name == "decimal":
        return _decimal(text)
    if name == "list":
        element, rest = _read(_after(rest, "<", "list<T>"))
        return Type("list", inner=(element,)), _after(rest, ">", "list<T>")
    if name == "map":
        value, rest = _read(_after(rest, "<string,", "map<string,T>"))
        return Type("map", inner=(value,)), _after(rest, ">", "map<string,T>")
    if name == "struct":
        return _struct(_after(rest, "<", "struct<name:T>"))
    meant = ELSEWHERE.get(name.lower())
    near = [meant] if meant else difflib.get_close_matches(name.lower(), [*SIMPLE_TYPES, *NESTED, "decimal"], n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ValueError(
        f"expected one of {', '.join(SIMPLE_TYPES)}, decimal(p,s), list<T>, map<string,T> or struct<name:T> "
        f"without spaces{hint}"
    )


def _struct(text: str) -> tuple[Type, str]:
    """What follows ``struct<``."""
    names: list[str] = []
    inner: list[Type] = []
    while True:
        word = re.match(r"([a-z][a-z0-9_]{0,62}):", text)
        if word is None:
            raise ValueError("expected struct<name:T,…> with names of lower-case letters, digits and underscores")
        if word[1] in names:
            raise ValueError(f"expected every name of a struct once, found {word[1]!r} again")
        member, text = _read(text[word.end() :])
        names.append(word[1])
        inner.append(member)
        if not text.startswith(","):
            return Type("struct", inner=tuple(inner), names=tuple(names)), _after(text, ">", "struct<name:T>")
        text = text[1:]


def _decimal(text: str) -> tuple[Type, str]:
    match = DECIMAL.match(text)
    if match is None or not text.isascii():
        raise ValueError("expected decimal(p,s) without spaces")
    precision, scale = int(match["precision"]), int(match["scale"])
    if precision > 38 or scale > precision:
        raise ValueError("expected decimal(p,s) with 1 <= p <= 38 and 0 <= s <= p")
    return Type("decimal", numbers=(precision, scale)), text[match.end() :]


def _after(text: str, mark: str, shape: str) -> str:
    if not text.startswith(mark):
        raise ValueError(f"expected {shape} without spaces")
    return text[len(mark) :]
