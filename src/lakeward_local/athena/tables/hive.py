"""Hive-style tables: registered or projected partitions, Parquet, JSON and CSV."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from lakeward_local.athena.analysis import plan as p
from lakeward_local.athena.catalog.model import Column, Table
from lakeward_local.athena.errors import unsupported
from lakeward_local.athena.functions.sql import duck_type, literal, quote
from lakeward_local.athena.tables import projection, textfiles
from lakeward_local.athena.tables.decoding import decompressed, orc_as_parquet
from lakeward_local.athena.tables.objects import ObjectStore, StoredObject, shared_folder, split_uri
from lakeward_local.athena.tables.parquet import Footers, Source, Wanted, read_sql
from lakeward_local.athena.tables.partitions import Partition, prune, value_sql
from lakeward_local.athena.tables.row_groups import scanned_bytes

#: Up to so many partitions are listed each by itself, several at a time.
_LISTED_ONE_BY_ONE: Final = 2
#: How Hive writes a NULL partition value into a path.
NULL_PARTITION: Final = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True)
class Read:
    """SQL that reads a table, and the bytes that it makes Athena scan."""

    sql: str
    scanned_bytes: int


def wanted(column: Column) -> Wanted:
    """A declared column, its nested fields by name."""
    return _wanted(column.name, column.type)


def _wanted(name: str, kind: Any) -> Wanted:
    names = [f or "" for f in kind.fields] if kind.name == "row" else [""] * len(kind.inner)
    return Wanted(name, kind, None, tuple(_wanted(n, x) for n, x in zip(names, kind.inner, strict=True)))


def storage_format(table: Table) -> str:
    """parquet, orc, json or csv, by the serde.

    Raises:
        QueryError: NOT_SUPPORTED, another serde.
    """
    serde = ((table.storage.get("SerdeInfo") or {}).get("SerializationLibrary") or "").lower()
    classification = table.parameters.get("classification", "").lower()
    for name, marks in (
        ("parquet", ("parquet",)),
        ("orc", ("orcserde",)),
        ("json", ("json",)),
        ("csv", ("opencsv", "lazysimple")),
    ):
        if any(m in serde for m in marks) or (not serde and classification == name):
            return name
    raise unsupported(f"tables with the serde {serde or classification or 'none'} ({table.database}.{table.name})")


def partitions_of(glue: Any, table: Table, scan: p.Scan) -> list[Partition]:
    """Registered partitions from Glue, or projected ones."""
    if table.is_projected:
        return projection.projected(table, scan)
    found = []
    for page in glue.get_paginator("get_partitions").paginate(DatabaseName=table.database, TableName=table.name):
        for part in page["Partitions"]:
            values = tuple(None if v == NULL_PARTITION else v for v in part["Values"])
            found.append(Partition(values, (part.get("StorageDescriptor") or {}).get("Location") or ""))
    return found


#: A file and the partition in whose place it lies.
_File = tuple[StoredObject, Partition | None]


class HiveReader:
    """Reads Hive-style tables."""

    def __init__(self, glue: Any, objects: ObjectStore, footers: Footers) -> None:
        self.glue, self.objects, self.footers = glue, objects, footers

    def read(self, con: duckdb.DuckDBPyConnection, scan: p.Scan) -> Read:
        """SQL for the scan's used columns.

        Raises:
            QueryError: HIVE_BAD_DATA, CONSTRAINT_VIOLATION, NOT_SUPPORTED and what S3 may answer.
        """
        table = scan.table
        files = self._files(con, scan)
        data = [c for c in table.columns if c.name in scan.used and c.name not in table.partition_keys]
        if not files:
            return Read(empty(scan), 0)
        if storage_format(table) in {"parquet", "orc"}:
            return self._parquet(scan, data, files)
        return self._text(scan, data, files)

    def _files(self, con: duckdb.DuckDBPyConnection, scan: p.Scan) -> list[_File]:
        table = scan.table
        if not table.partition_keys:
            return [(o, None) for o in self.objects.below(table.location)]
        every = partitions_of(self.glue, table, scan)
        kept = prune(con, table, scan, every)
        is_most = len(kept) > _LISTED_ONE_BY_ONE and len(kept) * 2 >= len(every)
        if is_most and len({split_uri(x.location)[0] for x in kept}) == 1:
            listings = self._listed_at_once([x.location for x in kept])
        else:
            listings = list(self.objects.cache.pool.map(lambda x: self.objects.below(x.location), kept))
        return [(o, partition) for partition, objects in zip(kept, listings, strict=True) for o in objects]

    def _listed_at_once(self, locations: list[str]) -> list[list[StoredObject]]:
        """The objects of many locations by one listing of the folder above all of them."""
        found: dict[str, list[StoredObject]] = {location.rstrip("/"): [] for location in locations}
        for stored in self.objects.below(shared_folder([f"{x.rstrip('/')}/" for x in locations])):
            folder = stored.uri
            while (folder := folder.rpartition("/")[0]).startswith("s3://"):
                if folder in found:
                    found[folder].append(stored)
        return [found[location.rstrip("/")] for location in locations]

    def _parquet(self, scan: p.Scan, data: Sequence[Column], files: Sequence[_File]) -> Read:
        files = [f for f in files if f[0].size_bytes]
        objects = list(dict.fromkeys(o for o, _ in files))
        paths = self._as_parquet(scan.table, objects)
        sources = [Source(path, o.uri, self.footers.read(path, o.uri)) for path, o in zip(paths, objects, strict=True)]
        scanned = sum(scanned_bytes(s.footer.groups, scan) for s in sources)
        extra, join = self._extras(scan, dict(zip(objects, map(str, paths), strict=True)), files)
        if not sources:
            return Read(empty(scan), 0)
        return Read(read_sql(sources, [(wanted(c), scan.used[c.name]) for c in data], extra, join), scanned)

    def _as_parquet(self, table: Table, objects: list[StoredObject]) -> list[Path]:
        """Local copies in Parquet; ORC is turned into it, its columns by position unless the serde says by name."""
        if storage_format(table) == "parquet":
            return self.objects.local(objects, ".parquet")
        names = [c.name for c in table.columns if c.name not in table.partition_keys]
        settings = (table.storage.get("SerdeInfo") or {}).get("Parameters") or {}
        by_index = settings.get("orc.column.index.access", "true").lower() != "false"
        shape = hashlib.sha256(f"{by_index} {names}".encode()).hexdigest()[:16]
        return self.objects.local(objects, f".{shape}.orc.parquet", orc_as_parquet(names, by_index=by_index))

    def _text(self, scan: p.Scan, data: Sequence[Column], files: Sequence[_File]) -> Read:
        files = [f for f in files if f[0].size_bytes]
        objects = list(dict.fromkeys(o for o, _ in files))
        if not objects:
            return Read(empty(scan), 0)
        paths = [str(x) for x in self.objects.local(objects, ".txt", decompressed)]
        extra, join = self._extras(scan, dict(zip(objects, paths, strict=True)), files)
        columns = [c for c in scan.table.columns if c.name not in scan.table.partition_keys]
        reader = textfiles.json_reader if storage_format(scan.table) == "json" else textfiles.csv_reader
        source, value = reader(scan.table, columns, paths)
        items = [f"{value(c)} AS {quote(scan.used[c.name])}" for c in data]
        sql = f"SELECT {', '.join([*items, *([extra] if extra else [])]) or '1 AS c'} FROM {source} AS f{join}"
        return Read(sql, sum(o.size_bytes for o in objects))

    def _extras(self, scan: p.Scan, paths: dict[StoredObject, str], files: Sequence[_File]) -> tuple[str, str]:
        """Select items and the join that give partition values and the hidden columns of each file.

        A file that lies in the places of several partitions has a row for each: it is read once and counts for all.
        """
        keys = [(i, k) for i, k in enumerate(scan.table.partition_keys) if k in scan.used]
        hidden = [h for h in ("$path", "$file_size", "$file_modified_time") if h in scan.used]
        if not keys and not hidden and len(paths) == len(files):
            return "", ""
        rows = []
        for stored, partition in files:
            values = [None if partition is None else partition.values[i] for i, _ in keys]
            modified = stored.modified.isoformat() if stored.modified else None
            facts = {"$path": stored.uri, "$file_size": str(stored.size_bytes), "$file_modified_time": modified}
            cells = [paths[stored], *values, *(facts[h] for h in hidden)]
            rows.append("(" + ", ".join("NULL" if c is None else literal(c) for c in cells) + ")")
        items = [
            f"{value_sql(f'm.p{n}', scan.table, key)} AS {quote(scan.used[key])}" for n, (_, key) in enumerate(keys)
        ]
        kinds = {c.name: c.type for c in scan.table.hidden}
        items += [f"CAST(m.h{n} AS {duck_type(kinds[h])}) AS {quote(scan.used[h])}" for n, h in enumerate(hidden)]
        names = ["path", *(f"p{n}" for n in range(len(keys))), *(f"h{n}" for n in range(len(hidden)))]
        return ", ".join(items), f" JOIN (VALUES {', '.join(rows)}) AS m({', '.join(names)}) ON f.filename = m.path"


def empty(scan: p.Scan) -> str:
    """No rows, with the right columns."""
    kinds = {c.name: c.type for c in (*scan.table.columns, *scan.table.hidden)}
    columns = ", ".join(f"CAST(NULL AS {duck_type(kinds[name])}) AS {quote(as_)}" for name, as_ in scan.used.items())
    return f"SELECT {columns or '1 AS c'} WHERE false"
