"""Query executions: their life from QUEUED to an end, and how the API shows them."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any, Final

from lakeward_local.athena.errors import QueryError
from lakeward_local.athena.run import Run

FINISHED: Final = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})


@dataclass
class Outcome:
    """What a statement answered.

    Attributes:
        columns: ColumnInfo of the result.
        rows: the values as text; None when they are to be read from the result file.
        kind: DML, DDL or UTILITY.
        sub: SubstatementType, e.g. SELECT, CREATE_TABLE_AS_SELECT.
        has_header: whether GetQueryResults begins with the column names (SELECT does).
        is_text: whether the result file is tab-separated text and not CSV.
        update_count: rows written.
        manifest: files written, for the data manifest.
    """

    columns: list[dict[str, Any]] = field(default_factory=list)
    rows: list[list[str | None]] | None = field(default_factory=list)
    kind: str = "DML"
    sub: str = "SELECT"
    has_header: bool = False
    is_text: bool = False
    update_count: int | None = None
    manifest: list[str] | None = None
    scanned_bytes: int = 0


@dataclass
class Execution:
    """One query execution."""

    id: str
    query: str
    workgroup: str
    database: str
    catalog: str
    results: dict[str, Any]
    output_location: str
    parameters: list[str] | None = None
    kind: str = "DML"
    sub: str = "SELECT"
    state: str = "QUEUED"
    reason: str | None = None
    error: dict[str, Any] | None = None
    submitted: float = field(default_factory=time.time)
    started: float | None = None
    completed: float | None = None
    outcome: Outcome | None = None
    scanned_bytes: int = 0
    manifest_location: str | None = None
    reused: bool = False
    is_location_enforced: bool = False
    run: Run | None = None
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def begin(self) -> bool:
        """QUEUED to RUNNING; false when it was cancelled before."""
        with self.lock:
            if self.state != "QUEUED":
                return False
            self.state, self.started = "RUNNING", time.time()
            return True

    def succeed(self, outcome: Outcome) -> None:
        with self.lock:
            if self.state in FINISHED:
                return
            self.outcome, self.scanned_bytes = outcome, outcome.scanned_bytes
            self.kind = outcome.kind
            self.state, self.completed = "SUCCEEDED", time.time()

    def fail(self, error: QueryError, scanned_bytes: int = 0) -> None:
        with self.lock:
            if self.state in FINISHED:
                return
            is_limit = error.code == "BYTES_SCANNED_LIMIT"
            self.reason = error.message if is_limit else str(error)
            self.state, self.completed = ("CANCELLED" if is_limit else "FAILED"), time.time()
            self.scanned_bytes = scanned_bytes
            self.error = {
                "ErrorCategory": error.category,
                "ErrorType": error.error_type,
                "Retryable": False,
                "ErrorMessage": self.reason,
            }

    def cancel(self) -> None:
        with self.lock:
            if self.state in FINISHED:
                return
            self.state, self.completed, self.reason = "CANCELLED", time.time(), "Query was cancelled by user"
            run = self.run
        if run is not None:
            run.stop()

    def described(self) -> dict[str, Any]:
        """The execution as GetQueryExecution shows it."""
        status: dict[str, Any] = {"State": self.state, "SubmissionDateTime": self.submitted}
        optional = {
            "StateChangeReason": self.reason,
            "CompletionDateTime": self.completed,
            "AthenaError": self.error,
        }
        status |= {name: value for name, value in optional.items() if value is not None}
        found: dict[str, Any] = {
            "QueryExecutionId": self.id,
            "Query": self.query,
            "StatementType": self.kind,
            "ResultConfiguration": {**self.results, "OutputLocation": self.output_location},
            "ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": False}},
            "QueryExecutionContext": {"Database": self.database, "Catalog": self.catalog},
            "Status": status,
            "Statistics": self._statistics(),
            "WorkGroup": self.workgroup,
            "EngineVersion": {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"},
            "SubstatementType": self.outcome.sub if self.outcome else self.sub,
        }
        if self.parameters:
            found["ExecutionParameters"] = self.parameters
        return found

    def _statistics(self) -> dict[str, Any]:
        end = self.completed or time.time()
        started = self.started or end
        found: dict[str, Any] = {
            "EngineExecutionTimeInMillis": int((end - started) * 1000),
            "DataScannedInBytes": self.scanned_bytes,
            "TotalExecutionTimeInMillis": int((end - self.submitted) * 1000),
            "QueryQueueTimeInMillis": int((started - self.submitted) * 1000),
            "ServicePreProcessingTimeInMillis": 0,
            "QueryPlanningTimeInMillis": 0,
            "ServiceProcessingTimeInMillis": 0,
            "ResultReuseInformation": {"ReusedPreviousResult": self.reused},
        }
        if self.manifest_location:
            found["DataManifestLocation"] = self.manifest_location
        return found

    def runtime_statistics(self) -> dict[str, Any]:
        """GetQueryRuntimeStatistics, as far as it is known."""
        statistics = self._statistics()
        timeline = {k: v for k, v in statistics.items() if k.endswith("InMillis")}
        rows = len(self.outcome.rows or []) if self.outcome else 0
        return {"Timeline": timeline, "Rows": {"InputBytes": self.scanned_bytes, "OutputRows": rows}}
