"""A page's records, counted and digested, whatever its format."""

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any

import orjson

from lakeward.contract import Contract
from lakeward.contract.source import HttpSource
from lakeward.contract.source_paging import CursorInBodyPaging, NextUrlInBodyPaging
from lakeward.contract.source_records import JsonRecords, NdjsonRecords
from lakeward.errors import IncompleteRun
from lakeward.formats.cut import cut
from lakeward.formats.document import check_once, list_at, names_in, parse
from lakeward.formats.separated import rows

MARKUP = ("text/html", "application/xhtml+xml")

Observe = Callable[[Any], None]


@dataclass(frozen=True)
class PageFacts:
    """What a page holds. ``document`` is its JSON value, whose records may be left out where nothing reads them; None
    where the format, or an answer without a body, has none.

    ``records_digest`` is of the records alone: what surrounds them, a time of day say, may differ in a repeated page.
    It means something within one process only.
    """

    document: Any
    records: int
    records_digest: str


EMPTY = PageFacts(None, 0, hashlib.sha256(b"").hexdigest())
"""An answer without a body."""


def facts_of(contract: Contract, stream: IO[bytes], content_type: str, observe: Observe | None = None) -> PageFacts:
    """Read a page to its end.

    Args:
        contract: says what a page is made of, and which fields its columns need.
        stream: decoded bytes.
        content_type: as the service named it.
        observe: is shown every record, in order.

    Raises:
        IncompleteRun: the page is not whole, or is not what the contract says. Never shows what stands in it.
    """
    spec = contract.source.records
    if isinstance(spec, JsonRecords):
        return _json_facts(contract.source, spec, json_text(spec, stream.read()), content_type, observe)
    if content_type.partition(";")[0].strip().lower() in MARKUP:
        raise IncompleteRun(f"expected {spec.format}, found a page of content type {content_type[:60]!r}")
    found: Iterator[Any] = (
        (record for _, record in json_lines(spec, stream))
        if isinstance(spec, NdjsonRecords)
        else rows(spec, stream, needed_fields(contract))
    )
    return _streamed(found, observe)


def _json_facts(
    source: HttpSource, spec: JsonRecords, text: bytes, content_type: str, observe: Observe | None
) -> PageFacts:
    """Facts of a page that is one JSON value; its records are read only where somebody wants to see them."""
    paths = _paths_in_page(source)
    into_records = any(path is not None and path.startswith(f"{spec.at}[") for path in paths)
    pieces = None if into_records else cut(text, spec.at)
    if pieces is None:
        document = parse(text, content_type)
        records = list_at(document, spec.at)
        check_once(text, names_in(spec.at, *paths))
        digest = _digest(_written(records))
    else:
        document = pieces.document
        records = parse(bytes(pieces.text), content_type) if observe else []
        check_once(pieces.around, names_in(spec.at, *paths))
        digest = _digest(pieces.text)
    if observe:
        for record in records:
            observe(record)
    return PageFacts(document, pieces.records if pieces else len(records), digest)


def _paths_in_page(source: HttpSource) -> list[str | None]:
    """Where paging, stop and total read a page."""
    paths = [source.records.declared_count_at, source.stop.at]
    if source.total is not None and source.total.url is None:
        paths.append(source.total.at)
    if isinstance(source.paging, CursorInBodyPaging | NextUrlInBodyPaging):
        paths.append(source.paging.at)
    return paths


def json_text(spec: JsonRecords, decoded: bytes) -> bytes:
    """A page of JSON as UTF-8 without a byte order mark, from the encoding that the contract names."""
    if spec.text_encoding == "utf-8":
        return decoded.removeprefix(b"\xef\xbb\xbf")
    try:
        return decoded.decode(spec.codec).encode()
    except UnicodeDecodeError as problem:
        raise IncompleteRun(
            f"expected {spec.text_encoding}, found other bytes from byte {problem.start} (source.records.text_encoding)"
        ) from None


def json_lines(spec: NdjsonRecords, stream: IO[bytes]) -> Iterator[tuple[bytes, Any]]:
    """Every line that holds a record: its text as UTF-8, and its one JSON value. Empty lines are none."""
    number = 1
    try:
        for line in io.TextIOWrapper(stream, encoding=spec.codec, newline="\n"):
            number += 1
            text = line.strip().encode()
            if text:
                value = orjson.loads(text)
                if not line.endswith("\n") and type(value) in (int, float):
                    raise IncompleteRun(f"expected line {number - 1} to have its end, found a number that may be cut")
                yield text, value
    except orjson.JSONDecodeError:
        raise IncompleteRun(
            f"expected one JSON value on line {number - 1}, found something else, or part of one"
        ) from None
    except UnicodeError:  # also where UTF-16 has no byte order mark
        raise IncompleteRun(
            f"expected {spec.text_encoding}, found other bytes after line {number - 1} (source.records.text_encoding)"
        ) from None


def needed_fields(contract: Contract) -> list[str]:
    """The names of the fields that columns are read from: ``$.depth`` -> ``depth``."""
    return list(dict.fromkeys(column.at.removeprefix("$.") for column in contract.columns if column.at))


def _written(value: Any) -> bytes:
    """A record, or all of them, as JSON again.

    Raises:
        IncompleteRun: its arrays and objects lie so deep in each other that it cannot be written.
    """
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        raise IncompleteRun(
            "expected records whose arrays and objects are at most 250 deep, found deeper ones"
        ) from None


def _digest(records: bytes | memoryview) -> str:
    """What the records of a page are known by while the run lasts.

    Python's own hash of their text is several times as fast as SHA-256, and 64 bits are enough here: two pages that
    seem the same by chance, once in billions of runs, end a run that may be tried again; the same never seem two.
    """
    return f"{len(records)}:{hash(records):x}"


def _streamed(records: Iterator[Any], observe: Observe | None) -> PageFacts:
    digest, count = hashlib.sha256(), 0
    for record in records:
        digest.update(_written(record))
        digest.update(b"\n")
        count += 1
        if observe:
            observe(record)
    return PageFacts(None, count, digest.hexdigest())
