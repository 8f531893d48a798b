"""Everything that Athena keeps for one account in one region."""

from __future__ import annotations

import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from lakeward_local.athena.errors import ApiError, QueryError
from lakeward_local.athena.executions import Execution, Outcome
from lakeward_local.athena.metadata import Metadata
from lakeward_local.athena.results import write
from lakeward_local.athena.run import Engine
from lakeward_local.athena.saved import NamedQueries, PreparedStatements
from lakeward_local.athena.session import Sessions
from lakeward_local.athena.statements import Statements, classify
from lakeward_local.athena.tables.objects import FileCache, ObjectStore
from lakeward_local.athena.tables.parquet import Footers
from lakeward_local.athena.workgroups import Workgroup, Workgroups

#: (service, account id, region) -> a boto3 client.
ClientFactory = Callable[[str, str, str], Any]

_KEPT_EXECUTIONS: Final = 10_000
_MAX_QUERY_BYTES: Final = 262_144


@dataclass
class Shared:
    """What all accounts of a service share."""

    clients: ClientFactory
    sessions: Sessions
    cache: FileCache
    footers: Footers
    pool: ThreadPoolExecutor


class Account:
    """One account in one region."""

    def __init__(self, shared: Shared, account_id: str, region: str) -> None:
        self.shared, self.account_id, self.region = shared, account_id, region
        self.lock = threading.RLock()
        self.workgroups = Workgroups()
        self.named = NamedQueries()
        self.prepared = PreparedStatements()
        self.tags: dict[str, dict[str, str]] = {}
        self.catalogs: dict[str, dict[str, Any]] = {}
        self.executions: OrderedDict[str, Execution] = OrderedDict()
        self.tokens: dict[str, str] = {}
        self.token_requests: dict[str, dict[str, Any]] = {}
        self.glue = shared.clients("glue", account_id, region)
        self.objects = ObjectStore(shared.clients("s3", account_id, region), shared.cache, account_id)
        self.metadata = Metadata(self.glue)
        self.engine = Engine(self.glue, self.objects, shared.sessions, shared.footers)
        self.statements = Statements(self.engine, self.prepared)

    def arn(self, kind: str, name: str) -> str:
        return f"arn:aws:athena:{self.region}:{self.account_id}:{kind}/{name}"

    # ---- executions

    def start(self, request: dict[str, Any]) -> str:
        """Accept a query and queue it.

        Raises:
            ApiError: the workgroup, the location, the token or the query's syntax is refused.
        """
        sql = request.get("QueryString") or ""
        if not sql.strip():
            raise ApiError.invalid("queryString cannot be empty")
        if len(sql.encode()) > _MAX_QUERY_BYTES:
            raise ApiError.invalid(f"queryString: expected at most {_MAX_QUERY_BYTES} bytes, found {len(sql.encode())}")
        with self.lock:
            group = self.workgroups.usable(request.get("WorkGroup") or "primary")
            results = group.results(request.get("ResultConfiguration") or {})
            known = self._known_token(request)
            if known is not None:
                return known
            try:
                kind, sub, is_text = classify(sql)
            except QueryError as error:
                if error.code != "SYNTAX_ERROR":  # it parses, but cannot be run: the execution says why
                    kind, sub, is_text = "DML", "DML", False
                else:
                    raise ApiError.invalid(error.message, "MALFORMED_QUERY") from error
            execution = self._accepted(request, sql, group, results, kind, ".txt" if is_text else ".csv")
            execution.sub = sub
        reused = self._reusable(execution, request)
        if reused is not None:
            return self._reuse(execution, reused)
        self.shared.pool.submit(self._execute, execution, group.cutoff_bytes)
        return execution.id

    def _known_token(self, request: dict[str, Any]) -> str | None:
        token = request.get("ClientRequestToken")
        if token is None or token not in self.tokens:
            return None
        execution = self.executions[self.tokens[token]]
        if self.token_requests.get(token, request) != request:
            raise ApiError.invalid("Idempotent parameters do not match")
        return execution.id

    def _accepted(
        self, request: dict[str, Any], sql: str, group: Workgroup, results: dict[str, Any], kind: str, suffix: str
    ) -> Execution:
        context = request.get("QueryExecutionContext") or {}
        query_id = str(uuid.uuid4())
        location = f"{results['OutputLocation'].rstrip('/')}/{query_id}{suffix}"
        execution = Execution(
            query_id,
            sql,
            group.name,
            (context.get("Database") or "default").strip('"`').lower(),
            (context.get("Catalog") or "awsdatacatalog").lower(),
            results,
            location,
            request.get("ExecutionParameters"),
            kind,
            is_location_enforced=group.is_enforced,
        )
        self.executions[query_id] = execution
        while len(self.executions) > _KEPT_EXECUTIONS:
            self.executions.popitem(last=False)
        if request.get("ClientRequestToken"):
            self.tokens[request["ClientRequestToken"]] = query_id
            self.token_requests[request["ClientRequestToken"]] = dict(request)
        return execution

    def _reusable(self, execution: Execution, request: dict[str, Any]) -> Execution | None:
        """An earlier answer to the same query, when the client allows its age."""
        reuse = (request.get("ResultReuseConfiguration") or {}).get("ResultReuseByAgeConfiguration") or {}
        if not reuse.get("Enabled"):
            return None
        oldest = time.time() - 60 * int(reuse.get("MaxAgeInMinutes", 60))
        same = (
            e
            for e in reversed(self.executions.values())
            if e is not execution and e.state == "SUCCEEDED" and (e.completed or 0) >= oldest
        )
        return next(
            (
                e
                for e in same
                if (e.query, e.database, e.workgroup, e.parameters, e.outcome.sub if e.outcome else "")
                == (execution.query, execution.database, execution.workgroup, execution.parameters, "SELECT")
            ),
            None,
        )

    def _reuse(self, execution: Execution, earlier: Execution) -> str:
        execution.begin()
        execution.reused, execution.output_location = True, earlier.output_location
        if earlier.outcome is not None:
            execution.succeed(Outcome(**{**vars(earlier.outcome), "scanned_bytes": 0}))
        return execution.id

    def _execute(self, execution: Execution, cutoff_bytes: int | None) -> None:
        """Run a query to its end; whatever goes wrong is the execution's end, never the pool's."""
        if not execution.begin():
            return
        execution.run = self.engine.start(cutoff_bytes)
        try:
            outcome = self.statements.run(execution, execution.run)
            write(execution, outcome, self.objects)
            execution.succeed(outcome)
        except QueryError as error:
            execution.fail(error, execution.run.scanned_bytes)
        except Exception as error:  # noqa: BLE001 - the entrypoint of a query: reported to whoever asked
            execution.fail(
                QueryError("GENERIC_INTERNAL_ERROR", f"{type(error).__name__}: {error}"), execution.run.scanned_bytes
            )
        finally:
            execution.run.connection.close()
            execution.run = None

    def execution(self, query_id: str) -> Execution:
        found = self.executions.get(query_id)
        if found is None:
            raise ApiError.invalid(f"QueryExecution {query_id} was not found")
        return found

    # ---- persistence

    def state(self) -> dict[str, Any]:
        """What survives a restart, as JSON; rows are read back from their files."""
        with self.lock:
            finished = [e for e in self.executions.values() if e.completed is not None]
            return {
                "workgroups": self.workgroups.state(), "named": list(self.named.by_id.values()),
                "prepared": list(self.prepared.by_key.values()), "tags": self.tags, "catalogs": self.catalogs,
                "executions": [_saved(e) for e in finished[-1000:]],
            }  # fmt: skip

    def restore(self, state: dict[str, Any]) -> None:
        with self.lock:
            self.workgroups.restore(state["workgroups"])
            self.named.by_id = {q["NamedQueryId"]: q for q in state["named"]}
            self.prepared.by_key = {(s["WorkGroupName"], s["StatementName"]): s for s in state["prepared"]}
            self.tags, self.catalogs = state["tags"], state["catalogs"]
            for saved in state["executions"]:
                outcome = saved.pop("outcome")
                self.executions[saved["id"]] = Execution(**saved, outcome=Outcome(**outcome) if outcome else None)


def _saved(execution: Execution) -> dict[str, Any]:
    found = {k: v for k, v in vars(execution).items() if k not in {"run", "lock", "outcome"}}
    outcome = execution.outcome
    return found | {"outcome": {**vars(outcome), "rows": None if outcome.columns else []} if outcome else None}
