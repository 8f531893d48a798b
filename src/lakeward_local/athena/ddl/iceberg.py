"""Iceberg tables: created and changed through PyIceberg's Glue catalog over our clients."""

from __future__ import annotations

import re
from typing import Any, Final

from pyiceberg import types as ice
from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.exceptions import NamespaceAlreadyExistsError, NoSuchNamespaceError, TableAlreadyExistsError
from pyiceberg.io import FileIO
from pyiceberg.partitioning import UNPARTITIONED_PARTITION_SPEC, PartitionField, PartitionSpec
from pyiceberg.schema import Schema, assign_fresh_schema_ids
from pyiceberg.table import Table as IcebergTable
from pyiceberg.transforms import (
    BucketTransform,
    DayTransform,
    HourTransform,
    IdentityTransform,
    MonthTransform,
    Transform,
    TruncateTransform,
    YearTransform,
)

from lakeward_local.athena import types as t
from lakeward_local.athena.errors import QueryError, unsupported
from lakeward_local.athena.syntax import statement_nodes as s
from lakeward_local.athena.tables.file_io import StoreIO
from lakeward_local.athena.task import Task
from lakeward_local.athena.types import Type, parse_type

_PLAIN: Final[dict[str, Any]] = {
    "boolean": ice.BooleanType,
    "integer": ice.IntegerType,
    "bigint": ice.LongType,
    "real": ice.FloatType,
    "double": ice.DoubleType,
    "varchar": ice.StringType,
    "varbinary": ice.BinaryType,
    "date": ice.DateType,
    "timestamp": ice.TimestampType,
    "timestamp with time zone": ice.TimestamptzType,
    "time": ice.TimeType,
    "uuid": ice.UUIDType,
}


def iceberg_type(kind: Type) -> ice.IcebergType:
    """The Iceberg type of a Trino type; nested fields get ids of their own later.

    Raises:
        QueryError: NOT_SUPPORTED.
    """
    match kind.name:
        case "decimal":
            return ice.DecimalType(*kind.numbers)
        case "array":
            return ice.ListType(-1, iceberg_type(kind.element), element_required=False)
        case "map":
            return ice.MapType(-1, iceberg_type(kind.inner[0]), -2, iceberg_type(kind.inner[1]), value_required=False)
        case "row":
            pairs = zip(kind.fields, kind.inner, strict=True)
            return ice.StructType(
                *(
                    ice.NestedField(-i - 1, n or f"field{i}", iceberg_type(x), required=False)
                    for i, (n, x) in enumerate(pairs)
                )
            )
    if kind.name not in _PLAIN:
        raise QueryError("NOT_SUPPORTED", f"Type not supported for Iceberg: {kind}")
    return _PLAIN[kind.name]()  # type: ignore[no-any-return]


def schema_of(columns: list[tuple[str, Type, str | None]]) -> Schema:
    """A schema with fresh field ids."""
    fields = [
        ice.NestedField(i, name, iceberg_type(kind), required=False, doc=doc)
        for i, (name, kind, doc) in enumerate(columns, 1)
    ]
    return assign_fresh_schema_ids(Schema(*fields))


class Catalog(GlueCatalog):
    """PyIceberg's Glue catalog whose files go through our object store."""

    def __init__(self, task: Task) -> None:
        self._objects = task.engine.objects
        super().__init__("athena", client=task.engine.glue)

    def _load_file_io(self, properties: Any = None, location: str | None = None) -> FileIO:  # noqa: ARG002
        return StoreIO(self._objects, dict(properties or {}))


def load(task: Task, database: str, name: str) -> IcebergTable:
    """The table as it is now, ready to commit to."""
    return Catalog(task).load_table((database, name))


_TRANSFORMS: Final[dict[str, Any]] = {
    "year": YearTransform,
    "month": MonthTransform,
    "day": DayTransform,
    "hour": HourTransform,
    "identity": IdentityTransform,
}


def partition_spec(schema: Schema, transforms: tuple[s.Transform, ...]) -> PartitionSpec:
    """The partition spec of a table.

    Raises:
        QueryError: COLUMN_NOT_FOUND, a transform of a column that is not there.
    """
    fields = []
    for at, transform in enumerate(transforms):
        try:
            source = schema.find_field(transform.column)
        except ValueError:
            raise QueryError("COLUMN_NOT_FOUND", f"partition column {transform.column} is not in the table") from None
        name = transform.column if transform.name == "identity" else f"{transform.column}_{transform.name}"
        name = f"{transform.column}_trunc" if transform.name == "truncate" else name
        applied = _transform(transform)
        if not applied.can_transform(source.field_type):
            raise QueryError(
                "INVALID_TABLE_PROPERTY",
                f"Invalid source type {source.field_type} for transform {transform.name} of column {transform.column}",
            )
        fields.append(PartitionField(source.field_id, 1000 + at, applied, name))
    return PartitionSpec(*fields) if fields else UNPARTITIONED_PARTITION_SPEC


