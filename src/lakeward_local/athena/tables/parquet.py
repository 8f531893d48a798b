"""Parquet files under a table's schema: the table says which columns and types there are, not the file."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from lakeward_local.athena.errors import QueryError
from lakeward_local.athena.functions.sql import duck_type, literal, quote
from lakeward_local.athena.tables.row_groups import RowGroup, row_groups
from lakeward_local.athena.types import Type


@dataclass(frozen=True)
class Wanted:
    """A column or nested field that a table declares; Iceberg finds it by ``field_id``, Hive by name."""

    name: str
    type: Type
    field_id: int | None = None
    inner: tuple[Wanted, ...] = ()


@dataclass(frozen=True)
class Footer:
    """What a file's footer says: its schema, its rows, its row groups."""

    schema: pa.Schema
    rows: int
    groups: tuple[RowGroup, ...]


class Footers:
    """Footers by path, remembered: the local copies never change."""

    def __init__(self, limit: int = 4096) -> None:
        self._known: OrderedDict[Path, Footer] = OrderedDict()
        self._limit = limit
        self._lock = Lock()

    def read(self, path: Path, uri: str) -> Footer:
        """The footer of a local copy.

        Raises:
            QueryError: HIVE_BAD_DATA, the file is no Parquet.
        """
        with self._lock:
            if path in self._known:
                self._known.move_to_end(path)
                return self._known[path]
        try:
            metadata = pq.read_metadata(path)
            footer = Footer(metadata.schema.to_arrow_schema(), metadata.num_rows, row_groups(metadata))
        except (pa.ArrowException, OSError) as error:
            raise QueryError("HIVE_BAD_DATA", f"Malformed Parquet file. {error} [{uri}]") from error
        with self._lock:
            self._known[path] = footer
            while len(self._known) > self._limit:
                self._known.popitem(last=False)
        return footer


@dataclass(frozen=True)
class Source:
    """One file to read: its local copy, where it came from, its footer, the rows deleted from it."""

    path: Path
    uri: str
    footer: Footer
    deletes: tuple[Path, ...] = ()


def read_sql(sources: Sequence[Source], wanted: Sequence[tuple[Wanted, str]], extra: str = "", join: str = "") -> str:
    """SQL that reads files as the wanted columns under their generated names.

    Args:
        wanted: what to read, and the name to give it.
        extra: further select items, e.g. partition values.
        join: a join that the extra items need; ``f.filename`` is the local path.
    """
    groups: dict[str, list[Source]] = {}
    for source in sources:
        columns = ", ".join(f"{_column(source, w)} AS {quote(name)}" for w, name in wanted)
        key = f"{columns}\0{source.path if source.deletes else ''}\0{source.deletes}"
        groups.setdefault(key, []).append(source)
    selects = [_select(members, key.split("\0")[0], extra, join) for key, members in groups.items()]
    return " UNION ALL ".join(selects)


def _select(members: list[Source], columns: str, extra: str, join: str) -> str:
    files = ", ".join(literal(str(m.path)) for m in members)
    deletes = members[0].deletes
    options = ", hive_partitioning=false" + (", filename=true" if join or extra else "")
    options += ", file_row_number=true" if deletes or "file_row_number" in extra else ""
    same_schema = len({m.footer.schema for m in members}) == 1
    options += "" if same_schema else ", union_by_name=true"
    items = ", ".join(x for x in (columns, extra) if x) or "1 AS c"
    where = ""
    if deletes:
        paths = ", ".join(literal(str(d)) for d in deletes)
        where = (
            f" WHERE file_row_number NOT IN (SELECT pos FROM read_parquet([{paths}]) WHERE file_path = "
            f"{literal(members[0].uri)})"
        )
    return f"SELECT {items} FROM read_parquet([{files}]{options}) AS f{join}{where}"


def _column(source: Source, wanted: Wanted) -> str:
    field = _find(list(source.footer.schema), wanted)
    if field is None:
        return f"CAST(NULL AS {duck_type(wanted.type)})"
    return adapt(f"f.{quote(field.name)}", field.type, wanted, f"Field {wanted.name}", source.uri)


def _find(fields: Sequence[pa.Field], wanted: Wanted) -> pa.Field | None:
    if wanted.field_id is not None:
        by_id = {_field_id(f): f for f in fields}
        if set(by_id) != {None}:
            return by_id.get(wanted.field_id)
    return next((f for f in fields if f.name.lower() == wanted.name.lower()), None)


def _field_id(field: pa.Field) -> int | None:
    raw = (field.metadata or {}).get(b"PARQUET:field_id")
    return int(raw) if raw is not None and int(raw) >= 0 else None


