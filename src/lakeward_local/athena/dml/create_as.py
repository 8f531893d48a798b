"""CREATE TABLE AS. https://docs.aws.amazon.com/athena/latest/ug/create-table-as.html"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa

from lakeward_local.athena import types as t
from lakeward_local.athena.analysis import plan as p
from lakeward_local.athena.catalog.hive_types import stored_type
from lakeward_local.athena.ddl import databases, iceberg
from lakeward_local.athena.ddl.storage import descriptor
from lakeward_local.athena.ddl.views import storable
from lakeward_local.athena.dml.buckets import NO_BUCKETS, Buckets
from lakeward_local.athena.dml.data_files import append
from lakeward_local.athena.dml.writer import Written, write
from lakeward_local.athena.errors import QueryError
from lakeward_local.athena.executions import Outcome
from lakeward_local.athena.syntax import statement_nodes as s
from lakeward_local.athena.tables.partitions import folders_of
from lakeward_local.athena.task import Task


def run(statement: s.CreateTableAs, task: Task) -> Outcome:
    """Run the query, write its rows, register the table.

    Raises:
        QueryError: TABLE_ALREADY_EXISTS, HIVE_PATH_ALREADY_EXISTS, INVALID_TABLE_PROPERTY, HIVE_COLUMN_ORDER_MISMATCH.
    """
    database, name = task.table(statement.name)
    catalog = task.engine.catalog()
    outcome = Outcome(kind="DDL", sub="CREATE_TABLE_AS_SELECT")
    if catalog.raw(database, name) is not None:
        if statement.if_not_exists:
            return outcome
        raise QueryError(
            "TABLE_ALREADY_EXISTS", f"Destination table 'awsdatacatalog.{database}.{name}' already exists", (1, 1)
        )
    databases.check(database, task)
    plan = named(task.engine.plan(statement.query, task.database, catalog, task.parameters))
    properties = dict(statement.properties)
    if str(properties.get("table_type", "")).upper() == "ICEBERG":
        files, outcome.update_count = _iceberg(statement, database, name, plan, properties, task)
    else:
        files, outcome.update_count = _hive(statement, database, name, plan, properties, task)
    outcome.scanned_bytes = task.run.scanned_bytes
    outcome.manifest = [f.uri for f in files]
    return outcome


def named(plan: p.QueryPlan) -> p.QueryPlan:
    """A query whose columns can be a table's: named, once each, of known types.

    Raises:
        QueryError: MISSING_COLUMN_NAME, DUPLICATE_COLUMN_NAME, COLUMN_TYPE_UNKNOWN.
    """
    names = [o.name.lower() for o in plan.outputs]
    for position, (name, output) in enumerate(zip(names, plan.outputs, strict=True), 1):
        if not output.named:
            raise QueryError("MISSING_COLUMN_NAME", f"Column name not specified at position {position}", (1, 1))
        if names.count(name) > 1:
            raise QueryError("DUPLICATE_COLUMN_NAME", f"Column name '{name}' specified more than once", (1, 1))
        storable(output.type)
    plan.outputs = tuple(replace(o, name=n) for o, n in zip(plan.outputs, names, strict=True))
    return plan


def _rows(statement: s.CreateTableAs, plan: p.QueryPlan, task: Task) -> pa.Table:
    if not statement.with_data:
        plan = p.QueryPlan(plan, plan.outputs, limit=0)
    return task.engine.arrow(plan, task.run, task.engine.catalog())


def _text(properties: dict[str, Any], name: str, default: str = "") -> str:
    value = properties.pop(name, default)
    if not isinstance(value, str):
        raise QueryError("INVALID_TABLE_PROPERTY", f"{name}: expected a text, found a list")
    return value


def _list(properties: dict[str, Any], name: str) -> list[str]:
    value = properties.pop(name, ())
    return [value] if isinstance(value, str) else list(value)


def _buckets(properties: dict[str, Any], columns: list[str]) -> Buckets:
    """``bucketed_by`` and ``bucket_count``, which come together."""
    names, count = tuple(x.lower() for x in _list(properties, "bucketed_by")), _text(properties, "bucket_count")
    if bool(names) != bool(count):
        raise QueryError("INVALID_TABLE_PROPERTY", "bucketed_by and bucket_count must be specified together")
    if not names:
        return NO_BUCKETS
    unknown = [x for x in names if x not in columns]
    if unknown:
        raise QueryError("INVALID_TABLE_PROPERTY", f"Bucketing columns {unknown} not present in schema")
    if not count.isdigit() or int(count) < 1:
        raise QueryError("INVALID_TABLE_PROPERTY", f"bucket_count must be greater than zero, found {count}")
    return Buckets(names, int(count))


def _unknown(properties: dict[str, Any]) -> None:
    if properties:
        raise QueryError(
            "INVALID_TABLE_PROPERTY",
            f"Catalog 'awsdatacatalog' table property '{min(properties)}' does not exist",
        )


def _hive(
    statement: s.CreateTableAs, database: str, name: str, plan: p.QueryPlan, properties: dict[str, Any], task: Task
) -> tuple[list[Written], int]:
    if task.execution.is_location_enforced and "external_location" in properties:
        raise QueryError(
            "INVALID_TABLE_PROPERTY",
            "The Create Table As Select query failed because it was submitted with an "
            "'external_location' property to an Athena Workgroup that enforces a centralized output location for all "
            "queries.",
        )
    for ignored in ("table_type", "is_external"):
        properties.pop(ignored, None)
    columns = [{"Name": o.name, "Type": stored_type(o.type)} for o in plan.outputs]
    form, keys = (
        _text(properties, "format", "PARQUET").lower(),
        [k.lower() for k in _list(properties, "partitioned_by")],
    )
    own = _text(properties, f"{form}_compression")
    compression = _text(properties, "write_compression") or own or "GZIP"
    delimiter = _text(properties, "field_delimiter", "\x01")
    names = [o.name for o in plan.outputs]
    buckets = _buckets(properties, names[: len(names) - len(keys)])
    properties.pop("compression_level", None)
    base = task.execution.output_location.rsplit("/", 1)[0]
    location = _text(properties, "external_location") or f"{base}/tables/{task.execution.id}"
    _unknown(properties)
    if keys and names[-len(keys) :] != keys:
        raise QueryError(
            "HIVE_COLUMN_ORDER_MISMATCH",
            "Partition keys must be the last columns in the table and in the same order as the "
            f"table properties: {keys}",
        )
    if task.engine.objects.below(location, hidden=True):
        raise QueryError(
            "HIVE_PATH_ALREADY_EXISTS",
            f"Target directory for table '{database}.{name}' already exists: {location}. You "
            "may need to manually clean the data at that location before retrying.",
        )
    rows = _rows(statement, plan, task)
    files = write(
        task.engine.objects,
        rows,
        location,
        keys,
        form=form,
        compression=compression,
        delimiter=delimiter,
        buckets=buckets,
    )
    data, partitions = columns[: len(columns) - len(keys)], columns[len(columns) - len(keys) :]
    serde = {"field.delim": delimiter} if form == "textfile" else None
    storage = descriptor(data, location, form, serde_properties=serde)
    if buckets.columns:
        storage |= {"BucketColumns": list(buckets.columns), "NumberOfBuckets": buckets.count}
    task.engine.glue.create_table(
        DatabaseName=database,
        TableInput={
            "Name": name,
            "TableType": "EXTERNAL_TABLE",
            "StorageDescriptor": storage,
            "PartitionKeys": partitions,
            "Parameters": {
                "EXTERNAL": "TRUE",
                "classification": form,
                **({"parquet.compression": compression} if form == "parquet" else {}),
            },
        },
    )
    register(task, database, name, storage, location, keys, files)
    return files, rows.num_rows


def register(
    task: Task, database: str, name: str, storage: dict[str, Any], location: str, keys: list[str], files: list[Written]
) -> None:
    """Register the partitions that were written and are not known yet."""
    glue = task.engine.glue
    for values in sorted({f.partition for f in files if f.partition}):
        wanted = {
            "Values": list(values),
            "StorageDescriptor": {**storage, "Location": f"{location.rstrip('/')}/{folders_of(keys, values)}/"},
        }
        try:
            glue.create_partition(DatabaseName=database, TableName=name, PartitionInput=wanted)
        except glue.exceptions.AlreadyExistsException:
            continue


def _iceberg(
    statement: s.CreateTableAs, database: str, name: str, plan: p.QueryPlan, properties: dict[str, Any], task: Task
) -> tuple[list[Written], int]:
    properties.pop("table_type")
    if _text(properties, "is_external", "true").lower() != "false":
        raise QueryError("INVALID_TABLE_PROPERTY", "Iceberg tables need is_external = false")
    location = _text(properties, "location")
    if not location:
        raise QueryError("INVALID_TABLE_PROPERTY", "Table location can not be null for Iceberg tables; set location")
    transforms = tuple(iceberg.parse_transform(x) for x in _list(properties, "partitioning"))
    texts = {k: str(v) for k, v in properties.items()}
    schema = iceberg.schema_of([(o.name, _precise(o.type), None) for o in plan.outputs])
    rows = _rows(statement, plan, task)
    made = iceberg.make(task, database, name, schema, transforms, location, iceberg.known_properties(texts))
    if made is not None and rows.num_rows:
        append(made, rows)
    return [], rows.num_rows


def _precise(kind: t.Type) -> t.Type:
    return t.timestamp(6) if kind.name == "timestamp" else kind
