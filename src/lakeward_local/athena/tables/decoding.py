"""What DuckDB cannot read as it lies in S3: compressed text, and ORC."""

from __future__ import annotations

import bz2
import gzip
import io
import zlib
from collections.abc import Callable, Sequence
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import orc

from lakeward_local.athena.errors import QueryError, unsupported


def decompressed(uri: str, body: bytes) -> bytes:
    """A text object's content; Hive tells the compression by the name's ending.

    Raises:
        QueryError: HIVE_CURSOR_ERROR, it is not compressed so; NOT_SUPPORTED, another compression.
    """
    ending = uri.rpartition(".")[2]
    if ending in _UNKNOWN_COMPRESSIONS:
        raise unsupported(f"{ending} files ({uri})")
    if ending not in _COMPRESSIONS:
        return body
    try:
        return _COMPRESSIONS[ending](body)
    except (OSError, EOFError, zlib.error) as error:
        raise QueryError("HIVE_CURSOR_ERROR", f"Failed to read file {uri}: {error}") from error


def _zstd(body: bytes) -> bytes:
    return bytes(pa.CompressedInputStream(pa.BufferReader(body), "zstd").read())


_COMPRESSIONS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "gz": gzip.decompress, "bz2": bz2.decompress, "zst": _zstd, "deflate": zlib.decompress,
}  # fmt: skip
_UNKNOWN_COMPRESSIONS: Final = frozenset({"snappy", "lz4", "lzo"})


def orc_as_parquet(names: Sequence[str], *, by_index: bool) -> Callable[[str, bytes], bytes]:
    """How an ORC object is turned into Parquet.

    Args:
        names: the table's data columns; a file's columns are those, in their order, when ``by_index``.
    """

    def decode(uri: str, body: bytes) -> bytes:
        try:
            rows = orc.read_table(pa.BufferReader(body))
        except (pa.ArrowException, OSError) as error:
            raise QueryError("HIVE_BAD_DATA", f"Malformed ORC file. {error} [{uri}]") from error
        if by_index:
            known = [*names, *(f"_col{at}" for at in range(len(names), rows.num_columns))]
            rows = rows.rename_columns(known[: rows.num_columns])
        sink = io.BytesIO()
        pq.write_table(rows, sink, coerce_timestamps="us", allow_truncated_timestamps=True)
        return sink.getvalue()

    return decode
