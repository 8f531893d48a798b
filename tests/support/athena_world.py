"""A world for queries: answers made of rows, an engine that gives them, and an Athena that speaks HTTP."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from lakeward.errors import QueryFailed
from lakeward.ports.query import Answer, ResultColumn, Row

QUERY_ID = "11111111-2222-3333-4444-555555555555"


def answer(columns: dict[str, str], rows: list[Row], written_rows: int = 0) -> Answer:
    """What a statement gives; 0.25 s, 12,345 bytes scanned."""
    shown = tuple(ResultColumn(name, kind) for name, kind in columns.items())
    return Answer(shown, iter(rows), QUERY_ID, 12_345, 250, written_rows)


@dataclass
class FakeQueries:
    """Answers by statement; a text is why the statement fails."""

    answers: dict[str, Answer | str]
    asked: list[tuple[str, str]] = field(default_factory=list)

    def run(self, sql: str, database: str) -> Answer:
        """See ``lakeward.ports.query.Queries``."""
        self.asked.append((sql, database))
        found = self.answers[sql]
        if isinstance(found, str):
            raise QueryFailed(f"query {QUERY_ID} failed: {found}", query_id=QUERY_ID)
        return found


@dataclass
class AthenaOverHttp:
    """What an Athena on a loopback port answers, by statement, and which requests came."""

    endpoint: str
    results: dict[str, tuple[dict[str, str], list[Row]]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    started: list[dict[str, Any]] = field(default_factory=list)

    def reply(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """One operation of the API, as far as a query's life needs it. A query's id is its number."""
        if operation == "StartQueryExecution":
            self.started.append(request)
            return {"QueryExecutionId": str(len(self.started) - 1)}
        sql = self.started[int(request["QueryExecutionId"])]["QueryString"]
        if operation == "GetQueryExecution":
            failure = self.failures.get(sql)
            status = {"State": "FAILED", "StateChangeReason": failure} if failure else {"State": "SUCCEEDED"}
            statistics = {"DataScannedInBytes": 12_345, "TotalExecutionTimeInMillis": 250}
            return {"QueryExecution": {"Status": status, "Statistics": statistics, "StatementType": "DML"}}
        columns, rows = self.results[sql]
        shown = [{"Name": name, "Type": kind} for name, kind in columns.items()]
        data = [tuple(columns), *rows] if columns else []
        return {
            "ResultSet": {
                "ResultSetMetadata": {"ColumnInfo": shown},
                "Rows": [{"Data": [{} if v is None else {"VarCharValue": v} for v in row]} for row in data],
            }
        }


@contextmanager
def athena_over_http() -> Iterator[AthenaOverHttp]:
    """An Athena on a port of its own, for as long as the context lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = json.dumps(world.reply(self.headers["X-Amz-Target"].partition(".")[2], request)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    world = AthenaOverHttp(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield world
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
