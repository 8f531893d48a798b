"""What a working copy needs to run on this machine, what is there, and what to do where the two differ."""

import importlib.metadata
import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement

from lakeward.adapters.terraform.providers import provider_source
from lakeward.adapters.terraform.run import find_terraform, version_of
from lakeward.errors import LakewardError
from lakeward_local.local_cloud import LocalCloud
from lakeward_local.processes import free_port
from lakeward_local.replay.imitations import imitations

_PYTHON: Final = (3, 11)
_FREE_GIB: Final = 3
"""The provider takes 0.7, unpacked functions and state the rest."""
_PIN: Final = re.compile(r"^([A-Za-z0-9][^\n\\]*==[^\n\\]*)", re.MULTILINE)
"""A requirement of the lock file: a line up to its hashes."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    holds: bool
    found: str
    remedy: str = ""
    """What to do when it does not hold."""


def examine(root: Path) -> list[Finding]:
    """Look at everything that ``lakeward up`` needs; nothing is started or changed."""
    return [check(root) for check in _CHECKS]


def _python(_root: Path) -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    return Finding("Python", sys.version_info >= _PYTHON, found, "Install Python 3.11 or newer and run `make setup`.")


def _packages(root: Path) -> Finding:
    lock = root / "requirements" / "dev.txt"
    if not lock.is_file():
        return Finding("Packages", False, f"no {lock}", "Run this in a whole working copy.")
    wanted = [Requirement(line) for line in _PIN.findall(lock.read_text())]
    pins = {_normal(r.name): str(r.specifier)[2:] for r in wanted if r.marker is None or r.marker.evaluate()}
    there = {_normal(d.metadata["Name"]): d.version for d in importlib.metadata.distributions()}
    off = [f"{name} is {there.get(name, 'missing')}, not {v}" for name, v in pins.items() if there.get(name) != v]
    found = "; ".join(off[:5]) + (f" and {len(off) - 5} more" if len(off) > 5 else "")
    return Finding("Packages", not off, found or f"{len(pins)}, as {lock.relative_to(root)} says", "Run `make setup`.")


def _terraform(root: Path) -> Finding:
    try:
        binary = find_terraform(root)
    except LakewardError as error:
        return Finding("Terraform", False, error.message, "Run `make setup`.")
    return Finding("Terraform", True, f"{'.'.join(map(str, version_of(binary)))} at {binary}")


def _provider(_root: Path) -> Finding:
    try:
        return Finding("AWS provider", True, f"from {provider_source(os.environ, Path.home()).description}")
    except LakewardError as error:
        return Finding("AWS provider", False, error.message, "See what was found.")


def _ports(root: Path) -> Finding:
    cloud = LocalCloud.of(root)
    running = cloud.running()
    if running is not None:
        return Finding("Ports", True, f"in use by the local cloud: {running.endpoint}, {running.replay_endpoint}")
    wanted = [port for port in (cloud.ports.cloud, cloud.ports.replay) if port is not None]
    states = [
        f"{port} {'free' if free_port(port) == port else 'taken, so another one will be used'}" for port in wanted
    ]
    return Finding("Ports", True, "; ".join(states))


def _disk(root: Path) -> Finding:
    gib = shutil.disk_usage(root).free / 2**30
    return Finding("Disk", gib >= _FREE_GIB, f"{gib:.0f} GiB free", f"Free {_FREE_GIB} GiB where {root} lies.")


def _recordings(root: Path) -> Finding:
    try:
        found = imitations(root / "datasets")
    except LakewardError as error:
        return Finding("Recorded upstreams", False, error.message, "Mend the file that is named.")
    return Finding("Recorded upstreams", True, f"{len(found)}, {sum(i.record_count for i in found):,} records in all")


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


_CHECKS: tuple[Callable[[Path], Finding], ...] = (
    _python,
    _packages,
    _terraform,
    _provider,
    _ports,
    _disk,
    _recordings,
)
