"""A data file written anew without some of its rows."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from pyiceberg.table import Table

from lakeward.adapters.duckdb_files import column_names, write_partitions
from lakeward.adapters.iceberg_types import field_ids
from lakeward.adapters.s3_files import split_uri
from lakeward.transform.leaf import quote

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def without_rows(
    db: duckdb.DuckDBPyConnection, s3: "S3Client", table: Table, uri: str, relation: str, folder: Path, name: str
) -> str:
    """Write a file's rows but for some, beside the file; returns the new file's URI.

    Its name ends in a digest of its bytes, so that it never replaces another file.

    Args:
        db: has ``relation``.
        s3: reads and writes data files.
        table: whose file it is.
        uri: of the file, which keeps one row at least.
        relation: a table with ``uri`` and ``row`` (from 0) of the rows that are left out.
        folder: a local folder; what is written there is removed again.
        name: how the new file's name begins.
    """
    bucket, key = split_uri(uri)
    whole = folder / f"{name}.parquet"
    s3.download_file(bucket, key, str(whole))
    columns = db.execute("SELECT column_name FROM (DESCRIBE FROM read_parquet(?))", [str(whole)]).fetchall()
    present = {c for (c,) in columns}
    ids = {n: i for n, i in field_ids(table.schema()).items() if n.partition(".")[0] in present}
    select = (
        f"SELECT * EXCLUDE (file_row_number) FROM read_parquet('{quote(str(whole))}', file_row_number = true) s "
        f"ANTI JOIN (SELECT row FROM {relation} WHERE uri = '{quote(uri)}') o ON s.file_row_number = o.row"
    )
    partition = table.schema().find_column_name(table.spec().fields[0].source_id)
    assert partition is not None  # noqa: S101 -- for the type checker: the spec's source is in the schema
    order = [partition, *[c for c in column_names(ids) if c != partition][:1]]
    (written,) = write_partitions(db, select, order, ids, folder / name)
    with written.path.open("rb") as stream:
        content = hashlib.file_digest(stream, "sha256").hexdigest()
    new_key = f"{key.rpartition('/')[0]}/{name}-{content[:16]}.parquet"
    s3.upload_file(str(written.path), bucket, new_key)
    for local in (whole, written.path):
        local.unlink()
    return f"s3://{bucket}/{new_key}"
