"""One Iceberg commit that takes files away and adds others; it fails when somebody else committed in between."""

from __future__ import annotations

import pyarrow as pa
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.table import Table as IcebergTable

from lakeward_local.athena.catalog.model import Table
from lakeward_local.athena.dml.data_files import data_files, fitted
from lakeward_local.athena.errors import QueryError


def replace_files(target: IcebergTable, seen: Table, removed: set[str], rows: pa.Table | None) -> None:
    """Commit.

    Args:
        target: the table, loaded to commit to.
        seen: the table as the statement read it.
        removed: paths of data files that go.
        rows: what comes in their place.

    Raises:
        QueryError: ICEBERG_COMMIT_ERROR, the table has moved on.
    """
    current = target.current_snapshot()
    if (current.snapshot_id if current else -1) != seen.metadata.get("current-snapshot-id", -1) and current is not None:
        raise _conflict(seen)
    files = [task.file for task in target.scan().plan_files() if task.file.file_path in removed] if removed else []
    try:
        with target.transaction() as transaction, transaction.update_snapshot().overwrite() as snapshot:
            for file in files:
                snapshot.delete_data_file(file)
            if rows is not None and rows.num_rows:
                for made in data_files(target, fitted(rows, target.schema().as_arrow())):
                    snapshot.append_data_file(made)
    except CommitFailedException as error:
        raise _conflict(seen) from error


def _conflict(seen: Table) -> QueryError:
    return QueryError(
        "ICEBERG_COMMIT_ERROR",
        f"Failed to commit to {seen.database}.{seen.name}: it was changed by another commit; run the statement again",
    )
