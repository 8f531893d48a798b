#!/usr/bin/env python
"""Ingest beside curl and dlt on the same 1,000 pages of a megabyte: throughput, processor time, most memory.

    scripts/environment.py --venv .venv-bench --lock requirements/bench.txt
    .venv/bin/python benchmarks/ingest/compare.py [--pages 1000] [--rounds 1] [--check] [--write]

Two services hand out the same bytes: one a network away, which takes 20 ms to answer and sends 100 MB/s, and one on
this machine that is as fast as it can be, which nobody's service is: it shows what our own work costs. Each client
runs in a process of its own, one after the other. curl, dlt and ingest write files; ingest also puts into S3, which is
all that the function does. The endpoint is ``s3_server.py``, which takes 30 ms a put beside the service a network away
and no time beside the other. dlt takes some fifteen minutes, so it reads the pages of the first service only.

One run takes some twenty minutes, dlt last. Ratios are of neighbours in one round; the median of the rounds counts.
``--check`` fails when ingest, one request at a time as curl, is below 80% of curl across the network into files or into
S3, below 5 times dlt, or takes 256 MB or more. ``--write`` puts the figures into README.md here.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
README = HERE / "README.md"
LEAST_OF_CURL, LEAST_TIMES_DLT, MOST_MB = 0.8, 5.0, 256
NETWORK, MACHINE = "network", "machine"
SERVICES = {MACHINE: [], NETWORK: ["--wait-ms", "20", "--megabytes-per-second", "100"]}
ENDPOINTS = {MACHINE: [], NETWORK: ["--wait-ms", "30"]}
CURL, DLT = "curl", "dlt"
FILES, FILES_FOUR = "ingest into files", "ingest into files, four at once"
S3, S3_FOUR = "ingest into S3", "ingest into S3, four at once"
OURS = (FILES, FILES_FOUR, S3, S3_FOUR)


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


@dataclass(frozen=True)
class Round:
    """Every client once, on one service."""

    service: str
    measured: list[Measured]

    def speed(self, client: str) -> float:
        """Megabytes a second; 0 for a client that took no part."""
        return next((m.megabytes_per_second for m in self.measured if m.client == client), 0.0)


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
    found = Measured(service, client, pages, seconds, megabytes / seconds, cpu_ms, usage.ru_maxrss / 1024)
    print(
        f"{service:8} {client:32} {pages:5} pages {seconds:8.2f} s {found.megabytes_per_second:7.1f} MB/s", flush=True
    )
    return found


def clients(port: str, s3_port: str, folder: Path, pages: int, dlt_pages: int) -> Iterator[tuple[str, list[str], int]]:
    """Names, commands and pages."""
    url = f"http://127.0.0.1:{port}/pages?offset=[0-{(pages - 1) * 1000}:1000]&limit=1000"
    ours = [str(ROOT / ".venv/bin/python"), str(HERE / "by_lakeward.py"), port]
    yield CURL, ["curl", "--silent", "--fail", "--output", str(folder / "curl-#1"), url], pages
    yield FILES, [*ours, str(folder / "one"), "1"], pages
    yield FILES_FOUR, [*ours, str(folder / "four"), "4"], pages
    for name, path, concurrency in ((S3, "one", "1"), (S3_FOUR, "four", "4")):
        yield name, [*ours, f"http://127.0.0.1:{s3_port}/{path}", concurrency], pages
    if dlt_pages:
        theirs = [str(ROOT / ".venv-bench/bin/python"), str(HERE / "by_dlt.py"), port]
        yield DLT, [*theirs, str(folder / "dlt"), str(dlt_pages)], dlt_pages


@contextmanager
def serving(program: str, *options: str) -> Iterator[str]:
    """A server in a process of its own; its port."""
    command = [sys.executable, str(HERE / program), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield server.stdout.readline().strip() if server.stdout else ""
        finally:
            server.terminate()


def one_round(service: str, pages: int, dlt_pages: int) -> Round:
    """Every client once."""
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        (folder / "s3").mkdir()
        port = held.enter_context(serving("pages_server.py", str(pages), *SERVICES[service]))
        s3_port = held.enter_context(serving("s3_server.py", str(folder / "s3"), *ENDPOINTS[service]))
        url = f"http://127.0.0.1:{port}/pages?offset=0&limit=1000"
        page_bytes = len(subprocess.run(["curl", "--silent", url], capture_output=True, check=True).stdout)
        wanted = clients(port, s3_port, folder, pages, dlt_pages if service == NETWORK else 0)
        return Round(service, [measure(service, name, command, count, page_bytes) for name, command, count in wanted])


def ratio(rounds: list[Round], service: str, client: str, beside: str) -> float | None:
    """The median over the rounds; None when one of the two took no part."""
    mine = [found for found in rounds if found.service == service and found.speed(client) and found.speed(beside)]
    return median(found.speed(client) / found.speed(beside) for found in mine) if mine else None


def table(rounds: list[Round]) -> list[str]:
    """Every figure, as Markdown."""
    lines = [
        "| service | client | pages | MB/s | of curl | times dlt | processor time, ms/MB | most memory, MB |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for m in (m for found in rounds for m in found.measured):
        of_curl = ratio(rounds, m.service, m.client, CURL)
        times_dlt = ratio(rounds, m.service, m.client, DLT)
        lines.append(
            f"| {m.service} | {m.client} | {m.pages} | {m.megabytes_per_second:.1f} | {_shown(of_curl, 2)} "
            f"| {_shown(times_dlt, 0)} | {m.cpu_ms_per_megabyte:.1f} | {m.peak_mb:.0f} |"
        )
    return lines


def goals(rounds: list[Round]) -> list[tuple[bool, str]]:
    """Whether each is reached, and the figure."""
    reached = []
    for client in (FILES, S3):
        found = ratio(rounds, NETWORK, client, CURL) or 0.0
        reached.append((found >= LEAST_OF_CURL, f"{client}: {found:.2f} of curl, at least {LEAST_OF_CURL}"))
        times = ratio(rounds, NETWORK, client, DLT)
        if times is not None:
            reached.append(
                (times >= LEAST_TIMES_DLT, f"{client}: {times:.0f} times dlt, at least {LEAST_TIMES_DLT:.0f}")
            )
    peak_mb = max(m.peak_mb for found in rounds for m in found.measured if m.client in OURS)
    return [*reached, (peak_mb < MOST_MB, f"ingest: {peak_mb:.0f} MB of memory at most, below {MOST_MB}")]


def machine(load: float) -> str:
    """Where it was measured."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"Measured on {os.cpu_count()} processors with {memory:.0f} GB of memory, of which others kept {load:.1f} busy "
        "when it began."
    )


