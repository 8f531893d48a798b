"""One file of many: the same rows, sorted, with the table's field ids."""

import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table

from lakeward.adapters.duckdb_files import connect, write_partitions
from lakeward.adapters.iceberg_types import field_ids
from lakeward.adapters.s3_files import split_uri
from lakeward.errors import SchemaConflict
from lakeward.transform.compile import ident
from lakeward.transform.leaf import quote

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def write_bundle(
    table: Table, s3: "S3Client", files: list[DataFile], sort_by: list[str], folder: Path
) -> tuple[str, int]:
    """Write the rows of some files of one partition as one file beside them. No snapshot names it yet.

    Args:
        table: whose files they are.
        s3: reads and writes data files.
        files: of one partition; at least one.
        sort_by: columns that rows are sorted by.
        folder: an empty local folder.

    Returns:
        The new file's URI and its bytes.

    Raises:
        SchemaConflict: the files hold another number of rows than the table says.
    """
    with connect(folder) as db:
        parts, present = [], set[str]()
        for number, file in enumerate(files):
            bucket, key = split_uri(file.file_path)
            local = folder / f"{number:05d}.parquet"
            s3.download_file(bucket, key, str(local))
            columns = _columns(db, table, local)
            present |= set(columns)
            selected = ", ".join(f"{ident(held)} AS {ident(name)}" for name, held in columns.items())
            parts.append(f"SELECT {selected} FROM read_parquet('{quote(str(local))}', hive_partitioning = false)")
        ids = {way: number for way, number in field_ids(table.schema()).items() if way.partition(".")[0] in present}
        partition = table.schema().find_column_name(table.spec().fields[0].source_id)
        assert partition is not None  # noqa: S101 -- for the type checker: the spec's source is in the schema
        order = [partition, *(c for c in sort_by if c in ids and c != partition)]
        (written,) = write_partitions(db, " UNION ALL BY NAME ".join(parts), order, ids, folder / "compacted")
    expected = sum(file.record_count for file in files)
    if written.rows != expected:
        raise SchemaConflict(
            f"{'.'.join(table.name())}: expected {expected} rows in {len(files)} files from {files[0].file_path} on, "
            f"as the table says, found {written.rows}; nothing was changed: find out who wrote these files"
        )
    bucket, key = split_uri(files[0].file_path)
    new_key = f"{key.rpartition('/')[0]}/compacted-{uuid.uuid4().hex}.parquet"
    s3.upload_file(str(written.path), bucket, new_key)
    return f"s3://{bucket}/{new_key}", written.path.stat().st_size


def _columns(db: duckdb.DuckDBPyConnection, table: Table, path: Path) -> dict[str, str]:
    """The table's column names -> the file's, by field id: a column that was dropped and added again is another one."""
    held = db.execute("SELECT field_id, name FROM parquet_schema(?) WHERE field_id IS NOT NULL", [str(path)]).fetchall()
    by_id = dict(held)
    return {field.name: by_id[field.field_id] for field in table.schema().fields if field.field_id in by_id}
