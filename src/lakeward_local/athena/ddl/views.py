"""CREATE VIEW: the switch of a release is one UpdateTable, so a reader sees the old view or the new one."""

from __future__ import annotations

from lakeward_local.athena import types as t
from lakeward_local.athena.catalog import views
from lakeward_local.athena.errors import QueryError
from lakeward_local.athena.executions import Outcome
from lakeward_local.athena.syntax import statement_nodes as s
from lakeward_local.athena.task import Task
from lakeward_local.athena.types import Type


def create(statement: s.CreateView, task: Task) -> Outcome:
    """Analyse the view's query, store it in Glue's Presto encoding.

    Raises:
        QueryError: what the query raises; TABLE_ALREADY_EXISTS; DUPLICATE_COLUMN_NAME.
    """
    database, name = task.table(statement.name)
    catalog = task.engine.catalog()
    plan = task.engine.plan(statement.query, task.database, catalog, views=((database, name),))
    names = [o.name.lower() for o in plan.outputs]
    unnamed = next((at for at, o in enumerate(plan.outputs, 1) if not o.named), None)
    if unnamed is not None:
        raise QueryError("MISSING_COLUMN_NAME", f"Column name not specified at position {unnamed}", (1, 1))
    repeated = next((x for x in names if names.count(x) > 1), None)
    if repeated is not None:
        raise QueryError("DUPLICATE_COLUMN_NAME", f"Column name '{repeated}' specified more than once", (1, 1))
    columns = [(n, storable(o.type)) for n, o in zip(names, plan.outputs, strict=True)]
    glue, wanted = task.engine.glue, views.encode(name, statement.sql, task.database, columns)
    current = catalog.raw(database, name)
    if current is None:
        try:
            glue.create_table(DatabaseName=database, TableInput=wanted)
        except glue.exceptions.EntityNotFoundException:
            raise QueryError("SCHEMA_NOT_FOUND", f"Schema {database} not found") from None
    elif current.get("TableType") != "VIRTUAL_VIEW":
        raise QueryError("TABLE_ALREADY_EXISTS", f"Table already exists: 'awsdatacatalog.{database}.{name}'", (1, 1))
    elif not statement.replace:
        raise QueryError("TABLE_ALREADY_EXISTS", f"View already exists: 'awsdatacatalog.{database}.{name}'", (1, 1))
    else:
        glue.update_table(DatabaseName=database, TableInput=wanted)
    return Outcome(kind="DDL", sub="CREATE_VIEW", is_text=True)


def storable(kind: Type) -> Type:
    """A column of unknown type (a bare NULL) has none.

    Raises:
        QueryError: COLUMN_TYPE_UNKNOWN.
    """
    if kind == t.UNKNOWN:
        raise QueryError("COLUMN_TYPE_UNKNOWN", "Column type is unknown; CAST the NULL to a type")
    return kind
