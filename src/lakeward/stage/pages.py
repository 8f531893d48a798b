"""Certified pages on local disk: the bytes proved once more, then brought into the form that engines read.

Engines read JSON: a page whose records lie at a path is written as it is, as UTF-8. Records of other formats become
lines of ``{"position":1,"record":{…}}``. The fields of separated values are texts, and stay texts: what a column reads
from one is the transform's matter.
"""

import hashlib
import io
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import orjson

from lakeward.certificate import Certificate, CertifiedPage
from lakeward.contract import Contract
from lakeward.contract.source_records import CsvRecords, JsonRecords
from lakeward.errors import LakewardError, RawConflict
from lakeward.formats.opened import opened
from lakeward.formats.page import csv_records, json_lines
from lakeward.ports.lake import Files

CHUNK_BYTES = 1 << 20
MOST_EXPANSION = 1_000_000
UTF8_MARK = b"\xef\xbb\xbf"


def pages_to_read(certificate: Certificate) -> tuple[CertifiedPage, ...]:
    """The certified pages that count and hold records, in order."""
    return tuple(page for page in certificate.pages if page.records > 0 and not page.superseded)


def fetch_pages(pages: Iterable[CertifiedPage], raw: Files, folder: Path, contract: Contract) -> list[Path]:
    """Download certified pages, prove their digests, and decode them.

    Args:
        pages: see ``pages_to_read``; all of them or some.
        raw: the raw bucket.
        folder: gets ``page-00001.json`` and so on.
        contract: says what a page is made of, and how large it may be.

    Returns:
        The decoded files, in order.

    Raises:
        RawConflict: a page is missing or is not the bytes that were certified.
    """
    return [_fetch(page, raw, folder, contract) for page in pages]


def _fetch(page: CertifiedPage, raw: Files, folder: Path, contract: Contract) -> Path:
    wire = folder / f"{page.name}.wire"
    if not raw.download(page.key, wire):
        raise RawConflict(
            f"{page.key}: expected the page as certified, found no object; "
            f"raw never changes, so restore the version that was certified"
        )
    with wire.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != page.sha256:
        raise RawConflict(
            f"{page.key}: expected sha256 {page.sha256} as certified, found {found}; "
            f"raw never changes, so restore the version that was certified"
        )
    decoded = wire.with_suffix(".json")
    try:
        _decode(page, wire, decoded, contract)
    except LakewardError as problem:
        raise RawConflict(
            f"{page.key}: expected a page that can be read as when it was certified: {problem.message}"
        ) from None
    wire.unlink(missing_ok=True)
    return decoded


def _decode(page: CertifiedPage, wire: Path, decoded: Path, contract: Contract) -> None:
    """Write the page as an engine reads it. Ingest has proved it whole and no bomb; the cap guards the disk."""
    spec = contract.source.records
    if isinstance(spec, JsonRecords) and _is_plain(page, spec, wire, contract.source.limits.page_bytes):
        wire.rename(decoded)
        return
    limits = contract.source.limits.model_copy(update={"expansion": MOST_EXPANSION})
    size = wire.stat().st_size
    with (
        wire.open("rb") as body,
        decoded.open("wb") as out,
        opened(body, size, page.content_encoding, spec, limits) as stream,
    ):
        if isinstance(spec, JsonRecords):
            _copy_text(spec, stream, out)
            return
        lines = (
            csv_lines(contract, spec, stream)
            if isinstance(spec, CsvRecords)
            else (raw for raw, _ in json_lines(spec, stream))
        )
        for position, record in enumerate(lines, start=1):
            out.write(b'{"position":%d,"record":%b}\n' % (position, record))


def _is_plain(page: CertifiedPage, spec: JsonRecords, wire: Path, most_bytes: int) -> bool:
    """Whether the wire's bytes are already what engines read."""
    wrapped = spec.compression != "none" or spec.archive_member is not None or spec.text_encoding != "utf-8"
    if wrapped or page.content_encoding != "identity" or wire.stat().st_size > most_bytes:
        return False
    with wire.open("rb") as stream:
        return stream.read(len(UTF8_MARK)) != UTF8_MARK


def _copy_text(spec: JsonRecords, stream: IO[bytes], out: IO[bytes]) -> None:
    """The same text as UTF-8, without a byte order mark."""
    if spec.text_encoding == "utf-8":
        head = stream.read(len(UTF8_MARK))
        out.write(head.removeprefix(UTF8_MARK))
        shutil.copyfileobj(stream, out, CHUNK_BYTES)
        return
    text = io.TextIOWrapper(stream, encoding=spec.codec, newline="")
    while piece := text.read(CHUNK_BYTES):
        out.write(piece.encode())


def csv_lines(contract: Contract, spec: CsvRecords, stream: IO[bytes]) -> Iterator[bytes]:
    """Every record of separated values as a JSON object of texts."""
    for row in csv_records(contract, spec, stream):
        yield orjson.dumps(row)
