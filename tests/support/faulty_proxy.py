"""A proxy in front of the local cloud that breaks one request, or all from one on, in a way that S3 and Glue know."""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit

Kind = Literal["refused", "error", "busy", "token expired", "answer lost", "done and error", "done and late"]
ERRORS = {"error": (500, "InternalError"), "busy": (503, "SlowDown"), "token expired": (400, "ExpiredToken")}

LATE_SECONDS = 3
HOP = {"connection", "transfer-encoding", "keep-alive", "content-length", "expect", "host"}


@dataclass(frozen=True)
class Fault:
    """What goes wrong with request ``at`` (from 1). When it lasts, every later request is refused."""

    kind: Kind
    at: int
    lasts: bool = False


class FaultyProxy(ThreadingHTTPServer):
    """Forwards to ``endpoint``. ``seen`` names the requests since ``arm`` was called, ``struck`` what a fault hit."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, endpoint: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = urlsplit(endpoint).netloc
        self.endpoint = f"http://127.0.0.1:{self.server_address[1]}"
        self.seen: list[str] = []
        self.struck = "nothing"
        self._fault: Fault | None = None
        self._lock = threading.Lock()

    def arm(self, fault: Fault | None) -> None:
        """Count from 1 again, and break what the fault says; None breaks nothing."""
        with self._lock:
            self.seen, self._fault = [], fault
            if fault:
                self.struck = "nothing"

    def strike(self, name: str) -> Kind | None:
        """Note a request; says what goes wrong with it."""
        with self._lock:
            self.seen.append(name)
            number, fault = len(self.seen), self._fault
        if fault is None or number < fault.at:
            return None
        if number == fault.at:
            self.struck = name
            return fault.kind
        return "token expired" if fault.lasts else None

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no news here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: FaultyProxy

    def setup(self) -> None:
        super().setup()
        self.upstream = http.client.HTTPConnection(self.server.upstream, timeout=30)

    def finish(self) -> None:
        self.upstream.close()
        super().finish()

    def handle_expect_100(self) -> bool:
        self.send_response_only(100)
        self.end_headers()
        self.wfile.flush()  # the client waits for it before it sends the body
        return True

    def do_GET(self) -> None:
        body = self._body()
        action = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        kind = self.server.strike(action or f"{self.command} {self.path}")
        if kind in ERRORS:
            self._say_error(*ERRORS[kind])
            return
        if kind == "refused":
            self.close_connection = True
            return
        answer, content = self._forward(body)
        if kind == "answer lost":
            self.close_connection = True
        elif kind == "done and error":
            self._say_error(*ERRORS["error"])
        else:
            if kind == "done and late":
                time.sleep(LATE_SECONDS)
            self._pass_on(answer, content)

    do_PUT = do_POST = do_DELETE = do_HEAD = do_GET  # noqa: N815 -- the server looks methods up by these names

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return body

    def _forward(self, body: bytes) -> tuple[http.client.HTTPResponse, bytes]:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        self.upstream.request(self.command, self.path, body, headers)
        answer = self.upstream.getresponse()
        return answer, answer.read()

    def _pass_on(self, answer: http.client.HTTPResponse, content: bytes) -> None:
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in HOP:
                self.send_header(name, value)
        length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
        if answer.status not in (204, 304):
            self.send_header("Content-Length", length or "0")
        self.end_headers()
        self.wfile.write(content)

    def _say_error(self, status: int, code: str) -> None:
        if "X-Amz-Target" in self.headers:
            body = json.dumps({"__type": f"{code}Exception", "Message": "on purpose"}).encode()
        else:
            body = f"<Error><Code>{code}</Code><Message>on purpose</Message></Error>".encode()
        self.send_response_only(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def faulty_proxy(endpoint: str) -> Iterator[FaultyProxy]:
    """Serve on a free port of the loopback interface until the block ends."""
    with FaultyProxy(endpoint) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()