def _transform(transform: s.Transform) -> Transform[Any, Any]:
    if transform.name == "bucket":
        return BucketTransform(transform.argument or 1)
    if transform.name == "truncate":
        return TruncateTransform(transform.argument or 1)
    return _TRANSFORMS[transform.name]()  # type: ignore[no-any-return]


def parse_transform(text: str) -> s.Transform:
    """CTAS's partitioning entries: ``day(ts)``, ``bucket(id, 16)``, ``region``."""
    found = re.fullmatch(r"\s*(\w+)\s*\(\s*(?:(\d+)\s*,\s*)?\"?(\w+)\"?\s*(?:,\s*(\d+)\s*)?\)\s*", text)
    if found is None:
        return s.Transform("identity", text.strip().strip('"').lower())
    name, before, column, after = found.groups()
    if name.lower() not in {*_TRANSFORMS, "bucket", "truncate"}:
        raise QueryError("INVALID_TABLE_PROPERTY", f"Invalid partition field declaration: {text}")
    number = before or after
    return s.Transform(name.lower(), column.lower(), int(number) if number else None)


def create(statement: s.CreateTable, database: str, name: str, task: Task) -> None:
    """CREATE TABLE ... TBLPROPERTIES ('table_type'='ICEBERG')."""
    if statement.external:
        raise QueryError("SYNTAX_ERROR", "EXTERNAL keyword is not supported for Iceberg tables")
    if not statement.location:
        raise QueryError("INVALID_TABLE_PROPERTY", "Table location can not be null for Iceberg tables; set LOCATION")
    columns = [(c.name, declared(c.type), c.comment) for c in statement.columns]
    transforms = statement.transforms or tuple(s.Transform("identity", c.name) for c in statement.partitions)
    properties = {k: v for k, v in statement.properties if k.lower() != "table_type"}
    make(
        task,
        database,
        name,
        schema_of(columns),
        transforms,
        statement.location,
        known_properties(properties),
        if_not_exists=statement.if_not_exists,
    )


#: What Athena's DDL does not take, nested or not. CREATE TABLE AS takes more.
#: https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-supported-data-types.html
_UNDECLARED: Final = frozenset({"tinyint", "smallint", "char", "time", "uuid", "json", "ipaddress"})


def declared(text: str) -> Type:
    """The type of a column that DDL declares.

    Raises:
        QueryError: NOT_SUPPORTED, no Iceberg table of Athena's has such columns.
    """
    kind = parse_type(text, hive=True)
    parts = [kind]
    while parts:
        part = parts.pop()
        if part.name in _UNDECLARED:
            raise QueryError("NOT_SUPPORTED", f"Type not supported for Iceberg tables: {part}")
        parts += part.inner
    return t.timestamp(6) if kind.name == "timestamp" else kind


_PROPERTIES: Final = {
    "format": "write.format.default",
    "write_compression": "write.parquet.compression-codec",
    "optimize_rewrite_data_file_threshold": "",
    "optimize_rewrite_delete_file_threshold": "",
    "vacuum_min_snapshots_to_keep": "",
    "vacuum_max_snapshot_age_seconds": "",
    "vacuum_max_metadata_files_to_keep": "",
    "write_target_data_file_size_bytes": "",
    "optimize_rewrite_min_data_file_size_bytes": "",
    "optimize_rewrite_max_data_file_size_bytes": "",
}


def known_properties(properties: dict[str, str]) -> dict[str, str]:
    """Athena's table properties under Iceberg's names; others are refused as Athena refuses them."""
    found = {}
    for name, value in properties.items():
        if name.lower() not in _PROPERTIES:
            raise QueryError("INVALID_TABLE_PROPERTY", f"Unsupported table property key: {name}")
        found[_PROPERTIES[name.lower()] or name.lower()] = value.lower()
    if found.get("write.format.default", "parquet") != "parquet":
        raise unsupported(f"Iceberg tables in {found['write.format.default']}")
    return found


def make(
    task: Task,
    database: str,
    name: str,
    schema: Schema,
    transforms: tuple[s.Transform, ...],
    location: str,
    properties: dict[str, str],
    *,
    if_not_exists: bool = False,
) -> IcebergTable | None:
    """Create the table; None when it exists and may."""
    try:
        return Catalog(task).create_table(
            (database, name),
            schema=schema,
            partition_spec=partition_spec(schema, transforms),
            location=location.rstrip("/"),
            properties=properties,
        )
    except TableAlreadyExistsError:
        if if_not_exists:
            return None
        raise QueryError(
            "TABLE_ALREADY_EXISTS", f"Table 'awsdatacatalog.{database}.{name}' already exists", (1, 1)
        ) from None
    except (NoSuchNamespaceError, NamespaceAlreadyExistsError):
        raise QueryError("SCHEMA_NOT_FOUND", f"Schema {database} not found") from None
