"""The replay server ends when it is told to, whoever is still connected."""

import socket
import struct
import time
from pathlib import Path

from lakeward_local.processes import Process, free_port

RESET = struct.pack("ii", 1, 0)


def test_it_ends_at_once_with_a_kept_connection_and_with_some_that_were_reset(tmp_path: Path):
    process = Process("replay", "lakeward_local.replay", tmp_path / "lock", tmp_path / "log", "/_replay/health")
    port, datasets = free_port(), tmp_path / "datasets"
    datasets.mkdir()
    process.start(port, ["--lock", str(process.lock), "--datasets", str(datasets)])
    with socket.create_connection(("127.0.0.1", port)) as kept:
        kept.sendall(b"GET /_replay/health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert kept.recv(100).startswith(b"HTTP/1.1 200")
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", port)) as gone:
                gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

        started = time.monotonic()
        assert process.stop()

        assert time.monotonic() - started < 5
    assert process.facts() is None
