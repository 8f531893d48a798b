"""A hard end for an HTTP exchange.

The timeouts of sockets start anew with every byte, so a service that sends one byte now and then, in its headers or in
its body, never runs into them. This transport knows its sockets and shuts them down when the time is over; whoever
reads or writes then sees the connection end. Only a TLS handshake is beyond its reach; the connect timeout bounds that.
"""

import contextlib
import socket
import threading
import weakref
from collections.abc import Iterator
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


class CutoffAdapter(HTTPAdapter):
    """requests' own transport, with connections that can be cut from another thread."""

    def __init__(self) -> None:
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._over = threading.Event()
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make requests' pools, but of connections that tell us their sockets."""
        super().init_poolmanager(*args, **kwargs)
        connected = self._connected

        class Http(HTTPConnection):
            def connect(self) -> None:
                super().connect()
                connected(self.sock)

        class Https(HTTPSConnection):
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
        timer = threading.Timer(seconds, self._cut, [over])
        timer.daemon = True
        timer.start()
        try:
            yield over
        finally:
            timer.cancel()

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


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # closed in the meantime
        connection.shutdown(socket.SHUT_RDWR)
