"""Bare DuckDB COPY of the same pages to Parquet: ``python by_duckdb.py FORMAT PAGES FOLDER``.

The best case that DuckDB knows: the types are given, so nothing is guessed. Nothing is checked either: where a fault of
the data would stop the statement, the field is read as text.
"""

import json
import os
import sys
import time
from pathlib import Path

import duckdb

SHAPE = (
    "STRUCT(id VARCHAR, version BIGINT, occurred_at VARCHAR, kind VARCHAR, customer STRUCT(id VARCHAR, loyal VARCHAR, "
    "address STRUCT(country VARCHAR, city VARCHAR, postcode VARCHAR)), device VARCHAR, amounts STRUCT(net VARCHAR, tax "
    "DOUBLE, currency VARCHAR), geo STRUCT(coordinates DOUBLE[]), quantity VARCHAR, updated BIGINT, note VARCHAR)"
)
FLAT = (
    "o.id, o.version, o.occurred_at, o.kind, o.customer.id AS customer_id, o.customer.address.country, "
    "o.customer.address.city, o.customer.address.postcode, o.customer.loyal, o.device, o.amounts.net, o.amounts.tax, "
    "o.amounts.currency, o.geo.coordinates[1] AS longitude, o.geo.coordinates[2] AS latitude, o.quantity, o.updated, "
    "o.note"
)
CSV_TYPES = {"version": "BIGINT", "tax": "DOUBLE", "longitude": "DOUBLE", "latitude": "DOUBLE", "updated_ms": "BIGINT"}


def main() -> None:
    """Run and time."""
    format_name, pages, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    if format_name == "json":
        read = f"read_json('{pages}/page-*', columns = {{items: '{SHAPE}[]'}}, maximum_object_size = 67108864)"
        select = f"SELECT {FLAT} FROM (SELECT unnest(items) AS o FROM {read})"
    else:
        names = (next(Path(pages).glob("page-*"))).open().readline().strip().split(",")
        types = ", ".join(f"'{name}': '{CSV_TYPES.get(name, 'VARCHAR')}'" for name in names)
        select = f"FROM read_csv('{pages}/page-*', header = true, columns = {{{types}}})"
    with duckdb.connect(str(folder / "bare.duckdb")) as db:
        memory_mb = int(int(os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]) * 0.7)
        db.execute(f"SET memory_limit = '{memory_mb}MB'; SET preserve_insertion_order = false")
        started, cpu = time.perf_counter(), time.process_time()
        db.execute(f"COPY ({select}) TO '{folder / 'bare.parquet'}' (FORMAT parquet, COMPRESSION zstd)")
        seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu_seconds}))


if __name__ == "__main__":
    main()