def write(lines: list[str]) -> None:
    """Put the figures into the README, between their marks."""
    text, count = re.subn(
        r"(?s)(<!-- figures -->\n).*?(<!-- end of figures -->)",
        lambda marks: marks[1] + "\n".join(lines) + "\n" + marks[2],
        README.read_text(),
    )
    if count != 1:
        sys.exit(f"expected the marks of the figures once in {README.name}, found them {count} times")
    README.write_text(text)


def _shown(figure: float | None, digits: int) -> str:
    return "" if figure is None else f"{figure:.{digits}f}"


def main() -> None:
    """Measure, and say how it went."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--dlt-pages", type=int, help="as many as the others unless said; 0: without dlt")
    parser.add_argument("--check", action="store_true", help="fail when a goal is missed")
    parser.add_argument("--write", action="store_true", help="put the figures into README.md")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    dlt_pages = options.pages if options.dlt_pages is None else options.dlt_pages
    rounds = [one_round(service, options.pages, dlt_pages) for _ in range(options.rounds) for service in SERVICES]
    reached = goals(rounds)
    lines = [machine(load), "", *table(rounds), ""]
    lines += [f"- {'reached' if good else 'missed'}: {text}" for good, text in reached]
    print("\n".join(lines))
    if options.write:
        write(lines)
    if options.check and not all(good for good, _ in reached):
        sys.exit(1)


if __name__ == "__main__":
    main()
