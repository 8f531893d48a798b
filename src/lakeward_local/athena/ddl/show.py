"""SHOW and DESCRIBE, in the shapes that Athena answers (Hive's text)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from lakeward_local.athena.catalog.hive_types import hive_type
from lakeward_local.athena.catalog.iceberg_schema import current_schema
from lakeward_local.athena.catalog.model import Column, Table, View
from lakeward_local.athena.ddl import databases
from lakeward_local.athena.ddl.tables import registered
from lakeward_local.athena.errors import QueryError
from lakeward_local.athena.executions import Outcome
from lakeward_local.athena.syntax import statement_nodes as s
from lakeward_local.athena.syntax.hive_ddl import plain_pattern
from lakeward_local.athena.tables.partitions import folders_of
from lakeward_local.athena.task import Task

_WIDTH: Final = 20


def show(statement: s.Show, task: Task) -> Outcome:
    """Any SHOW.

    Raises:
        QueryError: the table or database is not there, or cannot be shown so.
    """
    return _SHOWS[statement.what](statement, task)


def _listing(title: str, values: list[str], sub: str) -> Outcome:
    return Outcome([_column(title)], [[v] for v in values], "UTILITY", sub, is_text=True)


def _column(name: str) -> dict[str, Any]:
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": name,
        "Label": name,
        "Type": "string",
        "Precision": 0,
        "Scale": 0,
        "Nullable": "UNKNOWN",
        "CaseSensitive": False,
    }


def _databases(statement: s.Show, task: Task) -> Outcome:
    pages = task.engine.glue.get_paginator("get_databases").paginate()
    pattern = re.compile(plain_pattern(statement.pattern))
    names = sorted(d["Name"] for page in pages for d in page["DatabaseList"] if pattern.fullmatch(d["Name"]))
    return _listing("database_name", names, "SHOW_DATABASES")


def _tables(statement: s.Show, task: Task) -> Outcome:
    database = statement.name[-1] if statement.name else task.database
    databases.check(database, task)
    pages = list(task.engine.glue.get_paginator("get_tables").paginate(DatabaseName=database))
    pattern = re.compile(_show_tables_pattern(statement.pattern))
    only_views = statement.what == "views"
    names = sorted(
        t["Name"]
        for page in pages
        for t in page["TableList"]
        if pattern.fullmatch(t["Name"]) and (not only_views or t.get("TableType") == "VIRTUAL_VIEW")
    )
    return _listing("views" if only_views else "tab_name", names, "SHOW_VIEWS" if only_views else "SHOW_TABLES")


def _show_tables_pattern(pattern: str | None) -> str:
    """SHOW TABLES takes regular expressions in which ``*`` stands for anything."""
    return (pattern or "*").lower().replace(".*", "*").replace("*", ".*")


def _partitions(statement: s.Show, task: Task) -> Outcome:
    table = task.engine.catalog().table(*task.table(statement.name))
    if not table.partition_keys:
        raise QueryError("GENERIC_USER_ERROR", f"Table {table.database}.{table.name} is not a partitioned table")
    values = (x["Values"] for x in registered(task, table))
    names = sorted(folders_of(table.partition_keys, x) for x in values)
    return _listing("partition", names, "SHOW_PARTITIONS")


def _columns(statement: s.Show, task: Task) -> Outcome:
    found = task.engine.catalog().find(*task.table(statement.name))
    return _listing("field", [f"{c.name:<{_WIDTH}}" for c in found.columns], "SHOW_COLUMNS")


def _create_table(statement: s.Show, task: Task) -> Outcome:
    table = task.engine.catalog().table(*task.table(statement.name))
    data = [c for c in table.columns if c.name not in table.partition_keys]
    lines = [f"CREATE {'' if table.kind == 'iceberg' else 'EXTERNAL '}TABLE `{table.database}.{table.name}`("]
    lines += _definitions(data)
    if table.partition_keys:
        lines += ["PARTITIONED BY ( ", *_definitions([table.column(k) for k in table.partition_keys])]
    transforms = _transforms(table)
    if transforms:
        lines += ["PARTITIONED BY ( ", *[*(f"  {x}, " for x in transforms[:-1]), f"  {transforms[-1]})"]]
    if table.storage.get("BucketColumns"):
        lines += ["CLUSTERED BY ( ", *(f"  {x}, " for x in table.storage["BucketColumns"][:-1])]
        lines += [f"  {table.storage['BucketColumns'][-1]}) ", f"INTO {table.storage['NumberOfBuckets']} BUCKETS"]
    if table.kind == "hive":
        serde = table.storage.get("SerdeInfo") or {}
        lines += ["ROW FORMAT SERDE ", f"  '{serde.get('SerializationLibrary', '')}' "]
        if serde.get("Parameters"):
            lines += ["WITH SERDEPROPERTIES ( ", *_pairs(serde["Parameters"])]
        lines += [
            "STORED AS INPUTFORMAT ",
            f"  '{table.storage.get('InputFormat', '')}' ",
            "OUTPUTFORMAT ",
            f"  '{table.storage.get('OutputFormat', '')}'",
        ]
    lines += [
        "LOCATION",
        f"  '{table.location.rstrip('/') if table.kind == 'iceberg' else table.storage.get('Location', '')}'",
    ]
    properties = {
        k: v
        for k, v in table.parameters.items()
        if k not in {"EXTERNAL", "metadata_location", "previous_metadata_location"}
    }
    if properties:
        lines += ["TBLPROPERTIES (", *_pairs(properties)]
    return _listing("createtab_stmt", lines, "SHOW_CREATE_TABLE")


def _transforms(table: Table) -> list[str]:
    """An Iceberg table's partition fields as CREATE TABLE writes them."""
    if table.kind != "iceberg":
        return []
    spec = next(x for x in table.metadata["partition-specs"] if x["spec-id"] == table.metadata["default-spec-id"])
    names = {f["id"]: f["name"] for f in current_schema(table.metadata)["fields"]}
    found = []
    for field in spec["fields"]:
        column = f"`{names[field['source-id']]}`"
        function, _, number = field["transform"].rstrip("]").partition("[")
        found.append(column if function == "identity" else f"{function}({f'{number}, ' if number else ''}{column})")
    return found


