"""A page's records, counted and digested, whatever its format."""

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any

import orjson

from lakeward.contract import Contract
from lakeward.contract.source_records import CsvRecords, JsonRecords, NdjsonRecords
from lakeward.errors import IncompleteRun
from lakeward.formats.document import list_at, parse
from lakeward.formats.separated import Row, rows

MARKUP = ("text/html", "application/xhtml+xml")

Observe = Callable[[Any], None]


@dataclass(frozen=True)
class PageFacts:
    """What a page holds. ``document`` is its JSON value; None where the format, or an answer without a body, has none.

    ``records_sha256`` is of the records alone: what surrounds them, a time of day say, may differ in a repeated page.
    """

    document: Any
    records: int
    records_sha256: str


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
        document = json_document(spec, stream.read(), content_type)
        return _counted(list_at(document, spec.at), document, observe)
    if content_type.partition(";")[0].strip().lower() in MARKUP:
        raise IncompleteRun(f"expected {spec.format}, found a page of content type {content_type[:60]!r}")
    found: Iterator[Any] = (
        (record for _, record in json_lines(spec, stream))
        if isinstance(spec, NdjsonRecords)
        else rows(spec, stream, needed_fields(contract))
    )
    return _streamed(found, observe)


def json_document(spec: JsonRecords, decoded: bytes, content_type: str) -> Any:
    """A JSON value in the encoding that the contract names."""
    if spec.text_encoding == "utf-8":
        return parse(decoded.removeprefix(b"\xef\xbb\xbf"), content_type)
    try:
        return parse(decoded.decode(spec.codec).encode(), content_type)
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
                yield text, orjson.loads(text)
    except orjson.JSONDecodeError:
        raise IncompleteRun(
            f"expected one JSON value on line {number - 1}, found something else, or part of one"
        ) from None
    except UnicodeDecodeError:
        raise IncompleteRun(
            f"expected {spec.text_encoding}, found other bytes after line {number - 1} (source.records.text_encoding)"
        ) from None


def csv_records(contract: Contract, spec: CsvRecords, stream: IO[bytes]) -> Iterator[Row]:
    """Every record of a page of separated values."""
    return rows(spec, stream, needed_fields(contract))


def needed_fields(contract: Contract) -> list[str]:
    """The names of the fields that columns are read from: ``$.depth`` -> ``depth``."""
    return list(dict.fromkeys(column.at.removeprefix("$.") for column in contract.columns if column.at))


def _counted(records: list[Any], document: Any, observe: Observe | None) -> PageFacts:
    if observe:
        for record in records:
            observe(record)
    return PageFacts(document, len(records), hashlib.sha256(orjson.dumps(records)).hexdigest())


def _streamed(records: Iterator[Any], observe: Observe | None) -> PageFacts:
    digest, count = hashlib.sha256(), 0
    for record in records:
        digest.update(orjson.dumps(record))
        digest.update(b"\n")
        count += 1
        if observe:
            observe(record)
    return PageFacts(None, count, digest.hexdigest())
