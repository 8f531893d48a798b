"""Reading Glue: a catalog as one query sees it, each table read once."""

from __future__ import annotations

import json
from typing import Any, Final

from lakeward_local.athena import types as t
from lakeward_local.athena.catalog import iceberg_schema, information_schema, views
from lakeward_local.athena.catalog.model import Column, Table, View
from lakeward_local.athena.errors import QueryError
from lakeward_local.athena.tables.objects import ObjectStore
from lakeward_local.athena.types import parse_type


class GlueCatalog:
    """The tables that a query names; each is read from Glue once, so that a query sees one state of it."""

    def __init__(self, glue: Any, objects: ObjectStore) -> None:
        self.glue = glue
        self.objects = objects
        self._seen: dict[tuple[str, str], Table | View] = {}

    def find(self, database: str, name: str) -> Table | View:
        """The table, view, or metadata table (``name$snapshots``).

        Raises:
            QueryError: SCHEMA_NOT_FOUND, TABLE_NOT_FOUND.
        """
        key = (database, name)
        if key not in self._seen:
            self._seen[key] = self._read(database, name)
        return self._seen[key]

    def table(self, database: str, name: str) -> Table:
        """A table, not a view.

        Raises:
            QueryError: also NOT_SUPPORTED, when it is a view.
        """
        found = self.find(database, name)
        if isinstance(found, View):
            raise QueryError("NOT_SUPPORTED", f"expected a table, but '{database}.{name}' is a view")
        return found

    def raw(self, database: str, name: str) -> dict[str, Any] | None:
        """What GetTable answers, or None."""
        try:
            return dict(self.glue.get_table(DatabaseName=database, Name=name)["Table"])
        except self.glue.exceptions.EntityNotFoundException:
            return None

    def _read(self, database: str, name: str) -> Table | View:
        if database == "information_schema":
            return information_schema.table(name)
        if "$" in name:
            base, _, suffix = name.partition("$")
            return _metadata_table(self.table(database, base), name, suffix)
        glue = self.raw(database, name)
        if glue is None:
            self._check_database(database)
            raise QueryError("TABLE_NOT_FOUND", f"Table 'awsdatacatalog.{database}.{name}' does not exist", (1, 1))
        if glue.get("TableType") == "VIRTUAL_VIEW":
            return views.decode(database, glue)
        if (glue.get("Parameters") or {}).get("table_type", "").upper() == "ICEBERG":
            return self._iceberg(database, glue)
        return hive_table(database, glue)

    def _check_database(self, database: str) -> None:
        try:
            self.glue.get_database(Name=database)
        except self.glue.exceptions.EntityNotFoundException:
            raise QueryError("SCHEMA_NOT_FOUND", f"Schema '{database}' does not exist", (1, 1)) from None

    def _iceberg(self, database: str, glue: dict[str, Any]) -> Table:
        location = glue["Parameters"].get("metadata_location")
        if not location:
            raise QueryError("ICEBERG_INVALID_METADATA", f"Table {database}.{glue['Name']} has no metadata_location")
        metadata = json.loads(self.objects.read_immutable(location))
        return Table(database, glue["Name"], "iceberg", iceberg_schema.columns(metadata), (), glue, metadata)


def hive_table(database: str, glue: dict[str, Any]) -> Table:
    """A Hive-style table from what GetTable answers."""
    keys = glue.get("PartitionKeys") or []
    columns = (glue.get("StorageDescriptor") or {}).get("Columns") or []
    return Table(
        database,
        glue["Name"],
        "hive",
        tuple(_column(c) for c in (*columns, *keys)),
        tuple(k["Name"].lower() for k in keys),
        glue,
    )


def _column(glue: dict[str, Any]) -> Column:
    kind = glue.get("Type") or "string"
    return Column(glue["Name"].lower(), parse_type(kind, hive=True), kind, glue.get("Comment") or "")


_SNAPSHOTS: Final = (
    Column("committed_at", t.timestamp_tz(3)),
    Column("snapshot_id", t.BIGINT),
    Column("parent_id", t.BIGINT),
    Column("operation", t.VARCHAR),
    Column("manifest_list", t.VARCHAR),
    Column("summary", t.map_of(t.VARCHAR, t.VARCHAR)),
)
_HISTORY: Final = (
    Column("made_current_at", t.timestamp_tz(3)), Column("snapshot_id", t.BIGINT), Column("parent_id", t.BIGINT),
    Column("is_current_ancestor", t.BOOLEAN),
)  # fmt: skip
_REFS: Final = (
    Column("name", t.VARCHAR), Column("type", t.VARCHAR), Column("snapshot_id", t.BIGINT),
    Column("max_reference_age_in_ms", t.BIGINT), Column("min_snapshots_to_keep", t.INTEGER),
    Column("max_snapshot_age_in_ms", t.BIGINT),
)  # fmt: skip
_FILES: Final = (
    Column("content", t.INTEGER), Column("file_path", t.VARCHAR), Column("file_format", t.VARCHAR),
    Column("record_count", t.BIGINT), Column("file_size_in_bytes", t.BIGINT),
)  # fmt: skip
_PARTITIONS: Final = (Column("record_count", t.BIGINT), Column("file_count", t.BIGINT), Column("total_size", t.BIGINT))
_MANIFESTS: Final = (
    Column("path", t.VARCHAR), Column("length", t.BIGINT), Column("partition_spec_id", t.INTEGER),
    Column("added_snapshot_id", t.BIGINT), Column("added_data_files_count", t.INTEGER),
    Column("added_rows_count", t.BIGINT), Column("existing_data_files_count", t.INTEGER),
    Column("existing_rows_count", t.BIGINT), Column("deleted_data_files_count", t.INTEGER),
    Column("deleted_rows_count", t.BIGINT),
)  # fmt: skip
_PROPERTIES: Final = (Column("key", t.VARCHAR), Column("value", t.VARCHAR))
_ICEBERG_TABLES: Final = {
    "snapshots": _SNAPSHOTS, "history": _HISTORY, "refs": _REFS, "files": _FILES, "partitions": _PARTITIONS,
    "properties": _PROPERTIES, "manifests": _MANIFESTS,
}  # fmt: skip


def _metadata_table(base: Table, name: str, suffix: str) -> Table:
    if base.kind == "hive" and suffix == "partitions" and base.partition_keys:
        return Table(base.database, name, "hive$partitions", base.columns[-len(base.partition_keys) :], base=base)
    if base.kind == "iceberg" and suffix in _ICEBERG_TABLES:
        columns = _ICEBERG_TABLES[suffix]
        if suffix == "partitions":
            keys = iceberg_schema.partition_row(base.metadata)
            columns = (*((Column("partition", keys),) if keys is not None else ()), *columns)
        return Table(base.database, name, f"iceberg${suffix}", columns, base=base, metadata=base.metadata)
    raise QueryError("TABLE_NOT_FOUND", f"Table 'awsdatacatalog.{base.database}.{name}' does not exist", (1, 1))