def adapt(sql: str, found: pa.DataType, wanted: Wanted, what: str, uri: str) -> str:
    """SQL that turns a file's value into the declared type.

    Raises:
        QueryError: HIVE_BAD_DATA, the types do not fit.
    """
    kind = wanted.type
    match kind.name:
        case "row" if pa.types.is_struct(found):
            fields = [found.field(i) for i in range(found.num_fields)]
            parts = [_member(sql, fields, w, what, uri) for w in wanted.inner]
            packed = ", ".join(f"f{i} := {x}" for i, x in enumerate(parts))
            return f"(CASE WHEN {sql} IS NOT NULL THEN struct_pack({packed}) END)"
        case "array" if pa.types.is_list(found) or pa.types.is_large_list(found):
            inner = adapt("_e", found.value_type, wanted.inner[0], what, uri)
            return sql if inner == "_e" else f"list_transform({sql}, lambda _e: {inner})"
        case "map" if pa.types.is_map(found):
            key = adapt("_k", found.key_type, wanted.inner[0], what, uri)
            value = adapt("_v", found.item_type, wanted.inner[1], what, uri)
            if (key, value) == ("_k", "_v"):
                return sql
            keys, values = (
                f"list_transform(map_keys({sql}), lambda _k: {key})",
                f"list_transform(map_values({sql}), lambda _v: {value})",
            )
            return f"(CASE WHEN {sql} IS NOT NULL THEN map({keys}, {values}) END)"
    return _primitive(sql, found, kind, what, uri)


def _member(sql: str, fields: Sequence[pa.Field], wanted: Wanted, what: str, uri: str) -> str:
    field = _find(fields, wanted)
    if field is None:
        return f"CAST(NULL AS {duck_type(wanted.type)})"
    return adapt(f"struct_extract({sql}, {literal(field.name)})", field.type, wanted, what, uri)


_INTEGER_BITS: Final = {"tinyint": 8, "smallint": 16, "integer": 32, "bigint": 64}


def _primitive(sql: str, found: pa.DataType, kind: Type, what: str, uri: str) -> str:  # noqa: PLR0911, PLR0912 - one type a line
    is_ = pa.types
    cast = f"CAST({sql} AS {duck_type(kind)})"
    match kind.name:
        case "varchar" | "char" | "json" if is_.is_string(found) or is_.is_large_string(found):
            return sql
        case "varchar" | "char" if is_.is_binary(found) or is_.is_large_binary(found):
            return f"decode({sql})"
        case "boolean" if is_.is_boolean(found):
            return sql
        case "double" if is_.is_float64(found):
            return sql
        case "double" if is_.is_float32(found):
            return cast
        case "real" if is_.is_float32(found):
            return sql
        case "date" if is_.is_date(found):
            return sql
        case "decimal" if is_.is_decimal(found):
            return sql if (found.precision, found.scale) == kind.numbers else cast
        case "decimal" if is_.is_integer(found):
            return cast
        case "varbinary" if is_.is_binary(found) or is_.is_large_binary(found) or is_.is_fixed_size_binary(found):
            return sql
        case "varbinary" if is_.is_string(found):
            return f"encode({sql})"
        case "timestamp" | "timestamp with time zone" if is_.is_timestamp(found):
            return _timestamp(sql, found, kind)
        case "time" if is_.is_time(found):
            return cast
        case "uuid" if is_.is_fixed_size_binary(found):
            return cast
    if kind.is_integer and is_.is_signed_integer(found) and found.bit_width <= max(32, _INTEGER_BITS[kind.name]):
        return sql if found.bit_width == _INTEGER_BITS[kind.name] else cast
    raise QueryError(
        "HIVE_BAD_DATA",
        f"{what}'s type {_parquet_name(found)} in parquet file {uri} is incompatible with type "
        f"{kind} defined in table schema",
    )


def _timestamp(sql: str, found: pa.DataType, kind: Type) -> str:
    zoned = kind.name == "timestamp with time zone"
    value = sql
    if found.tz is not None and not zoned:
        value = f"({sql} AT TIME ZONE 'UTC')"
    elif found.tz is None and zoned:
        value = f"(CAST({sql} AS TIMESTAMP) AT TIME ZONE 'UTC')"
    value = f"CAST({value} AS {duck_type(kind)})"
    if kind.numbers[0] > 3 or found.unit not in {"us", "ns"}:
        return value
    return f"date_trunc('millisecond', {value} + INTERVAL 500 MICROSECONDS)"  # half up, as Trino's reader rounds


def _parquet_name(found: pa.DataType) -> str:
    names = {
        "int32": "INT32",
        "int64": "INT64",
        "double": "DOUBLE",
        "float": "FLOAT",
        "string": "BINARY",
        "bool": "BOOLEAN",
    }
    return names.get(str(found), str(found).upper())
