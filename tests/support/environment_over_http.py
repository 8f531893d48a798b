"""An environment as commands see it: a state machine, its functions and its ledger, on a loopback port."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

ACCOUNT_ID = "111111111111"
RELEASE = "e" * 64
BEGAN = 1_517_454_000.0
"""2018-02-02T03:00Z, when every execution begins."""
MEMORY_MB = {"ingest": 512, "transform": 3008, "audit": 512, "publish": 3008, "record": 512}
PAGE_EVENTS = 7
IDENTITY = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    f"<Account>{ACCOUNT_ID}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
)


@dataclass
class Run:
    """An execution: how it ends, after how many looks, and the seconds that each of its steps took."""

    status: str = "SUCCEEDED"
    counts: tuple[int, int, int, int] = (10, 8, 1, 1)
    error: str | None = None
    cause: str | None = None
    steps: tuple[tuple[str, float], ...] = (
        ("Ingest", 4.0),
        ("Transform", 2.0),
        ("Audit", 1.0),
        ("Publish", 3.0),
        ("Record", 0.5),
    )
    looks_before_its_end: int = 0
    release: str = RELEASE
    slot: str = ""

    @property
    def seconds(self) -> float:
        return sum(seconds for _, seconds in self.steps)

    def output(self) -> dict[str, Any]:
        """What the machine's last state has."""
        names = ("records_in", "written", "quarantined", "deduplicated")
        return {
            "dataset": "parcels",
            "slot": self.slot,
            "transform": {"release": self.release},
            "record": {"status": "SUCCEEDED", "kept": True, **dict(zip(names, self.counts, strict=True))},
        }

    def events(self) -> list[dict[str, Any]]:
        """The history: every step calls its function once and takes as long as that."""
        now, events = BEGAN, [{"type": "ExecutionStarted", "timestamp": BEGAN}]
        for name, seconds in self.steps:
            events += [
                {"type": "TaskStateEntered", "timestamp": now, "stateEnteredEventDetails": {"name": name}},
                {"type": "LambdaFunctionScheduled", "timestamp": now},
                {"type": "LambdaFunctionSucceeded", "timestamp": now + seconds},
                {"type": "TaskStateExited", "timestamp": now + seconds},
            ]
            now += seconds
        events.append({"type": f"Execution{self.status.capitalize()}", "timestamp": now})
        return [{"id": number, "previousEventId": number - 1, **event} for number, event in enumerate(events, start=1)]


@dataclass
class EnvironmentOverHttp:
    """``runs`` are the executions by name; ``coming`` says by slot what an execution that is started will be."""

    endpoint: str
    runs: dict[str, Run] = field(default_factory=dict)
    coming: dict[str, Run] = field(default_factory=dict)
    items: list[dict[str, Any]] = field(default_factory=list)
    refuse_queries: str | None = None
    started: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    when_started: Callable[[str], None] = lambda _slot: None
    """Is told the slot of every execution that is started."""

    def reply(self, target: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """One JSON operation."""
        with self.lock:
            operation = target.rpartition(".")[2]
            if operation == "Query" and self.refuse_queries:
                return 400, {"__type": "ResourceNotFoundException", "message": self.refuse_queries}
            if operation == "Query":
                return 200, {"Items": self.items, "Count": len(self.items)}
            if operation == "StartExecution":
                return self._start(request)
            name = request["executionArn"].rpartition(":")[2]
            if name not in self.runs:
                return 400, {"__type": "ExecutionDoesNotExist", "message": name}
            if operation == "DescribeExecution":
                return 200, self._describe(name, request["executionArn"])
            return 200, self._history(self.runs[name].events(), request)

    def _start(self, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        given = json.loads(request["input"])
        self.started.append((request["name"], given))
        run = self.coming.get(given["slot"], Run())
        run.slot = given["slot"]
        self.runs[request["name"]] = run
        self.when_started(given["slot"])
        return 200, {"executionArn": request["name"], "startDate": BEGAN}

    def _describe(self, name: str, arn: str) -> dict[str, Any]:
        run = self.runs[name]
        found: dict[str, Any] = {"executionArn": arn, "name": name, "startDate": BEGAN, "input": "{}"}
        if run.looks_before_its_end > 0:
            run.looks_before_its_end -= 1
            return found | {"status": "RUNNING"}
        found |= {"status": run.status, "stopDate": BEGAN + run.seconds}
        if run.status == "SUCCEEDED":
            return found | {"output": json.dumps(run.output())}
        return found | {k: v for k, v in (("error", run.error), ("cause", run.cause)) if v is not None}

    def _history(self, events: list[dict[str, Any]], request: dict[str, Any]) -> dict[str, Any]:
        ordered = events[::-1] if request.get("reverseOrder") else events
        first = int(request.get("nextToken", 0))
        page: dict[str, Any] = {"events": ordered[first : first + PAGE_EVENTS]}
        if first + PAGE_EVENTS < len(ordered):
            page["nextToken"] = str(first + PAGE_EVENTS)
        return page


@contextmanager
def environment_over_http() -> Iterator[EnvironmentOverHttp]:
    """An environment on a port of its own, for as long as the context lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            target = self.headers.get("X-Amz-Target")
            if target is None:
                self._say(200, IDENTITY)
                return
            status, answer = world.reply(target, json.loads(body))
            self._say(status, json.dumps(answer))

        def do_GET(self) -> None:
            role = unquote(self.path).split("/")[3].rpartition("-")[2]
            variables = {"LAKEWARD_RELEASE": RELEASE}
            self._say(200, json.dumps({"MemorySize": MEMORY_MB[role], "Environment": {"Variables": variables}}))

        def _say(self, status: int, text: str) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    world = EnvironmentOverHttp(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield world
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
