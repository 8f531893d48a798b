"""How the rows of a slot meet the rows that are there: the load modes of a contract.

Whatever the mode, a slot that runs again replaces what it wrote before, and the order in which slots run never matters.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator

from lakeward.contract.part import Part, Problem
from lakeward.contract.shapes import Name

LITERALS: dict[str, type] = {"string": str, "boolean": bool, "int": int, "bigint": int}
"""Column type -> type of the value that marks a tombstone."""


def _unique(keys: list[str]) -> Iterator[Problem]:
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield ("primary_key",), f"expected every column once, found {key!r} again"


def _scalar(value: Any) -> str | bool | int:
    if not isinstance(value, str | bool | int):
        raise ValueError("expected text, a whole number, true or false")  # noqa: TRY004 -- pydantic tells ValueErrors
    return value


class DeletedWhen(Part):
    """What makes a record a tombstone: the newest version of a key that says that its row is gone."""

    column: Name = Field(description="The column that says so: of type `string`, `boolean`, `int` or `bigint`.")
    equals: Annotated[str | bool | int, PlainValidator(_scalar, json_schema_input_type=Any)] = Field(
        description="Its value in a tombstone, such as `deleted` or `true`.",
        json_schema_extra={"type": ["string", "boolean", "integer"]},
    )
    keep_days: int = Field(
        default=30,
        ge=1,
        le=3650,
        description=(
            "Days after its slot that a tombstone stays a row of the table. Then maintenance takes the row away and "
            "remembers its key and version."
        ),
    )


class ReplaceSlot(Part):
    """Slots do not meet: a slot's rows are the last run's, and other slots are left alone."""

    mode: Literal["replace_slot"] = Field(description="`replace_slot`: a slot's rows are those of its last run.")
    primary_key: list[Name] = Field(
        default=[],
        description="Columns that identify a row within its slot. Left out: every record is a row.",
        json_schema_extra={"uniqueItems": True},
    )
    newest_by: Name | None = Field(
        default=None,
        description="Column whose greatest value is the newest version. Left out: of one key the last record stays.",
    )

    def problems(self) -> Iterator[Problem]:
        """A version is that of a key."""
        yield from _unique(self.primary_key)
        if self.newest_by is not None and not self.primary_key:
            yield ("newest_by",), "expected this with `primary_key` only, whose versions it orders; found it alone"

    @property
    def deleted_when(self) -> None:
        """Without versions across slots there are no tombstones."""
        return

    @property
    def across_slots(self) -> list[str]:
        """Columns by which rows of different slots are one row; none here."""
        return []


class Upsert(Part):
    """One row a key, whichever slots bring it."""

    mode: Literal["upsert"] = Field(description="`upsert`: one row a key; the newest version wins.")
    primary_key: list[Name] = Field(
        min_length=1, description="Columns that identify a row.", json_schema_extra={"uniqueItems": True}
    )
    newest_by: Name = Field(
        description="Column whose greatest value is the newest version. Of equal ones the later slot wins."
    )
    deleted_when: DeletedWhen | None = Field(
        default=None, description="What makes a record a tombstone, whose key readers no longer see."
    )

    def problems(self) -> Iterator[Problem]:
        """Key columns are named once."""
        yield from _unique(self.primary_key)

    @property
    def across_slots(self) -> list[str]:
        """Columns by which rows of different slots are one row."""
        return self.primary_key


class AppendOnly(Part):
    """Events: what a slot brought stays, and a repetition of it is dropped."""

    mode: Literal["append_only"] = Field(description="`append_only`: events; what is there is never changed by others.")
    primary_key: list[Name] = Field(
        default=[],
        description=(
            "Columns that identify an event. Of repetitions the earliest slot's first record stays. "
            "Left out: every record is a row."
        ),
        json_schema_extra={"uniqueItems": True},
    )

    def problems(self) -> Iterator[Problem]:
        """Key columns are named once."""
        yield from _unique(self.primary_key)

    @property
    def newest_by(self) -> None:
        """Events have no versions."""
        return

    @property
    def deleted_when(self) -> None:
        """Events are not taken back."""
        return

    @property
    def across_slots(self) -> list[str]:
        """Columns by which rows of different slots are one row."""
        return self.primary_key


Load = ReplaceSlot | Upsert | AppendOnly
