"""UNLOAD. https://docs.aws.amazon.com/athena/latest/ug/unload.html"""

from __future__ import annotations

from lakeward_local.athena.dml.writer import write
from lakeward_local.athena.errors import QueryError
from lakeward_local.athena.executions import Outcome
from lakeward_local.athena.render import column_info
from lakeward_local.athena.syntax import statement_nodes as s
from lakeward_local.athena.task import Task
from lakeward_local.athena.types import BIGINT


def run(statement: s.Unload, task: Task) -> Outcome:
    """Write a query's rows as files, with a manifest.

    Raises:
        QueryError: HIVE_PATH_ALREADY_EXISTS, INVALID_TABLE_PROPERTY, DUPLICATE_COLUMN_NAME, what the query raises.
    """
    properties = dict(statement.properties)
    form = str(properties.pop("format", "PARQUET"))
    keys = properties.pop("partitioned_by", ())
    compression = str(properties.pop("compression", "GZIP"))
    delimiter = str(properties.pop("field_delimiter", ","))
    if properties:
        raise QueryError("INVALID_TABLE_PROPERTY", f"UNLOAD does not know the property {min(properties)}")
    if task.engine.objects.below(statement.location, hidden=True):
        raise QueryError("HIVE_PATH_ALREADY_EXISTS", f"Target directory already exists: {statement.location}")
    catalog = task.engine.catalog()
    plan = task.engine.plan(statement.query, task.database, catalog, task.parameters)
    columns = [o.name.lower() for o in plan.outputs]
    repeated = next((x for x in columns if columns.count(x) > 1), None)
    if repeated is not None:
        raise QueryError("DUPLICATE_COLUMN_NAME", f"Column name '{repeated}' specified more than once", (1, 1))
    rows = task.engine.arrow(plan, task.run, catalog)
    names = [keys] if isinstance(keys, str) else list(keys)
    files = write(
        task.engine.objects, rows, statement.location, names, form=form, compression=compression, delimiter=delimiter
    )
    return Outcome(
        [column_info("rows", BIGINT)],
        [],
        "DML",
        "UNLOAD",
        manifest=[f.uri for f in files],
        update_count=rows.num_rows,
        scanned_bytes=task.run.scanned_bytes,
    )
