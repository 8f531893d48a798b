"""Tables that describe tables: ``t$partitions``, Iceberg's metadata tables, information_schema."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from lakeward_local.athena.analysis import plan as p
from lakeward_local.athena.catalog.glue import GlueCatalog
from lakeward_local.athena.catalog.model import CATALOG, Table, View
from lakeward_local.athena.errors import QueryError
from lakeward_local.athena.functions.sql import duck_type, literal
from lakeward_local.athena.tables.hive import partitions_of
from lakeward_local.athena.tables.iceberg import open_table

Rows = Iterable[Sequence[Any]]


def rows_of(catalog: GlueCatalog, table: Table) -> Rows:
    """The rows of such a table, one cell a column; instants as ISO text."""
    return _ROWS[table.kind](catalog, table)


def rows_sql(table: Table, scan: p.Scan, rows: Rows) -> str:
    """SQL that yields the rows under the scan's generated names."""
    written = [[_cell(value) for value in row] for row in rows]
    every = [
        f"CAST(v{i} AS {duck_type(c.type)}) AS {scan.used[c.name]}"
        for i, c in enumerate(table.columns)
        if c.name in scan.used
    ]
    names = ", ".join(f"v{i}" for i in range(len(table.columns)))
    if not written:
        nulls = ", ".join("NULL" for _ in table.columns)
        return f"SELECT {', '.join(every) or '1 AS c'} FROM (VALUES ({nulls})) AS v({names}) WHERE false"
    body = ", ".join("(" + ", ".join(cells) + ")" for cells in written)
    return f"SELECT {', '.join(every) or '1 AS c'} FROM (VALUES {body}) AS v({names})"


def _cell(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dict):
        return f"MAP {{{', '.join(f'{literal(str(k))}: {literal(str(v))}' for k, v in value.items())}}}"
    if isinstance(value, tuple):
        return "struct_pack(" + ", ".join(f"f{i} := {_cell(v)}" for i, v in enumerate(value)) + ")"
    return literal(str(value))


