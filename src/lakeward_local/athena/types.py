"""Trino's types: their text, their coercions, their common supertypes.

Sources: https://trino.io/docs/current/language/types.html and Trino's TypeCoercion.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final

from lakeward_local.athena.errors import QueryError

MAX_DECIMAL_PRECISION: Final = 38
ZONED: Final = "timestamp with time zone"


@dataclass(frozen=True)
class Type:
    """One Trino type.

    Attributes:
        name: the base name, e.g. ``decimal``, ``timestamp with time zone``, ``row``.
        args: numbers (precision, scale, length) or element types, by base name.
        fields: names of a row's fields, None for an anonymous field.
        zone: for ``timestamp with time zone`` only: the zone that every value has, None when it differs by row.
            It is knowledge about values, no part of the type's identity. Values without a zone of all are held as
            pairs of an instant and a zone.
    """

    name: str
    args: tuple[int | Type, ...] = ()
    fields: tuple[str | None, ...] = ()
    zone: str | None = field(default="UTC", compare=False)

    def __str__(self) -> str:
        if self.name == "row":
            parts = [f"{n} {t}" if n else str(t) for n, t in zip(self.fields, self.args, strict=True)]
            return f"row({', '.join(parts)})"
        if self.name == "timestamp with time zone":
            return f"timestamp({self.args[0]}) with time zone"
        separator = "," if self.name == "decimal" else ", "
        return f"{self.name}({separator.join(map(str, self.args))})" if self.args else self.name

    @property
    def element(self) -> Type:
        """The element type of an array."""
        return self.inner[0]

    @property
    def inner(self) -> tuple[Type, ...]:
        """The argument types of an array, map or row."""
        return tuple(a for a in self.args if isinstance(a, Type))

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numeric arguments: (precision, scale), (precision,) or (length,)."""
        return tuple(a for a in self.args if isinstance(a, int))

    @property
    def is_integer(self) -> bool:
        return self.name in INTEGER_DIGITS

    @property
    def is_exact(self) -> bool:
        """Integer or decimal."""
        return self.is_integer or self.name == "decimal"

    @property
    def is_floating(self) -> bool:
        return self.name in {"real", "double"}

    @property
    def is_numeric(self) -> bool:
        return self.is_exact or self.is_floating

    @property
    def is_text(self) -> bool:
        return self.name in {"varchar", "char"}

    @property
    def is_datetime(self) -> bool:
        return self.name in {"date", "timestamp", "timestamp with time zone"}

    @property
    def is_interval(self) -> bool:
        return self.name.startswith("interval")

    def with_zone(self, zone: str | None) -> Type:
        return replace(self, zone=zone)

    @property
    def varies(self) -> bool:
        """Whether values carry their zone with them: it differs from row to row."""
        return (self.name == ZONED and self.zone is None) or any(x.varies for x in self.inner)

    @property
    def in_utc(self) -> Type:
        """The same type with every zone UTC, as what compares instants needs it."""
        if self.name == ZONED:
            return self.with_zone("UTC")
        if not self.inner:
            return self
        return replace(self, args=tuple(x.in_utc for x in self.inner))


def decimal(precision: int, scale: int) -> Type:
    return Type("decimal", (precision, scale))


def varchar(length: int | None = None) -> Type:
    return Type("varchar", () if length is None else (length,))


def timestamp(precision: int = 3) -> Type:
    return Type("timestamp", (precision,))


def timestamp_tz(precision: int = 3, zone: str | None = "UTC") -> Type:
    return Type("timestamp with time zone", (precision,), zone=zone)


def array(element: Type) -> Type:
    return Type("array", (element,))


def map_of(key: Type, value: Type) -> Type:
    return Type("map", (key, value))


def row(fields: list[tuple[str | None, Type]]) -> Type:
    return Type("row", tuple(t for _, t in fields), tuple(n for n, _ in fields))


UNKNOWN = Type("unknown")
BOOLEAN = Type("boolean")
TINYINT, SMALLINT, INTEGER, BIGINT = Type("tinyint"), Type("smallint"), Type("integer"), Type("bigint")
REAL, DOUBLE = Type("real"), Type("double")
VARCHAR, VARBINARY, JSON, DATE = Type("varchar"), Type("varbinary"), Type("json"), Type("date")
TIME = Type("time", (3,))
DAY_TO_SECOND, YEAR_TO_MONTH = Type("interval day to second"), Type("interval year to month")

INTEGER_DIGITS: Final = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
_WIDENING: Final = ("tinyint", "smallint", "integer", "bigint", "decimal", "real", "double")
_UNORDERED: Final = frozenset({"map", "json", "hyperloglog", "function"})


def is_orderable(t: Type) -> bool:
    """Whether values can be compared with < and sorted."""
    return t.name not in _UNORDERED and all(is_orderable(i) for i in t.inner)


