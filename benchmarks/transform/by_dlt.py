"""The same by dlt: ``python by_dlt.py FORMAT PAGES FOLDER``. Runs in .venv-bench.

A resource that yields the records of every page, merged by key into Parquet files as dlt does unless told otherwise.
"""

import csv
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt


def records(format_name: str, pages: list[Path]) -> Iterator[list[dict[str, Any]]]:
    """The records, page by page."""
    for page in pages:
        if format_name == "json":
            yield json.loads(page.read_bytes())["items"]
        else:
            with page.open(newline="") as stream:
                yield list(csv.DictReader(stream))


def main() -> None:
    """Run and time."""
    format_name, pages, folder = sys.argv[1], sorted(Path(sys.argv[2]).glob("page-*")), Path(sys.argv[3])
    pipeline = dlt.pipeline(
        "orders", destination=dlt.destinations.filesystem(str(folder / "out")), pipelines_dir=str(folder / "state")
    )
    resource = dlt.resource(records(format_name, pages), name="orders", primary_key="id")
    started, cpu = time.perf_counter(), time.process_time()
    pipeline.run(resource, loader_file_format="parquet")
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu_seconds}))


if __name__ == "__main__":
    main()
