"""Answers whose lines are whole: where a connection ends inside a head, or inside the size of a chunk, it was cut.

``http.client`` takes the end of a connection for the end of a head, so a cut head merely lacks headers, the one that
names the next page, say. urllib3 takes it for the end of a line, so the size ``00001000`` of a further chunk that is
cut after its first digit reads as the chunk that ends a body. Nor does urllib3 bound the length of such a line.
"""

import http.client
from typing import Any

LONGEST_LINE_BYTES = 65_536


class _WholeLines:
    """What is read from a connection; a line that has no end is none."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.in_head = True
        self._begun = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def readline(self, limit: int = -1) -> bytes:
        """A line with its end; nothing where the connection ends before an answer, or after its head.

        Raises:
            http.client.HTTPException: the connection ends inside, or the line is too long.
        """
        line: bytes = self._stream.readline(LONGEST_LINE_BYTES + 1 if limit < 0 else limit)
        ended = line.endswith(b"\n") or not (line or (self.in_head and self._begun))
        if not ended and len(line) <= LONGEST_LINE_BYTES:
            raise http.client.IncompleteRead(b"")
        if len(line) > LONGEST_LINE_BYTES:
            raise http.client.LineTooLong("line of an answer")
        self._begun = True
        return line


class WholeLinesResponse(http.client.HTTPResponse):
    """An answer that is read so."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fp: Any = _WholeLines(self.fp)

    def begin(self) -> None:
        """Read the head."""
        lines = self.fp
        super().begin()
        lines.in_head = False
