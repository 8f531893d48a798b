"""INSERT INTO."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lakeward_local.athena import types as t
from lakeward_local.athena.analysis import plan as p
from lakeward_local.athena.catalog.model import Column, Table
from lakeward_local.athena.ddl import iceberg
from lakeward_local.athena.dml.create_as import register
from lakeward_local.athena.dml.data_files import append
from lakeward_local.athena.dml.writer import write
from lakeward_local.athena.errors import QueryError
from lakeward_local.athena.executions import Outcome
from lakeward_local.athena.functions import operators as op
from lakeward_local.athena.functions.sql import guard
from lakeward_local.athena.syntax import statement_nodes as s
from lakeward_local.athena.tables.hive import storage_format
from lakeward_local.athena.task import Task


def run(statement: s.Insert, task: Task) -> Outcome:
    """Append a query's rows to a table.

    Raises:
        QueryError: TYPE_MISMATCH, COLUMN_NOT_FOUND, what the query raises.
    """
    catalog = task.engine.catalog()
    table = catalog.table(*task.table(statement.table))
    plan = converted(
        task.engine.plan(statement.query, task.database, catalog, task.parameters), table, statement.columns
    )
    rows = task.engine.arrow(plan, task.run, catalog)
    manifest = []
    if table.kind == "iceberg":
        target = iceberg.load(task, table.database, table.name)
        if rows.num_rows:
            append(target, rows)
    else:
        if table.storage.get("BucketColumns"):
            raise QueryError("NOT_SUPPORTED", "INSERT INTO is not supported on bucketed tables")
        keys = list(table.partition_keys)
        delimiter = ((table.storage.get("SerdeInfo") or {}).get("Parameters") or {}).get("field.delim", "\x01")
        form = {"csv": "TEXTFILE"}.get(storage_format(table), storage_format(table).upper())
        compression = table.parameters.get("parquet.compression", table.parameters.get("write.compression", "GZIP"))
        files = write(
            task.engine.objects, rows, table.location, keys, form=form, compression=compression, delimiter=delimiter
        )
        if keys and not table.is_projected:
            register(task, table.database, table.name, table.storage, table.location, keys, files)
        manifest = [f.uri for f in files]
    return Outcome(
        kind="DML", sub="INSERT", update_count=rows.num_rows, manifest=manifest, scanned_bytes=task.run.scanned_bytes
    )


def converted(plan: p.QueryPlan, table: Table, names: tuple[str, ...]) -> p.QueryPlan:
    """The query with the table's columns, in the table's order and types; columns that are not named are NULL.

    Raises:
        QueryError: TYPE_MISMATCH, COLUMN_NOT_FOUND.
    """
    repeated = next((x for x in names if names.count(x) > 1), None)
    if repeated is not None:
        raise QueryError("DUPLICATE_COLUMN_NAME", f"Insert column name is specified more than once: {repeated}", (1, 1))
    wanted = [column_of(table, name) for name in names] if names else list(table.columns)
    shown = (
        f"Table: [{', '.join(str(c.type) for c in wanted)}], Query: [{', '.join(str(o.type) for o in plan.outputs)}]"
    )
    if len(plan.outputs) != len(wanted):
        raise QueryError("TYPE_MISMATCH", f"Insert query has mismatched column types: {shown}", (1, 1))
    for column, output in zip(wanted, plan.outputs, strict=True):
        if not assignable(output.type, column.type):
            raise QueryError("TYPE_MISMATCH", f"Insert query has mismatched column types: {shown}", (1, 1))
    given = {
        c.name: p.Column(o.type, "q", f"c{i}", o.name)
        for i, (c, o) in enumerate(zip(wanted, plan.outputs, strict=True))
    }
    values = tuple(stored(given[c.name], c.type) if c.name in given else p.Const(c.type, None) for c in table.columns)
    return p.QueryPlan(
        p.SelectPlan(values, p.Derived("q", plan)), tuple(p.Output(c.name, c.type) for c in table.columns)
    )


def assignable(source: t.Type, target: t.Type) -> bool:
    """Whether a value may be stored: its type and the column's have a common one, as Trino's INSERT demands.

    Nested texts of limited length must fit without a cast.
    """
    if any(_has_limit(x) for x in target.inner):
        return t.can_coerce(source, target)
    return t.common_type(source, target) is not None


def _has_limit(kind: t.Type) -> bool:
    return (kind.is_text and bool(kind.numbers)) or any(_has_limit(x) for x in kind.inner)


def stored(value: p.Expr, target: t.Type) -> p.Expr:
    """A value as a column takes it: cast, but a text that is too long may lose nothing but spaces."""
    cast = p.Cast(target, value)
    if not target.is_text or not target.numbers or not value.type.is_text or t.can_coerce(value.type, target):
        return cast
    message = f"'Cannot truncate non-space characters when casting from {value.type} to {target} on INSERT'"

    def render(args: Sequence[str], _types: Sequence[t.Type], result: t.Type) -> str:
        return guard(f"length(rtrim({args[0]})) > {target.numbers[0]}", _TOO_LONG, message, args[1], result)

    return p.Call(target, op.form("stored text", render), (value, cast))


_TOO_LONG: Final = "INVALID_CAST_ARGUMENT"


def column_of(table: Table, name: str) -> Column:
    found = next((c for c in table.columns if c.name == name), None)
    if found is None:
        raise QueryError("COLUMN_NOT_FOUND", f"Insert column name does not exist in target table: {name}", (1, 1))
    return found
