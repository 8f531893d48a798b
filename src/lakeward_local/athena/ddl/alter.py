"""ALTER TABLE: one handler an action."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pyiceberg.exceptions import ValidationError

from lakeward_local.athena.catalog.model import Table
from lakeward_local.athena.ddl import iceberg
from lakeward_local.athena.ddl.tables import as_input, column, partition_input
from lakeward_local.athena.errors import QueryError, unsupported
from lakeward_local.athena.executions import Outcome
from lakeward_local.athena.syntax import statement_nodes as s
from lakeward_local.athena.tables.partitions import folders_of
from lakeward_local.athena.task import Task
from lakeward_local.athena.types import parse_type


def run(statement: s.Alter, task: Task) -> Outcome:
    """Change a table.

    Raises:
        QueryError: as the action demands.
    """
    if statement.action == "set_database_properties":
        _database_properties(statement, task)
    else:
        table = task.engine.catalog().table(*task.table(statement.name))
        actions = _ICEBERG if table.kind == "iceberg" else _HIVE
        action = actions.get(statement.action)
        if action is None:
            raise unsupported(f"ALTER TABLE ... {statement.action.replace('_', ' ').upper()} on {table.kind} tables")
        action(statement, table, task)
    return Outcome(kind="DDL", sub="ALTER_TABLE", is_text=True)


def _database_properties(statement: s.Alter, task: Task) -> None:
    glue, name = task.engine.glue, statement.name[0]
    try:
        current = glue.get_database(Name=name)["Database"]
    except glue.exceptions.EntityNotFoundException:
        raise QueryError("SCHEMA_NOT_FOUND", f"Database does not exist: {name}") from None
    wanted = {k: current[k] for k in ("Name", "Description", "LocationUri", "Parameters") if current.get(k)}
    wanted["Parameters"] = {**(wanted.get("Parameters") or {}), **dict(statement.properties)}
    glue.update_database(Name=name, DatabaseInput=wanted)


def _update(task: Task, table: Table, change: Callable[[dict[str, Any]], None]) -> None:
    wanted = as_input(table.glue)
    change(wanted)
    task.engine.glue.update_table(DatabaseName=table.database, TableInput=wanted)


def _values(table: Table, spec: s.PartitionSpec, *, whole: bool = True) -> tuple[str, ...]:
    """A spec's values in key order."""
    given = dict(spec.values)
    unknown = set(given) - set(table.partition_keys)
    if unknown or (whole and len(given) != len(table.partition_keys)):
        raise QueryError(
            "GENERIC_USER_ERROR",
            f"partition spec: expected values for {', '.join(table.partition_keys)}, found "
            f"{', '.join(given)} ({table.database}.{table.name})",
        )
    return tuple(given[k] for k in table.partition_keys if k in given)


def _add_partitions(statement: s.Alter, table: Table, task: Task) -> None:
    glue = task.engine.glue
    for spec in statement.partitions:
        values = _values(table, spec)
        folders = folders_of(table.partition_keys, values)
        try:
            glue.create_partition(
                DatabaseName=table.database,
                TableName=table.name,
                PartitionInput=partition_input(table, values, spec.location or f"{table.location}{folders}/"),
            )
        except glue.exceptions.AlreadyExistsException:
            if not statement.lenient:
                raise QueryError(
                    "GENERIC_USER_ERROR", f"AlreadyExistsException: Partition already exists: {folders}"
                ) from None


def _drop_partitions(statement: s.Alter, table: Table, task: Task) -> None:
    glue = task.engine.glue
    for spec in statement.partitions:
        wanted = {
            "DatabaseName": table.database,
            "TableName": table.name,
            "PartitionValues": list(_values(table, spec)),
        }
        try:
            glue.get_partition(**wanted)
            glue.delete_partition(**wanted)
        except glue.exceptions.EntityNotFoundException:
            if not statement.lenient:
                raise QueryError("GENERIC_USER_ERROR", f"Partition not found: {dict(spec.values)}") from None


def _partition_location(statement: s.Alter, table: Table, task: Task) -> None:
    spec = statement.partitions[0]
    values = _values(table, spec)
    wanted = partition_input(table, values, spec.location or "")
    glue = task.engine.glue
    glue.delete_partition(DatabaseName=table.database, TableName=table.name, PartitionValues=list(values))
    glue.create_partition(DatabaseName=table.database, TableName=table.name, PartitionInput=wanted)


def _rename_partition(statement: s.Alter, table: Table, task: Task) -> None:
    """Other values for the same place."""
    glue = task.engine.glue
    old, new = (_values(table, spec) for spec in statement.partitions)
    where = {"DatabaseName": table.database, "TableName": table.name}
    try:
        current = glue.get_partition(**where, PartitionValues=list(old))["Partition"]
    except glue.exceptions.EntityNotFoundException:
        raise QueryError("GENERIC_USER_ERROR", f"Partition not found: {dict(statement.partitions[0].values)}") from None
    glue.create_partition(**where, PartitionInput=partition_input(table, new, current["StorageDescriptor"]["Location"]))
    glue.delete_partition(**where, PartitionValues=list(old))


def _add_columns(statement: s.Alter, table: Table, task: Task) -> None:
    for definition in statement.columns:
        parse_type(definition.type, hive=True)
        if any(c.name == definition.name for c in table.columns):
            raise QueryError("COLUMN_ALREADY_EXISTS", f"Column '{definition.name}' already exists")
    _update(task, table, lambda x: x["StorageDescriptor"]["Columns"].extend(column(c) for c in statement.columns))


