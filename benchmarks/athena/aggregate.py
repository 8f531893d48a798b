"""How fast the local Athena is, as ratios: an aggregate over five million rows against bare DuckDB on the same
files, and the wall time of small queries through the API.

    .venv/bin/python benchmarks/athena/aggregate.py [--rows 5000000] [--check]

With ``--check`` it fails when the aggregate takes more than 1.5 times bare DuckDB or a small query more than 40 ms.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "support"))
from athena_lake import Lake, lake, make_table

MAX_RATIO = 1.5
MAX_SMALL_MS = 40.0
RUNS = 7
AGGREGATE = """SELECT station, count(*), sum(reading), avg(reading), max(price), count_if(reading > 50)
               FROM {table} GROUP BY station ORDER BY station"""
BARE = AGGREGATE.replace("count_if(reading > 50)", "count(*) FILTER (WHERE reading > 50)")
SMALL = (
    "SELECT 1",
    "SELECT count(*) FROM obs WHERE dt = '2025-01-01'",
    "SELECT station_id, sum(humidity) FROM obs GROUP BY station_id ORDER BY 1",
    "SELECT * FROM flat WHERE station_id = 's1'",
)


def fill(found: Lake, folder: Path, rows: int) -> list[Path]:
    """Four Parquet files of the rows, as objects of table ``big`` and as local files."""
    connection = duckdb.connect()
    paths = []
    for part in range(4):
        path = folder / f"{part}.parquet"
        connection.execute(
            f"COPY (SELECT 's' || (i % 1000) AS station, CAST(hash(i) % 100 AS INTEGER) AS reading, "
            f"CAST(i % 977 / 7 AS DOUBLE) AS price FROM range({rows // 4 * part}, {rows // 4 * (part + 1)}) t(i)) TO '{path}'"  # noqa: E501
        )
        found.client("s3").put_object(Bucket="lake", Key=f"big/{part}.parquet", Body=path.read_bytes())
        paths.append(path)
    columns = [("station", "string"), ("reading", "int"), ("price", "double")]
    make_table(found.client("glue"), "big", "s3://lake/big/", [], columns=columns)
    return paths


def median_ms(task: Callable[[], object]) -> float:
    """The median wall time of a task that has run once before."""
    task()
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        task()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    with lake() as found, tempfile.TemporaryDirectory() as folder:
        paths = fill(found, Path(folder), args.rows)
        files = ", ".join(f"'{p}'" for p in paths)
        connection = duckdb.connect()
        bare = median_ms(lambda: connection.execute(BARE.format(table=f"read_parquet([{files}])")).fetchall())
        ours = median_ms(lambda: found.rows(AGGREGATE.format(table="big")))
        small = {sql: median_ms(lambda sql=sql: found.rows(sql)) for sql in SMALL}  # type: ignore[misc]
    sys.stdout.write(
        f"{args.rows:,} rows: local Athena {ours:.0f} ms, bare DuckDB {bare:.0f} ms, ratio {ours / bare:.2f}\n"
    )
    for sql, milliseconds in small.items():
        sys.stdout.write(f"{milliseconds:6.1f} ms  {sql}\n")
    slow = ours / bare > MAX_RATIO or statistics.median(small.values()) > MAX_SMALL_MS
    return int(args.check and slow)


if __name__ == "__main__":
    raise SystemExit(main())
