"""OPTIMIZE and VACUUM. https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-data-optimization.html"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lakeward_local.athena.ddl import iceberg
from lakeward_local.athena.dml.commit import replace_files
from lakeward_local.athena.errors import QueryError
from lakeward_local.athena.executions import Outcome
from lakeward_local.athena.syntax import nodes as n
from lakeward_local.athena.syntax import statement_nodes as s
from lakeward_local.athena.task import Task

_DEFAULT_AGE_SECONDS = 432_000


def optimize(statement: s.Optimize, task: Task) -> Outcome:
    """Rewrite the data files (those that WHERE selects) into few, applying deletes.

    Raises:
        QueryError: NOT_SUPPORTED, no Iceberg table.
    """
    catalog = task.engine.catalog()
    table = catalog.table(*task.table(statement.name))
    if table.kind != "iceberg":
        raise QueryError("NOT_SUPPORTED", "OPTIMIZE is only supported for Iceberg tables")
    path = n.SelectItem(n.Name("$path", "$path"))
    source = n.TableName(statement.name)
    plan = task.engine.plan(n.Query(n.Select((path,), True, source, statement.where)), task.database, catalog)
    touched = {str(row[0]) for row in task.engine.answer(plan, task.run, catalog).rows}
    if touched:
        where = n.InList(n.Name("$path", "$path"), tuple(n.Literal("string", x) for x in sorted(touched)))
        items = tuple(n.SelectItem(n.Name(c.name, c.name)) for c in table.columns)
        rows = task.engine.arrow(
            task.engine.plan(n.Query(n.Select(items, source=source, where=where)), task.database, catalog),
            task.run,
            catalog,
        )
        replace_files(iceberg.load(task, table.database, table.name), table, touched, rows)
    return Outcome(kind="DML", sub="OPTIMIZE", scanned_bytes=task.run.scanned_bytes)


def vacuum(statement: s.Vacuum, task: Task) -> Outcome:
    """Expire old snapshots and delete the files that nothing refers to any more."""
    table = task.engine.catalog().table(*task.table(statement.name))
    if table.kind != "iceberg":
        raise QueryError("NOT_SUPPORTED", "VACUUM is only supported for Iceberg tables")
    target = iceberg.load(task, table.database, table.name)
    age = timedelta(seconds=int(target.properties.get("vacuum_max_snapshot_age_seconds", _DEFAULT_AGE_SECONDS)))
    oldest = datetime.now(UTC) - age
    target.maintenance.expire_snapshots().older_than(oldest.replace(tzinfo=None)).commit()
    target = iceberg.load(task, table.database, table.name)
    kept = {
        target.metadata_location,
        *(x.metadata_file for x in target.metadata.metadata_log),
        *(x.manifest_list for x in target.metadata.snapshots),
    }
    if target.metadata.snapshots:
        kept |= set(target.inspect.all_files()["file_path"].to_pylist())
        kept |= set(target.inspect.all_manifests()["path"].to_pylist())
    stored = task.engine.objects.below(target.location(), hidden=True)
    orphans = [o.uri for o in stored if o.uri not in kept and o.modified is not None and o.modified < oldest]
    task.engine.objects.delete(orphans)
    return Outcome(kind="DML", sub="VACUUM")
