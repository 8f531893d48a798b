"""What building marts needs of the lake: which state its inputs are in, and the rows that a query gave."""

from pathlib import Path
from typing import Any, Protocol

from lakeward.contract.mart import Mart
from lakeward.ports.lake import FieldIds, LocalFile, Table
from lakeward.slot import Slot

QueryExecution = dict[str, Any]
"""Athena's account of a query that succeeded, as GetQueryExecution gives it."""


class Inputs(Protocol):
    """The tables of datasets and marts, by name. Every answer is read anew."""

    def run_id(self, name: str, slot: Slot) -> str | None:
        """The run whose rows the slot has; None when it was never published."""
        ...

    def snapshot(self, name: str) -> str | None:
        """The table's state; None when nothing was ever published."""
        ...

    def slots(self, name: str) -> set[str]:
        """Every slot that was published, as text."""
        ...


class MartRows(Protocol):
    """From what a query wrote to files for a table."""

    def fetch(self, query: QueryExecution, folder: Path) -> list[Path]:
        """Copy the query's output into a local folder.

        Raises:
            StagedMissing: the query's manifest names a file that is not there.
        """
        ...

    def write(self, mart: Mart, slot: Slot, output: list[Path], ids: FieldIds, folder: Path) -> list[LocalFile]:
        """Hold the rows to what the mart declares, and write them by partition with the table's field ids.

        Raises:
            SchemaConflict: other columns or types than declared.
            AuditFailed: a row without a value that is required, two rows of one name, or too few rows.
        """
        ...


class MartTables(Protocol):
    """The tables of the marts."""

    def table(self, name: str) -> Table:
        """A mart's table."""
        ...
