"""The rules of a column: what a value must be, and what becomes of a record whose value is not."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from lakeward.contract.literals import literal_problem
from lakeward.contract.part import Part, Problem
from lakeward.contract.types import INSTANTS, NUMERIC, kind

if TYPE_CHECKING:
    from lakeward.contract.column import Column

Policy = Literal["quarantine", "set_null", "warn", "fail"]
RuleName = Literal["required", "type", "compute", "range", "allowed", "pattern", "length"]
RULE_NAMES: tuple[RuleName, ...] = get_args(RuleName)
NOTED: tuple[Policy, ...] = ("set_null", "warn")
"""Policies under which the record is kept, with a note."""


class Policies(Part):
    """What becomes of a record, by the rule that it breaks; a rule that is not named here has `on_violation`'s."""

    required: Policy | None = Field(default=None, description="When there is no value.")
    type: Policy | None = Field(default=None, description="When the value cannot be read as the column's type.")
    compute: Policy | None = Field(
        default=None, description="When what is computed cannot be represented: an overflow, a division by zero."
    )
    range: Policy | None = Field(default=None, description="When it is below `minimum` or above `maximum`.")
    allowed: Policy | None = Field(default=None, description="When it is none of `allowed`.")
    pattern: Policy | None = Field(default=None, description="When the text does not match `pattern`.")
    length: Policy | None = Field(default=None, description="When it is below `min_length` or above `max_length`.")


@dataclass(frozen=True)
class BoundShape:
    """A limit: a number, or the text of a day or an instant."""

    words = "a number, or for dates and timestamps text (in quotes)"

    def check(self, value: Any) -> float | str:
        """The limit; whole numbers become floats, as limits of numbers always were."""
        if isinstance(value, str):
            return value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise PydanticCustomError("shape", "expected {words}", {"words": self.words})
        if not abs(value) < float("inf"):
            raise PydanticCustomError("shape", "expected a finite number")
        return float(value)

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check whatever comes."""
        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """A number or a text."""
        return {"type": ["number", "string"]}


Bound = Annotated[float | str, BoundShape()]


def moment(text: str, type_name: str) -> date | datetime | None:
    """A limit's text as a day, or as an instant in UTC without its zone; None when it is neither."""
    try:
        if kind(type_name) == "date":
            return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant.astimezone(UTC).replace(tzinfo=None) if instant.tzinfo else None


def rules_in_force(column: "Column") -> dict[RuleName, Policy]:
    """The rules that a column has, in the order in which they are reported, with what becomes of a record."""
    has = {
        "required": column.required,
        "type": column.at is not None,
        "compute": column.compute is not None,
        "range": column.minimum is not None or column.maximum is not None,
        "allowed": column.allowed is not None,
        "pattern": column.pattern is not None,
        "length": column.min_length is not None or column.max_length is not None,
    }
    return {rule: _policy(column, rule) for rule in RULE_NAMES if has[rule]}


def _policy(column: "Column", rule: RuleName) -> Policy:
    own: Policy | None = getattr(column.policies, rule)
    if own is not None:
        return own
    # What cannot be read has no value that could be kept, so a general warning does not reach it.
    return "quarantine" if rule in ("type", "compute") and column.on_violation == "warn" else column.on_violation


def rule_problems(column: "Column") -> Iterator[Problem]:
    """Rules that do not suit the column's type, or one another."""
    yield from _bound_problems(column)
    for key in ("allowed", "pattern", "min_length", "max_length"):
        if getattr(column, key) is not None and column.type != "string":
            yield (key,), f"expected this for strings only, found it on type {column.type}"
    for twice in sorted({text for text in column.allowed or () if (column.allowed or []).count(text) > 1}):
        yield ("allowed",), f"expected every string once, found {twice!r} again"
    if column.min_length is not None and column.max_length is not None and column.min_length > column.max_length:
        yield ("min_length",), f"expected at most max_length, {column.max_length}; found {column.min_length}"
    if column.pattern is not None and (problem := pattern_problem(column.pattern)):
        yield ("pattern",), f"{problem}; found {column.pattern!r}"
    yield from _policy_problems(column)
    yield from _default_problems(column)


