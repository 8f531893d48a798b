#!/usr/bin/env python
"""The whole transform beside bare DuckDB, pandas with awswrangler, dlt and Spark: time, memory, ratios, in one run.

    make bench                                    # 60 MB, 600 MB and 6 GB, JSON and CSV: 25 minutes, 16 GB of disk
    make bench BENCH="--write docs/performance"   # the same; keeps figures and plot, and writes the document's tables
    .venv/bin/python benchmarks/transform/compare.py --sizes 60 --formats json

Each client runs in a process of its own, one after the other, round by round; ratios are taken within a round, and
their median is what counts. Times begin when a client starts its work, after its imports. The peak is the most resident
memory that the process and its children had together. Lakeward and DuckDB are given --memory-mb. Inputs of more than
1,000 MB are read in one round; pandas, dlt and Spark read what they can in a bearable time (MOST_MB), unless --all is
given, and above 60 MB in one round.
"""

import argparse
import os
import platform
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from data import generate
from measured import ClientFailed, Measured, run
from report import table, write

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
OURS, THEIRS = str(ROOT / ".venv/bin/python"), str(ROOT / ".venv-bench/bin/python")
CLIENTS = {
    "lakeward": [OURS, str(HERE / "by_lakeward.py")],
    "duckdb": [OURS, str(HERE / "by_duckdb.py")],
    "pandas": [THEIRS, str(HERE / "by_pandas.py")],
    "dlt": [THEIRS, str(HERE / "by_dlt.py")],
    "spark": [THEIRS, str(HERE / "by_spark.py")],
}
MOST_MB = {"pandas": 600, "dlt": 60, "spark": 600}
ONCE_ABOVE_MB, SLOW_ONCE_ABOVE_MB = 1_000, 60
MOST_OF_DUCKDB, LEAST_OF_PANDAS, LEAST_OF_DLT, MOST_PEAK_MB = 1.5, 8.0, 20.0, 1_500


def measure(client: str, format_name: str, pages: Path, scratch: Path, memory_mb: int) -> Measured:
    """One run of one client."""
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        found = run([*CLIENTS[client], format_name, str(pages), folder], memory_mb)
        return Measured(client=client, format=format_name, **found)


def main() -> None:
    """Generate, measure, report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="60,600,6000", help="megabytes of input, with commas between them")
    parser.add_argument("--formats", default="json,csv")
    parser.add_argument("--clients", default=",".join(CLIENTS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory-mb", type=int, default=1536, help="what Lambda would give the function")
    parser.add_argument("--all", action="store_true", help="run slow clients at every size")
    parser.add_argument("--dirt", choices=("usual", "spread"), default="usual", help="how faults and repeats lie")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scratch", type=Path, default=ROOT / ".lakeward/bench", help="input and scratch lie here")
    parser.add_argument(
        "--write", type=Path, help="write FOLDER/figures.json and a plot, and the tables into FOLDER.md"
    )
    parser.add_argument("--check", action="store_true", help="exit with 1 when a limit is not kept")
    options = parser.parse_args()
    sizes = sorted(int(size) for size in options.sizes.split(","))
    options.scratch.mkdir(parents=True, exist_ok=True)
    found: list[Measured] = []
    failed: list[str] = []
    for megabytes in sizes:
        for format_name in options.formats.split(","):
            pages = options.scratch / f"{format_name}-{megabytes}-{options.dirt}-{options.seed}"
            given = generate(format_name, megabytes * 1_000_000, pages, options.seed, options.dirt)
            for number in range(options.rounds):
                for client in options.clients.split(","):
                    if number >= rounds(client, megabytes, options.rounds, every=options.all):
                        continue
                    try:
                        once = measure(client, format_name, pages, options.scratch, options.memory_mb)
                    except ClientFailed as problem:
                        failed.append(f"{format_name} {megabytes} MB: {client} did not come to its end")
                        print(f"{failed[-1]}:\n{problem}", flush=True)
                        continue
                    found.append(once.of(megabytes, number, given.total_bytes))
                    print(found[-1].line(), flush=True)
            if megabytes > sizes[0]:
                shutil.rmtree(pages)
            if options.write:
                write(found, options.write, machine(), options.memory_mb, failed + broken(found))
    print(table(found))
    if failed or (options.check and broken(found)):
        sys.exit("\n".join(failed + broken(found)))


def machine() -> str:
    """What it was measured on."""
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return f"{os.cpu_count()} cores, {memory_gb:.0f} GB, {platform.machine()}, Python {platform.python_version()}"


def rounds(client: str, megabytes: int, wanted: int, *, every: bool) -> int:
    """How often a client reads an input; not at all when that would take too long."""
    if client not in MOST_MB:
        return 1 if megabytes > ONCE_ABOVE_MB else wanted
    if megabytes > MOST_MB[client] and not every:
        return 0
    return 1 if megabytes > SLOW_ONCE_ABOVE_MB else wanted


def broken(found: list[Measured]) -> list[str]:
    """The limits that were not kept."""
    said = []
    for size, format_name in sorted({(m.megabytes, m.format) for m in found}):
        here = [m for m in found if (m.megabytes, m.format) == (size, format_name)]
        for client, least in (("pandas", LEAST_OF_PANDAS), ("dlt", LEAST_OF_DLT)):
            times = ratio(here, client, "lakeward")
            if times is not None and times < least:
                said.append(
                    f"{format_name} {size} MB: expected {client} to take {least} times as long, found {times:.1f}"
                )
        times = ratio(here, "lakeward", "duckdb")
        if times is not None and times > MOST_OF_DUCKDB:
            said.append(f"{format_name} {size} MB: expected {MOST_OF_DUCKDB} of bare DuckDB at most, found {times:.2f}")
    said += [
        f"{m.format} {m.megabytes} MB: expected a peak of {MOST_PEAK_MB} MB at most, found {m.peak_mb:.0f}"
        for m in found
        if m.client == "lakeward" and m.peak_mb > MOST_PEAK_MB
    ]
    return said


def ratio(found: list[Measured], one: str, other: str) -> float | None:
    """The median over rounds of one client's seconds by another's in the same round; the first where it ran once."""
    by_round = {(m.client, m.round): m.seconds for m in found}
    rounds = [n for (client, n) in by_round if client == one and (other, n) in by_round]
    return statistics.median(by_round[one, n] / by_round[other, n] for n in rounds) if rounds else None


if __name__ == "__main__":
    main()
