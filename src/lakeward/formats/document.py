"""JSON: a whole value or none, and the values at a contract's paths."""

import json
import re
from typing import Any

import orjson

from lakeward.errors import IncompleteRun


def parse(decoded: bytes | bytearray, content_type: str) -> Any:
    """Read JSON.

    Raises:
        IncompleteRun: not JSON, or not all of it. Says where, never what stands there.
    """
    try:
        return orjson.loads(decoded)
    except orjson.JSONDecodeError as problem:
        raise IncompleteRun(
            f"expected JSON, found {len(decoded)} bytes (content type {content_type[:60]!r}) {_fault(decoded, problem)}"
        ) from None


def _fault(decoded: bytes | bytearray, problem: orjson.JSONDecodeError) -> str:
    """What is wrong, and from which byte; orjson counts characters."""
    try:
        text = decoded.decode()
    except UnicodeDecodeError as not_text:
        return f"that are not UTF-8, from byte {not_text.start}"
    if problem.pos >= len(text.rstrip()):
        return f"that stop in the middle, at byte {len(decoded)}"
    return f"that are not JSON, from byte {len(text[: problem.pos].encode())}"


def names_in(*paths: str | None) -> frozenset[str]:
    """The names that paths lead through: ``$.meta.next[0].id`` -> meta, next, id."""
    return frozenset(name for path in paths if path is not None for name in re.findall(r"\.([^.\[]+)", path))


def check_once(text: bytes, names: frozenset[str]) -> None:
    """Hold every object of a JSON text to naming each of these once: of two, readers take one or the other.

    Raises:
        IncompleteRun: one of them stands twice in an object, or the text is nested too deep to say.
    """

    def check(pairs: list[tuple[str, Any]]) -> None:
        found = [name for name, _ in pairs if name in names]
        if len(set(found)) < len(found):
            raise IncompleteRun(
                f"expected each of {', '.join(sorted(names))} once in an object, found one of them twice"
            )

    try:
        if names:
            json.loads(text, object_pairs_hook=check, parse_int=str, parse_float=str)
    except RecursionError:
        raise IncompleteRun("expected JSON that is not nested a thousand deep, found some that is") from None


def value_at(document: Any, path: str) -> Any:
    """The value at a contract's path: ``$``, ``$.metadata.count``, ``$.items[0].id``.

    Raises:
        IncompleteRun: nothing lies there; the message has the part of the path that was still found.
    """
    value, walked = document, "$"
    for name, index in re.findall(r"\.([^.\[]+)|\[(\d+)\]", path):
        if name and isinstance(value, dict) and name in value:
            value, walked = value[name], f"{walked}.{name}"
        elif index and isinstance(value, list) and int(index) < len(value):
            value, walked = value[int(index)], f"{walked}[{index}]"
        else:
            step = f"{name!r}" if name else f"element {index}"
            raise IncompleteRun(f"expected a value at {path}, found no {step} in the {_kind(value)} at {walked}")
    return value


def has_place(document: Any, path: str) -> bool:
    """Whether the last step of a path is there, whatever lies there, null too.

    Raises:
        IncompleteRun: what it would be a part of is not there, or can have no such part.
    """
    steps = re.findall(r"\.[^.\[]+|\[\d+\]", path)
    if not steps:
        return True
    holder = value_at(document, path.removesuffix(steps[-1]))
    if steps[-1].startswith("["):
        fits, there = isinstance(holder, list), isinstance(holder, list) and int(steps[-1][1:-1]) < len(holder)
    else:
        fits, there = isinstance(holder, dict), isinstance(holder, dict) and steps[-1][1:] in holder
    if not fits:
        wanted = "an array" if steps[-1].startswith("[") else "an object"
        raise IncompleteRun(f"expected {wanted} at {path.removesuffix(steps[-1])}, found {_a_kind(holder)}")
    return there


def found_at(document: Any, path: str) -> Any:
    """The value at a contract's path; None when nothing lies there."""
    try:
        return value_at(document, path)
    except IncompleteRun:
        return None


def text_at(document: Any, path: str) -> str | None:
    """A cursor or URL: a text or a whole number, as text; None when nothing, null or empty text lies there.

    Raises:
        IncompleteRun: something else lies there.
    """
    value = found_at(document, path)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise IncompleteRun(f"expected a text or a whole number at {path}, found {_a_kind(value)}")
    return str(value)


def flag_at(document: Any, path: str) -> bool:
    """True or false.

    Raises:
        IncompleteRun: nothing lies there, or something else.
    """
    value = value_at(document, path)
    if not isinstance(value, bool):
        raise IncompleteRun(f"expected true or false at {path}, found {_a_kind(value)}")
    return value


def whole_number_at(document: Any, path: str) -> int:
    """A count: an integer from 0 upwards.

    Raises:
        IncompleteRun: nothing lies there, or something else.
    """
    value = value_at(document, path)
    if isinstance(value, bool) or not isinstance(value, int):
        raise IncompleteRun(f"expected a whole number at {path}, found {_a_kind(value)}")
    if value < 0:
        raise IncompleteRun(f"expected a number from 0 upwards at {path}, found {value}")
    return value


def list_at(document: Any, path: str) -> list[Any]:
    """An array.

    Raises:
        IncompleteRun: nothing lies there, or something else.
    """
    value = value_at(document, path)
    if not isinstance(value, list):
        raise IncompleteRun(f"expected an array at {path}, found {_a_kind(value)}")
    return value


def _kind(value: Any) -> str:
    """JSON's name for a value's type."""
    names = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number"}
    return names.get(type(value), "null")


def _a_kind(value: Any) -> str:
    """The same with its article."""
    kind = _kind(value)
    return kind if kind == "null" else f"{'an' if kind in ('array', 'object') else 'a'} {kind}"
