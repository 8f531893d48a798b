"""CREATE TABLE, DROP, MSCK REPAIR TABLE."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from lakeward_local.athena.catalog.model import Table
from lakeward_local.athena.ddl import databases, iceberg
from lakeward_local.athena.ddl.storage import LAZY_SIMPLE, descriptor
from lakeward_local.athena.errors import QueryError
from lakeward_local.athena.executions import Outcome
from lakeward_local.athena.syntax import statement_nodes as s
from lakeward_local.athena.tables.partitions import folders_of
from lakeward_local.athena.task import Task
from lakeward_local.athena.types import parse_type


def create(statement: s.CreateTable, task: Task) -> Outcome:
    """Hive's CREATE EXTERNAL TABLE, or an Iceberg table.

    Raises:
        QueryError: SYNTAX_ERROR, TABLE_ALREADY_EXISTS, SCHEMA_NOT_FOUND, TYPE_NOT_FOUND.
    """
    database, name = task.table(statement.name)
    properties = {k.lower(): v for k, v in statement.properties}
    if properties.get("table_type", "").upper() == "ICEBERG":
        iceberg.create(statement, database, name, task)
        return Outcome(kind="DDL", sub="CREATE_TABLE", is_text=True)
    if not statement.external:
        raise QueryError(
            "SYNTAX_ERROR",
            "External keyword required for table type HIVE; for an Iceberg table set the table "
            "property 'table_type'='ICEBERG'",
        )
    if statement.transforms:
        raise QueryError("SYNTAX_ERROR", "PARTITIONED BY of a Hive table needs columns with types")
    if not statement.location:
        raise QueryError("SYNTAX_ERROR", "LOCATION is required for an external table")
    _check_columns(statement)
    unknown = [x for x in (statement.buckets or ((), 0))[0] if all(x != c.name for c in statement.columns)]
    if unknown:
        raise QueryError("GENERIC_USER_ERROR", f"FAILED: SemanticException [Error 10002]: Invalid column: {unknown[0]}")
    if not re.match(r"s3[an]?://[^/]", statement.location):
        raise QueryError("GENERIC_USER_ERROR", f"LOCATION: expected s3://bucket/folder/, found {statement.location}")
    glue = task.engine.glue
    try:
        glue.create_table(DatabaseName=database, TableInput=table_input(statement, name))
    except glue.exceptions.AlreadyExistsException:
        if not statement.if_not_exists:
            raise QueryError("TABLE_ALREADY_EXISTS", f"Table {name} already exists in {database}") from None
    except glue.exceptions.EntityNotFoundException:
        raise QueryError("SCHEMA_NOT_FOUND", f"Database does not exist: {database}") from None
    return Outcome(kind="DDL", sub="CREATE_TABLE", is_text=True)


def _check_columns(statement: s.CreateTable) -> None:
    """Every type exists, every name is there once."""
    seen: set[str] = set()
    for column in (*statement.columns, *statement.partitions):
        if re.search(r"\b(?:var)?char\b(?!\s*\()", column.type):
            raise QueryError(
                "SYNTAX_ERROR", f"mismatched input: column {column.name} needs a length, e.g. varchar(10); or string"
            )
        parse_type(column.type, hive=True)
        if column.name in seen:
            repeated = (
                "Column repeated in partitioning columns" if column in statement.partitions else "Duplicate column name"
            )
            raise QueryError("GENERIC_USER_ERROR", f"FAILED: SemanticException {repeated}: {column.name}")
        seen.add(column.name)


def table_input(statement: s.CreateTable, name: str) -> dict[str, Any]:
    """The Glue TableInput of an external table."""
    serde = statement.serde
    form = statement.stored_as or ("parquet" if serde and "parquet" in serde.lower() else "textfile")
    storage = descriptor([column(c) for c in statement.columns], statement.location or "", form, serde)
    if form == "textfile":
        storage["SerdeInfo"]["SerializationLibrary"] = serde or LAZY_SIMPLE
    if statement.serde_properties:
        storage["SerdeInfo"]["Parameters"] |= dict(statement.serde_properties)
    if statement.buckets:
        storage |= {"BucketColumns": list(statement.buckets[0]), "NumberOfBuckets": statement.buckets[1]}
    if statement.input_format:
        storage |= {"InputFormat": statement.input_format, "OutputFormat": statement.output_format}
    wanted: dict[str, Any] = {
        "Name": name, "TableType": "EXTERNAL_TABLE", "Parameters": {"EXTERNAL": "TRUE", **dict(statement.properties)},
        "StorageDescriptor": storage, "PartitionKeys": [column(c) for c in statement.partitions],
    }  # fmt: skip
    return wanted | ({"Description": statement.comment} if statement.comment else {})


def column(definition: s.ColumnDefinition) -> dict[str, str]:
    """A Glue column."""
    found = {"Name": definition.name, "Type": definition.type}
    return found | ({"Comment": definition.comment} if definition.comment else {})


def drop(statement: s.Drop, task: Task) -> Outcome:
    """DROP TABLE, VIEW or DATABASE; a dropped Iceberg table's files go too, a Hive table's stay.

    Raises:
        QueryError: TABLE_NOT_FOUND, or the kind is another.
    """
    if statement.kind == "database":
        return databases.drop(statement, task)
    database, name = task.table(statement.name)
    catalog = task.engine.catalog()
    current = catalog.raw(database, name)
    outcome = Outcome(kind="DDL", sub=f"DROP_{statement.kind.upper()}", is_text=True)
    if current is None:
        if statement.if_exists:
            return outcome
        raise QueryError("TABLE_NOT_FOUND", f"Table '{database}.{name}' does not exist")
    is_view = current.get("TableType") == "VIRTUAL_VIEW"
    if is_view != (statement.kind == "view"):
        kind = "view" if is_view else "table"
        raise QueryError("GENERIC_USER_ERROR", f"Cannot drop {statement.kind} {database}.{name}: it is a {kind}")
    location = (current.get("StorageDescriptor") or {}).get("Location")
    task.engine.glue.delete_table(DatabaseName=database, Name=name)
    if (current.get("Parameters") or {}).get("table_type", "").upper() == "ICEBERG" and location:
        task.engine.objects.delete([o.uri for o in task.engine.objects.below(location, hidden=True)])
    return outcome


def repair(statement: s.Repair, task: Task) -> Outcome:
    """Register the partitions that stand in S3 as ``key=value`` folders."""
    table = task.engine.catalog().table(*task.table(statement.name))
    if not table.partition_keys:
        return Outcome([], [], "DDL", "MSCK_REPAIR_TABLE", is_text=True)
    known = {tuple(x["Values"]) for x in registered(task, table)}
    found: dict[tuple[str, ...], str] = {}
    for stored in task.engine.objects.below(table.location):
        folders = stored.uri.removeprefix(table.location).split("/")[: len(table.partition_keys)]
        pairs = [f.partition("=") for f in folders]
        if [key.lower() for key, sign, _ in pairs if sign] == list(table.partition_keys):
            found[tuple(unquote(value) for _, _, value in pairs)] = table.location + "/".join(folders) + "/"
    missing = [partition_input(table, values, place) for values, place in found.items() if values not in known]
    for at in range(0, len(missing), 100):
        task.engine.glue.batch_create_partition(
            DatabaseName=table.database, TableName=table.name, PartitionInputList=missing[at : at + 100]
        )
    rows: list[list[str | None]] = [
        [f"Repair: Added partition to metastore {table.name}:{folders_of(table.partition_keys, m['Values'])}"]
        for m in missing
    ]
    return Outcome([], rows, "DDL", "MSCK_REPAIR_TABLE", is_text=True)


def registered(task: Task, table: Table) -> list[dict[str, Any]]:
    """All registered partitions."""
    pages = task.engine.glue.get_paginator("get_partitions").paginate(DatabaseName=table.database, TableName=table.name)
    return [x for page in pages for x in page["Partitions"]]


def partition_input(table: Table, values: tuple[str, ...], location: str) -> dict[str, Any]:
    """A Glue PartitionInput with the table's storage at another place."""
    return {"Values": list(values), "StorageDescriptor": {**table.storage, "Location": location}}


_INPUT_MEMBERS = (
    "Name",
    "Description",
    "Owner",
    "Retention",
    "StorageDescriptor",
    "PartitionKeys",
    "ViewOriginalText",
    "ViewExpandedText",
    "TableType",
    "Parameters",
)


def as_input(glue: dict[str, Any]) -> dict[str, Any]:
    """What GetTable answers as a TableInput."""
    return {k: glue[k] for k in _INPUT_MEMBERS if glue.get(k) not in (None, "")}
