"""One column: its type, where its value comes from, how it is read, and the rules that it must keep."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import ConfigDict, Field, field_validator

from lakeward.contract.part import Part, Problem
from lakeward.contract.shapes import Name, Path
from lakeward.contract.types import NUMERIC, PARSES, TYPE_PATTERN, Parse, kind, type_problem


def _conditions(schema: dict[str, Any]) -> None:
    """Say in JSON Schema what ``Column.problems`` says in Python, as far as that language goes."""
    schema["oneOf"] = [{"required": ["at"]}, {"required": ["utc_day_of"]}]
    no_rules = {"not": {"anyOf": [{"required": ["parse"]}, {"required": ["required"]}]}}
    schema["allOf"] = [
        {"if": {"required": ["utc_day_of"]}, "then": {"properties": {"type": {"const": "date"}}, **no_rules}},
        *(_only_for({"required": [key]}, NUMERIC) for key in ("minimum", "maximum")),
        _only_for({"required": ["allowed"]}, ("string",)),
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
    required: bool = Field(default=False, description="Whether a record without a value here is quarantined.")
    minimum: float | None = Field(
        default=None, allow_inf_nan=False, description="Smallest number allowed. A record below it is quarantined."
    )
    maximum: float | None = Field(
        default=None, allow_inf_nan=False, description="Greatest number allowed. A record above it is quarantined."
    )
    allowed: list[str] | None = Field(
        default=None,
        min_length=1,
        description="The only strings allowed. A record with another one is quarantined.",
        json_schema_extra={"uniqueItems": True},
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
        for key in ("minimum", "maximum"):
            if getattr(self, key) is not None and kind(self.type) not in NUMERIC:
                yield (key,), f"expected this for numbers only, found it on type {self.type}"
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            yield ("minimum",), f"expected at most the maximum, {self.maximum:g}; found {self.minimum:g}"
        if self.allowed is not None and self.type != "string":
            yield ("allowed",), f"expected this for strings only, found it on type {self.type}"
        for twice in sorted({text for text in self.allowed or () if (self.allowed or []).count(text) > 1}):
            yield ("allowed",), f"expected every string once, found {twice!r} again"

    def _problems_of_a_day(self) -> Iterator[Problem]:
        if self.type != "date":
            yield ("type",), f"expected date, because the value is a UTC day; found {self.type}"
        for key in ("parse", "required"):
            if key in self.model_fields_set:
                yield (key,), f"expected this on {self.utc_day_of}, whose day is taken; found it here"

    @property
    def reading(self) -> str:
        """The parse in force: the declared one, or the type's own."""
        return self.parse or PARSES[kind(self.type)][0]
