"""DuckDB on one machine: its work on local disk, its memory bounded, and the Parquet files that tables can take in."""

import os
from datetime import date
from pathlib import Path

import duckdb

from lakeward.adapters.parquet_cut import cut
from lakeward.contract import Contract
from lakeward.measures import Exploded
from lakeward.ports.lake import FieldIds, LocalFile
from lakeward.tables import place_columns, refused_place_columns
from lakeward.transform.compile import TransformSql, ident
from lakeward.transform.leaf import quote

MEMORY_SHARE = 0.6
"""Of the memory that the function has, so that Arrow, Python and the page in flight have room beside DuckDB."""


def order_of(contract: Contract) -> list[str]:
    """The curated table's partition column, then what its rows are sorted by inside a file."""
    return list(dict.fromkeys([contract.partition_by, *(contract.sort_by or place_columns(contract))]))


def refused_order_of(contract: Contract) -> list[str]:
    """The same of the quarantine table."""
    return ["slot_date", *refused_place_columns(contract)]


def connect(workdir: Path, **settings_of_its_own: str | int) -> duckdb.DuckDBPyConnection:
    """A database in a file under ``workdir``: what does not fit in memory goes there.

    ``AWS_LAMBDA_FUNCTION_MEMORY_SIZE`` (MB), where Lambda sets it, bounds the memory; elsewhere 2 GB do.
    ``settings_of_its_own`` are DuckDB's, such as ``memory_limit`` and ``threads``.
    """
    memory_mb = int(int(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "2048")) * MEMORY_SHARE)
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{memory_mb}MB",
        "temp_directory": str(workdir / "spill"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "preserve_insertion_order": False,
        **settings_of_its_own,
    }
    db = duckdb.connect(str(workdir / "work.duckdb"), config=settings)
    db.execute("SET TimeZone = 'UTC'")
    return db


def account_of(db: duckdb.DuckDBPyConnection, sql: TransformSql) -> Exploded | None:
    """What became of records whose elements are rows, counted without making any; None where records are the rows."""
    if sql.account is None:
        return None
    records, rows, skipped = db.execute(sql.account).fetchone() or (0, 0, 0)
    return Exploded(records=records, rows=rows, skipped=skipped)


def broken_of(
    db: duckdb.DuckDBPyConnection, contract: Contract, refused: list[LocalFile]
) -> dict[tuple[str, str], int]:
    """How many records broke each rule: counted where it was written down, so that whole records cost nothing."""
    return count_broken(db, "SELECT * FROM accepted" if contract.keeps_notes else None, rows_of(refused))


def rows_of(files: list[LocalFile]) -> str | None:
    """A SELECT of the rows of files; None when there are none."""
    listed = ", ".join(f"'{quote(str(file.path))}'" for file in files)
    return f"SELECT * FROM read_parquet([{listed}], hive_partitioning = false)" if files else None


def count_broken(
    db: duckdb.DuckDBPyConnection, accepted: str | None, quarantined: str | None
) -> dict[tuple[str, str], int]:
    """How many records broke each rule, by column and rule.

    Args:
        accepted: a SELECT of all valid records with their notes; None when there are none.
        quarantined: a SELECT of the quarantined ones; None when there are none.
    """
    said = [f"SELECT _notes AS said FROM ({accepted}) WHERE _notes IS NOT NULL"] if accepted else []
    if quarantined:
        said.append(f"SELECT violations AS said FROM ({quarantined})")
    if not said:
        return {}
    shape = '[{"column": "VARCHAR", "rule": "VARCHAR"}]'
    each = f"SELECT unnest(from_json(said, '{shape}')) AS broke FROM ({' UNION ALL '.join(said)})"
    counted = db.execute(f"SELECT broke['column'], broke['rule'], count(*) FROM ({each}) GROUP BY ALL").fetchall()
    return {(column, rule): records for column, rule, records in counted}


def write_partitions(
    db: duckdb.DuckDBPyConnection,
    select: str,
    order: list[str],
    ids: FieldIds,
    folder: Path,
    target_bytes: int | None = None,
) -> list[LocalFile]:
    """Write a SELECT as zstd Parquet, one file a partition value, sorted, each column with its Iceberg field id.

    Args:
        db: where the SELECT's relations are.
        select: yields exactly the columns of ``ids``.
        order: the partition column, then what rows are sorted by inside a file.
        ids: field ids by column name.
        folder: made here; must not exist.
        target_bytes: a partition that comes out larger is cut into files of about that size; None cuts nothing.

    Returns:
        The files by partition value; none when the SELECT yields no row.
    """
    partition = order[0]
    db.execute(
        f"COPY (SELECT {', '.join(map(ident, column_names(ids)))} FROM ({select}) "
        f"ORDER BY {', '.join(map(ident, order))}) "
        f"TO '{folder}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY ({ident(partition)}), "
        f"WRITE_PARTITION_COLUMNS true, FIELD_IDS {field_ids_sql(ids)})"
    )
    if target_bytes is not None:
        for path in sorted(folder.rglob("*.parquet")):
            cut(db, path, order, field_ids_sql(ids), target_bytes)
    return local_files(db, folder)


def local_files(db: duckdb.DuckDBPyConnection, folder: Path) -> list[LocalFile]:
    """The Parquet files below a folder that was written by partition."""
    files = []
    for path in sorted(folder.rglob("*.parquet")):
        value = date.fromisoformat(path.parent.name.partition("=")[2])
        (rows,) = db.execute("SELECT sum(num_rows) FROM parquet_file_metadata(?)", [str(path)]).fetchone() or (0,)
        files.append(LocalFile(path, value, int(rows)))
    return files


def column_names(ids: FieldIds) -> list[str]:
    """The columns, without what is inside them."""
    return [name for name in ids if "." not in name]


def field_ids_sql(ids: FieldIds) -> str:
    """The FIELD_IDS option of COPY."""
    return _inside(ids, "")


def _inside(ids: FieldIds, prefix: str) -> str:
    """The ids of everything whose way is ``prefix`` and one name more."""
    names = [way.removeprefix(prefix) for way in ids if way.startswith(prefix)]
    listed = []
    for name in (n for n in names if "." not in n):
        way = f"{prefix}{name}"
        inside = _inside(ids, f"{way}.") if any(n.startswith(f"{name}.") for n in names) else ""
        number = f"{{__duckdb_field_id: {ids[way]}, {inside.removeprefix('{')}" if inside else f"{ids[way]}"
        listed.append(f"{ident(name)}: {number}")
    return "{" + ", ".join(listed) + "}"
