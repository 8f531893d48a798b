"""Hive's buckets: which file of a bucketed table a row belongs in.

https://docs.aws.amazon.com/athena/latest/ug/ctas-bucketing-and-partitioning.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pyarrow as pa

from lakeward_local.athena.errors import unsupported

_INT_BITS: Final = 0xFFFFFFFF
_LARGEST_INT: Final = 0x7FFFFFFF


@dataclass(frozen=True)
class Buckets:
    """Rows are spread over ``count`` files by the hash of these columns; no columns means no buckets."""

    columns: tuple[str, ...] = ()
    count: int = 1


NO_BUCKETS: Final = Buckets()


def bucketed(rows: pa.Table, buckets: Buckets) -> list[tuple[int, pa.Table]]:
    """The rows of each bucket that has any, by its number.

    Raises:
        QueryError: NOT_SUPPORTED, a column of a type whose hash is not known here.
    """
    if not buckets.columns:
        return [(0, rows)] if rows.num_rows else []
    hashes = [[hive_hash(v, rows[c].type) for v in rows[c].to_pylist()] for c in buckets.columns]
    members: dict[int, list[int]] = {}
    for at, found in enumerate(zip(*hashes, strict=True)):
        members.setdefault(_number(found, buckets.count), []).append(at)
    return [(number, rows.take(pa.array(members[number]))) for number in sorted(members)]


def _number(hashes: Sequence[int], count: int) -> int:
    combined = 0
    for found in hashes:
        combined = (combined * 31 + found) & _INT_BITS
    return (combined & _LARGEST_INT) % count


def hive_hash(value: Any, kind: pa.DataType) -> int:
    """Hive's first hash of a value, as an unsigned 32-bit number.

    Raises:
        QueryError: NOT_SUPPORTED, a type whose hash is not known here.
    """
    if value is None:
        return 0
    if pa.types.is_int64(kind):
        wide = int(value) & 0xFFFFFFFFFFFFFFFF
        return (wide ^ (wide >> 32)) & _INT_BITS
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return int(value) & _INT_BITS
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _text_hash(str(value))
    if pa.types.is_date(kind):
        days: int = (value - date(1970, 1, 1)).days
        return days & _INT_BITS
    raise unsupported(f"bucketing by {kind}")


def _text_hash(value: str) -> int:
    """Java's way over signed bytes."""
    combined = 0
    for byte in value.encode():
        combined = (combined * 31 + (byte - 256 if byte > 127 else byte)) & _INT_BITS
    return combined