def is_comparable(t: Type) -> bool:
    """Whether values can be compared with =."""
    return t.name not in {"hyperloglog", "function"} and all(is_comparable(i) for i in t.inner)


def as_decimal(t: Type) -> Type:
    """An exact type as the decimal that holds it."""
    return t if t.name == "decimal" else decimal(INTEGER_DIGITS[t.name], 0)


def common_type(a: Type, b: Type) -> Type | None:  # noqa: PLR0911 - one rule a line
    """The type that both coerce to, or None."""
    if a == b and (a.name == ZONED or not a.inner):
        return a if a.zone == b.zone else a.with_zone(None)
    if a.name == "unknown":
        return b
    if b.name == "unknown":
        return a
    if a.name == b.name:
        return _common_same_name(a, b)
    if a.is_numeric and b.is_numeric:
        return _common_numeric(a, b)
    if a.is_text and b.is_text:
        return _common_text(a, b)
    if a.is_datetime and b.is_datetime:
        return _common_datetime(a, b)
    return None


def _common_same_name(a: Type, b: Type) -> Type | None:  # noqa: PLR0911 - one kind a line
    match a.name:
        case "decimal":
            return _common_numeric(a, b)
        case "varchar" | "char":
            if not a.numbers or not b.numbers:
                return Type(a.name)
            return Type(a.name, (max(a.numbers[0], b.numbers[0]),))
        case "timestamp" | "time":
            return Type(a.name, (max(a.numbers[0], b.numbers[0]),))
        case "timestamp with time zone":
            return timestamp_tz(max(a.numbers[0], b.numbers[0]), a.zone if a.zone == b.zone else None)
        case "array" | "map" | "row" if len(a.args) == len(b.args):
            parts = [common_type(x, y) for x, y in zip(a.inner, b.inner, strict=True)]
            if any(p is None for p in parts):
                return None
            names = tuple(x if x == y else None for x, y in zip(a.fields, b.fields, strict=True))
            return Type(a.name, tuple(p for p in parts if p), names)
    return None


def _common_numeric(a: Type, b: Type) -> Type:
    if a.is_floating or b.is_floating:
        return DOUBLE if "double" in (a.name, b.name) else REAL
    if a.is_integer and b.is_integer:
        return max(a, b, key=lambda t: INTEGER_DIGITS[t.name])
    (p1, s1), (p2, s2) = as_decimal(a).numbers, as_decimal(b).numbers
    scale = max(s1, s2)
    return decimal(min(MAX_DECIMAL_PRECISION, max(p1 - s1, p2 - s2) + scale), scale)


def _common_text(a: Type, b: Type) -> Type:
    # varchar meets char: Trino coerces varchar(n) to char(max) only when both are bounded.
    if a.numbers and b.numbers:
        return Type("char", (max(a.numbers[0], b.numbers[0]),))
    return VARCHAR


def _common_datetime(a: Type, b: Type) -> Type:
    precisions = [t.numbers[0] for t in (a, b) if t.numbers]
    zoned = [t for t in (a, b) if t.name == "timestamp with time zone"]
    if zoned:
        return timestamp_tz(max(precisions), zoned[0].zone)
    return timestamp(max(precisions))


def same_zones(a: Type, b: Type) -> bool:
    """Whether two equal types hold their values alike: zones are no part of equality."""
    if a.name == ZONED:
        return a.zone == b.zone
    return all(same_zones(x, y) for x, y in zip(a.inner, b.inner, strict=True))


def can_coerce(source: Type, target: Type) -> bool:  # noqa: PLR0911 - one kind a line
    """Whether Trino converts implicitly from one type to the other."""
    if source == target or source.name == "unknown":
        return True
    if source.name == "varchar" and target.name == "varchar":
        return not target.numbers or (bool(source.numbers) and source.numbers[0] <= target.numbers[0])
    if source.is_numeric and target.is_numeric:
        if target.name == "decimal" and source.is_exact:
            return _common_numeric(source, target) == target
        return (source.name != "decimal" and _WIDENING.index(source.name) < _WIDENING.index(target.name)) or (
            source.name == "decimal" and target.is_floating
        )
    if source.is_datetime and target.is_datetime:
        common = _common_datetime(source, target) if source.name != target.name else _common_same_name(source, target)
        return common is not None and common.name == target.name
    if source.name == target.name and source.inner and len(source.args) == len(target.args):
        return all(can_coerce(s, t) for s, t in zip(source.inner, target.inner, strict=True))
    return source.name == "char" and target.name == "varchar"


