"""Signatures and how a call finds its overload.

A signature reads ``name(T, array(T), varchar) -> bigint``: upper-case single letters are type variables, ``decimal``,
``varchar``, ``timestamp`` and ``timestamptz`` match every precision, ``function(T, U)`` is a lambda, ``T...`` repeats.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from lakeward_local.athena import types as t
from lakeward_local.athena.types import Type

#: SQL of the arguments and their types (after coercion), the result's type -> DuckDB SQL.
Template = str | Callable[[Sequence[str], Sequence[Type], Type], str]
Returns = str | Callable[[Sequence[Type]], Type]


@dataclass(frozen=True)
class Pattern:
    """One parameter's or result's type in a signature."""

    name: str
    inner: tuple[Pattern, ...] = ()

    @property
    def is_variable(self) -> bool:
        return len(self.name) == 1 and self.name.isupper()


@dataclass(frozen=True)
class Function:
    """One overload.

    Attributes:
        kind: scalar, aggregate, window.
        template: DuckDB SQL with ``{0}``, ``{1}``... or a function that makes it.
        takes_nulls: whether the template may be given NULLs: the function wants them, or is one call that answers
            NULL for them. Else any NULL argument makes the answer NULL before the template is computed.
        deterministic: false for functions such as ``rand`` that differ from row to row.
        ordered: whether an aggregate may have ORDER BY.
    """

    name: str
    params: tuple[Pattern, ...]
    returns: Pattern | Callable[[Sequence[Type]], Type]
    template: Template = field(compare=False)
    kind: str = "scalar"
    variadic: bool = False
    deterministic: bool = True
    takes_nulls: bool = True

    def render(self, args: Sequence[str], types: Sequence[Type], result: Type) -> str:
        """The DuckDB SQL of a call."""
        if callable(self.template):
            return self.template(args, types, result)
        if self.variadic and "{*}" in self.template:
            return self.template.replace("{*}", ", ".join(args))
        return self.template.format(*args)

    def expected(self) -> str:
        return f"{self.name}({', '.join(map(_text, self.params))})"


def _text(pattern: Pattern) -> str:
    return f"{pattern.name}({', '.join(map(_text, pattern.inner))})" if pattern.inner else pattern.name


def scalar(
    signature: str, template: Template, returns: Returns | None = None, *, deterministic: bool = True
) -> Function:
    """One row of a function table."""
    return _function(signature, template, returns, "scalar", deterministic)


def aggregate(signature: str, template: Template, returns: Returns | None = None) -> Function:
    return _function(signature, template, returns, "aggregate", deterministic=True)


def window(signature: str, template: Template, returns: Returns | None = None) -> Function:
    return _function(signature, template, returns, "window", deterministic=True)


#: Scalar functions whose templates would answer a value, or fail, for a NULL argument: they are not computed then. Only
#: these, because the check repeats the arguments, and calls are nested in each other.
_NULL_IN_NULL_OUT: Final = frozenset(
    {
        "array_except", "array_intersect", "array_join", "arrays_overlap", "from_unixtime", "hamming_distance",
        "json_array_contains", "lpad", "map_concat", "mod", "rpad", "sequence", "slice", "split", "split_part",
        "trim_array", "width_bucket",
    }
)  # fmt: skip


def _function(signature: str, template: Template, returns: Returns | None, kind: str, deterministic: bool) -> Function:
    call, _, result = (x.strip() for x in signature.partition("->"))
    found = re.fullmatch(r"(\w+)\((.*)\)", call)
    if found is None:
        raise ValueError(f"signature: expected name(types) -> type, got {signature!r}")
    name, params = found.groups()
    variadic = params.endswith("...")
    patterns = tuple(map(_pattern, _split(params.removesuffix("..."))))
    answer = returns if callable(returns) else _pattern(returns or result)
    of_other = (name == "concat" and "array" in params) or (name == "substr" and params.startswith("varbinary"))
    takes_nulls = kind != "scalar" or not (name in _NULL_IN_NULL_OUT or of_other)
    return Function(name, patterns, answer, template, kind, variadic, deterministic, takes_nulls)


def _split(text: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for at, char in enumerate(text):
        depth += (char in "([") - (char in ")]")
        if char == "," and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    last = text[start:].strip()
    return [*parts, last] if last else parts


def _pattern(text: str) -> Pattern:
    found = re.fullmatch(r"([\w ]+?)(?:\((.*)\))?", text.strip())
    if found is None:
        raise ValueError(f"type pattern: {text!r}")
    return Pattern(found.group(1), tuple(map(_pattern, _split(found.group(2) or ""))))


_CONCRETE: Final = {
    "timestamptz": t.timestamp_tz(), "day_interval": t.DAY_TO_SECOND, "year_interval": t.YEAR_TO_MONTH,
}  # fmt: skip
_FAMILIES: Final = {"varchar", "decimal", "timestamp", "timestamptz", "char", "time"}


@dataclass
class Match:
    """A call that fits an overload: how dear its coercions are, and what the variables stand for."""

    function: Function
    cost: int
    bindings: dict[str, Type]
    params: list[Pattern]


LambdaArity = int  # a lambda argument before its types are known: the number of its parameters
Argument = Type | LambdaArity


def match(function: Function, args: Sequence[Argument]) -> Match | None:
    """Whether a call with these argument types fits the overload; lambdas fit by their number of parameters."""
    params = list(function.params)
    if function.variadic:
        if len(args) < len(params) - 1:
            return None
        params = params[:-1] + [params[-1]] * (len(args) - len(params) + 1)
    if len(params) != len(args):
        return None
    found = Match(function, 0, {}, params)
    for pattern, argument in zip(params, args, strict=True):
        if isinstance(argument, int):
            if pattern.name != "function" or len(pattern.inner) != argument + 1:
                return None
        elif not _collect(pattern, argument, found):
            return None
    for pattern, argument in zip(params, args, strict=True):
        if isinstance(argument, Type):
            cost = _cost(argument, parameter_type(pattern, argument, found.bindings))
            if cost is None:
                return None
            found.cost += cost
    return found


def _collect(pattern: Pattern, argument: Type, found: Match) -> bool:
    """Bind the variables of a pattern."""
    if pattern.is_variable:
        known = found.bindings.get(pattern.name)
        common = argument if known is None else t.common_type(known, argument)
        if common is None:
            return False
        found.bindings[pattern.name] = common
        return True
    if pattern.inner:
        if argument.name == "unknown":
            return True
        if argument.name != pattern.name or len(argument.inner) != len(pattern.inner):
            return False
        return all(_collect(p, a, found) for p, a in zip(pattern.inner, argument.inner, strict=True))
    return True


def parameter_type(pattern: Pattern, argument: Type, bindings: dict[str, Type]) -> Type:
    """The type that an argument is converted to."""
    if pattern.is_variable:
        return bindings.get(pattern.name, t.UNKNOWN)
    if pattern.inner:
        inner = argument.inner or (t.UNKNOWN,) * len(pattern.inner)
        return Type(
            pattern.name, tuple(parameter_type(p, a, bindings) for p, a in zip(pattern.inner, inner, strict=True))
        )
    if pattern.name in _FAMILIES:
        return _family_member(pattern.name, argument)
    return concrete(pattern)


def _family_member(name: str, argument: Type) -> Type:  # noqa: PLR0911 - one rule a line
    if argument.name == name or (name == "timestamptz" and argument.name == "timestamp with time zone"):
        return argument
    match name:
        case "decimal":
            return t.as_decimal(argument) if argument.is_integer else t.decimal(38, 0)
        case "timestamp":
            return t.timestamp()
        case "timestamptz":
            return t.timestamp_tz(argument.numbers[0] if argument.name == "timestamp" else 3)
        case "time":
            return t.TIME
        case "char":
            return Type("char", (1,))
    return t.VARCHAR


def concrete(pattern: Pattern) -> Type:
    return _CONCRETE.get(pattern.name) or t.parse_type(pattern.name)


def _cost(source: Type, target: Type) -> int | None:
    if source.name == "unknown":
        return 1
    if source == target:
        return 0
    if not t.can_coerce(source, target):
        return None
    if source.is_numeric and target.is_numeric:
        order = ["tinyint", "smallint", "integer", "bigint", "decimal", "double", "real"]
        return 2 + abs(order.index(target.name) - order.index(source.name)) * 2
    return 3 if source.name != target.name else 1


def result_type(found: Match, args: Sequence[Type]) -> Type:
    """The type of a call whose arguments have been converted."""
    returns = found.function.returns
    return returns(args) if callable(returns) else substitute(returns, found.bindings, args)


def substitute(pattern: Pattern, bindings: dict[str, Type], args: Sequence[Type] = ()) -> Type:
    """A pattern with its variables replaced; ``arg0`` is the type of the first argument."""
    if pattern.is_variable:
        return bindings.get(pattern.name, t.UNKNOWN)
    if pattern.name.startswith("arg") and pattern.name[3:].isdigit():
        return args[int(pattern.name[3:])]
    if pattern.inner and not pattern.inner[0].name.isdigit():
        names = (None,) * len(pattern.inner) if pattern.name == "row" else ()
        return Type(pattern.name, tuple(substitute(p, bindings, args) for p in pattern.inner), names)
    if pattern.name == "timestamptz" and pattern.inner:
        return t.timestamp_tz(int(pattern.inner[0].name))
    if pattern.inner:
        return t.parse_type(_text(pattern))
    return concrete(pattern)