def _instant(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat()


def _hive_partitions(catalog: GlueCatalog, table: Table) -> Rows:
    assert table.base is not None  # noqa: S101 - a metadata table has a base
    return [x.values for x in partitions_of(catalog.glue, table.base, p.Scan("", table.base))]


def _snapshots(_catalog: GlueCatalog, table: Table) -> Rows:
    for s in table.metadata.get("snapshots") or []:
        summary = s.get("summary") or {}
        yield (
            _instant(s["timestamp-ms"]),
            s["snapshot-id"],
            s.get("parent-snapshot-id"),
            summary.get("operation"),
            s.get("manifest-list"),
            {k: v for k, v in summary.items() if k != "operation"},
        )


def _history(_catalog: GlueCatalog, table: Table) -> Rows:
    parents = {s["snapshot-id"]: s.get("parent-snapshot-id") for s in table.metadata.get("snapshots") or []}
    ancestors, at = set(), table.metadata.get("current-snapshot-id")
    while at in parents:
        ancestors.add(at)
        at = parents[at]
    for entry in table.metadata.get("snapshot-log") or []:
        snapshot = entry["snapshot-id"]
        yield _instant(entry["timestamp-ms"]), snapshot, parents.get(snapshot), snapshot in ancestors


def _refs(_catalog: GlueCatalog, table: Table) -> Rows:
    for name, ref in (table.metadata.get("refs") or {}).items():
        yield (
            name,
            ref["type"].upper(),
            ref["snapshot-id"],
            ref.get("max-ref-age-ms"),
            ref.get("min-snapshots-to-keep"),
            ref.get("max-snapshot-age-ms"),
        )


def _tasks(catalog: GlueCatalog, table: Table) -> list[Any]:
    assert table.base is not None  # noqa: S101 - a metadata table has a base
    if table.metadata.get("current-snapshot-id") in (None, -1):
        return []
    return list(open_table(table.base, catalog.objects).scan().plan_files())


def _files(catalog: GlueCatalog, table: Table) -> Rows:
    tasks = _tasks(catalog, table)
    deletes = {d.file_path: d for task in tasks for d in task.delete_files}
    for file in [task.file for task in tasks] + list(deletes.values()):
        yield int(file.content), file.file_path, str(file.file_format.value), file.record_count, file.file_size_in_bytes


def _manifests(catalog: GlueCatalog, table: Table) -> Rows:
    if table.base is None:
        return
    opened = open_table(table.base, catalog.objects)
    snapshot = opened.current_snapshot()
    for m in snapshot.manifests(opened.io) if snapshot is not None else []:
        yield (
            m.manifest_path, m.manifest_length, m.partition_spec_id, m.added_snapshot_id, m.added_files_count,
            m.added_rows_count, m.existing_files_count, m.existing_rows_count, m.deleted_files_count,
            m.deleted_rows_count,
        )  # fmt: skip


def _iceberg_partitions(catalog: GlueCatalog, table: Table) -> Rows:
    groups: dict[tuple[Any, ...], list[int]] = {}
    is_partitioned = table.columns[0].name == "partition"
    for task in _tasks(catalog, table):
        key = (
            tuple(_partition_value(task.file.partition[i], table, i) for i in range(len(task.file.partition)))
            if is_partitioned
            else ()
        )
        found = groups.setdefault(key, [0, 0, 0])
        found[0] += task.file.record_count
        found[1] += 1
        found[2] += task.file.file_size_in_bytes
    for key, numbers in groups.items():
        yield ((key, *numbers) if is_partitioned else numbers)


def _partition_value(value: Any, table: Table, at: int) -> Any:
    """Dates and timestamps are counts since 1970 in the manifests."""
    kind = table.columns[0].type.inner[at].name
    if value is not None and kind == "date":
        return datetime.fromtimestamp(value * 86400, UTC).date().isoformat()
    if value is not None and kind.startswith("timestamp"):
        return _instant(value // 1000)
    return value


def _properties(_catalog: GlueCatalog, table: Table) -> Rows:
    return sorted((table.metadata.get("properties") or {}).items())


def _databases(catalog: GlueCatalog) -> list[str]:
    pages = catalog.glue.get_paginator("get_databases").paginate()
    return sorted(d["Name"] for page in pages for d in page["DatabaseList"])


def _all_tables(catalog: GlueCatalog) -> Iterable[tuple[str, dict[str, Any]]]:
    for database in _databases(catalog):
        for page in catalog.glue.get_paginator("get_tables").paginate(DatabaseName=database):
            for table in page["TableList"]:
                yield database, table


def _schemata(catalog: GlueCatalog, _table: Table) -> Rows:
    return [(CATALOG, d) for d in [*_databases(catalog), "information_schema"]]


def _tables(catalog: GlueCatalog, _table: Table) -> Rows:
    for database, table in _all_tables(catalog):
        yield CATALOG, database, table["Name"], "VIEW" if table.get("TableType") == "VIRTUAL_VIEW" else "BASE TABLE"


def _columns(catalog: GlueCatalog, _table: Table) -> Rows:
    for database, glue in _all_tables(catalog):
        try:
            found = catalog.find(database, glue["Name"])
        except QueryError:
            continue  # Athena leaves out the tables that it cannot read
        keys = found.partition_keys if isinstance(found, Table) else ()
        for position, column in enumerate(found.columns, 1):
            extra = "partition key" if column.name in keys else None
            place = (CATALOG, database, glue["Name"], column.name, position)
            yield *place, None, "YES", str(column.type), column.comment or None, extra


def _views(catalog: GlueCatalog, _table: Table) -> Rows:
    for database, glue in _all_tables(catalog):
        if glue.get("TableType") == "VIRTUAL_VIEW":
            view = catalog.find(database, glue["Name"])
            if isinstance(view, View):
                yield CATALOG, database, view.name, view.sql


_ROWS: Final[dict[str, Callable[[GlueCatalog, Table], Rows]]] = {
    "hive$partitions": _hive_partitions,
    "iceberg$snapshots": _snapshots,
    "iceberg$history": _history,
    "iceberg$refs": _refs,
    "iceberg$files": _files,
    "iceberg$partitions": _iceberg_partitions,
    "iceberg$manifests": _manifests,
    "iceberg$properties": _properties,
    "information_schema$schemata": _schemata,
    "information_schema$tables": _tables,
    "information_schema$columns": _columns,
    "information_schema$views": _views,
}
