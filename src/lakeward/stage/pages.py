"""Certified pages on local disk: the bytes proved once more, then brought into the form that engines read.

Engines read JSON: a page whose records lie at a path is written as it is, as UTF-8. Records of other formats become
lines (see ``lakeward.formats.lines``), but for an engine that reads separated values itself.
"""

import hashlib
import io
import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import IO

from lakeward.certificate import Certificate, CertifiedPage
from lakeward.contract import Contract
from lakeward.contract.source_records import CsvRecords, JsonRecords, Records
from lakeward.errors import IncompleteRun, LakewardError, RawConflict
from lakeward.formats.lines import TEXT_SUFFIX, write_lines
from lakeward.formats.opened import opened
from lakeward.ports.lake import Files

CHUNK_BYTES = 1 << 20
FETCHED_AT_ONCE = 4
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
    return _fetch_all(pages, partial(_fetch, raw=raw, folder=folder, contract=contract, suffix=".json"))


def fetch_texts(pages: Iterable[CertifiedPage], raw: Files, folder: Path, contract: Contract) -> list[Path]:
    """The same, but separated values stay text: ``page-00001.csv``, in UTF-8, perhaps with a byte order mark."""
    suffix = TEXT_SUFFIX if isinstance(contract.source.records, CsvRecords) else ".json"
    return _fetch_all(pages, partial(_fetch, raw=raw, folder=folder, contract=contract, suffix=suffix))


def _fetch_all(pages: Iterable[CertifiedPage], fetch: Callable[[CertifiedPage], Path]) -> list[Path]:
    """Some at once: a bucket answers after a while, and digests are worked out beside each other."""
    with ThreadPoolExecutor(FETCHED_AT_ONCE) as pool:
        return list(pool.map(fetch, pages))


def _fetch(page: CertifiedPage, raw: Files, folder: Path, contract: Contract, suffix: str) -> Path:
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
    decoded = wire.with_suffix(suffix)
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
    whole = isinstance(spec, JsonRecords) or decoded.suffix == TEXT_SUFFIX
    if whole and _is_plain(page, spec, wire, contract.source.limits.page_bytes):
        wire.rename(decoded)
        return
    limits = contract.source.limits.model_copy(update={"expansion": MOST_EXPANSION})
    size = wire.stat().st_size
    with (
        wire.open("rb") as body,
        decoded.open("wb") as out,
        opened(body, size, page.content_encoding, spec, limits) as stream,
    ):
        if isinstance(spec, JsonRecords) or decoded.suffix == TEXT_SUFFIX:
            _copy_text(spec, stream, out)
        else:
            write_lines(contract, spec, stream, out)


def _is_plain(page: CertifiedPage, spec: Records, wire: Path, most_bytes: int) -> bool:
    """Whether the wire's bytes are already what engines read."""
    wrapped = spec.compression != "none" or spec.archive_member is not None or spec.text_encoding != "utf-8"
    if wrapped or page.content_encoding != "identity" or wire.stat().st_size > most_bytes:
        return False
    with wire.open("rb") as stream:
        return not isinstance(spec, JsonRecords) or stream.read(len(UTF8_MARK)) != UTF8_MARK


def _copy_text(spec: Records, stream: IO[bytes], out: IO[bytes]) -> None:
    """The same text as UTF-8: JSON without a byte order mark, other text with one or without."""
    if spec.text_encoding == "utf-8":
        head = stream.read(len(UTF8_MARK))
        out.write(head.removeprefix(UTF8_MARK) if isinstance(spec, JsonRecords) else head)
        shutil.copyfileobj(stream, out, CHUNK_BYTES)
        return
    # With a mark, so that one which is part of the text is not taken for it.
    out.write(b"" if isinstance(spec, JsonRecords) else UTF8_MARK)
    text = io.TextIOWrapper(stream, encoding=spec.codec, newline="")
    try:
        while piece := text.read(CHUNK_BYTES):
            out.write(piece.encode())
    except UnicodeDecodeError:
        raise IncompleteRun(
            f"expected {spec.text_encoding}, found other bytes (source.records.text_encoding)"
        ) from None
