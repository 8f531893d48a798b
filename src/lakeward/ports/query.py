"""Asking SQL: what a query engine promises, whatever it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

Row = tuple[str | None, ...]
"""One value a column, as Athena renders it in GetQueryResults; None for SQL NULL."""


@dataclass(frozen=True)
class ResultColumn:
    """A column of a result: its name, and its type as Athena names it in ResultSetMetadata (varchar, bigint, …)."""

    name: str
    type: str


@dataclass(frozen=True)
class Answer:
    """What a statement that succeeded gave.

    Attributes:
        columns: empty for statements that have no result, such as most DDL.
        rows: read page by page as they are asked for; they can be read once.
        query_id: names the query at Athena.
        scanned_bytes: what Athena bills.
        milliseconds: from submission to the end, as Athena counts.
        written_rows: for INSERT, CTAS, UPDATE, DELETE and MERGE; else 0.
    """

    columns: tuple[ResultColumn, ...]
    rows: Iterator[Row]
    query_id: str
    scanned_bytes: int
    milliseconds: int
    written_rows: int


class Queries(Protocol):
    """A place that answers SQL."""

    def run(self, sql: str, database: str) -> Answer:
        """Run one statement to its end, with unqualified names looked up in ``database``.

        Raises:
            QueryFailed: it was refused, failed or was cancelled; with Athena's own message and the query's id.
        """
        ...
