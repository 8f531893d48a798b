"""Running a query: the stages in their order.

``parse -> bind and type -> rewrite -> run -> render``; each is a module of its own, this one only joins them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa

from lakeward_local.athena.analysis import plan as p
from lakeward_local.athena.analysis.queries import QueryAnalyzer
from lakeward_local.athena.analysis.relations import Environment
from lakeward_local.athena.analysis.scope import Scope
from lakeward_local.athena.catalog.glue import GlueCatalog
from lakeward_local.athena.errors import QueryError
from lakeward_local.athena.failures import renamed
from lakeward_local.athena.render import renderer
from lakeward_local.athena.rewrite.output import for_files, for_python
from lakeward_local.athena.rewrite.queries import QueryWriter
from lakeward_local.athena.session import Sessions
from lakeward_local.athena.syntax import nodes as n
from lakeward_local.athena.tables import derived
from lakeward_local.athena.tables.hive import HiveReader
from lakeward_local.athena.tables.iceberg import IcebergReader
from lakeward_local.athena.tables.objects import ObjectStore
from lakeward_local.athena.tables.parquet import Footers


@dataclass(frozen=True)
class Answer:
    """A query's rows in Athena's text, and what they cost."""

    outputs: tuple[p.Output, ...]
    rows: list[list[str | None]]
    scanned_bytes: int


@dataclass
class Run:
    """One execution: its connection, so that it can be stopped, and the bytes that it is allowed and has scanned."""

    connection: duckdb.DuckDBPyConnection
    cutoff_bytes: int | None = None
    scanned_bytes: int = 0
    stopped: bool = False
    scans: list[p.Scan] = field(default_factory=list)

    def stop(self) -> None:
        """Make the running statement fail soon."""
        self.stopped = True
        self.connection.interrupt()

    def count(self, scanned_bytes: int) -> None:
        """Add scanned bytes.

        Raises:
            QueryError: BYTES_SCANNED_LIMIT, more than the workgroup allows.
        """
        self.scanned_bytes += scanned_bytes
        if self.cutoff_bytes is not None and self.scanned_bytes > self.cutoff_bytes:
            raise QueryError("BYTES_SCANNED_LIMIT", "Query cancelled! : Bytes scanned limit was exceeded")


class Engine:
    """Answers queries over one account's catalog and buckets."""

    def __init__(self, glue: Any, objects: ObjectStore, sessions: Sessions, footers: Footers) -> None:
        self.glue = glue
        self.objects = objects
        self.sessions = sessions
        self.footers = footers

    def catalog(self) -> GlueCatalog:
        """A catalog for one query: it sees each table as it is when first asked for."""
        return GlueCatalog(self.glue, self.objects)

    def start(self, cutoff_bytes: int | None = None) -> Run:
        return Run(self.sessions.cursor(), cutoff_bytes)

    def plan(
        self,
        query: n.Query,
        database: str,
        catalog: GlueCatalog,
        parameters: Sequence[n.Expression] = (),
        views: tuple[tuple[str, str], ...] = (),
    ) -> p.QueryPlan:
        """Bind and type.

        Args:
            views: what the query must not read, because it will be their text.

        Raises:
            QueryError: whatever Trino's analysis refuses.
        """
        analyzer = QueryAnalyzer(catalog, tuple(parameters))
        return analyzer.query(query, Scope(), Environment(database, {}, views))

    def sql(self, plan: p.QueryPlan, run: Run, catalog: GlueCatalog) -> str:
        """Rewrite: the DuckDB SQL of a plan; planning the files counts what will be scanned."""
        hive = HiveReader(self.glue, self.objects, self.footers)
        iceberg = IcebergReader(self.objects, self.footers)

        def read(scan: p.Scan) -> str:
            if "$" in scan.table.kind:
                return derived.rows_sql(scan.table, scan, derived.rows_of(catalog, scan.table))
            run.scans.append(scan)
            found = (iceberg if scan.table.kind == "iceberg" else hive).read(run.connection, scan)
            run.count(found.scanned_bytes)
            return found.sql

        return QueryWriter(read).query(plan)

    def answer(self, plan: p.QueryPlan, run: Run, catalog: GlueCatalog) -> Answer:
        """Run and render.

        Raises:
            QueryError: what fails while running, under Trino's name.
        """
        renderers = [renderer(o.type) for o in plan.outputs]
        sql = for_python(self.sql(plan, run, catalog), plan.outputs)
        with failing(run):
            rows = run.connection.execute(sql).fetchall()
        return Answer(
            plan.outputs, [[show(v) for show, v in zip(renderers, row, strict=True)] for row in rows], run.scanned_bytes
        )

    def arrow(self, plan: p.QueryPlan, run: Run, catalog: GlueCatalog) -> pa.Table:
        """Run, for what writes tables: the columns under their own names."""
        sql = for_files(self.sql(plan, run, catalog), plan.outputs)
        with failing(run):
            return run.connection.execute(sql).to_arrow_table()


class failing:  # noqa: N801 - a context manager that reads as a word
    """DuckDB's errors inside become Trino's."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def __enter__(self) -> None:
        if self.run.stopped:
            raise QueryError("USER_CANCELED", "Query was canceled")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, duckdb.Error):
            raise renamed(error) from error
