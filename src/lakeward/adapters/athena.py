"""Queries on Athena: started in a workgroup, polled to their end, read page by page.

The workgroup says where results are written and how much a query may scan, so nothing of that is said here.
"""

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lakeward.errors import QueryFailed
from lakeward.ports.query import Answer, ResultColumn, Row

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_athena.type_defs import (
        ColumnInfoTypeDef,
        GetQueryResultsOutputTypeDef,
        QueryExecutionTypeDef,
        RowTypeDef,
    )

FIRST_POLL_SECONDS, LONGEST_POLL_SECONDS = 0.05, 2.0
"""A small query is over after the first waits; a long one is asked about every two seconds."""


class AthenaQueries:
    """One workgroup. See ``lakeward.ports.query.Queries``."""

    def __init__(self, client: "AthenaClient", workgroup: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._workgroup = workgroup
        self._sleep = sleep

    def run(self, sql: str, database: str) -> Answer:
        """See ``lakeward.ports.query.Queries``. Interrupted while it waits, it stops the query: no more is scanned."""
        query_id = self._start(sql, database)
        try:
            execution = self._wait(query_id)
        except KeyboardInterrupt:
            self._client.stop_query_execution(QueryExecutionId=query_id)
            raise
        try:
            first = self._client.get_query_results(QueryExecutionId=query_id)
        except self._client.exceptions.InvalidRequestException as problem:
            raise QueryFailed(
                f"query {query_id} succeeded, but its result cannot be read: {_said(problem)}", query_id=query_id
            ) from None
        columns = first["ResultSet"].get("ResultSetMetadata", {}).get("ColumnInfo", [])
        statistics = execution.get("Statistics", {})
        return Answer(
            columns=tuple(ResultColumn(c["Name"], c["Type"]) for c in columns),
            rows=self._rows(query_id, first, columns, execution.get("StatementType", "DML")),
            query_id=query_id,
            scanned_bytes=statistics.get("DataScannedInBytes", 0),
            milliseconds=statistics.get("TotalExecutionTimeInMillis", 0),
            written_rows=first.get("UpdateCount", 0),
        )

    def _start(self, sql: str, database: str) -> str:
        """Botocore adds a client request token, so that a repeated start is one query."""
        try:
            started = self._client.start_query_execution(
                QueryString=sql, WorkGroup=self._workgroup, QueryExecutionContext={"Database": database}
            )
        except self._client.exceptions.InvalidRequestException as problem:
            raise QueryFailed(f"Athena refused the query in workgroup {self._workgroup}: {_said(problem)}") from None
        return started["QueryExecutionId"]

    def _wait(self, query_id: str) -> "QueryExecutionTypeDef":
        delay = FIRST_POLL_SECONDS
        while True:
            execution = self._client.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
            status = execution["Status"]
            if status["State"] == "SUCCEEDED":
                return execution
            if status["State"] in ("FAILED", "CANCELLED"):
                said = status.get("StateChangeReason") or status.get("AthenaError", {}).get("ErrorMessage")
                raise QueryFailed(
                    f"query {query_id} {status['State'].lower()}: {said or 'Athena gave no reason'}",
                    query_id=query_id,
                    state=status["State"],
                )
            self._sleep(delay)
            delay = min(delay * 2, LONGEST_POLL_SECONDS)

    def _rows(
        self,
        query_id: str,
        page: "GetQueryResultsOutputTypeDef",
        columns: "list[ColumnInfoTypeDef]",
        statement_type: str,
    ) -> Iterator[Row]:
        rows = page["ResultSet"].get("Rows", [])
        yield from (_row(row, len(columns)) for row in rows[_is_header(rows, columns, statement_type) :])
        while "NextToken" in page:
            page = self._client.get_query_results(QueryExecutionId=query_id, NextToken=page["NextToken"])
            yield from (_row(row, len(columns)) for row in page["ResultSet"].get("Rows", []))


def _said(problem: ClientError) -> str:
    """Athena's own message."""
    return problem.response["Error"].get("Message") or str(problem)


def _is_header(rows: "list[RowTypeDef]", columns: "list[ColumnInfoTypeDef]", statement_type: str) -> bool:
    """Whether the first row of the first page repeats the column names.

    Athena begins the result of a SELECT with them, and no result of SHOW or DESCRIBE, where a first row that reads
    like the names is data (a table may be called ``tab_name``). EXPLAIN counts as a utility too; its one column's
    name is never a line of a plan.
    """
    names = [column["Name"] for column in columns]
    if not rows or [datum.get("VarCharValue") for datum in rows[0].get("Data", [])] != names:
        return False
    return statement_type == "DML" or names == ["Query Plan"]


def _row(row: "RowTypeDef", width: int) -> Row:
    """A row's values. SHOW and DESCRIBE put several columns into one value, between tabs."""
    values = [datum.get("VarCharValue") for datum in row.get("Data", [])]
    if len(values) == 1 and width > 1:
        parts = [part.strip() for part in (values[0] or "").split("\t", width - 1)]
        return tuple(parts + [""] * (width - len(parts)))
    return tuple(values)
