"""One column: its type, where its value comes from, how it is read, and the rules that it must keep."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import ConfigDict, Field

from lakeward.contract.column_parse import OPTIONS, ColumnParse
from lakeward.contract.column_rules import Bound, Policies, Policy, RuleName, rule_problems, rules_in_force
from lakeward.contract.column_source import SOURCES
from lakeward.contract.part import Problem
from lakeward.contract.types import INSTANTS, NUMERIC, PARSES, Parse

RULE_KEYS = ("minimum", "maximum", "allowed", "pattern", "min_length", "max_length", "on_violation", "policies")
OF_A_TEXT = ("parse", *OPTIONS)
OF_A_PATH = (*OF_A_TEXT, "required", *RULE_KEYS)
"""Keys of columns that have a path; a day has what its timestamp has."""


def _conditions(schema: dict[str, Any]) -> None:
    """Say in JSON Schema what ``Column.problems`` says in Python, as far as that language goes."""
    schema["oneOf"] = [{"required": [key]} for key in SOURCES]
    no_rules = {"not": {"anyOf": [{"required": [key]} for key in OF_A_PATH]}}
    schema["allOf"] = [
        {"if": {"required": ["utc_day_of"]}, "then": {"properties": {"type": {"const": "date"}}, **no_rules}},
        {"if": {"required": ["constant"]}, "then": no_rules},
        {"if": {"required": ["compute"]}, "then": {"not": {"anyOf": [{"required": [key]} for key in OF_A_TEXT]}}},
        *(_only_for({"required": [key]}, (*NUMERIC, "date", *INSTANTS)) for key in ("minimum", "maximum")),
        *(_only_for({"required": [key]}, ("string",)) for key in ("allowed", "pattern", "min_length", "max_length")),
        *(
            _only_with(
                {"properties": {"parse": {"const": parse}}, "required": ["parse"]},
                tuple(name for name, parses in PARSES.items() if parse in parses),
            )
            for parse in get_args(Parse)
        ),
        *(_only_with({"required": [key]}, kinds) for key, kinds in OPTIONS.items() if len(kinds) < len(PARSES)),
    ]


def _only_for(condition: dict[str, Any], kinds: tuple[str, ...]) -> dict[str, Any]:
    """What holds for columns of these kinds only."""
    return {"if": condition, "then": {"properties": {"type": {"pattern": rf"^({'|'.join(kinds)})(\(|$)"}}}}


def _only_with(condition: dict[str, Any], kinds: tuple[str, ...]) -> dict[str, Any]:
    """What holds for columns only that have values of these kinds, by themselves or in a list, map or struct."""
    pattern = rf"(^|[<:,])({'|'.join(kinds)})([(,>]|$)"
    return {"if": condition, "then": {"properties": {"type": {"pattern": pattern}}}}


class Column(ColumnParse):
    """One column of the table."""

    model_config = ConfigDict(json_schema_extra=_conditions)

    required: bool = Field(default=False, description="Whether a record must have a value here.")
    minimum: Bound | None = Field(
        default=None, description="Smallest value allowed: a number; a day or an instant in quotes, for such columns."
    )
    maximum: Bound | None = Field(default=None, description="Greatest value allowed, written as `minimum` is.")
    allowed: list[str] | None = Field(
        default=None,
        min_length=1,
        description="The only strings allowed.",
        json_schema_extra={"uniqueItems": True},
    )
    pattern: str | None = Field(
        default=None,
        min_length=1,
        max_length=1000,
        description="Regular expression that the whole string matches: the part of RE2 that every engine knows.",
    )
    min_length: int | None = Field(default=None, ge=1, description="Fewest characters of the string.")
    max_length: int | None = Field(default=None, ge=1, description="Most characters of the string.")
    on_violation: Policy = Field(
        default="quarantine",
        description=(
            "What becomes of a record that breaks a rule of the column: `quarantine` it; `set_null`: keep it without "
            "the value; `warn`: keep it as it is; `fail`: publish nothing of the slot."
        ),
    )
    policies: Policies = Field(
        default_factory=Policies,
        description="The same for one rule each, where it differs.",
        json_schema_extra={"default": {}},
    )

    def problems(self) -> Iterator[Problem]:
        """One source of the value; a parse, limits and choices that suit the type."""
        yield from super().problems()
        for key in OF_A_PATH:
            if key in self.model_fields_set and self.utc_day_of is not None:
                yield (key,), f"expected this on {self.utc_day_of}, whose day is taken; found it here"
            if key in self.model_fields_set and self.constant is not None:
                yield (key,), f"expected nothing of this, because the value is the run's {self.constant}; found it"
            if key in self.model_fields_set and self.compute is not None and key in OF_A_TEXT:
                yield (key,), "expected this on a column with `at`, because nothing is read here; found it"
        if self.at is not None or self.compute is not None:
            yield from rule_problems(self)

    @property
    def rules(self) -> dict[RuleName, Policy]:
        """The rules in force, in the order in which they are reported, each with its policy."""
        return rules_in_force(self)