def _definitions(columns: list[Column]) -> list[str]:
    found = [f"  `{c.name}` {_type(c)}" + (f" COMMENT '{c.comment}'" if c.comment else "") for c in columns]
    return [*(f"{x}, " for x in found[:-1]), f"{found[-1]})"]


def _pairs(values: dict[str, str]) -> list[str]:
    found = [f"  '{k}'='{v}'" for k, v in values.items()]
    return [*(f"{x}, " for x in found[:-1]), f"{found[-1]})"]


def _type(column: Column) -> str:
    return column.glue_type or hive_type(column.type)


def _create_view(statement: s.Show, task: Task) -> Outcome:
    found = task.engine.catalog().find(*task.table(statement.name))
    if not isinstance(found, View):
        raise QueryError("NOT_SUPPORTED", f"Relation '{found.database}.{found.name}' is not a view")
    return _listing(
        "Create View", [f"CREATE VIEW {found.database}.{found.name} AS", *found.sql.splitlines()], "SHOW_CREATE_VIEW"
    )


def _properties(statement: s.Show, task: Task) -> Outcome:
    table: Table = task.engine.catalog().table(*task.table(statement.name))
    if statement.pattern is not None:
        value = table.parameters.get(statement.pattern)
        text = (
            value
            if value is not None
            else f"Table {table.database}.{table.name} does not have property: {statement.pattern}"
        )
        return _listing("prpt_name", [text], "SHOW_TBLPROPERTIES")
    return _listing("prpt_name", [f"{k}\t{v}" for k, v in sorted(table.parameters.items())], "SHOW_TBLPROPERTIES")


_SHOWS: Final[dict[str, Callable[[s.Show, Task], Outcome]]] = {
    "databases": _databases, "tables": _tables, "views": _tables, "partitions": _partitions, "columns": _columns,
    "create table": _create_table, "create view": _create_view, "tblproperties": _properties,
}  # fmt: skip


def describe(statement: s.Describe, task: Task) -> Outcome:
    """DESCRIBE: name, type and comment of each column, padded; then the partition columns once more."""
    found = task.engine.catalog().find(*task.table(statement.name))
    keys = found.partition_keys if isinstance(found, Table) else ()
    rows: list[list[str | None]] = [_padded(c.name, _type(c), c.comment) for c in found.columns]
    if keys and isinstance(found, Table):
        rows += [
            ["", None, None],
            ["# Partition Information", None, None],
            _padded("# col_name", "data_type", "comment"),
            ["", None, None],
        ]
        rows += [_padded(k, _type(found.column(k)), found.column(k).comment) for k in keys]
    if statement.formatted and isinstance(found, Table):
        rows = [_padded("# col_name", "data_type", "comment"), ["", None, None], *rows, *_details(found)]
    columns = [_column(x) for x in ("col_name", "data_type", "comment")]
    return Outcome(columns, rows, "UTILITY", "DESCRIBE_VIEW" if statement.view else "DESCRIBE_TABLE", is_text=True)


def _details(table: Table) -> list[list[str | None]]:
    """What DESCRIBE FORMATTED adds: the table's place, parameters and storage."""
    storage = table.storage
    serde = storage.get("SerdeInfo") or {}
    is_compressed = "Yes" if storage.get("Compressed") else "No"
    detailed: dict[str, str | dict[str, str]] = {
        "Database:": table.database, "Owner:": str(table.glue.get("Owner") or "hadoop"),
        "CreateTime:": str(table.glue.get("CreateTime") or ""), "LastAccessTime:": "UNKNOWN", "Protect Mode:": "None",
        "Retention:": str(table.glue.get("Retention") or 0), "Location:": str(storage.get("Location") or ""),
        "Table Type:": str(table.glue.get("TableType") or ""), "Table Parameters:": table.parameters,
    }  # fmt: skip
    stored: dict[str, str | dict[str, str]] = {
        "SerDe Library:": str(serde.get("SerializationLibrary") or ""),
        "InputFormat:": str(storage.get("InputFormat") or ""), "OutputFormat:": str(storage.get("OutputFormat") or ""),
        "Compressed:": is_compressed, "Num Buckets:": str(storage.get("NumberOfBuckets") or -1),
        "Bucket Columns:": f"[{', '.join(storage.get('BucketColumns') or [])}]", "Sort Columns:": "[]",
        "Storage Desc Params:": serde.get("Parameters") or {},
    }  # fmt: skip
    titled: dict[str, str | dict[str, str] | None]
    titled = {"# Detailed Table Information": None, **detailed, "# Storage Information": None, **stored}
    rows: list[list[str | None]] = []
    for name, value in titled.items():
        if value is None:
            rows += [["", None, None], [name, None, None]]
        elif isinstance(value, str):
            rows.append([f"{name:<{_WIDTH}}", f"{value:<{_WIDTH}}", None])
        else:
            rows.append([f"{name:<{_WIDTH}}", None, None])
            rows += [["", f"{k:<{_WIDTH}}", f"{v:<{_WIDTH}}"] for k, v in sorted(value.items())]
    return rows


def _padded(*cells: str) -> list[str | None]:
    return [f"{c:<{_WIDTH}}" for c in cells]
