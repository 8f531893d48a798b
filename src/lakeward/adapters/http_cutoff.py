"""A hard end for an HTTP exchange.

The timeouts of sockets start anew with every byte, so a service that sends one byte now and then, in its headers or in
its body, never runs into them. This transport knows its sockets and shuts them down when the time is over; whoever
reads or writes then sees the connection end. Only a TLS handshake is beyond its reach; the connect timeout bounds that.
"""

import contextlib
import socket
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from lakeward.adapters.http_guard import Guard
from lakeward.adapters.http_lines import WholeLinesResponse
from lakeward.adapters.http_watch import WATCH


class CutoffAdapter(HTTPAdapter):
    """requests' own transport, with connections that can be cut from another thread."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._over = threading.Event()
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make requests' pools, but of connections that tell us their sockets."""
        super().init_poolmanager(*args, **kwargs)
        connected, guard = self._connected, self._guard

        class Http(HTTPConnection):
            response_class = WholeLinesResponse

            def _new_conn(self) -> socket.socket:
                return _pinned(self, super()._new_conn, guard)

            def connect(self) -> None:
                super().connect()
                connected(self.sock)

        class Https(HTTPSConnection):
            response_class = WholeLinesResponse

            def _new_conn(self) -> socket.socket:
                return _pinned(self, super()._new_conn, guard)

            def connect(self) -> None:
                super().connect()
                connected(self.sock)

        class HttpPool(HTTPConnectionPool):
            ConnectionCls = Http

        class HttpsPool(HTTPSConnectionPool):
            ConnectionCls = Https

        self.poolmanager.pool_classes_by_scheme = {"http": HttpPool, "https": HttpsPool}

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[threading.Event]:
        """Cut every connection when the block takes longer; the event is set then."""
        over = self._over = threading.Event()
        with WATCH.within(seconds, lambda: self._cut(over)):
            yield over

    def _cut(self, over: threading.Event) -> None:
        with self._lock:
            over.set()
            for connection in list(self._sockets):
                _shut(connection)

    def _connected(self, connection: socket.socket) -> None:
        with self._lock:
            self._sockets.add(connection)
            if self._over.is_set():
                _shut(connection)


def _pinned(connection: HTTPConnection, connect: Callable[[], socket.socket], guard: Guard) -> socket.socket:
    """Connect to one of the addresses that were checked, the first that takes the connection.

    The connection's own name for its host stays what it was: TLS verifies that.
    """
    host = connection._dns_host
    addresses = guard.addresses(host, connection.port)
    try:
        for address in addresses[:-1]:
            connection._dns_host = address
            with contextlib.suppress(NewConnectionError, ConnectTimeoutError):
                return connect()
        connection._dns_host = addresses[-1]
        return connect()
    finally:
        connection._dns_host = host


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # closed in the meantime
        connection.shutdown(socket.SHUT_RDWR)
