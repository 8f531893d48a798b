"""Rules over a whole load: what must hold before anything of a slot is published."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from lakeward.contract.part import Part, Problem
from lakeward.contract.shapes import DatasetName, Name
from lakeward.contract.types import NUMERIC, kind

SetPolicy = Literal["fail", "warn"]
COMPARABLE = (*NUMERIC, "float", "date", "timestamp", "string", "boolean")
"""Kinds of column whose distribution can be measured."""


class _LoadRule(Part):
    on_violation: SetPolicy = Field(
        default="fail", description="`fail`: publish nothing of the slot; `warn`: publish it, and say so."
    )


class Unique(_LoadRule):
    """No two rows of the load have the same values here. Rows without one of the values do not count."""

    columns: list[Name] = Field(
        min_length=1, description="Columns whose values, together, occur once.", json_schema_extra={"uniqueItems": True}
    )


class Volume(_LoadRule):
    """As many records as slots have, by the median of the slots before. Judged from three published slots on."""

    slots: int = Field(ge=3, le=100, description="How many published slots before this one are looked at, at most.")
    at_least: float = Field(default=0.0, ge=0, description="Raw records divided by the median, at least.")
    at_most: float | None = Field(default=None, ge=1, description="Raw records divided by the median, at most.")

    def problems(self) -> Iterator[Problem]:
        """A rule that can be broken."""
        if self.at_least == 0 and self.at_most is None:
            yield (), "expected `at_least`, `at_most` or both; found neither"
        if self.at_least > 1:
            yield ("at_least",), f"expected at most 1, or the median itself is too few; found {self.at_least:g}"


class Fresh(_LoadRule):
    """The newest value of a column is not much older than the slot's end."""

    column: Name = Field(description="A `timestamp` or `date` column.")
    hours: int = Field(ge=1, le=8760, description="Hours before the slot's end that the newest value lies, at most.")


class Reference(_LoadRule):
    """Values of a column are there in another dataset's published table."""

    column: Name = Field(description="The column whose values are looked up. Rows without a value do not count.")
    dataset: DatasetName = Field(description="The dataset that has them; of the contract beside this one.")
    to: Name = Field(description="Its column, of the same type.")
    max_missing_fraction: float = Field(
        default=0.0, ge=0, le=1, description="Rows whose value is not there, divided by rows with a value, at most."
    )


class Distribution(_LoadRule):
    """A column's values are spread as in the slots before. Judged from three slots with 100 values each on."""

    column: Name = Field(description="The column.")
    slots: int = Field(
        default=14, ge=3, le=100, description="How many published slots before this one are looked at, at most."
    )
    max_psi: float | None = Field(
        default=None,
        gt=0,
        le=10,
        description="Population stability index, at most. Below 0.1 little has changed, above 0.25 much.",
    )
    max_null_change: float | None = Field(
        default=None, ge=0, le=1, description="Change of the fraction of NULLs against the slots' median, at most."
    )

    def problems(self) -> Iterator[Problem]:
        """A rule that can be broken."""
        if self.max_psi is None and self.max_null_change is None:
            yield (), "expected `max_psi`, `max_null_change` or both; found neither"


class Quality(Part):
    """Rules over the whole load; when one fails, nothing of the slot is published."""

    max_quarantined_fraction: float = Field(
        default=1.0, ge=0, le=1, description="Quarantined records divided by raw records, at most."
    )
    min_records: int = Field(default=0, ge=0, description="Raw records of a slot, at least.")
    max_records: int | None = Field(default=None, ge=0, description="Raw records of a slot, at most.")
    volume: Volume | None = Field(default=None, description="Raw records against those of the slots before.")
    unique: list[Unique] = Field(default=[], description="What occurs once in a load.")
    fresh: list[Fresh] = Field(default=[], description="How old the newest value of a column may be.")
    references: list[Reference] = Field(default=[], description="Values that other datasets have.")
    distribution: list[Distribution] = Field(default=[], description="Columns whose values are spread as before.")

    def problems(self) -> Iterator[Problem]:
        """Limits in their order."""
        if self.max_records is not None and self.max_records < self.min_records:
            yield ("max_records",), f"expected at least min_records, {self.min_records}; found {self.max_records}"

    def named_columns(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Every place that names a column of the dataset itself."""
        for number, unique in enumerate(self.unique):
            for place, name in enumerate(unique.columns):
                yield ("unique", number, "columns", place), name
        named = {
            "fresh": [rule.column for rule in self.fresh],
            "references": [rule.column for rule in self.references],
            "distribution": [rule.column for rule in self.distribution],
        }
        for key, columns in named.items():
            for number, name in enumerate(columns):
                yield (key, number, "column"), name

    def type_problems(self, types: dict[str, str]) -> Iterator[Problem]:
        """Columns of a type that a rule can do nothing with; all names are known.

        Args:
            types: type by name of column.
        """
        for number, fresh in enumerate(self.fresh):
            if types[fresh.column] not in ("timestamp", "timestamptz", "date"):
                found = f"{fresh.column}, which is {types[fresh.column]}"
                yield ("fresh", number, "column"), f"expected a timestamp or date column, found {found}"
        for number, spread in enumerate(self.distribution):
            if spread.max_psi is not None and kind(types[spread.column]) not in COMPARABLE:
                found = f"{spread.column}, which is {types[spread.column]}"
                yield ("distribution", number, "column"), f"expected one of {', '.join(COMPARABLE)}; found {found}"

    @property
    def looks_back(self) -> int:
        """How many published slots before are needed to judge a load."""
        return max([self.volume.slots if self.volume else 0, *(rule.slots for rule in self.distribution)])