def _default_problems(column: "Column") -> Iterator[Problem]:
    """A default that never comes, or that the column's own rules refuse in every record that has it."""
    if column.default is None or literal_problem(column.parsed_type, column.default) is not None:
        return
    if column.required:
        yield ("default",), "expected none, because a record without a value is refused (`required`); found one"
    value = column.default_value
    limits = (("minimum", column.minimum, "at least"), ("maximum", column.maximum, "at most"))
    for key, limit, words in limits:
        if limit is None or value is None:
            continue
        at = moment(limit, column.type) if isinstance(limit, str) else limit
        own = value.replace(tzinfo=None) if isinstance(value, datetime) else value
        if at is not None and (own < at if key == "minimum" else own > at):  # type: ignore[operator]
            shown = limit if isinstance(limit, str) else f"{limit:g}"
            yield ("default",), f"expected {words} the {key}, {shown}; found {column.default!r}"
    if not isinstance(value, str):
        return
    if column.allowed is not None and value not in column.allowed:
        yield ("default",), f"expected one of {', '.join(column.allowed)}; found {value!r}"
    if column.min_length is not None and len(value) < column.min_length:
        yield ("default",), f"expected at least {column.min_length} character(s), found {len(value)}"
    if column.max_length is not None and len(value) > column.max_length:
        yield ("default",), f"expected at most {column.max_length} character(s), found {len(value)}"


def _bound_problems(column: "Column") -> Iterator[Problem]:
    limits = {key: getattr(column, key) for key in ("minimum", "maximum") if getattr(column, key) is not None}
    read: dict[str, Any] = {}
    for key, limit in limits.items():
        if kind(column.type) in NUMERIC:
            wanted, read[key] = "a number", limit if isinstance(limit, float) else None
        elif column.type in ("date", *INSTANTS):
            wanted = "a day such as '2018-01-31'" if column.type == "date" else "an instant such as '2018-01-31T12:00Z'"
            read[key] = moment(limit, column.type) if isinstance(limit, str) else None
        else:
            yield (key,), f"expected this for numbers, dates and timestamps only, found it on type {column.type}"
            continue
        if read[key] is None:
            yield (key,), f"expected {wanted}, because the type is {column.type}; found {limit!r}"
    if len(read) == 2 and None not in read.values() and read["minimum"] > read["maximum"]:
        low, high = (f"{limit:g}" if isinstance(limit, float) else limit for limit in limits.values())
        yield ("minimum",), f"expected at most the maximum, {high}; found {low}"


def _policy_problems(column: "Column") -> Iterator[Problem]:
    """Policies for rules that are not there, and such as would leave a required value out."""
    force = rules_in_force(column)
    named = {rule: getattr(column.policies, rule) for rule in RULE_NAMES}
    for rule, policy in named.items():
        if policy is not None and rule not in force:
            yield ("policies", rule), f"expected a rule of the column, which has {', '.join(force)}; found {rule}"
    for rule in ("type", "compute"):
        if named[rule] == "warn":
            why = "because a value that cannot be had cannot be kept"
            yield ("policies", rule), f"expected quarantine, set_null or fail, {why}; found warn"
    if named["required"] == "set_null" or (column.required and "set_null" in (*named.values(), column.on_violation)):
        at = next((("policies", rule) for rule, policy in named.items() if policy == "set_null"), ("on_violation",))
        yield at, "expected another policy, because a required column cannot be without a value; found set_null"


def pattern_problem(pattern: str) -> str | None:
    """Say why a pattern does not mean the same to every engine, or None when it does.

    What RE2, Java and Python read alike: no look-around, no references back, no names, no possessive repetition,
    no nested classes, and of the escapes those of classes, control characters and punctuation.
    """
    bare = re.sub(r"\\[^A-Za-z0-9]", "_", pattern)
    if found := re.search(r"\\[^dDwWsSbBtnrfv_]", bare):
        return f"expected escapes such as \\d, \\w, \\s or \\., which all engines know, found {found[0]}"
    if found := re.search(r"\(\?(?!:).?", re.sub(r"^\(\?i\)", "", bare)):
        return f"expected groups ( or (?: only, and (?i) at the start, found {found[0]}"
    if found := re.search(r"[*+?}]\+|\[[^\]]*(\[|&&)", bare):
        return f"expected what all engines know, found {found[0]}"
    if any(int(number) > 1000 for number in re.findall(r"\d+", " ".join(re.findall(r"\{([\d,]+)\}", bare)))):
        return "expected at most 1000 repetitions"
    try:
        re.compile(pattern)
    except re.error as problem:
        return f"expected a regular expression: {problem}"
    return None