def _replace_columns(statement: s.Alter, table: Table, task: Task) -> None:
    def change(wanted: dict[str, Any]) -> None:
        wanted["StorageDescriptor"]["Columns"] = [column(c) for c in statement.columns]

    _update(task, table, change)


def _change_column(statement: s.Alter, table: Table, task: Task) -> None:
    _known(table, statement.old)
    if statement.text:
        raise unsupported(f"CHANGE COLUMN ... {statement.text.upper()} on hive tables")

    def change(wanted: dict[str, Any]) -> None:
        columns = wanted["StorageDescriptor"]["Columns"]
        wanted["StorageDescriptor"]["Columns"] = [
            column(statement.columns[0]) if c["Name"].lower() == statement.old else c for c in columns
        ]

    _update(task, table, change)


def _set_location(statement: s.Alter, table: Table, task: Task) -> None:
    def change(wanted: dict[str, Any]) -> None:
        wanted["StorageDescriptor"]["Location"] = statement.text

    _update(task, table, change)


def _set_properties(statement: s.Alter, table: Table, task: Task) -> None:
    def change(wanted: dict[str, Any]) -> None:
        wanted["Parameters"] = {**(wanted.get("Parameters") or {}), **dict(statement.properties)}

    _update(task, table, change)


_HIVE: Final[dict[str, Callable[[s.Alter, Table, Task], None]]] = {
    "add_partitions": _add_partitions,
    "drop_partitions": _drop_partitions,
    "set_partition_location": _partition_location,
    "rename_partition": _rename_partition,
    "add_columns": _add_columns,
    "replace_columns": _replace_columns,
    "change_column": _change_column,
    "set_location": _set_location,
    "set_properties": _set_properties,
}


def _iceberg_add(statement: s.Alter, table: Table, task: Task) -> None:
    for c in statement.columns:
        if any(c.name == known.name for known in table.columns):
            raise QueryError("COLUMN_ALREADY_EXISTS", f"Column '{c.name}' already exists")
    with iceberg.load(task, table.database, table.name).update_schema() as update:
        for c in statement.columns:
            update.add_column(c.name, iceberg.iceberg_type(iceberg.declared(c.type)), doc=c.comment)


def _iceberg_drop(statement: s.Alter, table: Table, task: Task) -> None:
    _known(table, statement.text)
    with iceberg.load(task, table.database, table.name).update_schema() as update:
        update.delete_column(statement.text)


def _iceberg_replace(statement: s.Alter, table: Table, task: Task) -> None:
    """REPLACE COLUMNS: columns that are not named go, new ones come, the others stay as they are."""
    wanted = {c.name: c for c in statement.columns}
    known = {c.name: c for c in table.columns}
    for name in wanted.keys() & known.keys():
        if iceberg.declared(wanted[name].type) != known[name].type:
            raise QueryError("NOT_SUPPORTED", f"REPLACE COLUMNS cannot change the type of column {name}")
    with iceberg.load(task, table.database, table.name).update_schema() as update:
        for name in known.keys() - wanted.keys():
            update.delete_column(name)
        for c in (c for c in statement.columns if c.name not in known):
            update.add_column(c.name, iceberg.iceberg_type(iceberg.declared(c.type)), doc=c.comment)


def _iceberg_rename(statement: s.Alter, table: Table, task: Task) -> None:
    _known(table, statement.old)
    with iceberg.load(task, table.database, table.name).update_schema() as update:
        update.rename_column(statement.old, statement.text)


def _iceberg_change(statement: s.Alter, table: Table, task: Task) -> None:
    """CHANGE COLUMN: a new name, a wider type, a comment, another place."""
    _known(table, statement.old)
    wanted = statement.columns[0]
    kind = iceberg.iceberg_type(iceberg.declared(wanted.type))
    try:
        with iceberg.load(task, table.database, table.name).update_schema() as update:
            update.update_column(statement.old, field_type=kind, doc=wanted.comment)
            if statement.text == "first":
                update.move_first(statement.old)
            elif statement.text:
                update.move_after(statement.old, statement.text.removeprefix("after "))
            if wanted.name != statement.old:
                update.rename_column(statement.old, wanted.name)
    except (ValueError, ValidationError) as error:
        raise QueryError("NOT_SUPPORTED", f"Cannot change column {statement.old}: {error}") from error


def _iceberg_properties(statement: s.Alter, table: Table, task: Task) -> None:
    with iceberg.load(task, table.database, table.name).transaction() as transaction:
        given = {k: v for k, v in statement.properties if k.lower() != "table_type"}
        transaction.set_properties(iceberg.known_properties(given))


def _iceberg_unset(statement: s.Alter, table: Table, task: Task) -> None:
    with iceberg.load(task, table.database, table.name).transaction() as transaction:
        names = iceberg.known_properties({k: "parquet" for k, _ in statement.properties})
        transaction.remove_properties(*(k for k in names if k in transaction.table_metadata.properties))


def _known(table: Table, name: str) -> None:
    if all(c.name != name for c in table.columns):
        raise QueryError("COLUMN_NOT_FOUND", f"Column '{name}' does not exist")


_ICEBERG: Final[dict[str, Callable[[s.Alter, Table, Task], None]]] = {
    "add_columns": _iceberg_add, "drop_column": _iceberg_drop, "rename_column": _iceberg_rename,
    "change_column": _iceberg_change, "replace_columns": _iceberg_replace, "set_properties": _iceberg_properties,
    "unset_properties": _iceberg_unset,
}  # fmt: skip
