"""Bare DuckDB COPY of the same pages to Parquet: ``python by_duckdb.py FORMAT PAGES FOLDER``.

The best case that DuckDB knows: format and types are given, so nothing is guessed. It makes the same columns of the
same types, by day, with the same compression, memory limit and threads as Lakeward; what cannot be read becomes NULL,
and nothing else is checked.
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
    "o.amounts.currency, o.geo.coordinates[1] AS longitude, o.geo.coordinates[2] AS latitude, o.quantity, "
    "o.updated AS updated_ms, o.note"
)
CSV_TYPES = {"version": "BIGINT", "tax": "DOUBLE", "longitude": "DOUBLE", "latitude": "DOUBLE", "updated_ms": "BIGINT"}
TYPED = (
    "* EXCLUDE (updated_ms) REPLACE (TRY_CAST(occurred_at AS TIMESTAMP) AS occurred_at, "
    "TRY_CAST(customer_id AS BIGINT) AS customer_id, TRY_CAST(loyal AS BOOLEAN) AS loyal, "
    "TRY_CAST(net AS DOUBLE) AS net, TRY_CAST(quantity AS INTEGER) AS quantity), "
    "make_timestamp(updated_ms * 1000) AS updated_at"
)
"""The fields in which the data's faults would stop the statement are read as texts first."""


def main() -> None:
    """Run and time."""
    format_name, pages, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    if format_name == "json":
        read = (
            f"read_json('{pages}/page-*', format = 'unstructured', records = 'true', columns = {{items: '{SHAPE}[]'}}, "
            "maximum_object_size = 67108864)"
        )
        select = f"SELECT {FLAT} FROM (SELECT unnest(items) AS o FROM {read})"
    else:
        names = (next(Path(pages).glob("page-*"))).open().readline().strip().split(",")
        types = ", ".join(f"'{name}': '{CSV_TYPES.get(name, 'VARCHAR')}'" for name in names)
        select = f"FROM read_csv('{pages}/page-*', auto_detect = false, header = true, columns = {{{types}}})"
    select = f"SELECT *, CAST(occurred_at AS DATE) AS day FROM (SELECT {TYPED} FROM ({select}))"
    with duckdb.connect(str(folder / "bare.duckdb")) as db:
        memory_mb = int(int(os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]) * 0.6)
        db.execute(f"SET memory_limit = '{memory_mb}MB'; SET preserve_insertion_order = false")
        started, cpu = time.perf_counter(), time.process_time()
        db.execute(
            f"COPY ({select}) TO '{folder / 'bare'}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (day), "
            "WRITE_PARTITION_COLUMNS true)"
        )
        seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu_seconds}))


if __name__ == "__main__":
    main()
