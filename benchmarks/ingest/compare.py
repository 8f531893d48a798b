#!/usr/bin/env python
"""Ingest beside curl and dlt on the same pages of one megabyte: throughput and peak memory, in one run.

    scripts/environment.py --venv .venv-bench --lock requirements/bench.txt
    .venv/bin/python benchmarks/ingest/compare.py [--pages 1000] [--dlt-pages 100] [--check]

Each client runs in a process of its own, one after the other, and writes files. curl and ingest read every page; dlt
is given fewer, because it takes so much longer; its throughput is what is compared. With ``--check`` it fails when
ingest is slower than 80% of curl or 5 times dlt, or takes 256 MB or more.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LEAST_OF_CURL, LEAST_TIMES_DLT, MOST_MB = 0.8, 5.0, 256


@dataclass(frozen=True)
class Measured:
    """One client: what it read, how long it took, the most memory it had."""

    client: str
    pages: int
    seconds: float
    megabytes_per_second: float
    peak_mb: float


def measure(client: str, command: list[str], pages: int, page_bytes: int) -> Measured:
    """Run a command to its end."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - started
    if status != 0:
        sys.exit(f"{client} failed:\n{output.decode()[-2000:]}")
    return Measured(
        client, pages, round(seconds, 2), round(pages * page_bytes / 1e6 / seconds, 1), round(usage.ru_maxrss / 1024, 1)
    )


def clients(port: str, folder: Path, pages: int, dlt_pages: int) -> list[tuple[str, list[str], int]]:
    """Names, commands and pages."""
    url = f"http://127.0.0.1:{port}/pages?offset=[0-{(pages - 1) * 1000}:1000]&limit=1000"
    ours = [str(ROOT / ".venv/bin/python"), str(HERE / "by_lakeward.py"), port]
    theirs = [str(ROOT / ".venv-bench/bin/python"), str(HERE / "by_dlt.py"), port]
    return [
        ("curl", ["curl", "--silent", "--fail", "--output", str(folder / "curl-#1"), url], pages),
        ("lakeward, one at a time", [*ours, str(folder / "one"), "1"], pages),
        ("lakeward, four at once", [*ours, str(folder / "four"), "4"], pages),
        ("dlt", [*theirs, str(folder / "dlt"), str(dlt_pages)], dlt_pages),
    ]


def main() -> None:
    """Measure, print a table and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--dlt-pages", type=int, default=100)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    server = subprocess.Popen(
        [sys.executable, str(HERE / "pages_server.py"), str(options.pages)], stdout=subprocess.PIPE, text=True
    )
    try:
        port = server.stdout.readline().strip() if server.stdout else ""
        page = subprocess.run(
            ["curl", "--silent", f"http://127.0.0.1:{port}/pages?offset=0&limit=1000"], capture_output=True, check=True
        )
        with tempfile.TemporaryDirectory() as folder:
            wanted = clients(port, Path(folder), options.pages, options.dlt_pages)
            found = [measure(name, command, pages, len(page.stdout)) for name, command, pages in wanted]
    finally:
        server.terminate()
        server.wait()
    report(found, options.check)
    if options.json:
        options.json.write_text(json.dumps([asdict(m) for m in found], indent=2) + "\n")


def report(found: list[Measured], check: bool) -> None:
    """Print what was measured; exit with 1 when it is asked for and not good enough."""
    for m in found:
        print(
            f"{m.client:25} {m.pages:5} pages {m.seconds:8.2f} s {m.megabytes_per_second:8.1f} MB/s {m.peak_mb:7.1f} MB"
        )
    curl, one, four, dlt = (m.megabytes_per_second for m in found)
    best, peak = max(one, four), max(m.peak_mb for m in found[1:3])
    print(f"ingest: {best / curl:.2f} of curl, {best / dlt:.1f} times dlt, at most {peak:.0f} MB")
    if check and (best < LEAST_OF_CURL * curl or best < LEAST_TIMES_DLT * dlt or peak >= MOST_MB):
        sys.exit(1)


if __name__ == "__main__":
    main()
