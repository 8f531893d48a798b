"""JSON: paths, canonical text, comparison of numbers by their text."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any, Final

from lakeward_local.athena.native.kit import Native, NativeError, invalid, native
from lakeward_local.athena.native.numbers import cast_double, java_double, java_real


class Number(str):
    """A JSON number by its text, so that a decimal's ``1.50`` stays ``1.50``."""

    __slots__ = ()


class Double(Number):
    """A JSON number with a point or an exponent: Trino's parser makes a double of it."""

    __slots__ = ()


_MISSING: Final = object()
_decoder = json.JSONDecoder(parse_float=Double, parse_int=Number, parse_constant=Number)


def load(text: str) -> Any:
    """Parse, numbers kept as text.

    Raises:
        ValueError: no JSON.
    """
    stripped = text.strip(" \t\r\n")
    value, end = _decoder.raw_decode(stripped)
    if end != len(stripped) or (isinstance(value, Number) and value in {"NaN", "Infinity", "-Infinity"}):
        raise ValueError(text)
    return value


def dump(value: Any) -> str:
    """Text without blanks, numbers as they were."""
    return _dumped(value, sort=False, number=str)


def dump_parsed(value: Any, *, sort: bool = False) -> str:
    """Text without blanks, numbers as Trino writes what it has parsed: ``1.5`` for 1.50, ``100.0`` for 1e2."""
    return _dumped(value, sort=sort, number=_parsed_number)


def _parsed_number(number: Number) -> str:
    if isinstance(number, Double):
        return _double(float(number))
    return "0" if number == "-0" else str(number)


def _dumped(value: Any, *, sort: bool, number: Callable[[Number], str]) -> str:
    if isinstance(value, Number):
        return number(value)
    if isinstance(value, dict):
        items = sorted(value.items()) if sort else value.items()
        members = (f"{json.dumps(k, ensure_ascii=False)}:{_dumped(v, sort=sort, number=number)}" for k, v in items)
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_dumped(v, sort=sort, number=number) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False)


_STEP: Final = re.compile(r"\.([\w:]+)|\[(\w+)\]|\[\"((?:[^\"\\]|\\[\"\\])*)\"\]")


@lru_cache(maxsize=1024)
def path_steps(path: str) -> tuple[str, ...]:
    """``$.a[0]["b"]`` as steps.

    Raises:
        NativeError: INVALID_FUNCTION_ARGUMENT, no path, or one with wildcards, filters or recursion, or with hyphens or
            blanks outside of quotes.
    """
    steps: list[str] = []
    at = 1
    while at < len(path) or not path.startswith("$"):
        found = _STEP.match(path, at) if path.startswith("$") else None
        if found is None:
            raise invalid(f"Invalid JSON path: '{path}'")
        name, subscript, quoted = found.groups()
        steps.append(re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else name or subscript)
        at = found.end()
    return tuple(steps)


def find(text: str, path: str) -> Any:
    """The value at a path, or ``_MISSING`` (also when the text is no JSON)."""
    steps = path_steps(path)
    try:
        value = load(text)
    except (ValueError, RecursionError):
        return _MISSING
    for step in steps:
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return _MISSING
    return value


def scalar_text(value: Any) -> str | None:
    """A scalar as text; NULL for JSON null, arrays, objects and nothing."""
    if value is _MISSING or value is None or isinstance(value, (dict, list)):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _extract(text: str, path: str) -> str | None:
    value = find(text, path)
    return None if value is _MISSING else dump_parsed(value)


def _size(text: str, path: str) -> int | None:
    value = find(text, path)
    if value is _MISSING:
        return None
    return len(value) if isinstance(value, (dict, list)) else 0


def _list(text: str) -> list[Any] | None:
    try:
        value = load(text)
    except ValueError:
        return None
    return value if isinstance(value, list) else None


def _array_length(text: str) -> int | None:
    value = _list(text)
    return None if value is None else len(value)


def _array_get(text: str, index: int) -> str | None:
    value = _list(text)
    if value is None or not -len(value) <= index < len(value):
        return None
    found = value[index]
    return dump_parsed(found) if isinstance(found, (dict, list)) else scalar_text(found)  # texts lose their quotes


def _array_contains(text: str, wanted: str) -> bool | None:
    """Whether an array has a scalar of the same kind: a whole number is none with a point."""
    value = _list(text)
    if value is None:
        return None
    target = load(wanted)
    return any(_same(item, target) for item in value)


def _same(a: Any, b: Any) -> bool:
    return type(a) is type(b) and bool(float(a) == float(b) if isinstance(a, Number) else a == b)


def parse(text: str) -> str:
    """``json_parse``: canonical text with sorted keys."""
    try:
        return dump_parsed(load(text), sort=True)
    except (ValueError, RecursionError) as error:
        raise NativeError("INVALID_FUNCTION_ARGUMENT", f"Cannot convert value to JSON: '{text}'") from error


