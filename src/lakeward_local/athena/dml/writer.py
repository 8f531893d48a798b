"""Writing rows as the files of a Hive-style table or an UNLOAD."""

from __future__ import annotations

import base64
import io
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import orc

from lakeward_local.athena.dml.buckets import NO_BUCKETS, Buckets, bucketed
from lakeward_local.athena.errors import QueryError, unsupported
from lakeward_local.athena.tables.hive import NULL_PARTITION
from lakeward_local.athena.tables.objects import ObjectStore
from lakeward_local.athena.tables.partitions import folders_of

_CODECS: Final = {
    "ZSTD": "zstd",
    "SNAPPY": "snappy",
    "GZIP": "gzip",
    "NONE": "none",
    "LZ4": "lz4",
    "UNCOMPRESSED": "none",
}
_ORC_CODECS: Final = {
    "ZLIB": "zlib", "ZSTD": "zstd", "SNAPPY": "snappy", "LZ4": "lz4", "NONE": "uncompressed",
    "UNCOMPRESSED": "uncompressed",
}  # fmt: skip
_MAX_PARTITIONS: Final = 100


@dataclass(frozen=True)
class Written:
    """A file that was written, and its partition values (NULL as Hive writes it)."""

    uri: str
    partition: tuple[str, ...]


def write(
    objects: ObjectStore,
    rows: pa.Table,
    location: str,
    partitioned_by: Sequence[str],
    *,
    form: str = "PARQUET",
    compression: str = "GZIP",
    delimiter: str = "\x01",
    buckets: Buckets = NO_BUCKETS,
) -> list[Written]:
    """One file a partition and bucket; partition columns stand in the path only.

    Raises:
        QueryError: NOT_SUPPORTED, the format; HIVE_TOO_MANY_OPEN_PARTITIONS, more than 100 partitions.
    """
    found = []
    for values, part in _split(rows, partitioned_by):
        folders = f"{folders_of(partitioned_by, values)}/" if values else ""
        for number, content in bucketed(part, buckets):
            stamp = datetime.now(UTC).strftime("%Y%m%d_%H%M%S_%f")
            bucket = f"_bucket-{number:05}" if buckets.columns else ""
            uri = f"{location.rstrip('/')}/{folders}{stamp}_{uuid.uuid4().hex}{bucket}"
            objects.write(uri, _encoded(content, form.upper(), compression.upper(), delimiter))
            found.append(Written(uri, values))
    return found


def _split(rows: pa.Table, keys: Sequence[str]) -> list[tuple[tuple[str, ...], pa.Table]]:
    if not keys:
        return [((), rows)] if rows.num_rows else []
    groups = rows.select(list(keys)).group_by(list(keys)).aggregate([]).to_pylist()
    if len(groups) > _MAX_PARTITIONS:
        raise QueryError(
            "HIVE_TOO_MANY_OPEN_PARTITIONS", f"Exceeded limit of {_MAX_PARTITIONS} open writers for partitions/buckets"
        )
    found = []
    for group in groups:
        mask = None
        for key in keys:
            same = (
                pc.is_null(rows[key])
                if group[key] is None
                else pc.fill_null(pc.equal(rows[key], pa.scalar(group[key], rows[key].type)), False)
            )
            mask = same if mask is None else pc.and_(mask, same)
        values = tuple(partition_text(group[key]) for key in keys)
        found.append((values, rows.filter(mask).drop_columns(list(keys))))
    return found


def partition_text(value: Any) -> str:
    """A partition value as it stands in a path."""
    if value is None:
        return NULL_PARTITION
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S") + (
            f".{value.microsecond:06}".rstrip("0") if value.microsecond else ".0"
        )
    return str(value)


def _encoded(rows: pa.Table, form: str, compression: str, delimiter: str) -> bytes:
    buffer = io.BytesIO()
    match form:
        case "PARQUET":
            if compression not in _CODECS:
                raise QueryError(
                    "INVALID_TABLE_PROPERTY",
                    f"write_compression: expected one of {', '.join(_CODECS)}, found {compression}",
                )
            pq.write_table(rows, buffer, compression=_CODECS[compression])
        case "ORC":
            codec = "ZLIB" if compression == "GZIP" else compression
            if codec not in _ORC_CODECS:
                known = ", ".join(_ORC_CODECS)
                raise QueryError("INVALID_TABLE_PROPERTY", f"write_compression: expected one of {known}, found {codec}")
            orc.write_table(rows, buffer, compression=_ORC_CODECS[codec])
        case "JSON":
            lines = (json.dumps(x, default=_json, ensure_ascii=False) for x in _objects(rows))
            buffer.write("".join(f"{line}\n" for line in lines).encode())
        case "TEXTFILE":
            lines = (delimiter.join(_plain(v) for v in r.values()) for r in rows.to_pylist())
            buffer.write("".join(f"{line}\n" for line in lines).encode())
        case _:
            raise unsupported(f"writing {form}")
    return buffer.getvalue()


def _objects(rows: pa.Table) -> Iterator[dict[str, Any]]:
    """The rows as JSON objects; a map, which PyArrow gives as pairs, is an object too."""
    for row in rows.to_pylist():
        yield {f.name: _member(row[f.name], f.type) for f in rows.schema}


def _member(value: Any, kind: pa.DataType) -> Any:
    if value is None:
        return None
    if pa.types.is_map(kind):
        return {_key(k): _member(v, kind.item_type) for k, v in value}
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return [_member(x, kind.value_type) for x in value]
    if pa.types.is_struct(kind):
        return {f.name: _member(value[f.name], f.type) for f in kind}
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        raise unsupported("varbinary in JSON")
    return value


def _key(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _plain(value: Any, depth: int = 2) -> str:
    """A value in delimited text; ``depth`` is the control character that parts what is inside it."""
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return chr(depth).join(_plain(x, depth + 1) for x in value.values())
    if isinstance(value, list):
        return chr(depth).join(_item(x, depth + 1) for x in value)
    return str(value)


def _item(value: Any, depth: int) -> str:
    """A list's item; a map is a list of pairs."""
    if isinstance(value, tuple):
        key, inner = value
        return f"{_plain(key, depth + 1)}{chr(depth)}{_plain(inner, depth + 1)}"
    return _plain(value, depth)


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    return value.isoformat() if isinstance(value, date) else str(value)
