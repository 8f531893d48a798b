#!/usr/bin/env python3
"""Make a virtual environment hold what a lock file says, and do nothing when it already does.

Standard library only: it runs before anything is installed. What was installed is remembered in a stamp inside the
environment (a digest of the lock, of pyproject.toml and of where the environment lies), written last.
"""

import argparse
import hashlib
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parent.parent
_STAMP = "lakeward-stamp"
_REQUIREMENT = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*==", re.MULTILINE)
# "Collecting rich==15.0.0 …", or "Processing …/rich-15.0.0-py3-none-any.whl" when the index is a folder.
_COLLECTING = re.compile(r"^(?:Collecting |Processing (?:\S*/)?)([A-Za-z0-9._]+(?:-[A-Za-z][A-Za-z0-9._]*)*)")
_KEPT_LINES = 15


class SetupFailed(Exception):
    """The environment could not be made; the message says what to do."""


def stamp_of(venv: Path, lock: Path, project: Path | None) -> str:
    """Digest of all that decides what the environment holds. An environment that was moved is not the same one."""
    digest = hashlib.sha256(f"{venv}\n{sys.version_info[:2]}\n".encode())
    digest.update(lock.read_bytes())
    if project is not None:
        digest.update((project / "pyproject.toml").read_bytes())
    return digest.hexdigest()


def ensure(venv: Path, lock: Path, project: Path | None) -> bool:
    """Make ``venv`` hold ``lock`` and, when given, the project (editable). True when something had to be done.

    Raises:
        SetupFailed: the environment cannot be made, or a package cannot be installed.
    """
    stamp = stamp_of(venv, lock, project)
    if _python_of(venv).exists() and (venv / _STAMP).is_file() and (venv / _STAMP).read_text() == stamp:
        return False
    started = time.monotonic()
    if not _is_usable(venv):
        _say(f"making {venv.name} with Python {sys.version.split()[0]}")
        _make(venv)
    _install(venv, lock)
    if project is not None:
        _run([*_pip_of(venv), "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", str(project)])
    (venv / _STAMP).write_text(stamp)
    _say(f"{venv.name} is ready, {time.monotonic() - started:.0f} s")
    return True


def _python_of(venv: Path) -> Path:
    return venv / "bin" / "python"


def _pip_of(venv: Path) -> list[str]:
    return [str(_python_of(venv)), "-m", "pip", "--disable-pip-version-check", "--no-input"]


def _is_usable(venv: Path) -> bool:
    """Made here (its scripts name this path), by this Python, and able to run pip."""
    try:
        made_for = (venv / "pyvenv.cfg").read_text().splitlines()
        ended = subprocess.run([*_pip_of(venv), "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return False
    version = "{}.{}".format(*sys.version_info)
    here = any(line.startswith("command = ") and line.endswith(f" {venv}") for line in made_for)
    return here and ended.returncode == 0 and f"(python {version})" in ended.stdout


def _make(venv: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(venv)], capture_output=True, text=True, check=False
    )
    if ended.returncode != 0:
        raise SetupFailed(
            f"{sys.executable} -m venv failed: {ended.stdout.strip()} {ended.stderr.strip()}\n"
            "install the venv module of that Python (python3-venv on Debian and Ubuntu) and run again"
        )


def _install(venv: Path, lock: Path) -> None:
    total = len(_REQUIREMENT.findall(lock.read_text()))
    command = [*_pip_of(venv), "install", "--progress-bar", "off", "--require-hashes", "-r", str(lock)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        if pip.stdout is None:
            raise SetupFailed("pip's output could not be read")
        last_lines = _show_progress(pip.stdout, f"{venv.name}: {lock.name}", total)
    if pip.returncode != 0:
        raise SetupFailed("\n".join([f"pip could not install {lock}:", *last_lines]))


def _show_progress(lines: Iterable[str], label: str, total: int) -> list[str]:
    """Print the count of packages as pip reports them; the last lines are returned for an error to quote."""
    last_lines: list[str] = []
    collected = 0
    for line in lines:
        last_lines = [*last_lines, line.rstrip()][-_KEPT_LINES:]
        match = _COLLECTING.match(line)
        if match:
            collected += 1
            if sys.stderr.isatty():
                print(f"\r\033[Ksetup: {label} {collected}/{total} {match[1]}", end="", file=sys.stderr, flush=True)
            elif collected % 20 == 0 or collected == total:
                _say(f"{label} {collected}/{total}")
        elif line.startswith("Installing collected packages"):
            if sys.stderr.isatty():
                print("\r\033[K", end="", file=sys.stderr)
            _say(f"{label}: unpacking {collected} packages")
    return last_lines


def _run(command: list[str]) -> None:
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise SetupFailed(f"{' '.join(command)} failed:\n{ended.stdout}{ended.stderr}".rstrip())


def _say(line: str) -> None:
    print(f"setup: {line}", file=sys.stderr, flush=True)


def main() -> int:
    """Make the environment; 1 and the reason on standard error otherwise."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: scripts/environment.py --venv .venv-checkov --lock requirements/checkov.txt",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--venv", type=Path, required=True, help="folder of the environment")
    parser.add_argument("--lock", type=Path, required=True, help="requirements file with hashes")
    parser.add_argument("--project", action="store_true", help="install this project too (editable)")
    arguments = parser.parse_args()
    try:
        ensure(arguments.venv.absolute(), arguments.lock.absolute(), _REPOSITORY if arguments.project else None)
    except SetupFailed as failure:
        print(f"setup: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