_SIMPLE: Final = {
    "boolean": BOOLEAN, "tinyint": TINYINT, "smallint": SMALLINT, "integer": INTEGER, "int": INTEGER,
    "bigint": BIGINT, "real": REAL, "double": DOUBLE, "varchar": VARCHAR, "varbinary": VARBINARY, "json": JSON,
    "date": DATE, "unknown": UNKNOWN, "time": TIME, "timestamp": timestamp(), "decimal": decimal(38, 0),
    "dec": decimal(38, 0), "char": Type("char", (1,)), "uuid": Type("uuid"), "ipaddress": Type("ipaddress"),
    "interval day to second": DAY_TO_SECOND, "interval year to month": YEAR_TO_MONTH,
    "timestamp with time zone": timestamp_tz(), "double precision": DOUBLE,
}  # fmt: skip
#: What Glue columns may be declared as besides Trino's own names.
_HIVE: Final = {
    "decimal": decimal(10, 0),
    "string": VARCHAR,
    "binary": VARBINARY,
    "float": REAL,
    "long": BIGINT,
    "timestamptz": timestamp_tz(6),
}


def parse_type(text: str, *, hive: bool = False) -> Type:
    """Read a type's text: Trino's ``array(varchar)``, or Hive's ``array<string>`` when ``hive``.

    Raises:
        QueryError: TYPE_NOT_FOUND, the text names no type.
    """
    tokens = re.findall(r'"(?:[^"]|"")*"|[A-Za-z_][\w$]*|\d+|[(),<>:]', text)
    parser = _TypeText(tokens, text, hive)
    result = parser.type()
    if parser.position != len(tokens):
        raise QueryError("TYPE_NOT_FOUND", f"Unknown type: {text}")
    return result


def _field_name(token: str) -> str:
    """A field's name: in lower case, unless it is quoted."""
    return token[1:-1].replace('""', '"') if token.startswith('"') else token.lower()


class _TypeText:
    def __init__(self, tokens: list[str], text: str, hive: bool) -> None:
        self.tokens, self.text, self.hive, self.position = tokens, text, hive, 0

    def peek(self, ahead: int = 0) -> str:
        at = self.position + ahead
        return self.tokens[at].lower() if at < len(self.tokens) else ""

    def next(self) -> str:
        self.position += 1
        return self.tokens[self.position - 1] if self.position <= len(self.tokens) else ""

    def type(self) -> Type:
        name = self.next().lower()
        if name == "interval":
            name = " ".join(["interval", *(self.next().lower() for _ in range(3))])
        if name == "double" and self.peek() == "precision":
            self.next()
        if self.peek() not in {"(", "<"} or (name in {"date", "boolean"}):
            return self._zoned(self._simple(name))
        self.next()
        if name in {"row", "struct"}:
            return row(self._fields())
        args: list[int | Type] = []
        while True:
            args.append(int(self.next()) if self.peek().isdigit() else self.type())
            if self.next() != ",":
                break
        return self._zoned(self._generic(name, args))

    def _simple(self, name: str) -> Type:
        found = (_HIVE.get(name) if self.hive else None) or _SIMPLE.get(name)
        if found is None:
            raise QueryError("TYPE_NOT_FOUND", f"Unknown type: {self.text}")
        return found

    def _generic(self, name: str, args: list[int | Type]) -> Type:
        numbers = [a for a in args if isinstance(a, int)]
        if name in {"decimal", "dec"} and numbers:
            return _checked_decimal(numbers[0], numbers[1] if len(numbers) > 1 else 0)
        if name in {"varchar", "char", "timestamp", "time"} and len(numbers) == 1:
            return Type(name, (numbers[0],))
        if (name, len(args)) in {("array", 1), ("map", 2)} and not numbers:
            return Type(name, tuple(args))
        raise QueryError("TYPE_NOT_FOUND", f"Unknown type: {self.text}")

    def _fields(self) -> list[tuple[str | None, Type]]:
        fields: list[tuple[str | None, Type]] = []
        while True:
            named = self.peek(1) not in {",", ")", "(", "<"} and self.peek() != "interval" and self.peek(1) != "with"
            name = _field_name(self.next()) if named else None
            if self.peek() == ":":
                self.next()
            fields.append((name, self.type()))
            if self.next() != ",":
                return fields

    def _zoned(self, t: Type) -> Type:
        if t.name in {"timestamp", "time"} and self.peek() in {"with", "without"}:
            words = [self.next().lower() for _ in range(3)]
            if words == ["with", "time", "zone"]:
                return Type(f"{t.name} with time zone", t.args)
        return t


def _checked_decimal(precision: int, scale: int) -> Type:
    if not 1 <= precision <= MAX_DECIMAL_PRECISION or not 0 <= scale <= precision:
        raise QueryError(
            "INVALID_FUNCTION_ARGUMENT", f"DECIMAL precision and scale out of range: ({precision},{scale})"
        )
    return decimal(precision, scale)
