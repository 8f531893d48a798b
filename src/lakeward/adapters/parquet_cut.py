"""Cutting a sorted Parquet file that grew too large into files of about a wanted size."""

from pathlib import Path

import duckdb

from lakeward.transform.compile import ident
from lakeward.transform.leaf import quote


def cut(db: duckdb.DuckDBPyConnection, path: Path, order: list[str], field_ids: str, target_bytes: int) -> None:
    """Put files of about ``target_bytes`` in the place of a larger one: at three halves of it there are two.

    Args:
        db: sorts beyond its memory on disk.
        path: a sorted file; it goes when it is cut.
        order: what its rows are sorted by.
        field_ids: the FIELD_IDS option of COPY, for the file's columns.
        target_bytes: of the pieces, whose names are in the order of their rows.
    """
    pieces = round(path.stat().st_size / target_bytes)
    if pieces < 2:
        return
    (rows,) = db.execute("SELECT sum(num_rows) FROM parquet_file_metadata(?)", [str(path)]).fetchone() or (0,)
    for piece in range(pieces):
        low, high = (int(rows) * edge // pieces for edge in (piece, piece + 1))
        made = path.with_name(f"{path.stem}-{piece:03d}.parquet")
        db.execute(
            f"COPY (SELECT * EXCLUDE (file_row_number) FROM read_parquet('{quote(str(path))}', file_row_number = true, "
            f"hive_partitioning = false) WHERE file_row_number >= {low} AND file_row_number < {high} "
            f"ORDER BY {', '.join(map(ident, order))}) "
            f"TO '{quote(str(made))}' (FORMAT parquet, COMPRESSION zstd, FIELD_IDS {field_ids})"
        )
    path.unlink()
