"""Answers whose lines are whole and in order: nothing in a head, or between chunks, is passed over or guessed.

``http.client`` takes the end of a connection for the end of a head, so a cut head merely lacks headers, the one that
names the next page, say. It stops at the first line that is no header, and leaves out every header behind it. urllib3
takes the end of a connection for the end of a line, so the size ``00001000`` of a further chunk that is cut after its
first digit reads as the chunk that ends a body; it reads ``1_4`` and ``+14`` as sizes, bounds no such line, and does
not look at what stands behind a chunk.
"""

import http.client
import re
from typing import Any

LONGEST_LINE_BYTES = 65_536
HEADER = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*")
FOLD = re.compile(rb"[\t ][\t -~\x80-\xff]*")
"""The rest of a header whose value goes on in the next line (RFC 9112, section 5.2)."""
SIZE = re.compile(rb"([0-9A-Fa-f]+)[\t ]*(;[\t -~\x80-\xff]*)?\r\n")
"""Of a chunk (RFC 9112, section 7.1)."""


class Garbled(http.client.HTTPException):
    """A line, or the end of a chunk, is not what stands there in HTTP. Says what was found, and shows nothing of it."""


class _WholeLines:
    """What is read from a connection; a line that has no end is none."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._line_end: bytes | None = None
        self._begun = False
        self.in_head = True
        self.headers = 0
        """Headers of the head that was read last: what hints at an answer (status 100) has a head of its own."""
        self.chunk_left_bytes: int | None = None
        """Of the chunk that is being read: 0 when its end comes next, or it is the last; None before a size."""
        self.chunked = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def readline(self, limit: int = -1) -> bytes:
        """A line with its end; nothing where the connection ends before an answer, or after its head.

        Raises:
            http.client.HTTPException: the connection ends inside, or the line is too long, or not what stands there.
        """
        line: bytes = self._stream.readline(LONGEST_LINE_BYTES + 1 if limit < 0 else limit)
        ended = line.endswith(b"\n") or not (line or (self.in_head and self._begun))
        if not ended and len(line) <= LONGEST_LINE_BYTES:
            raise http.client.IncompleteRead(b"")
        if len(line) > LONGEST_LINE_BYTES:
            raise http.client.LineTooLong("line of an answer")
        if self.in_head:
            self._check_head(line)
        elif self.chunked and line:
            self._check_between_chunks(line)
        self._begun = True
        return line

    def _check_head(self, line: bytes) -> None:
        """A status line, headers and what they go on with, an empty line; all with the same end."""
        if self._line_end is None:
            self._line_end, self.headers = (b"\r\n" if line.endswith(b"\r\n") else b"\n"), 0
            return
        text = line.removesuffix(self._line_end)
        if not text:
            self._line_end = None
        elif HEADER.fullmatch(text):
            self.headers += 1
        elif not (self.headers and FOLD.fullmatch(text)):
            raise Garbled("a line in its head that is no header and no rest of one")

    def _check_between_chunks(self, line: bytes) -> None:
        """The size of a chunk; or, behind the chunk without bytes, headers and an empty line."""
        if self.chunk_left_bytes == 0:
            if line != b"\r\n" and not HEADER.fullmatch(line.removesuffix(b"\r\n")):
                raise Garbled("a line behind its chunks that is no header")
            return
        size = SIZE.fullmatch(line)
        if size is None:
            raise Garbled("a chunk whose size is no number")
        self.chunk_left_bytes = int(size[1], 16)


class WholeLinesResponse(http.client.HTTPResponse):
    """An answer that is read so."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fp: Any = _WholeLines(self.fp)

    def begin(self) -> None:
        """Read the head.

        Raises:
            http.client.HTTPException: it is not whole, or not in order.
        """
        lines = self.fp
        super().begin()
        if len(self.headers.keys()) != lines.headers:
            raise Garbled("a head of which not every line was read")
        lines.in_head = False
        length = one_length(",".join(self.headers.get_all("content-length", [])))
        if length is not None and self.length is None and not self.chunked:
            self.length, self.will_close = length, self._check_close()  # type: ignore[attr-defined]
        lines.chunked = self.chunked

    def _safe_read(self, amt: int) -> bytes:
        """Bytes of a chunk, or the two that stand behind it: urllib3 reads both so, and passes over the latter."""
        read: bytes = super()._safe_read(amt)  # type: ignore[misc]
        lines = self.fp
        if lines.chunk_left_bytes:
            lines.chunk_left_bytes -= amt
        elif lines.chunk_left_bytes == 0:
            lines.chunk_left_bytes = None
            if read != b"\r\n":
                raise Garbled("a chunk that is longer than its size")
        return read


def one_length(header: str) -> int | None:
    """The number of bytes that Content-Length says, once or several times the same (RFC 9110, section 8.6); else None.

    Args:
        header: all that such headers say, with commas between them.
    """
    said = {text.strip() for text in header.split(",")}
    text = said.pop() if len(said) == 1 else ""
    return int(text) if text.isascii() and text.isdigit() else None
