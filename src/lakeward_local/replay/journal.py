"""What the replay server sent, so that a test can hold the stored bytes against it."""

import hashlib
import threading
from collections.abc import Sequence
from typing import Any

from lakeward_local.replay.model import Answer, Question


class Journal:
    """Every request and what was sent for it, oldest first. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[dict[str, Any]] = []

    def write(self, question: Question, answer: Answer, sent: bytes, faults: Sequence[str]) -> None:
        """Note one answer.

        Args:
            sent: the bytes of the body that went over the wire, as compressed and as cut as they were.
            faults: the kinds of the faults that struck.
        """
        entry = {
            "path": question.path,
            "query": dict(question.parameters),
            "status": None if answer.dropped else answer.status,
            "content_encoding": answer.headers.get("Content-Encoding"),
            "length_bytes": len(sent),
            "sha256": hashlib.sha256(sent).hexdigest(),
            "faults": list(faults),
        }
        with self._lock:
            self._entries.append({"number": len(self._entries) + 1, **entry})

    def read(self) -> list[dict[str, Any]]:
        """Every entry since the last ``clear``."""
        with self._lock:
            return list(self._entries)

    def clear(self) -> None:
        """Forget all entries; numbers start from 1 again."""
        with self._lock:
            self._entries.clear()
