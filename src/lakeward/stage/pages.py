"""Certified pages on local disk: the bytes proved once more, then decoded."""

import hashlib
import zlib
from pathlib import Path

from lakeward.certificate import Certificate, CertifiedPage
from lakeward.errors import RawConflict
from lakeward.ports.lake import Files

CHUNK_BYTES = 1 << 20


def fetch_pages(certificate: Certificate, raw: Files, folder: Path, largest_bytes: int) -> list[Path]:
    """Download every certified page that holds records, prove its digest, and decode it.

    Args:
        certificate: names the pages.
        raw: the raw bucket.
        folder: gets ``page-00001.json`` and so on.
        largest_bytes: a page may not decode to more.

    Returns:
        The decoded files, in order.

    Raises:
        RawConflict: a page is missing or is not the bytes that were certified.
    """
    return [_fetch(page, raw, folder, largest_bytes) for page in certificate.pages if page.records > 0]


def _fetch(page: CertifiedPage, raw: Files, folder: Path, largest_bytes: int) -> Path:
    wire = folder / f"page-{page.number:05d}.wire"
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
    if page.content_encoding == "identity":
        return wire.rename(decoded)
    _gunzip(wire, decoded, largest_bytes)
    wire.unlink()
    return decoded


def _gunzip(source: Path, target: Path, largest_bytes: int) -> None:
    """Decode gzip in bounded memory. Ingest has proved the stream whole; the cap guards the disk."""
    inflate = zlib.decompressobj(wbits=31)
    written = 0
    with source.open("rb") as wire, target.open("wb") as out:
        while chunk := wire.read(CHUNK_BYTES):
            while chunk:
                part = inflate.decompress(chunk, CHUNK_BYTES)
                written += len(part)
                if written > largest_bytes:
                    raise RawConflict(f"{source.name}: expected at most {largest_bytes} bytes decoded, found more")
                out.write(part)
                chunk = inflate.unconsumed_tail
        out.write(inflate.flush())
