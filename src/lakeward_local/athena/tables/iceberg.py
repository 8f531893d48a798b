"""Iceberg tables: the files of a snapshot, planned by PyIceberg, read as local Parquet by field id."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import duckdb
from pyiceberg import expressions as ice
from pyiceberg.catalog.noop import NoopCatalog
from pyiceberg.manifest import DataFileContent, FileFormat
from pyiceberg.table import Table as IcebergTable
from pyiceberg.table.metadata import TableMetadataUtil

from lakeward_local.athena.analysis import plan as p
from lakeward_local.athena.catalog import iceberg_schema
from lakeward_local.athena.catalog.model import ROW_POSITION, Table
from lakeward_local.athena.errors import QueryError, unsupported
from lakeward_local.athena.functions.sql import literal, quote
from lakeward_local.athena.rewrite.expressions import ExpressionWriter
from lakeward_local.athena.tables.file_io import StoreIO
from lakeward_local.athena.tables.hive import Read, empty
from lakeward_local.athena.tables.objects import ObjectStore, StoredObject, shared_folder
from lakeward_local.athena.tables.parquet import Footers, Source, Wanted, read_sql
from lakeward_local.athena.tables.row_groups import scanned_bytes


def wanted(field: dict[str, Any]) -> Wanted:
    """A field of an Iceberg schema's JSON, with the ids of what is nested in it."""
    return _wanted(field["name"], field["id"], field["type"])


def _wanted(name: str, field_id: int, kind: Any) -> Wanted:
    inner: tuple[Wanted, ...] = ()
    if isinstance(kind, dict):
        match kind["type"]:
            case "list":
                inner = (_wanted("element", kind["element-id"], kind["element"]),)
            case "map":
                inner = (_wanted("key", kind["key-id"], kind["key"]), _wanted("value", kind["value-id"], kind["value"]))
            case _:
                inner = tuple(wanted(f) for f in kind["fields"])
    return Wanted(name, iceberg_schema.trino_type(kind), field_id, inner)


def open_table(table: Table, objects: ObjectStore) -> IcebergTable:
    """PyIceberg's view of a table's metadata as the query saw it."""
    metadata = TableMetadataUtil.parse_obj(table.metadata)
    return IcebergTable(
        (table.database, table.name),
        metadata,
        table.parameters["metadata_location"],
        StoreIO(objects),
        NoopCatalog("athena"),
    )


def snapshot_of(con: duckdb.DuckDBPyConnection, scan: p.Scan) -> int | None:
    """The snapshot that a scan reads; None when the table has none.

    Raises:
        QueryError: INVALID_ARGUMENTS, no such snapshot, none so early.
    """
    metadata = scan.table.metadata
    if scan.version is not None:
        if all(s["snapshot-id"] != scan.version for s in metadata.get("snapshots") or []):
            raise QueryError("INVALID_ARGUMENTS", f"Iceberg snapshot ID does not exists: {scan.version}")
        return scan.version
    if scan.as_of is not None:
        sql = ExpressionWriter(lambda _plan: "").write(scan.as_of)
        row = con.execute(f"SELECT epoch_ms({sql}), ({sql}) < now(), ({sql})::VARCHAR").fetchone()
        moment_ms, is_past, shown = row or (None, None, None)
        if moment_ms is None:
            raise QueryError("INVALID_ARGUMENTS", "Pointer value cannot be NULL")
        if not is_past:
            raise QueryError("INVALID_ARGUMENTS", f"Pointer value '{shown}' is not in the past")
        log = [e for e in metadata.get("snapshot-log") or [] if e["timestamp-ms"] <= moment_ms]
        if not log:
            raise QueryError(
                "INVALID_ARGUMENTS",
                f'No version history table {scan.table.database}."{scan.table.name}" at or before the given time',
            )
        return int(log[-1]["snapshot-id"])
    current = metadata.get("current-snapshot-id")
    return None if current in (None, -1) else int(current)


