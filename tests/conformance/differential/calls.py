"""The calls that are compared: every overload of every scalar function that both sides have, with values at the edges.

The functions and their types come from the engine's own tables, so a new function is compared as soon as it is there.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from values import ARGUMENTS, EXPRESSIONS, VALUES, sql_literal

from lakeward_local.athena.functions import catalogue
from lakeward_local.athena.functions.registry import Function, Pattern

#: Calls per overload: all combinations when there are fewer, else a sample that is the same in every run.
MOST: Final = 30
#: Type variables take these types in turn; together with a lambda only the first.
_VARIABLES: Final = ("bigint", "varchar")
#: By whether a lambda answers a boolean, and by its number of parameters.
_LAMBDAS: Final = {
    (True, 1): "x -> x > 1",
    (True, 2): "(k, v) -> v > 1",
    (False, 1): "x -> x + 1",
    (False, 2): "(x, y) -> x + y",
    (False, 3): "(k, v, w) -> v",
}


@dataclass(frozen=True)
class Call:
    """One call: the values, and the expression over c0, c1... as PyVelox and as Trino read it."""

    function: str
    template: str
    types: tuple[str, ...]
    args: tuple[Any, ...]

    @property
    def sql(self) -> str:
        """The call with its values in it, as the engine is asked."""

        def value(found: re.Match[str]) -> str:
            at = int(found[1])
            return sql_literal(self.args[at], self.types[at])

        return re.sub(r"\bc(\d)\b", value, self.template)

    def as_json(self) -> dict[str, Any]:
        return {"velox": self.template, "types": self.types, "args": self.args}


def every_call(known_to_velox: set[str]) -> list[Call]:
    """All calls, in a fixed order."""
    found: list[Call] = []
    for name, overloads in sorted(catalogue.by_name().items()):
        if name in known_to_velox:
            for overload in overloads:
                if overload.kind == "scalar" and overload.deterministic:
                    found += _calls(overload)
    for template, types in EXPRESSIONS:
        found += _sampled(template, template, types, [list(VALUES[t]) for t in types])
    return list({(c.template, repr(c.args), c.types): c for c in found}.values())


def _calls(function: Function) -> Iterator[Call]:
    patterns = [*function.params, function.params[-1]] if function.variadic and function.params else [*function.params]
    has_lambda = any(p.name == "function" for p in patterns)
    names = {v for p in patterns for v in _variables(p)}
    for chosen in _VARIABLES[: 1 if has_lambda else None] if names else _VARIABLES[:1]:
        types = [_type(p, chosen) for p in patterns if p.name != "function"]
        if any(t is None for t in types):
            return
        column = iter(range(len(types)))
        parts = [_lambda(p) if p.name == "function" else f"c{next(column)}" for p in patterns]
        known = tuple(t for t in types if t is not None)
        given = [_values(function.name, i, t) for i, t in enumerate(known)]
        yield from _sampled(function.name, f"{function.name}({', '.join(parts)})", known, given)


def _sampled(function: str, template: str, types: Sequence[str], given: list[Sequence[Any]]) -> list[Call]:
    combinations = list(product(*given))
    if len(combinations) > MOST:
        combinations = random.Random(template).sample(combinations, MOST)  # noqa: S311 - the same sample every time
    return [Call(function, template, tuple(types), args) for args in combinations]


def _values(function: str, at: int, kind: str) -> Sequence[Any]:
    """The function's own values for an argument, when they are of the overload's type; else the type's."""
    own = ARGUMENTS.get((function, at))
    fits = {"varchar": str, "bigint": int, "integer": int, "double": str}.get(kind)
    return own if own is not None and fits is not None and isinstance(own[0], fits) else VALUES[kind]


def _lambda(pattern: Pattern) -> str:
    return _LAMBDAS[pattern.inner[-1].name == "boolean", len(pattern.inner) - 1]


def _variables(pattern: Pattern) -> set[str]:
    inner = {v for p in pattern.inner for v in _variables(p)}
    return inner | {pattern.name} if pattern.is_variable else inner


def _type(pattern: Pattern, variable: str) -> str | None:
    """The type of a parameter; None when PyVelox cannot be given such values (decimals, zones, JSON)."""
    if pattern.is_variable:
        return variable
    if pattern.name in {"array", "map"}:
        inner = [_type(p, variable) for p in pattern.inner]
        text = f"{pattern.name}({', '.join(x or '' for x in inner)})"
        return text if None not in inner and text in VALUES else None
    name = "timestamp(3)" if pattern.name == "timestamp" else pattern.name
    return name if name in VALUES else None
