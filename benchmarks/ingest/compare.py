#!/usr/bin/env python
"""Ingest beside curl and dlt on the same pages of one megabyte: throughput, processor time, peak memory, in one run.

    scripts/environment.py --venv .venv-bench --lock requirements/bench.txt
    .venv/bin/python benchmarks/ingest/compare.py [--pages 1000] [--rounds 1] [--dlt-pages 20] [--check]

Two services hand out the same bytes: one a network away, which takes 20 ms to answer and sends 100 MB/s, and one on
this machine that is as fast as it can be, which nobody's service is: it shows what our own work costs. Each client
runs in a process of its own, one after the other, and writes files. curl and ingest read every page on each service;
dlt reads fewer, because it takes so much longer. Ratios are of neighbours in one round; the median of the rounds
counts. ``--check`` fails when ingest, one request at a time as curl, is below 80% of curl across the network, below 5
times dlt, or takes 256 MB or more.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LEAST_OF_CURL, LEAST_TIMES_DLT, MOST_MB = 0.8, 5.0, 256
SERVICES = {"network": ["--wait-ms", "20", "--megabytes-per-second", "100"], "machine": []}
CURL, ONE, FOUR, DLT = "curl", "lakeward, one at a time", "lakeward, four at once", "dlt"


@dataclass(frozen=True)
class Measured:
    """One client: what it read, how long it took, its processor time for a megabyte, the most memory it had."""

    service: str
    client: str
    pages: int
    seconds: float
    megabytes_per_second: float
    cpu_ms_per_megabyte: float
    peak_mb: float


def measure(service: str, client: str, command: list[str], pages: int, page_bytes: int) -> Measured:
    """Run a command to its end."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    seconds, megabytes = time.monotonic() - started, pages * page_bytes / 1e6
    if status != 0:
        sys.exit(f"{client} failed:\n{output.decode()[-2000:]}")
    cpu_ms = 1000 * (usage.ru_utime + usage.ru_stime) / megabytes
    peak_mb = usage.ru_maxrss / 1024
    return Measured(service, client, pages, round(seconds, 2), megabytes / seconds, cpu_ms, peak_mb)


def clients(port: str, folder: Path, pages: int, dlt_pages: int) -> Iterator[tuple[str, list[str], int]]:
    """Names, commands and pages."""
    url = f"http://127.0.0.1:{port}/pages?offset=[0-{(pages - 1) * 1000}:1000]&limit=1000"
    ours = [str(ROOT / ".venv/bin/python"), str(HERE / "by_lakeward.py"), port]
    yield CURL, ["curl", "--silent", "--fail", "--output", str(folder / "curl-#1"), url], pages
    yield ONE, [*ours, str(folder / "one"), "1"], pages
    yield FOUR, [*ours, str(folder / "four"), "4"], pages
    if dlt_pages:
        theirs = [str(ROOT / ".venv-bench/bin/python"), str(HERE / "by_dlt.py"), port]
        yield DLT, [*theirs, str(folder / "dlt"), str(dlt_pages)], dlt_pages


@contextmanager
def served(service: str, pages: int) -> Iterator[str]:
    """A service in a process of its own; its port."""
    command = [sys.executable, str(HERE / "pages_server.py"), str(pages), *SERVICES[service]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield server.stdout.readline().strip() if server.stdout else ""
        finally:
            server.terminate()


def one_round(service: str, pages: int, dlt_pages: int) -> list[Measured]:
    """Every client once."""
    with served(service, pages) as port, tempfile.TemporaryDirectory() as folder:
        url = f"http://127.0.0.1:{port}/pages?offset=0&limit=1000"
        page_bytes = len(subprocess.run(["curl", "--silent", url], capture_output=True, check=True).stdout)
        wanted = clients(port, Path(folder), pages, dlt_pages)
        return [measure(service, name, command, count, page_bytes) for name, command, count in wanted]


def main() -> None:
    """Measure, print a table and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--dlt-pages", type=int, default=20, help="0: without dlt")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    rounds = [
        one_round(service, options.pages, options.dlt_pages) for _ in range(options.rounds) for service in SERVICES
    ]
    for m in (m for found in rounds for m in found):
        print(
            f"{m.service:8} {m.client:24} {m.pages:5} pages {m.seconds:8.2f} s {m.megabytes_per_second:7.1f} MB/s "
            f"{m.cpu_ms_per_megabyte:7.2f} ms CPU/MB {m.peak_mb:6.1f} MB"
        )
    if options.json:
        options.json.write_text(json.dumps([asdict(m) for found in rounds for m in found], indent=2) + "\n")
    if not report(rounds, bool(options.dlt_pages)) and options.check:
        sys.exit(1)


def report(rounds: list[list[Measured]], beside_dlt: bool) -> bool:
    """Print the ratios; whether they are good enough."""
    speeds = [(found[0].service, {m.client: m.megabytes_per_second for m in found}) for found in rounds]
    good = True
    for service in SERVICES:
        mine = [speed for name, speed in speeds if name == service]
        one, four = (median(speed[client] / speed[CURL] for speed in mine) for client in (ONE, FOUR))
        print(f"{service}: {one:.2f} of curl one at a time, {four:.2f} four at once", end="")
        good = good and (service != "network" or one >= LEAST_OF_CURL)
        if beside_dlt:
            times = median(speed[ONE] / speed[DLT] for speed in mine)
            print(f"; {times:.0f} times dlt", end="")
            good = good and times >= LEAST_TIMES_DLT
        print()
    peak_mb = max(m.peak_mb for found in rounds for m in found if m.client in (ONE, FOUR))
    print(f"at most {peak_mb:.0f} MB")
    return good and peak_mb < MOST_MB


if __name__ == "__main__":
    main()