class IcebergReader:
    """Reads Iceberg tables."""

    def __init__(self, objects: ObjectStore, footers: Footers) -> None:
        self.objects, self.footers = objects, footers

    def read(self, con: duckdb.DuckDBPyConnection, scan: p.Scan) -> Read:
        """SQL for the scan's used columns at its snapshot.

        Raises:
            QueryError: INVALID_ARGUMENTS, NOT_SUPPORTED (equality deletes, deletion vectors, files that are no
                Parquet).
        """
        snapshot = snapshot_of(con, scan)
        sources = self.sources(scan.table, snapshot, row_filter(scan)) if snapshot is not None else []
        paths = _paths(scan)
        sources = sources if paths is None else [s for s in sources if s.uri in paths]
        if not sources:
            return Read(empty(scan), 0)
        fields = {f["name"].lower(): wanted(f) for f in iceberg_schema.current_schema(scan.table.metadata)["fields"]}
        columns = [(fields[c], name) for c, name in scan.used.items() if c in fields]
        scanned = sum(scanned_bytes(s.footer.groups, scan) for s in sources)
        extra, join = self._hidden(scan, sources)
        return Read(read_sql(sources, columns, extra, join), scanned)

    def sources(self, table: Table, snapshot: int, condition: ice.BooleanExpression) -> list[Source]:
        """The data files of a snapshot that may hold matching rows, with their positional deletes, as local copies."""
        try:
            tasks = list(open_table(table, self.objects).scan(row_filter=condition, snapshot_id=snapshot).plan_files())
        except (ValueError, NotImplementedError) as error:
            raise unsupported(f"this Iceberg table ({table.name}): {error}") from error
        data: list[str] = []
        deletes: list[list[str]] = []
        for task in tasks:
            _check(task.file, table)
            for delete in task.delete_files:
                _check(delete, table)
            data.append(task.file.file_path)
            deletes.append([d.file_path for d in task.delete_files])
        every = list(dict.fromkeys([*data, *(d for ds in deletes for d in ds)]))
        present = self._present(every)
        local = dict(zip(every, self.objects.local(present, ".parquet"), strict=True))
        return [
            Source(local[d], d, self.footers.read(local[d], d), tuple(local[x] for x in ds))
            for d, ds in zip(data, deletes, strict=True)
        ]

    def _present(self, uris: list[str]) -> list[StoredObject]:
        """The files as S3 has them now: a file that is gone must fail the query, although a copy of it is here.

        Raises:
            QueryError: ICEBERG_CANNOT_OPEN_SPLIT, a file of the snapshot is missing.
        """
        if not uris:
            return []
        folder = shared_folder(uris)
        listed = {o.uri: o for o in self.objects.below(folder, hidden=True)}
        missing = next((u for u in uris if u not in listed), None)
        if missing is not None:
            raise QueryError(
                "ICEBERG_CANNOT_OPEN_SPLIT", f"Error opening Iceberg split {missing}: the object does not exist"
            )
        return [listed[u] for u in uris]

    def _hidden(self, scan: p.Scan, sources: list[Source]) -> tuple[str, str]:
        """Select items and the join that give ``$path`` and the row's position."""
        for name in ("$file_modified_time", "$file_size"):
            if name in scan.used:
                raise unsupported(f"{name} of Iceberg tables")
        items = []
        if "$path" in scan.used:
            items.append(f"m.uri AS {quote(scan.used['$path'])}")
        if ROW_POSITION in scan.used:
            items.append(f"f.file_row_number AS {quote(scan.used[ROW_POSITION])}")
        if not items:
            return "", ""
        rows = ", ".join(f"({literal(str(s.path))}, {literal(s.uri)})" for s in sources)
        return ", ".join(items), f" JOIN (VALUES {rows}) AS m(path, uri) ON f.filename = m.path"


def _check(file: Any, table: Table) -> None:
    if file.content == DataFileContent.EQUALITY_DELETES:
        raise unsupported(f"equality deletes in the Iceberg table {table.name}")
    if file.file_format != FileFormat.PARQUET:
        raise unsupported(f"{file.file_format} files in the Iceberg table {table.name}")


# ---- pruning ---------------------------------------------------------------------------------------------------------

_COMPARISONS: Final[dict[str, Any]] = {
    "=": ice.EqualTo, "<>": ice.NotEqualTo, "<": ice.LessThan, "<=": ice.LessThanOrEqual, ">": ice.GreaterThan,
    ">=": ice.GreaterThanOrEqual,
}  # fmt: skip
_IN: Final[Any] = ice.In
_FLIPPED: Final = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "<>": "<>"}


def row_filter(scan: p.Scan) -> ice.BooleanExpression:
    """The scan's conditions that PyIceberg understands; the others are left to DuckDB, which checks all of them
    anyway.
    """
    result: ice.BooleanExpression = ice.AlwaysTrue()
    names = {f["name"].lower(): f["name"] for f in iceberg_schema.current_schema(scan.table.metadata)["fields"]}
    for condition in scan.filters:
        term = _term(condition, scan.alias, names)
        if term is not None:
            result = ice.And(result, term)
    return result


def _term(condition: p.Expr, alias: str, names: dict[str, str]) -> Any:
    """The condition in PyIceberg's words, None when it has none."""
    if not isinstance(condition, p.Call):
        return None
    args = condition.args
    operator = condition.function.name
    if operator in _COMPARISONS and isinstance(args[0], p.Const):
        args, operator = (args[1], args[0]), _FLIPPED[operator]
    column = args[0] if args else None
    if not isinstance(column, p.Column) or column.relation != alias or column.label not in names:
        return None
    values = [_constant(a) for a in args[1:]]
    if any(v is None for v in values):
        return None
    name = names[column.label]
    if operator in _COMPARISONS and len(values) == 1:
        return _COMPARISONS[operator](name, values[0])
    if operator == "between":
        return ice.And(_COMPARISONS[">="](name, values[0]), _COMPARISONS["<="](name, values[1]))
    return _IN(name, values) if operator == "in" else None


def _paths(scan: p.Scan) -> set[str] | None:
    """The files that ``"$path" IN (constants)`` leaves, None when the query does not say."""
    for condition in scan.filters:
        if isinstance(condition, p.Call) and condition.function.name in {"in", "="}:
            first, *rest = condition.args
            if isinstance(first, p.Column) and first.label == "$path" and all(isinstance(x, p.Const) for x in rest):
                return {x.value for x in rest if isinstance(x, p.Const) and x.value is not None}
    return None


def _constant(value: p.Expr) -> Any:  # noqa: PLR0911 - one kind a line
    """A constant as PyIceberg takes it, None when it is none."""
    if not isinstance(value, p.Const) or value.value is None:
        return None
    match value.type.name:
        case "tinyint" | "smallint" | "integer" | "bigint":
            return int(value.value)
        case "varchar":
            return value.value
        case "date":
            return value.value
        case "double":
            return float(value.value)
        case "decimal":
            return Decimal(value.value)
        case "boolean":
            return value.value == "true"
        case "timestamp":
            return datetime.fromisoformat(value.value).isoformat(timespec="microseconds")
        case "timestamp with time zone":
            return datetime.fromisoformat(value.value).isoformat(timespec="microseconds")
    return None