def _elements(text: str) -> list[str] | None:
    value = load(text)
    if value is None:
        return None
    if not isinstance(value, list):
        raise _uncastable(text, "array")
    return [dump(v) for v in value]


def _object(text: str) -> dict[str, Any]:
    value = load(text)
    if not isinstance(value, dict):
        raise _uncastable(text, "map")
    return value


def _fields(text: str, names: list[str]) -> list[str | None]:
    """A row's fields: by name from an object, by position from an array with as many elements."""
    value = load(text)
    if isinstance(value, list) and len(value) == len(names):
        return [None if x is None else dump(x) for x in value]
    if not isinstance(value, dict) or not all(names):
        raise _uncastable(text, "row")
    found = [(k.lower(), v) for k, v in value.items() if k.lower() in names]
    by_name = dict(found)
    if len(by_name) < len(found):
        raise _uncastable(text, "row")
    return [None if by_name.get(name) is None else dump(by_name[name]) for name in names]


def _uncastable(text: str, target: str) -> NativeError:
    return NativeError("INVALID_CAST_ARGUMENT", f"Cannot cast to {target}. {text}")


def _scalar(text: str, target: str) -> str | None:
    """A JSON scalar as the text that a cast to ``target`` reads."""
    try:
        value = load(text)
    except ValueError as error:  # what json_array_get makes of a text
        raise _uncastable(text, target) from error
    if isinstance(value, (dict, list)):
        raise _uncastable(text, target)
    return castable_text(value, target)


_INTEGERS: Final = frozenset({"tinyint", "smallint", "integer", "bigint"})


def castable_text(value: Any, target: str) -> str | None:
    """A scalar as the text that a cast of text to ``target`` reads; integers are rounded half up."""
    if isinstance(value, bool) and target not in {"boolean", "varchar", "char"}:
        return "1" if value else "0"
    if isinstance(value, Number) and target == "boolean":
        return "true" if float(value) else "false"
    if isinstance(value, Double) and target in {"varchar", "char"}:
        return cast_double(float(value))
    if isinstance(value, Number) and target in _INTEGERS:
        return str(int(Decimal(value).quantize(Decimal(1), ROUND_HALF_UP)))
    return scalar_text(value)


def _line(line: str, name: str, ignore: bool) -> str | None:
    """A member of a JSON-lines record, by its lower-case name.

    Raises:
        NativeError: HIVE_BAD_DATA, the line is no JSON object and malformed lines are not ignored.
    """
    try:
        value = load(line)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        if ignore:
            return None
        raise NativeError("HIVE_CURSOR_ERROR", f"Row is not a valid JSON Object: {line[:200]}")
    found = next((v for k, v in value.items() if k.lower() == name), None)
    return None if found is None else dump(found)


def _line_text(line: str, name: str, ignore: bool) -> str | None:
    """The same for a string column: strings without quotes, anything else as its JSON text."""
    found = _line(line, name, ignore)
    if found is None:
        return None
    value = load(found)
    return value if type(value) is str else found


def _double(value: float) -> str:
    return java_double(value) if math.isfinite(value) else json.dumps(java_double(value))


def _real(value: float) -> str:
    return json.dumps(java_real(value)) if not math.isfinite(value) else java_real(value)


NATIVES: Final[list[Native]] = [
    native("json_line", _line, "VARCHAR VARCHAR BOOLEAN", "VARCHAR", optional=True),
    native("json_line_text", _line_text, "VARCHAR VARCHAR BOOLEAN", "VARCHAR", optional=True),
    native("json_string", lambda s: json.dumps(s, ensure_ascii=False), "VARCHAR", "VARCHAR"),
    native("json_double", _double, "DOUBLE", "VARCHAR"),
    native("json_real", _real, "FLOAT", "VARCHAR"),
    native("json_elements", _elements, "VARCHAR", "VARCHAR[]", optional=True),
    native("json_keys", lambda j: list(_object(j)), "VARCHAR", "VARCHAR[]"),
    native("json_values", lambda j: [dump(v) for v in _object(j).values()], "VARCHAR", "VARCHAR[]"),
    native("json_fields", _fields, "VARCHAR VARCHAR[]", "VARCHAR[]"),
    native("json_scalar", _scalar, "VARCHAR VARCHAR", "VARCHAR", optional=True),
    native("json_extract", _extract, "VARCHAR VARCHAR", "VARCHAR", optional=True),
    native("json_extract_scalar", lambda j, p: scalar_text(find(j, p)), "VARCHAR VARCHAR", "VARCHAR", optional=True),
    native("json_size", _size, "VARCHAR VARCHAR", "BIGINT", optional=True),
    native("json_array_length", _array_length, "VARCHAR", "BIGINT", optional=True),
    native("json_array_get", _array_get, "VARCHAR BIGINT", "VARCHAR", optional=True),
    native("json_array_contains", _array_contains, "VARCHAR VARCHAR", "BOOLEAN", optional=True),
    native("json_parse", parse, "VARCHAR", "VARCHAR"),
]
