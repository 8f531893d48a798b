"""Large partitions become several files: the same rows, in their order, with the same field ids."""

from pathlib import Path

import duckdb
import pytest

from lakeward.adapters.duckdb_files import connect, write_partitions

ROWS = 20_000
SELECT = f"SELECT i AS id, DATE '2024-03-01' AS day, sha256(i::VARCHAR) AS note FROM range({ROWS}) AS r(i)"
IDS = {"id": 1, "day": 2, "note": 3}


def write(folder: Path, target_bytes: int | None) -> list[Path]:
    with connect(folder) as db:
        made = write_partitions(db, SELECT, ["day", "id"], IDS, folder / "out", target_bytes)
    assert sum(file.rows for file in made) == ROWS
    return [file.path for file in made]


def test_a_partition_above_the_wanted_size_is_cut_into_files_of_about_that_size(tmp_path: Path) -> None:
    (whole,) = write(tmp_path, None)
    size = whole.stat().st_size
    folder = tmp_path / "again"
    folder.mkdir()

    pieces = write(folder, size // 4)

    assert len(pieces) == 4
    assert [piece.stat().st_size for piece in pieces] == pytest.approx([size / 4] * 4, rel=0.2)
    read = duckdb.sql(f"SELECT * FROM read_parquet({[str(p) for p in pieces]}, hive_partitioning = false)").fetchall()
    assert [row[0] for row in read] == list(range(ROWS))
    ids = duckdb.sql(f"SELECT name, field_id FROM parquet_schema('{pieces[2]}') WHERE field_id IS NOT NULL").fetchall()
    assert dict(ids) == IDS
    assert sorted(pieces[0].parent.iterdir()) == pieces


def test_a_partition_of_about_the_wanted_size_is_one_file(tmp_path: Path) -> None:
    (whole,) = write(tmp_path, None)
    folder = tmp_path / "again"
    folder.mkdir()

    assert len(write(folder, int(whole.stat().st_size / 1.4))) == 1
