"""A page's decoded bytes as a file: the transfer's encoding undone, then the file's own wrapping, both within caps."""

import fnmatch
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO, cast

from lakeward.contract.source_manners import Limits
from lakeward.contract.source_records import Records
from lakeward.errors import IncompleteRun, UpstreamRefused
from lakeward.formats.encodings import CHUNK_BYTES, Encoding, pieces

SMALL_BYTES = 1_048_576
"""Below this size nothing is a bomb, however well it was compressed."""
SPOOL_BYTES = 8_388_608


class _Pieces(io.RawIOBase):
    """A stream of pieces as a file that can only be read."""

    def __init__(self, source: Iterator[bytes]) -> None:
        self._source = source
        self._left = b""

    def readable(self) -> bool:
        return True

    def readall(self) -> bytes:
        """All that is left, at once: the usual way takes 8 KiB at a time."""
        left, self._left = self._left, b""
        return left + b"".join(self._source)

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        if not self._left:
            self._left = next(self._source, b"")
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size


@contextmanager
def opened(
    body: IO[bytes], size_bytes: int, encoding: Encoding, records: Records, limits: Limits
) -> Iterator[IO[bytes]]:
    """The decoded bytes of a page, to be read once.

    Args:
        body: wire bytes, at position 0.
        size_bytes: their number.
        encoding: of the transfer.
        records: says what the file is wrapped in.
        limits: of the contract; each unwrapping keeps within ``page_bytes`` and ``expansion``.

    Raises:
        IncompleteRun: something is damaged, stops short, or is not there. Also while reading.
        UpstreamRefused: larger than the limits, while reading.
    """
    plain = _capped(pieces(body, encoding), size_bytes, encoding, limits)
    if records.archive_member is not None:
        with SpooledTemporaryFile(max_size=SPOOL_BYTES) as archive:
            for piece in plain:
                archive.write(piece)
            size = archive.tell()
            archive.seek(0)
            with _member(cast("IO[bytes]", archive), records.archive_member) as member:
                yield _file(_capped(_read(member), size, "zip", limits))
    elif records.compression != "none":
        inner = pieces(_file(plain), records.compression)
        yield _file(_capped(inner, size_bytes, records.compression, limits))
    else:
        yield _file(plain)


def _file(source: Iterator[bytes]) -> IO[bytes]:
    return io.BufferedReader(_Pieces(source), CHUNK_BYTES)


def _capped(source: Iterator[bytes], from_bytes: int, wrapping: str, limits: Limits) -> Iterator[bytes]:
    """The same pieces, as long as they stay within the limits."""
    made = 0
    for piece in source:
        made += len(piece)
        if made > limits.page_bytes:
            raise UpstreamRefused(
                f"expected at most {limits.page_bytes} bytes once decoded, found more; if the service means it, ask "
                "for "
                "fewer records a page (source.paging) or raise source.limits.page_bytes"
            )
        if wrapping != "identity" and made > max(SMALL_BYTES, limits.expansion * from_bytes):
            raise UpstreamRefused(
                f"expected {from_bytes} bytes of {wrapping} to grow at most {limits.expansion} times, found more; if "
                "the "
                "service means it, raise source.limits.expansion"
            )
        yield piece


@contextmanager
def _member(archive: IO[bytes], pattern: str) -> Iterator[IO[bytes]]:
    """The one file of a zip archive that a pattern names. It is read where it lies; nothing is unpacked to disk."""
    try:
        with zipfile.ZipFile(archive) as files:
            names = [info.filename for info in files.infolist() if not info.is_dir()]
            found = [name for name in names if fnmatch.fnmatchcase(name, pattern)]
            if len(found) != 1:
                raise IncompleteRun(
                    f"expected one file {pattern!r} in the archive, found {len(found)} among {len(names)} file(s)"
                )
            with files.open(found[0]) as member:
                yield member
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as problem:
        raise IncompleteRun(
            f"expected a zip archive that is whole and not encrypted, found one that is not ({type(problem).__name__})"
        ) from None


def _read(member: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: member.read(CHUNK_BYTES), b"")
