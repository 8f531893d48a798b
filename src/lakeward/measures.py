"""What is measured of a load's rows, so that rules over the whole load can be judged without reading them again.

Measures of columns hold no value of a record but the numbers of its deciles: categories are told by digests.
"""

from pydantic import BaseModel, ConfigDict, Field

DECILES = 11
"""The least value, nine cuts, the greatest value."""
CATEGORIES = 20
"""Of texts and truth values, the most frequent ones; all others are one more."""


class Spread(BaseModel):
    """How the values of one column are spread."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: str
    rows: int = Field(ge=0)
    nulls: int = Field(ge=0)
    deciles: list[float] = Field(
        default=[],
        description="0, 10 … 100 percent of values lie at or below; dates and instants as epoch seconds.",
    )
    categories: dict[str, int] = Field(
        default={}, description="Rows by the first 12 hex digits of the value's MD5, for texts and truth values."
    )

    @property
    def values(self) -> int:
        """Rows with a value."""
        return self.rows - self.nulls

    @property
    def null_fraction(self) -> float:
        """Rows without a value, divided by rows."""
        return self.nulls / self.rows if self.rows else 0.0


class Measures(BaseModel):
    """What the rules of a contract ask to be measured; nothing else is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    repeated: dict[str, int] = Field(
        default={}, description="Rows beyond the first of their values, by the columns of a rule `unique`: a,b."
    )
    newest: dict[str, str | None] = Field(
        default={}, description="The greatest value of a column, by a rule `fresh`: an instant in UTC, without zone."
    )
    spreads: list[Spread] = Field(default=[], description="By a rule `distribution`.")


class Exploded(BaseModel):
    """What became of records of which each element of an array is a row."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    records: int = Field(default=0, ge=0, description="Records that were read.")
    rows: int = Field(default=0, ge=0, description="Rows that they became: elements, and records without one.")
    skipped: int = Field(default=0, ge=0, description="Records that became no row, as the contract asks.")

    def __add__(self, other: "Exploded") -> "Exploded":
        """Both together."""
        mine, theirs = self.model_dump(), other.model_dump()
        return Exploded(**{name: count + theirs[name] for name, count in mine.items()})


class FieldDrift(BaseModel):
    """Fields of records against those that the contract names, by a sample of the load."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    looked_at: int = Field(default=0, ge=0, description="Records of the sample.")
    new: dict[str, str] = Field(
        default={}, description="Paths that no column is read from, with the type that a column for each would have."
    )
    missing: list[str] = Field(default=[], description="Paths of columns that no record of the sample has.")
