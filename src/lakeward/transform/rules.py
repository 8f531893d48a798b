"""The rules that one row must keep, as SQL: each has a condition that is true when it broke, and a reason in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from lakeward.contract import Column
from lakeward.contract.column_rules import NOTED, Policy, RuleName, moment
from lakeward.contract.row_rules import ROW, RowRule
from lakeward.contract.types import NUMERIC, kind
from lakeward.transform.leaf import ASTRAY, TWICE, Leaf, quote
from lakeward.transform.nested import nested_reading
from lakeward.transform.values import is_absent, reading


@dataclass(frozen=True)
class Rule:
    """``broken`` is SQL of a boolean that is never NULL; ``reason`` is SQL of a text without the record's values."""

    column: str
    rule: str
    broken: str
    reason: str
    policy: Policy

    @property
    def noted(self) -> bool:
        """Whether a record that breaks it is kept, with a note."""
        return self.policy in NOTED

    @property
    def as_struct(self) -> str:
        """SQL of what is said of a record that broke it; NULL of one that did not."""
        said = f"'column': '{self.column}', 'rule': '{self.rule}', 'reason': {self.reason}"
        said += f", 'policy': '{self.policy}'" if self.noted else ""
        return f"CASE WHEN {self.broken} THEN {{{said}}} END"


def rules_of(column: Column, leaf: Leaf, value: str) -> list[Rule]:
    """All rules of a column, in the order in which they are reported.

    Args:
        column: a column with a path.
        leaf: what stands at the path, its text made ready to be read.
        value: SQL of the typed value (NULL when absent or unreadable).
    """
    rules = [
        *_required(column, leaf),
        *_type(column, leaf, value),
        *_range(column, value),
        *_allowed(column, value),
        *_pattern(column, value),
        *_length(column, value),
    ]
    return [Rule(column.name, rule, broken, reason, column.rules[rule]) for rule, broken, reason in rules]


def row_rule(rule: RowRule) -> Rule:
    """A rule over several columns. What cannot be worked out (a division by zero) breaks it; NULL does not."""
    reason = f"'expected {quote(rule.holds)}, found otherwise'"
    return Rule(ROW, rule.name, f"(NOT {holds_name(rule)})", reason, rule.on_violation)


def holds_name(rule: RowRule) -> str:
    """The column that says whether a row keeps a rule over it: never NULL."""
    return f'"_holds {rule.name}"'


Told = Iterator[tuple[RuleName, str, str]]
"""Name, SQL of ``broken``, SQL of ``reason``."""


def _required(column: Column, leaf: Leaf) -> Told:
    if column.required:
        yield "required", is_absent(leaf), "'expected a value, found none'"


def _type(column: Column, leaf: Leaf, value: str) -> Told:
    broken = f"(NOT {is_absent(leaf)} AND {value} IS NULL)"
    if column.compute is not None:
        words = f"expected a value of {column.type} as computed, found none that can be represented"
        yield "compute", broken, f"'{words}'"
        return
    expected = (nested_reading if column.parsed_type.nested else reading)(column, leaf).expected
    numeric = kind(column.type) in NUMERIC or column.reading.startswith("epoch")
    reason = f"'expected {quote(expected)}, found ' || {found(leaf, numeric)}"
    yield "type", broken, reason


def _range(column: Column, value: str) -> Told:
    as_number = f"CAST({value} AS DOUBLE)" if kind(column.type) == "decimal" else value
    for limit, operator, words, other in (
        (column.minimum, "<", "at least", "less"),
        (column.maximum, ">", "at most", "more"),
    ):
        if limit is not None:
            shown = repr(limit).removesuffix(".0") if isinstance(limit, float) else limit
            reason = f"'expected {words} {shown}, found {other}'"
            yield "range", f"coalesce({as_number} {operator} {_bound(limit, column.type)}, false)", reason


def _bound(limit: float | str, type_name: str) -> str:
    """SQL of a limit: a number, a DATE or a TIMESTAMP in UTC."""
    if isinstance(limit, float):
        return repr(limit).removesuffix(".0")
    at = moment(limit, type_name)
    return f"TIMESTAMP '{at.isoformat(' ')}'" if isinstance(at, datetime) else f"DATE '{at}'"


def _allowed(column: Column, value: str) -> Told:
    if column.allowed is not None:
        options = ", ".join(f"'{quote(a)}'" for a in column.allowed)
        reason = f"'expected one of {quote(', '.join(column.allowed))}, found another string'"
        yield "allowed", f"coalesce({value} NOT IN ({options}), false)", reason


def _pattern(column: Column, value: str) -> Told:
    if column.pattern is not None:
        pattern = quote(column.pattern)
        reason = f"'expected a match of {pattern}, found another string'"
        yield "pattern", f"coalesce(NOT regexp_full_match({value}, '{pattern}'), false)", reason


def _length(column: Column, value: str) -> Told:
    """Characters are code points."""
    for limit, operator, words, other in (
        (column.min_length, "<", "at least", "fewer"),
        (column.max_length, ">", "at most", "more"),
    ):
        if limit is not None:
            reason = f"'expected {words} {limit} character(s), found {other}'"
            yield "length", f"coalesce(length({value}) {operator} {limit}, false)", reason


def found(leaf: Leaf, numeric: bool) -> str:
    """SQL that names what a leaf is, without its text: the record in quarantine has that, logs must not.

    Args:
        leaf: what stands there.
        numeric: whether the column wanted a number, so that a number found is *another* number.
    """
    number = "another number" if numeric else "a number"
    words = {
        "VARCHAR": "a string that is not one" if numeric else "another string",
        "BIGINT": number,
        "UBIGINT": number,
        "DOUBLE": number,
        "DECIMAL": number,
        "BOOLEAN": "true or false",
        "OBJECT": "an object",
        "ARRAY": "an array",
        ASTRAY: "another value where an object or array should hold it",
        TWICE: "its field twice in one object",
    }
    cases = " ".join(f"WHEN '{name}' THEN '{text}'" for name, text in words.items())
    return f"CASE {leaf.kind} {cases} ELSE 'something else' END"
