"""From wire bytes to a JSON value. What cannot be read whole is refused, never guessed."""

import re
import zlib
from collections.abc import Iterator
from typing import IO, Any, Literal

import orjson

from lakeward.errors import IncompleteRun, UpstreamRefused

CHUNK_BYTES = 65_536
GZIP = 16 + zlib.MAX_WBITS
Encoding = Literal["identity", "gzip"]
ENCODINGS: dict[str, Encoding] = {"": "identity", "identity": "identity", "gzip": "gzip", "x-gzip": "gzip"}


def content_encoding(header: str) -> Encoding:
    """From a Content-Encoding header ('' when there was none).

    Raises:
        UpstreamRefused: an encoding that was not offered.
    """
    known = ENCODINGS.get(header.strip().lower())
    if known is None:
        raise UpstreamRefused(f"expected a body as it is or gzipped, found Content-Encoding {header[:40]!r}")
    return known


def decode(body: IO[bytes], encoding: Encoding, limit_bytes: int) -> bytearray:
    """Undo the content encoding, never making more than ``limit_bytes``.

    Raises:
        IncompleteRun: gzip that is damaged, or that stops before its end.
        UpstreamRefused: more than ``limit_bytes``.
    """
    decoded = bytearray()
    for part in _gunzip(body) if encoding == "gzip" else iter(lambda: body.read(CHUNK_BYTES), b""):
        if len(decoded) + len(part) > limit_bytes:
            raise UpstreamRefused(
                f"expected at most {limit_bytes} bytes once decoded, found more; if the service means it, ask for "
                "fewer records a page (source.paging.page_records) or raise source.limits.page_bytes"
            )
        decoded += part
    return decoded


def _gunzip(body: IO[bytes]) -> Iterator[bytes]:
    """Decoded pieces of at most CHUNK_BYTES. Several members in a row are one body (RFC 1952, section 2.2)."""
    member = zlib.decompressobj(GZIP)
    pending = body.read(CHUNK_BYTES)
    while pending:
        try:
            piece = member.decompress(pending, CHUNK_BYTES)
        except zlib.error:
            raise IncompleteRun("expected a gzip stream, found one that is damaged") from None
        if piece:
            yield piece
        pending = member.unconsumed_tail or member.unused_data or body.read(CHUNK_BYTES)
        if member.eof and pending:
            member = zlib.decompressobj(GZIP)
    if not member.eof:
        raise IncompleteRun("expected a gzip stream up to its end, found one that stops short")


def parse(decoded: bytes | bytearray, content_type: str) -> Any:
    """Read JSON.

    Raises:
        IncompleteRun: not JSON, or not all of it. Says where, never what stands there.
    """
    try:
        return orjson.loads(decoded)
    except orjson.JSONDecodeError as problem:
        raise IncompleteRun(
            f"expected JSON, found {len(decoded)} bytes (content type {content_type[:60]!r}) {_fault(decoded, problem)}"
        ) from None


def _fault(decoded: bytes | bytearray, problem: orjson.JSONDecodeError) -> str:
    """What is wrong, and from which byte; orjson counts characters."""
    try:
        text = decoded.decode()
    except UnicodeDecodeError as not_text:
        return f"that are not UTF-8, from byte {not_text.start}"
    if problem.pos >= len(text.rstrip()):
        return f"that stop in the middle, at byte {len(decoded)}"
    return f"that are not JSON, from byte {len(text[: problem.pos].encode())}"


def value_at(document: Any, path: str) -> Any:
    """The value at a contract's path: ``$``, ``$.metadata.count``, ``$.items[0].id``.

    Raises:
        IncompleteRun: nothing lies there; the message has the part of the path that was still found.
    """
    value, walked = document, "$"
    for name, index in re.findall(r"\.([^.\[]+)|\[(\d+)\]", path):
        if name and isinstance(value, dict) and name in value:
            value, walked = value[name], f"{walked}.{name}"
        elif index and isinstance(value, list) and int(index) < len(value):
            value, walked = value[int(index)], f"{walked}[{index}]"
        else:
            step = f"{name!r}" if name else f"element {index}"
            raise IncompleteRun(f"expected a value at {path}, found no {step} in the {_kind(value)} at {walked}")
    return value


def whole_number_at(document: Any, path: str) -> int:
    """A count: an integer from 0 upwards.

    Raises:
        IncompleteRun: nothing lies there, or something else.
    """
    value = value_at(document, path)
    if isinstance(value, bool) or not isinstance(value, int):
        raise IncompleteRun(f"expected a whole number at {path}, found {_a_kind(value)}")
    if value < 0:
        raise IncompleteRun(f"expected a number from 0 upwards at {path}, found {value}")
    return value


def list_at(document: Any, path: str) -> list[Any]:
    """An array.

    Raises:
        IncompleteRun: nothing lies there, or something else.
    """
    value = value_at(document, path)
    if not isinstance(value, list):
        raise IncompleteRun(f"expected an array at {path}, found {_a_kind(value)}")
    return value


def _kind(value: Any) -> str:
    """JSON's name for a value's type."""
    names = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number"}
    return names.get(type(value), "null")


def _a_kind(value: Any) -> str:
    """The same with its article."""
    kind = _kind(value)
    return kind if kind == "null" else f"{'an' if kind in ('array', 'object') else 'a'} {kind}"
