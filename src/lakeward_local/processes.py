"""Processes that outlive the command that started them: started, asked after, stopped."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from lakeward_local.errors import CloudUnavailable
from lakeward_local.locks import facts_of

_POLL_SECONDS = 0.05
_START_SECONDS = 30.0
_STOP_SECONDS = 180.0
"""On a busy machine a cloud took more than half a minute to end, and one that is killed at it loses what it held."""
_TAIL_LINES = 15


@dataclass(frozen=True)
class Process:
    """A module of ours that runs as a background process, known by the lock that it holds."""

    name: str
    module: str
    lock: Path
    log: Path
    health_path: str
    """Answers 200 when the process serves."""

    def facts(self) -> dict[str, Any] | None:
        """What the running process says of itself; None when it does not run."""
        return facts_of(self.lock)

    def start(self, port: int, arguments: Sequence[str]) -> dict[str, Any]:
        """Start it, wait until it serves on ``port``, and answer its facts.

        Raises:
            CloudUnavailable: it ended at once, or does not serve in time.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", self.module, "--port", str(port), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
            )
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if child.poll() is not None:
                raise CloudUnavailable(self._story(f"ended with status {child.returncode} before it served"))
            facts = self.facts()
            if facts and facts["pid"] == child.pid and self._serves(port):
                # It shall outlive us: without this, Popen would warn that it is still running.
                child.returncode = 0
                return facts
            time.sleep(_POLL_SECONDS)
        child.kill()
        child.wait()
        raise CloudUnavailable(self._story(f"did not serve on port {port} within {_START_SECONDS:.0f} seconds"))

    def stop(self) -> bool:
        """Ask it to stop, and wait until it has; answers whether it was running.

        Raises:
            CloudUnavailable: it had to be killed, so that what it held is lost.
        """
        facts = self.facts()
        if facts is None:
            return False
        if not facts:
            raise CloudUnavailable(f"{self.name} is starting at this moment. Wait a second and try again.")
        os.kill(facts["pid"], signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        while self.facts() is not None:
            if time.monotonic() > deadline:
                self._kill(facts["pid"])
                raise CloudUnavailable(
                    self._story(f"did not stop within {_STOP_SECONDS:.0f} seconds and was killed; what it held is lost")
                )
            time.sleep(_POLL_SECONDS)
        return True

    def _kill(self, pid: int) -> None:
        """End it at once; SIGABRT first, because who has a fault handler then writes to its log what hangs."""
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGABRT)
            time.sleep(1)
            os.kill(pid, signal.SIGKILL)

    def _serves(self, port: int) -> bool:
        try:
            url = f"http://127.0.0.1:{port}{self.health_path}"
            with requests.Session() as session:
                session.trust_env = False
                return session.get(url, timeout=1).status_code == 200
        except requests.RequestException:
            return False

    def _story(self, what: str) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
        return "\n".join([f"{self.name} {what}. The end of {self.log}:", *(f"  {line}" for line in lines)])


def free_port(wanted: int | None = None) -> int:
    """A port of 127.0.0.1 that is free now: ``wanted`` when it is, any other one when it is not."""
    if wanted is not None and _is_free(wanted):
        return wanted
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # A server on all addresses does not hinder binding to one of them everywhere, hence the question.
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            return False
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the server will: connections that ended a moment ago are no hindrance.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
