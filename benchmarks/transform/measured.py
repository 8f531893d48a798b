"""One run of one client: its seconds, and the most memory that it and its children had together."""

import json
import os
import resource
import subprocess
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

EVERY_SECONDS = 0.02


class ClientFailed(Exception):
    """A client did not come to its end; with its last words."""


@dataclass(frozen=True)
class Measured:
    """What a client did. Seconds of CPU are of the work alone; of a client that does not say, of its whole life."""

    client: str
    format: str
    seconds: float
    cpu_seconds: float
    peak_mb: float
    steps: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    megabytes: int = 0
    round: int = 0
    input_bytes: int = 0

    def of(self, megabytes: int, number: int, input_bytes: int) -> "Measured":
        """The same, of which input and which round."""
        return replace(self, megabytes=megabytes, round=number, input_bytes=input_bytes)

    def line(self) -> str:
        """For a terminal."""
        rate = self.input_bytes / 1e6 / self.seconds
        steps = ", ".join(f"{name} {seconds:.2f}" for name, seconds in self.steps.items())
        return (
            f"{self.client:9} {self.format:4} {self.megabytes:5} MB  {self.seconds:8.2f} s "
            f"{self.cpu_seconds:8.2f} s of CPU {rate:7.1f} MB/s "
            f"{self.peak_mb:7.0f} MB peak  {steps}"
        )


def run(command: list[str], memory_mb: int) -> dict[str, Any]:
    """Run a client to its end; it prints JSON on its last line.

    Raises:
        ClientFailed: it ended with another code than 0.
    """
    environment = {**os.environ, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory_mb), "PYSPARK_PYTHON": command[0]}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True
    ) as process:
        peak, before = [0], resource.getrusage(resource.RUSAGE_CHILDREN)
        watcher = threading.Thread(target=_watch, args=(process, peak))
        watcher.start()
        output, errors = process.communicate()
        watcher.join()
    if process.returncode != 0:
        raise ClientFailed(errors[-3000:])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    whole = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    told = {"cpu_seconds": whole} | json.loads(output.strip().splitlines()[-1])
    wanted = ("seconds", "cpu_seconds", "steps", "counts")
    return {name: told[name] for name in wanted if name in told} | {"peak_mb": peak[0] / 1e6}


def _watch(process: subprocess.Popen[str], peak: list[int]) -> None:
    while process.poll() is None:
        peak[0] = max(peak[0], sum(_resident_bytes(pid) for pid in _tree(process.pid)))
        time.sleep(EVERY_SECONDS)


def _tree(pid: int) -> list[int]:
    """The process and all below it."""
    try:
        children = [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except OSError:  # gone in between
        return [pid]
    return [pid, *(below for child in children for below in _tree(child))]


def _resident_bytes(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0
