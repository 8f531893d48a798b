"""The HTTP server: imitations below their paths, and what tests ask for below ``/_replay``.

GET    /_replay/health    200; what is imitated
GET    /_replay/requests  what was asked and what was sent for it
DELETE /_replay/requests  forget that
GET    /_replay/faults    the rules in force, and how often each matched
PUT    /_replay/faults    put these rules in the place of all others; [] for none
"""

import gzip
import json
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pydantic import ValidationError

from lakeward_local.replay.faults import RULES, Armoury
from lakeward_local.replay.journal import Journal
from lakeward_local.replay.model import Answer, Imitation, Question, RefusedError

_COMPRESSION_LEVEL = 6


class ReplayServer(ThreadingHTTPServer):
    """Answers for the imitations, on 127.0.0.1 only."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, imitations: Sequence[Imitation]) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.socket.setblocking(False)  # who connects may be gone again: waiting for the next would not see the end
        self.imitations = tuple(imitations)
        self.armoury = Armoury()
        self.journal = Journal()

    def get_request(self) -> tuple[socket.socket, Any]:
        """A connection, which blocks whatever its listening socket does."""
        connection, address = super().get_request()
        connection.setblocking(True)
        return connection, address

    def answer(self, question: Question, gzip_accepted: bool) -> Answer:
        """What goes over the wire for a question, faults and all; it is noted in the journal."""
        faults = self.armoury.strike(question)
        asked = question
        for fault in faults:
            asked = fault.on_question(asked)
        answer = self._without_wire(asked, faults)
        for fault in faults:
            answer = fault.on_answer(answer)
        answer = _encoded(answer, gzip_accepted)
        for fault in faults:
            answer = fault.on_wire(answer)
        sent = b"" if answer.dropped else answer.body[: answer.sent_bytes]
        self.journal.write(question, answer, sent, [fault.kind for fault in faults])
        return answer

    def _without_wire(self, question: Question, faults: Sequence[Any]) -> Answer:
        for imitation in self.imitations:
            if question.path.startswith(f"{imitation.base_path}/"):
                try:
                    selection = imitation.select(question)
                except RefusedError as refusal:
                    return refusal.answer
                for fault in faults:
                    selection = fault.on_selection(selection)
                return imitation.render(selection)
        known = ", ".join(f"{i.base_path}/ ({i.host})" for i in self.imitations) or "none"
        text = f"Nothing is imitated at {question.path}. Imitated paths: {known}.\n"
        return Answer(404, text.encode(), {"Content-Type": "text/plain; charset=utf-8"})


def _encoded(answer: Answer, gzip_accepted: bool) -> Answer:
    headers = {**answer.headers, "Vary": "Accept-Encoding"}
    if not gzip_accepted or not answer.body:
        return replace(answer, headers=headers)
    # Without a time in its header, the same body has the same bytes every time.
    body = gzip.compress(answer.body, _COMPRESSION_LEVEL, mtime=0)
    return replace(answer, headers={**headers, "Content-Encoding": "gzip"}, body=body)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: ReplayServer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path in _ADMIN:
            self._administer()
            return
        question = Question(parts.path, tuple(parse_qsl(parts.query, keep_blank_values=True)))
        self._send(self.server.answer(question, "gzip" in self.headers.get("Accept-Encoding", "")))

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        self._administer()

    def do_DELETE(self) -> None:
        self._administer()

    def do_POST(self) -> None:
        self._administer()

    def _administer(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        action = _ADMIN.get(urlsplit(self.path).path, {}).get(self.command)
        if action is None:
            self._send(_json(405, {"message": f"{self.command} {self.path} is not served"}))
            return
        try:
            self._send(_json(200, action(self.server, content)))
        except ValidationError as error:
            self._send(_json(400, {"message": str(error)}))

    def _send(self, answer: Answer) -> None:
        time.sleep(answer.delay_seconds)
        if answer.dropped:
            self.close_connection = True
            return
        body = b"" if self.command == "HEAD" else answer.body[: answer.sent_bytes]
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = self.close_connection or answer.sent_bytes is not None


def _json(status: int, value: Any) -> Answer:
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json"})


def _health(server: ReplayServer, _content: bytes) -> Any:
    return {"imitations": [{"host": i.host, "path": i.base_path, "records": i.record_count} for i in server.imitations]}


def _arm(server: ReplayServer, content: bytes) -> Any:
    rules = RULES.validate_json(content)
    server.armoury.arm(rules)
    return {"rules": len(rules)}


def _forget(server: ReplayServer, _content: bytes) -> Any:
    server.journal.clear()
    return {}


_ADMIN: dict[str, dict[str, Callable[[ReplayServer, bytes], Any]]] = {
    "/_replay/health": {"GET": _health},
    "/_replay/requests": {"GET": lambda server, _: server.journal.read(), "DELETE": _forget},
    "/_replay/faults": {"GET": lambda server, _: server.armoury.report(), "PUT": _arm},
}
