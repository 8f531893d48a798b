"""What a column is, and where its value comes from."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, field_validator

from lakeward.contract.part import Part, Problem
from lakeward.contract.shapes import ColumnPath, Name
from lakeward.contract.types import TYPE_PATTERN, Type, parse_type, type_problem

ConstantName = Literal["slot", "slot_end", "page", "position", "element", "ingested_at"]
CONSTANTS: dict[ConstantName, tuple[str, ...]] = {
    "slot": ("timestamp", "timestamptz"),
    "slot_end": ("timestamp", "timestamptz"),
    "page": ("string",),
    "position": ("bigint",),
    "element": ("bigint",),
    "ingested_at": ("timestamp", "timestamptz"),
}
"""What the run knows of a record, and the types that it has."""
SOURCES = ("at", "utc_day_of", "constant", "compute")


class ColumnSource(Part):
    """A column's name, type and meaning, and where its value comes from."""

    name: Name = Field(description="The column's name, such as `magnitude`.")
    type: str = Field(
        description=(
            "`boolean`, `int`, `bigint`, `float`, `double`, `decimal(p,s)`, `string`, `date`, `timestamp`, "
            "`timestamptz`, `binary`, `list<T>`, `map<string,T>` or `struct<name:T,other:T>`. A timestamp is an "
            "instant in UTC."
        ),
        json_schema_extra={"pattern": TYPE_PATTERN},
    )
    description: str = Field(
        min_length=3,
        max_length=255,  # of a column's comment in Glue
        pattern=r"^[^\r\n]*$",
        description="What the value means, with its unit: one line, at most 255 characters. Shown in the catalog.",
    )
    at: ColumnPath | None = Field(
        default=None,
        description=(
            "Where the value lies in a record, such as `$.properties.mag`, or in the element of an exploded array, "
            "such as `$.legs[*].from`. Either this, or one of the next three."
        ),
    )
    utc_day_of: Name | None = Field(
        default=None, description="The name of a timestamp column; the value is its UTC day. The type is then `date`."
    )

    constant: ConstantName | None = Field(
        default=None,
        description=(
            "What the run knows of every record: `slot` and `slot_end` (timestamps, the end exclusive), `page` (a "
            "string such as page-00001), `position` in it (a bigint, from 1), `element` (a bigint: the "
            "position in the exploded array, from 1; 0 for a record that is kept without one) and `ingested_at` (a "
            "timestamp: when the page was received, as the certificate says)."
        ),
    )
    compute: str | None = Field(
        default=None,
        min_length=1,
        max_length=2000,
        description="An expression over other columns, such as `round(price * quantity, 2)`; see below.",
    )

    personal: Literal["hash", "redact", "tokenise", "drop"] | None = Field(
        default=None,
        description=(
            "The value is about a person and is never stored or shown: `hash` and `tokenise` keep a digest made with "
            "`personal_key`, `redact` keeps that there was one, `drop` nothing; see below."
        ),
    )

    @field_validator("type")
    @classmethod
    def _type_is_known(cls, value: str) -> str:
        problem = type_problem(value)
        if problem:
            raise ValueError(problem)
        return value

    @property
    def parsed_type(self) -> Type:
        """The type, taken apart."""
        return parse_type(self.type)

    @property
    def stored_type(self) -> str | None:
        """The type of what the table keeps; None when it keeps nothing."""
        return self.type if self.personal is None else None if self.personal == "drop" else "string"

    def problems(self) -> Iterator[Problem]:
        """One source of the value."""
        given = [key for key in SOURCES if getattr(self, key) is not None]
        if len(given) != 1:
            yield (), f"expected exactly one of {', '.join(SOURCES)}; found {' and '.join(given) or 'none'}"
        if self.constant is not None and self.type not in CONSTANTS[self.constant]:
            wanted = " or ".join(CONSTANTS[self.constant])
            yield ("type",), f"expected {wanted}, because the value is the run's {self.constant}; found {self.type}"
        if self.utc_day_of is not None and self.type != "date":
            yield ("type",), f"expected date, because the value is a UTC day; found {self.type}"
