"""A page of JSON in two cuts: the array of its records, and what stands around it.

What stands around is read whole. The records are only looked through: that they are JSON, and how many there are, is
all that ingest must know of most pages, and making Python objects of every value takes several times as long. The text
of the records tells two pages apart whose surroundings differ, a time of day say.
"""

import codecs
import re
import secrets
from dataclasses import dataclass
from typing import Any

import msgspec
import orjson

AROUND_BYTES = 65_536
"""What stands around the records is small; where it is not, nothing is gained."""
MOST_RECORDS = 1_000_000
"""Each is a small object while it is counted."""
PIECE_BYTES = 262_144
MARK = f"\0 {secrets.token_hex(16)} \0"
"""Another in each process: a page that said it itself would pass off one array for another."""

_LOOK_THROUGH = msgspec.json.Decoder(list[msgspec.Raw])


@dataclass(frozen=True)
class Cut:
    """The value of a page with an empty array where its records are; the text of that array, and how many it holds; the
    text of the page with a mark instead of it."""

    document: Any
    text: memoryview
    records: int
    around: bytes


def cut(page: bytes, at: str) -> Cut | None:
    """Cut a page.

    That the cut is right is proved: with a mark in its place the rest is JSON, and the mark is the value at the path;
    and what was cut out is an array. So the page is JSON with this array there.

    Args:
        page: UTF-8 without a byte order mark.
        at: ``$`` or a path of names.

    Returns:
        None where the array is not easily found, where it may hold very many records, or where the page is not JSON:
        the whole must be parsed to know.
    """
    if _may_hold_too_many(page) or not (page.isascii() or _is_utf8(page)):
        return None
    if at == "$":
        count = count_of(page)
        return None if count is None else Cut([], memoryview(page), count, b"[]")
    names = at.split(".")[1:]
    found = re.search(rb'"%b"\s*:\s*\[' % re.escape(names[-1].encode()), page)
    if found is None:
        return None
    start = found.end() - 1
    for end in dict.fromkeys((page.rfind(b"}]") + 2, page.rfind(b"]") + 1)):
        if start < end and start + len(page) - end <= AROUND_BYTES:
            around = page[:start] + orjson.dumps(MARK) + page[end:]
            document = _value(around)
            place = _place(document, names)
            if place is None:
                continue
            text = memoryview(page)[start:end]
            count = count_of(text)
            if count is not None:
                place[names[-1]] = []
                return Cut(document, text, count, around)
    return None


def count_of(text: bytes | memoryview) -> int | None:
    """How many values an array of JSON holds; None where the text, which is UTF-8, is no such array.

    msgspec looks at the whole grammar, and at escapes, but not whether the bytes inside texts are UTF-8. A number too
    large for a float is a number here; its column says what becomes of it.
    """
    try:
        return len(_LOOK_THROUGH.decode(text))
    except (msgspec.DecodeError, RecursionError):
        return None


def _may_hold_too_many(page: bytes) -> bool:
    """Whether counting its records might take more memory than parsing them, as with ``[0,0,0,…]``."""
    return len(page) > 2 * MOST_RECORDS and page.count(b",") >= MOST_RECORDS


def _is_utf8(text: bytes) -> bool:
    """Decoded piece by piece: one rare character makes Python take four bytes for every one of a text."""
    decoder, view = codecs.getincrementaldecoder("utf-8")(), memoryview(text)
    try:
        for at in range(0, len(view), PIECE_BYTES):
            decoder.decode(bytes(view[at : at + PIECE_BYTES]))
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _place(document: Any, names: list[str]) -> dict[str, Any] | None:
    """The object that holds the mark, when that is the value at the path."""
    *parents, name = names
    for parent in parents:
        document = document.get(parent) if isinstance(document, dict) else None
    return document if isinstance(document, dict) and document.get(name) == MARK else None


def _value(text: bytes) -> Any:
    """The value of a text; None where it is no JSON."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
