"""Columns from records: where each value lies, what type it has, and what a person should look at."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from lakeward.draft.sample import NAME, Sample
from lakeward.transform.instants import DAY, INSTANT, LOCAL

DEEPEST = 5
LONGEST_LIST = 4
FINER = re.compile(r"(\.\d{6})\d+")
"""Decimals of a second beyond those that a timestamp holds."""
WHOLE = re.compile(r"-?(0|[1-9]\d*)")
FRACTION = re.compile(r"-?(0|[1-9]\d*)\.\d+")
TIME_WORDS = re.compile(r"time|date|stamp|updated|created|modified|_at$|_on$|_ts$|epoch", re.IGNORECASE)
ID_WORDS = re.compile(r"(^|_)(id|uuid|guid|key|code|number|no)$")
MIXED = "an array of objects or arrays"
MOST_SHOWN = 8
"""Fields of elements that are told of one array."""
SECONDS = (946_684_800, 4_102_444_800)
"""2000 to 2100."""
LARGEST = 2**63
FAR_FROM_INT = 18
"""Digits of a bigint."""
MOST_SCALE = 9

TypeGuess = tuple[str, str | None, str]
"""Type, parse, and what to check of it."""


@dataclass(frozen=True)
class Guess:
    """A column as it may be; ``notes`` say what to check. ``complete``: every record has a value."""

    name: str
    at: str
    type: str
    parse: str | None
    complete: bool
    values: list[Any] = field(repr=False)
    notes: tuple[str, ...] = ()

    @property
    def is_unique(self) -> bool:
        """Whether every record of the sample has a value of its own."""
        return self.complete and len({str(value) for value in self.values}) == len(self.values)

    @property
    def seems_an_id(self) -> bool:
        """Whether its name says that it identifies something."""
        return ID_WORDS.search(self.name) is not None


def columns_of(sample: Sample) -> tuple[list[Guess], list[str]]:
    """Guess the columns of a sample.

    Returns:
        Columns in the order of their fields, and what was left out, each in words.
    """
    left_out: dict[str, str] = {}
    paths: dict[str, list[Any]] = {}
    for record in sample.records:
        for at, value in _leaves(record, "$", 0, left_out):
            paths.setdefault(at, []).append(value)
    paths = dict(_spread({at: values for at, values in paths.items() if at not in left_out}))
    names = _names(list(paths))
    guesses = [_guess(names[at], at, values, sample) for at, values in paths.items()]
    return guesses, [f"{at}: {why}" for at, why in left_out.items()]


def _leaves(value: Any, at: str, depth: int, left_out: dict[str, str]) -> Iterator[tuple[str, Any]]:
    """Every value that is no object, by its path, and arrays of such values."""
    if isinstance(value, dict) and depth < DEEPEST:
        for name, inner in value.items():
            if NAME.fullmatch(name):
                yield from _leaves(inner, f"{at}.{name}", depth + 1, left_out)
            else:
                left_out[f"{at}.{name}"] = "a path cannot hold this name"
    elif isinstance(value, dict):
        left_out[at] = "an object that lies deep"
    elif isinstance(value, list) and any(isinstance(inner, list | dict) for inner in value):
        left_out[at] = _of_elements(at, value, left_out.get(at))
    else:
        yield at, value


def _of_elements(at: str, array: list[Any], before: str | None) -> str:
    """Why an array was left out, and how its elements become rows where they are objects."""
    objects = [element for element in array if isinstance(element, dict)]
    if len(objects) < len([element for element in array if element is not None]):
        return MIXED
    names = dict.fromkeys(name for element in objects for name in element if NAME.fullmatch(name))
    if before is not None or not names or at == "$":
        return before or MIXED
    each = ", ".join(f"{at}[*].{name}" for name in list(names)[:MOST_SHOWN])
    return f"an array of objects; for a row each, source.records has explode: {{at: {at}}}, columns have at: {each}"


def _spread(paths: dict[str, list[Any]]) -> Iterator[tuple[str, list[Any]]]:
    """The same, with what is always so many numbers, a point say, as one path a number."""
    for at, values in paths.items():
        lists = [value for value in values if isinstance(value, list)]
        size = len(lists[0]) if lists else 0
        same = all(len(value) == size and all(_is_number(v) for v in value) for value in lists)
        if 0 < size <= LONGEST_LIST and same and len(lists) == len([v for v in values if v is not None]):
            for number in range(size):
                yield f"{at}[{number}]", [None if value is None else value[number] for value in values]
        else:
            yield at, values


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _names(paths: list[str]) -> dict[str, str]:
    """A column's name for each path: its last part, and as many before it as make it one of its own."""
    names: dict[str, str] = {}
    for parts in range(1, DEEPEST + 3):
        taken = [_snake(at, parts) for at in paths]
        for at, name in zip(paths, taken, strict=True):
            if at not in names and taken.count(name) == 1 and name not in names.values():
                names[at] = name
    for number, at in enumerate(paths):
        names.setdefault(at, f"column_{number + 1}")
    return names


