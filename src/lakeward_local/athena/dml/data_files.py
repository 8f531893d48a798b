"""Rows as Iceberg data files, by partition.

PyIceberg needs a native library to apply day, month, bucket and the other transforms to columns; here each distinct
value
goes through the transform's own Python function, and PyIceberg writes the files.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from itertools import count
from typing import Any

import pyarrow as pa
from pyiceberg.io.pyarrow import bin_pack_arrow_table, write_file
from pyiceberg.manifest import DataFile
from pyiceberg.partitioning import PartitionField, PartitionFieldValue, PartitionKey
from pyiceberg.table import Table as IcebergTable
from pyiceberg.table import WriteTask
from pyiceberg.transforms import IdentityTransform
from pyiceberg.utils.datetime import date_to_days, datetime_to_micros, time_to_micros

_TARGET_BYTES = 512 * 1024 * 1024


def data_files(target: IcebergTable, rows: pa.Table) -> Iterable[DataFile]:
    """Write the rows; nothing is committed.

    Args:
        rows: the table's columns, of its Arrow types (see ``fitted``).
    """
    write_id, numbers = uuid.uuid4(), count()
    tasks = (
        WriteTask(write_id, next(numbers), target.schema(), batches, partition_key=key)
        for key, part in _partitions(target, rows)
        for batches in bin_pack_arrow_table(part, _TARGET_BYTES)
    )
    return list(write_file(io=target.io, table_metadata=target.metadata, tasks=tasks))


def append(target: IcebergTable, rows: pa.Table) -> None:
    """One commit that adds the rows, whatever Arrow types hold them."""
    with target.transaction() as transaction, transaction.update_snapshot().fast_append() as snapshot:
        for made in data_files(target, fitted(rows, target.schema().as_arrow())):
            snapshot.append_data_file(made)


def fitted(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """The rows in a schema's types.

    PyArrow's cast of maps ends the process (a failed check in C++), so columns with maps are built anew.
    """
    columns = [
        pa.chunked_array([pa.array(column.to_pylist(), field.type)])
        if _has_map(field.type)
        else column.cast(field.type)
        for column, field in zip(rows.columns, schema, strict=True)
    ]
    return pa.table(columns, schema=schema)


def _has_map(kind: pa.DataType) -> bool:
    if pa.types.is_map(kind):
        return True
    return any(_has_map(kind.field(i).type) for i in range(kind.num_fields))


def _partitions(target: IcebergTable, rows: pa.Table) -> Iterator[tuple[PartitionKey | None, pa.Table]]:
    spec, schema = target.spec(), target.schema()
    if spec.is_unpartitioned():
        yield None, rows
        return
    columns = [_values(field, schema.find_column_name(field.source_id) or "", target, rows) for field in spec.fields]
    groups: dict[tuple[Any, ...], list[int]] = {}
    for at, values in enumerate(zip(*columns, strict=True)):
        groups.setdefault(values, []).append(at)
    for values, members in groups.items():
        key = PartitionKey(
            [PartitionFieldValue(field, value) for field, value in zip(spec.fields, values, strict=True)], spec, schema
        )
        yield key, rows.take(pa.array(members))


def _values(field: PartitionField, column: str, target: IcebergTable, rows: pa.Table) -> list[Any]:
    """A partition field's value for every row."""
    kind = target.schema().find_field(field.source_id).field_type
    raw: list[Any] = rows[column].to_pylist()
    if isinstance(field.transform, IdentityTransform):
        return raw
    function = field.transform.transform(kind)
    known = {value: None if value is None else function(_internal(value)) for value in dict.fromkeys(raw)}
    return [known[value] for value in raw]


def _internal(value: Any) -> Any:
    """Iceberg's own form of dates and times: counts since 1970."""
    if isinstance(value, datetime):
        return datetime_to_micros(value.replace(tzinfo=None))
    if isinstance(value, date):
        return date_to_days(value)
    return time_to_micros(value) if isinstance(value, time) else value
