#!/usr/bin/env python3
"""Check every Terraform folder without an account: format, validate, and the tests of each module.

Works on a copy in .lakeward/terraform-checks, so the working tree stays as it is. All folders share one provider
download and the lock file of terraform/platform. Needs .venv (scripts/setup.sh) for finding Terraform's providers.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lakeward_local import terraform as local_terraform

_REPOSITORY = Path(__file__).resolve().parent.parent
_TREES = ("modules", "terraform", "environments", "datasets")
_LEFT_OUT = shutil.ignore_patterns(".terraform", "sample", "*.tfstate*")
_LOCK = Path("terraform/platform/.terraform.lock.hcl")
_AT_ONCE = 2
_TESTS_PASSED = re.compile(r"^Success! (\d+) passed", re.MULTILINE)


@dataclass(frozen=True)
class Result:
    """What became of one folder: ``problem`` is None when all held."""

    folder: str
    tests: int
    seconds: float
    problem: str | None

    def __str__(self) -> str:
        """One line, and the whole output of the command that failed."""
        if self.problem is None:
            return f"ok      {self.folder}: valid, {self.tests} tests, {self.seconds:.1f} s"
        return f"FAILED  {self.folder}\n{self.problem}"


def folders_of(root: Path) -> list[Path]:
    """The modules and the roots: each folder right below modules/ and terraform/ that holds .tf files."""
    return sorted({file.parent for tree in ("modules", "terraform") for file in (root / tree).glob("*/*.tf")})


def check_format(root: Path, environment: dict[str, str]) -> Result:
    """``terraform fmt -check`` over the trees themselves."""
    started = time.monotonic()
    trees = [tree for tree in _TREES if (root / tree).is_dir()]
    problem = _problem_of(["fmt", "-check", "-diff", "-recursive", *trees], root, environment)
    if problem:
        problem += "\nrun: terraform fmt -recursive modules terraform environments"
    return Result("format", 0, time.monotonic() - started, problem)


def copy_trees(root: Path, target: Path) -> None:
    """A fresh copy of all that Terraform reads, with the platform's provider lock in every folder."""
    shutil.rmtree(target, ignore_errors=True)
    for tree in _TREES:
        shutil.copytree(root / tree, target / tree, ignore=_LEFT_OUT)
    for folder in folders_of(target):
        if not (folder / _LOCK.name).exists():
            shutil.copy(target / _LOCK, folder)


def check_folder(folder: Path, root: Path, environment: dict[str, str]) -> Result:
    """Init without a backend, validate and test one folder of the copy. A module without a test does not hold."""
    started = time.monotonic()
    name = folder.relative_to(root).as_posix()
    has_tests = any(folder.glob("tests/*.tftest.hcl"))
    result = partial(Result, name)
    if name.startswith("modules/") and not has_tests:
        return result(0, 0.0, f"expected tests in {name}/tests/*.tftest.hcl, found none")
    for command in (["init", "-backend=false", "-input=false"], ["validate"]):
        problem = _problem_of(command, folder, environment)
        if problem:
            return result(0, time.monotonic() - started, problem)
    if not has_tests:
        return result(0, time.monotonic() - started, None)
    ended = _terraform(["test"], folder, environment)
    passed = _TESTS_PASSED.search(ended.stdout)
    if ended.returncode != 0 or not passed:
        return result(0, time.monotonic() - started, ended.stdout + ended.stderr)
    return result(int(passed[1]), time.monotonic() - started, None)


def _problem_of(arguments: list[str], folder: Path, environment: dict[str, str]) -> str | None:
    ended = _terraform(arguments, folder, environment)
    if ended.returncode == 0:
        return None
    return f"terraform {' '.join(arguments)}:\n{ended.stdout}{ended.stderr}".rstrip()


def _terraform(arguments: list[str], folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command, *options = arguments
    if command != "fmt":
        options.insert(0, "-no-color")
    return subprocess.run(
        [environment["TERRAFORM"], command, *options],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def check_all(root: Path, scratch: Path, environment: dict[str, str]) -> list[Result]:
    """Format first, then every folder; the first alone, because it fills the plugin cache that the others share."""
    results = [_shown(check_format(root, environment))]
    copy_trees(root, scratch)
    first, *others = folders_of(scratch)
    results.append(_shown(check_folder(first, scratch, environment)))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        results.extend(map(_shown, pool.map(lambda folder: check_folder(folder, scratch, environment), others)))
    return results


def _shown(result: Result) -> Result:
    print(f"terraform: {result}", flush=True)
    return result
