"""One column: its type, where its value comes from, how it is read, and the rules that it must keep."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import ConfigDict, Field, field_validator

from lakeward.contract.column_rules import Bound, Policies, Policy, RuleName, rule_problems, rules_in_force
from lakeward.contract.part import Part, Problem
from lakeward.contract.shapes import Name, Path
from lakeward.contract.types import NUMERIC, PARSES, TYPE_PATTERN, Parse, kind, type_problem

RULE_KEYS = ("minimum", "maximum", "allowed", "pattern", "min_length", "max_length", "on_violation", "policies")
OF_A_PATH = ("parse", "required", *RULE_KEYS)
"""Keys of columns that have a path; a day has what its timestamp has."""


def _conditions(schema: dict[str, Any]) -> None:
    """Say in JSON Schema what ``Column.problems`` says in Python, as far as that language goes."""
    schema["oneOf"] = [{"required": ["at"]}, {"required": ["utc_day_of"]}]
    no_rules = {"not": {"anyOf": [{"required": [key]} for key in OF_A_PATH]}}
    schema["allOf"] = [
        {"if": {"required": ["utc_day_of"]}, "then": {"properties": {"type": {"const": "date"}}, **no_rules}},
        *(_only_for({"required": [key]}, (*NUMERIC, "date", "timestamp")) for key in ("minimum", "maximum")),
        *(_only_for({"required": [key]}, ("string",)) for key in ("allowed", "pattern", "min_length", "max_length")),
        *(
            _only_for(
                {"properties": {"parse": {"const": parse}}, "required": ["parse"]},
                tuple(name for name, parses in PARSES.items() if parse in parses),
            )
            for parse in get_args(Parse)
        ),
    ]


def _only_for(condition: dict[str, Any], kinds: tuple[str, ...]) -> dict[str, Any]:
    """What holds for columns of these kinds only."""
    return {"if": condition, "then": {"properties": {"type": {"pattern": rf"^({'|'.join(kinds)})(\(|$)"}}}}


class Column(Part):
    """One column of the table."""

    model_config = ConfigDict(json_schema_extra=_conditions)

    name: Name = Field(description="The column's name, such as `magnitude`.")
    type: str = Field(
        description=(
            "`boolean`, `int`, `bigint`, `double`, `decimal(p,s)`, `string`, `date` or `timestamp`. "
            "A timestamp is an instant in UTC."
        ),
        json_schema_extra={"pattern": TYPE_PATTERN},
    )
    description: str = Field(
        min_length=3,
        max_length=255,  # of a column's comment in Glue
        pattern=r"^[^\r\n]*$",
        description="What the value means, with its unit: one line, at most 255 characters. Shown in the catalog.",
    )
    at: Path | None = Field(
        default=None,
        description="Where the value lies in a record, such as `$.properties.mag`. Either this or `utc_day_of`.",
    )
    utc_day_of: Name | None = Field(
        default=None, description="The name of a timestamp column; the value is its UTC day. The type is then `date`."
    )
    parse: Parse | None = Field(
        default=None,
        description=(
            "How the value is read. A `timestamp` knows `iso8601` (the default; the text must have an offset), "
            "`epoch_milliseconds` and `epoch_seconds`; a `date` knows `iso8601`; every other type knows `plain`."
        ),
    )
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

    @field_validator("type")
    @classmethod
    def _type_is_known(cls, value: str) -> str:
        problem = type_problem(value)
        if problem:
            raise ValueError(problem)
        return value

    def problems(self) -> Iterator[Problem]:
        """One source of the value; a parse, limits and choices that suit the type."""
        if (self.at is None) == (self.utc_day_of is None):
            yield (), f"expected exactly one of `at` and `utc_day_of`, found {'neither' if self.at is None else 'both'}"
        if self.utc_day_of is not None:
            yield from self._problems_of_a_day()
        elif self.parse is not None and self.parse not in PARSES[kind(self.type)]:
            known = ", ".join(PARSES[kind(self.type)])
            yield ("parse",), f"expected {known}, which are for {self.type}; found {self.parse!r}"
        if self.at is not None:
            yield from rule_problems(self)

    def _problems_of_a_day(self) -> Iterator[Problem]:
        if self.type != "date":
            yield ("type",), f"expected date, because the value is a UTC day; found {self.type}"
        for key in OF_A_PATH:
            if key in self.model_fields_set:
                yield (key,), f"expected this on {self.utc_day_of}, whose day is taken; found it here"

    @property
    def reading(self) -> str:
        """The parse in force: the declared one, or the type's own."""
        return self.parse or PARSES[kind(self.type)][0]

    @property
    def rules(self) -> dict[RuleName, Policy]:
        """The rules in force, in the order in which they are reported, each with its policy."""
        return rules_in_force(self)
