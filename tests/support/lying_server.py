"""A real HTTP server that says exactly the bytes that a test wants to be said, at the pace that it wants."""

import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Say = Callable[[socket.socket], None]
"""Writes an answer to a connection, which is closed afterwards unless ``say.keep`` is true."""


@dataclass
class LyingServer:
    """``script`` takes the target of a request (path and query) and its number from 1; it says what to say."""

    script: Callable[[str, int], Say]
    origin: str = ""
    targets: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    connections: int = 0
    closing: threading.Event = field(default_factory=threading.Event)


class _Connection(socketserver.BaseRequestHandler):
    lies: LyingServer

    def handle(self) -> None:
        self.lies.connections += 1
        while (head := self._head()) is not None:
            target = head.split(" ")[1]
            self.lies.heads.append(head)
            self.lies.targets.append(target)
            say = self.lies.script(target, len(self.lies.targets))
            try:
                say(self.request)
            except OSError:  # the client had enough
                return
            if not getattr(say, "keep", False):
                return

    def _head(self) -> str | None:
        head = b""
        while b"\r\n\r\n" not in head:
            try:
                piece = self.request.recv(65_536)
            except OSError:
                return None
            if not piece:
                return None
            head += piece
        return self._with_body(head).decode()

    def _with_body(self, head: bytes) -> bytes:
        """A form that is posted comes after its head."""
        length = next((line[16:] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length: ")), b"0")
        wanted = head.index(b"\r\n\r\n") + 4 + int(length)
        while len(head) < wanted:
            head += self.request.recv(65_536)
        return head


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A handshake that the client breaks off is no news here."""


@contextmanager
def lying_server(script: Callable[[str, int], Say], tls: ssl.SSLContext | None = None) -> Iterator[LyingServer]:
    """Serve on a free port of the loopback interface until the block ends."""
    lies = LyingServer(script)
    with _Server(("127.0.0.1", 0), type("Connection", (_Connection,), {"lies": lies})) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        lies.origin = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield lies
        finally:
            lies.closing.set()
            server.shutdown()
            thread.join()


def head(status: str, **headers: str) -> bytes:
    """Status line and headers; underscores in names stand for hyphens."""
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def bytes_as_they_are(said: bytes) -> Say:
    """Say these bytes and hang up."""
    return lambda connection: connection.sendall(said)


def whole(body: bytes, status: str = "200 OK", **headers: str) -> Say:
    """An answer as it should be; the connection stays open."""
    said = head(status, Content_Length=str(len(body)), **{"Content_Type": "application/json", **headers}) + body

    def say(connection: socket.socket) -> None:
        connection.sendall(said)

    say.keep = True  # type: ignore[attr-defined]
    return say


def drip(at_once: bytes, then: bytes, pause_seconds: float = 0.1) -> Say:
    """Say something, then one byte at a time."""

    def say(connection: socket.socket) -> None:
        connection.sendall(at_once)
        for byte in then:
            time.sleep(pause_seconds)
            connection.sendall(bytes([byte]))

    return say


def silence(seconds: float) -> Say:
    """Say nothing for a while and hang up."""
    return lambda _connection: time.sleep(seconds)
