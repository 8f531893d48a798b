"""What readers see, as data: the definitions of the serving views, and which state each table is in."""

from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

Definition = dict[str, Any]
"""A view as Glue's TableInput: name, columns, text."""


class TableState(BaseModel):
    """An Iceberg table: its current snapshot and columns."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    snapshot_id: str | None = Field(description="Decimal; null when nothing was ever published.")
    columns: list[str]


class Point(BaseModel):
    """A state of the catalog that can be come back to: all views, and every table of the deployed contracts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    views: dict[str, Definition] = Field(description="By name, in the serving database.")
    tables: dict[str, TableState] = Field(description="By <role>.<name>: curated.earthquakes_v1.")


class ViewState(BaseModel):
    """A view as it is now."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    definition: Definition
    table: str | None = Field(description="The table that it shows; null when it is not a view of ours.")
    version_id: str = Field(description="Glue's, for compare-and-set.")


class Views(Protocol):
    """The serving database."""

    def find(self, name: str) -> ViewState | None:
        """The view of that name, or None."""
        ...

    def all(self) -> dict[str, Definition]:
        """Every view's definition by name."""
        ...

    def replace(self, definition: Definition, version_id: str | None) -> None:
        """Put a definition in the place of the version that was read; None makes a view that is not there yet.

        Raises:
            CommitConflict: the view has changed since.
        """
        ...


class Tables(Protocol):
    """The Iceberg tables of the deployed contracts."""

    def names(self) -> list[str]:
        """All tables, by <role>.<name>."""
        ...

    def state(self, name: str) -> TableState | None:
        """A table's state; None when there is no such table."""
        ...

    def restore(self, name: str, to: TableState) -> bool:
        """Make a former state the current one, by compare-and-set; columns that came later go.

        Returns:
            Whether anything had to be changed.

        Raises:
            CommitConflict: the table changed meanwhile.
        """
        ...


class Move(BaseModel):
    """One view's move."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: str
    from_table: str
    to_table: str
    definition: Definition = Field(description="Of the view when it has moved.")
    keep_until: str | None = Field(description="Day until which the contract asks to keep the table that is left.")


class SwitchPlan(BaseModel):
    """Moves of views in their order, and how many of them are done."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    plan: Literal[1] = 1
    number: int = Field(ge=1)
    moves: list[Move] = Field(min_length=1)
    done: int = Field(ge=0)
    abandoned: bool = Field(default=False, description="Whether somebody gave up what was left.")
    made_at: str

    @property
    def open(self) -> bool:
        """Whether a move is left to make."""
        return self.done < len(self.moves) and not self.abandoned


class Journal(Protocol):
    """Where plans and former definitions are kept."""

    def newest(self) -> SwitchPlan | None:
        """The newest plan."""
        ...

    def write(self, plan: SwitchPlan, after: SwitchPlan | None) -> None:
        """Keep a plan in the place of ``after``: its former state, or the newest plan before it.

        Raises:
            CommitConflict: another switch was faster.
        """
        ...

    def keep_definition(self, view: str, table: str, definition: Definition) -> None:
        """Keep how a view showed a table."""
        ...

    def definition(self, view: str, table: str) -> Definition | None:
        """How a view showed a table when it last did."""
        ...
