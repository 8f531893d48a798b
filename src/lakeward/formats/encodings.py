"""Undoing a compression, piece by piece. What stops before its end, or is damaged, is refused."""

import zlib
from collections.abc import Callable, Iterator
from typing import IO, Literal, Protocol

import zstandard

from lakeward.errors import IncompleteRun, UpstreamRefused

CHUNK_BYTES = 65_536
WHOLE_BYTES = 1_048_576
"""Most pages come in one piece where nothing is to be undone, so that they need not be put together again."""
ZSTD_FEED_BYTES = 512
"""zstd can make 128 KiB of four bytes, and gives all at once what it makes of one feed: 16 MiB of this many."""
ZSTD_WINDOW_BYTES = 1 << 27

Encoding = Literal["identity", "gzip", "deflate", "zstd"]
ENCODINGS: dict[str, Encoding] = {
    "": "identity",
    "identity": "identity",
    "gzip": "gzip",
    "x-gzip": "gzip",
    "deflate": "deflate",
    "zstd": "zstd",
}


class _Member(Protocol):
    """A decompressor of zlib's."""

    @property
    def eof(self) -> bool:
        """Whether its end was met."""
        ...

    @property
    def unused_data(self) -> bytes:
        """What came after its end."""
        ...

    @property
    def unconsumed_tail(self) -> bytes:
        """What did not fit into the last piece."""
        ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """At most ``max_length`` bytes of what ``data`` holds."""
        ...


def content_encoding(header: str) -> Encoding:
    """From a Content-Encoding header ('' when there was none).

    Raises:
        UpstreamRefused: an encoding that cannot be read.
    """
    known = ENCODINGS.get(header.strip().lower())
    if known is None:
        raise UpstreamRefused(
            f"expected a body as it is, or in gzip, deflate or zstd, found Content-Encoding {header[:40]!r}"
        )
    return known


def pieces(body: IO[bytes], encoding: Encoding) -> Iterator[bytes]:
    """The decoded bytes, in pieces that fit in memory.

    Raises:
        IncompleteRun: damaged, or stopping before its end.
    """
    match encoding:
        case "identity":
            return iter(lambda: body.read(WHOLE_BYTES), b"")
        case "gzip":
            return _inflated(body, lambda _: zlib.decompressobj(16 + zlib.MAX_WBITS), "gzip")
        case "deflate":
            return _inflated(body, _deflate, "deflate")
        case "zstd":
            return _unzstd(body)


def _deflate(head: bytes) -> _Member:
    """What the header calls deflate is zlib's format (RFC 9110, 8.4.1.2); some services send it without the frame."""
    framed = len(head) >= 2 and head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0
    return zlib.decompressobj(zlib.MAX_WBITS if framed else -zlib.MAX_WBITS)


def _inflated(body: IO[bytes], start: Callable[[bytes], _Member], name: str) -> Iterator[bytes]:
    """Decoded pieces of at most CHUNK_BYTES. Several members in a row are one body (RFC 1952, section 2.2)."""
    pending = body.read(CHUNK_BYTES)
    member = start(pending)
    while pending:
        try:
            piece = member.decompress(pending, CHUNK_BYTES)
        except zlib.error:
            raise IncompleteRun(f"expected a {name} stream, found one that is damaged") from None
        if piece:
            yield piece
        pending = member.unconsumed_tail or member.unused_data or body.read(CHUNK_BYTES)
        if member.eof and pending:
            member = start(pending)
    if not member.eof:
        raise IncompleteRun(f"expected a {name} stream up to its end, found one that stops short")


def _unzstd(body: IO[bytes]) -> Iterator[bytes]:
    """Decoded pieces. Several frames in a row are one body (RFC 8878, section 3)."""
    decompressor = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES)
    frame, begun = decompressor.decompressobj(), False
    pending = body.read(ZSTD_FEED_BYTES)
    while pending:
        if frame.eof:
            frame = decompressor.decompressobj()
        try:
            piece = frame.decompress(pending)
        except zstandard.ZstdError:
            raise IncompleteRun("expected a zstd stream, found one that is damaged") from None
        begun = True
        if piece:
            yield piece
        pending = frame.unused_data or body.read(ZSTD_FEED_BYTES)
    if not begun or not frame.eof:
        raise IncompleteRun("expected a zstd stream up to its end, found one that stops short")