def _snake(at: str, parts: int) -> str:
    words = "_".join(re.sub(r"\[(\d+)\]", r"_\1", at).removeprefix("$.").split(".")[-parts:])
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", words))
    name = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")[:60] or "value"
    return name if name[0].isalpha() else f"n_{name}"


def _guess(name: str, at: str, values: list[Any], sample: Sample) -> Guess:
    given = [value for value in values if value is not None]
    complete = len(given) == len(sample.records)
    type_name, parse, note = _type(name, given, texts=sample.format == "csv")
    return Guess(name, at, type_name, parse, complete, values, (note,) if note else ())


def _type(name: str, values: list[Any], *, texts: bool) -> TypeGuess:
    """Type, parse, and what to check of it."""
    if not values:
        return "string", None, "no value in the sample: what is its type?"
    kinds = {type(value) for value in values}
    readers: dict[frozenset[type], Callable[[], TypeGuess]] = {
        frozenset({list}): lambda: _list(values),
        frozenset({bool}): lambda: ("boolean", None, ""),
        frozenset({int}): lambda: _whole(name, values),
        frozenset({float}): lambda: _fraction(name, values),
        frozenset({int, float}): lambda: _fraction(name, values),
        frozenset({str}): lambda: _text(values, texts=texts),
    }
    if frozenset(kinds) in readers:
        return readers[frozenset(kinds)]()
    return "string", None, f"values of several types ({', '.join(sorted(k.__name__ for k in kinds))})"


def _list(values: list[list[Any]]) -> TypeGuess:
    """An array of what its values are, whatever they look like."""
    kinds = {type(value) for inner in values for value in inner if value is not None}
    names = {frozenset({bool}): "boolean", frozenset({int}): "bigint", frozenset({int, float}): "double"}
    name = names.get(frozenset(kinds), "double" if kinds == {float} else "string")
    return f"list<{name}>", None, "" if kinds else "no value in the sample: what is in it?"


def _whole(name: str, values: list[int]) -> TypeGuess:
    first, last = SECONDS
    if all(first * 1000 <= value < last * 1000 for value in values) and not ID_WORDS.search(name):
        return "timestamp", "epoch_milliseconds", "looks like milliseconds since 1970"
    if all(first <= value < last for value in values) and TIME_WORDS.search(name):
        return "timestamp", "epoch_seconds", "looks like seconds since 1970"
    if any(abs(value) >= LARGEST for value in values):
        return "decimal(38,0)", None, "whole numbers that no bigint holds: an identifier, or a number?"
    return "bigint", None, ""


def _fraction(name: str, values: list[float]) -> TypeGuess:
    first, last = SECONDS
    if all(first <= value < last for value in values) and TIME_WORDS.search(name):
        return "double", None, "seconds since 1970 with decimals? A timestamp is read from whole numbers, or from texts"
    return "double", None, ""


def _text(values: list[str], *, texts: bool) -> TypeGuess:
    """The type of texts. Of separated values everything is text, so numbers are read as such there."""
    if all(_is(DAY, value) for value in values):
        return "date", None, ""
    if all(_is(INSTANT, value) for value in values):
        return "timestamp", None, ""
    if all(_is(LOCAL, value) for value in values):
        return "string", None, "instants without an offset: a timestamp needs one"
    if all(_is(INSTANT, FINER.sub(r"\1", value)) for value in values):
        return "string", None, "instants with more than 6 decimals of a second, which no timestamp holds"
    if all(FRACTION.fullmatch(value) or WHOLE.fullmatch(value) for value in values):
        return _number(values, texts=texts)
    return "string", None, ""


def _is(pattern: str, text: str) -> bool:
    """Whether a text is what the transform takes for a day or an instant, and one that there is."""
    if not re.fullmatch(pattern, text, re.ASCII):
        return False
    try:
        at = datetime.fromisoformat(text)
        return at.tzinfo is None or at.astimezone(UTC) is not None
    except (ValueError, OverflowError):
        return False


def _number(values: list[str], *, texts: bool) -> TypeGuess:
    if all(WHOLE.fullmatch(value) for value in values):
        if texts and all(len(value.lstrip("-")) <= FAR_FROM_INT for value in values):
            return "bigint", None, ""
        return "string", None, "whole numbers as text: an identifier, or a number?"
    numbers = [Decimal(value) for value in values]
    scale = max(-int(number.as_tuple().exponent) for number in numbers)
    digits = max(len(str(abs(int(number)))) for number in numbers)
    if scale > MOST_SCALE or digits + 4 + scale > 38:
        return "double", None if texts else "text", "more decimal places than a decimal should have"
    return f"decimal({digits + 4 + scale},{scale})", None, f"at most {digits} digits before the point in the sample"
