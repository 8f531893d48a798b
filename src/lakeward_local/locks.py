"""A process that lives holds its lock file; nothing else proves that it lives."""

import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from lakeward_local.errors import CloudUnavailable

_PATIENCE_SECONDS = 2.0
_WATCH_SECONDS = 1.0


class ProcessLock:
    """A file that one process holds locked while it lives and in which it says who it is.

    The kernel lets go of the lock when the process dies, however it dies, so a number in a file that some other
    process now has is never taken for ours.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1

    @contextmanager
    def hold(self) -> Iterator[Self]:
        """Hold the lock until the block ends.

        Raises:
            CloudUnavailable: another process holds it.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            self._acquire()
            os.ftruncate(self._file, 0)
            yield self
        finally:
            os.close(self._file)

    def publish(self, facts: dict[str, Any]) -> None:
        """Say who holds the lock: JSON values only, the process's id among them."""
        text = json.dumps({"pid": os.getpid(), **facts}).encode()
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, text, 0)

    def end_when_abandoned(self) -> None:
        """End this process as soon as its lock file is removed: nobody could find it any more, to use or to stop it."""
        threading.Thread(target=self._watch, daemon=True, name="lock-watch").start()

    def _watch(self) -> None:
        while os.fstat(self._file).st_nlink > 0:
            time.sleep(_WATCH_SECONDS)
        os._exit(0)

    def _acquire(self) -> None:
        # Whoever asks whether we live takes the lock for an instant, hence the patience.
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not _taken(self._file, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise CloudUnavailable(
                    f"expected {self._path} to be free, but process {(facts_of(self._path) or {}).get('pid', '?')} "
                    "holds it: it is running already. Stop it with `lakeward down` first."
                )
            time.sleep(0.02)


def facts_of(path: Path) -> dict[str, Any] | None:
    """What the living holder of a lock file says of itself; None when nobody holds it, {} when it said nothing yet."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        if _taken(file, fcntl.LOCK_SH):
            return None
        text = os.pread(file, 65536, 0)
        return json.loads(text) if text.strip().endswith(b"}") else {}
    finally:
        os.close(file)


def _taken(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
