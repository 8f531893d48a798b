#!/usr/bin/env python3
"""Check every Terraform folder without an account: format, validate, and the tests of each module.

Works on a copy in .lakeward/terraform-checks, so the working tree stays as it is. All folders share one provider
download and the lock file of terraform/platform. Run it with .venv/bin/python: it
finds Terraform and its providers as `lakeward` does.
"""

import argparse
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parent.parent
_FORMATTED = ("modules", "terraform", "environments")
_LEFT_OUT = shutil.ignore_patterns(".terraform", "sample", "*.tfstate*")
_LOCK = Path("terraform/platform/.terraform.lock.hcl")
_AT_ONCE = 2
_TESTS_PASSED = re.compile(r"^Success! (\d+) passed", re.MULTILINE)
# The tests mock the provider; should one not, it must reach nothing.
_NO_ACCOUNT = {"AWS_EC2_METADATA_DISABLED": "true"}


@dataclass(frozen=True)
class Terraform:
    """The program, and the environment that points it at its providers and at no account."""

    binary: Path
    environment: dict[str, str]

    def run(self, folder: Path, command: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Run one command in ``folder`` and keep what it says."""
        return subprocess.run(
            [str(self.binary), command, "-no-color", *options],
            cwd=folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def problem_of(self, folder: Path, command: str, *options: str) -> str | None:
        """None when the command succeeds, else all that it said."""
        ended = self.run(folder, command, *options)
        if ended.returncode == 0:
            return None
        return f"terraform {command}:\n{ended.stdout}{ended.stderr}".rstrip()


class CannotCheck(Exception):
    """Terraform or its providers are not to be had, or this is not the Python of .venv."""


def terraform_of(root: Path) -> Terraform:
    """Find Terraform and its providers.

    Raises:
        CannotCheck: the message says what to do.
    """
    try:
        # Here, so that --help answers without .venv too.
        from lakeward.adapters.terraform.run import find_terraform, terraform_environment  # noqa: PLC0415
        from lakeward.errors import TerraformFailed  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        raise CannotCheck(
            f"{missing}; run scripts/setup.sh, then .venv/bin/python scripts/{Path(__file__).name}"
        ) from None
    try:
        return Terraform(find_terraform(root), terraform_environment(root, _NO_ACCOUNT))
    except TerraformFailed as failure:
        raise CannotCheck(str(failure)) from failure


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


def check_format(root: Path, terraform: Terraform) -> Result:
    """``terraform fmt -check`` over the trees themselves."""
    started = time.monotonic()
    problem = terraform.problem_of(root, "fmt", "-check", "-diff", "-recursive", *_FORMATTED)
    if problem:
        problem += f"\nrun: terraform fmt -recursive {' '.join(_FORMATTED)}"
    return Result("format", 0, time.monotonic() - started, problem)


def copy_trees(root: Path, target: Path) -> None:
    """A fresh copy of all that Terraform reads, with the platform's provider lock in every folder."""
    shutil.rmtree(target, ignore_errors=True)
    for tree in (*_FORMATTED, "datasets"):
        shutil.copytree(root / tree, target / tree, ignore=_LEFT_OUT)
    for folder in folders_of(target):
        if not (folder / _LOCK.name).exists():
            shutil.copy(target / _LOCK, folder)


def check_folder(folder: Path, root: Path, terraform: Terraform) -> Result:
    """Init without a backend, validate and test one folder of the copy. One without tests does not hold."""
    started = time.monotonic()
    name = folder.relative_to(root).as_posix()
    if not any(folder.glob("tests/*.tftest.hcl")):
        return Result(name, 0, 0.0, f"expected tests in {name}/tests/*.tftest.hcl, found none")
    problem = terraform.problem_of(folder, "init", "-backend=false") or terraform.problem_of(folder, "validate")
    if problem:
        return Result(name, 0, time.monotonic() - started, problem)
    ended = terraform.run(folder, "test")
    passed = _TESTS_PASSED.search(ended.stdout)
    if ended.returncode != 0 or not passed:
        return Result(name, 0, time.monotonic() - started, f"terraform test:\n{ended.stdout}{ended.stderr}".rstrip())
    return Result(name, int(passed[1]), time.monotonic() - started, None)


def check_all(root: Path, scratch: Path, terraform: Terraform) -> list[Result]:
    """Format first, then every folder; the first alone, because it fills the plugin cache that the others share."""
    results = [_shown(check_format(root, terraform))]
    copy_trees(root, scratch)
    first, *others = folders_of(scratch)
    results.append(_shown(check_folder(first, scratch, terraform)))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        results.extend(map(_shown, pool.map(lambda folder: check_folder(folder, scratch, terraform), others)))
    return results


def _shown(result: Result) -> Result:
    print(f"terraform: {result}", flush=True)
    return result


def main() -> int:
    """One line for each folder; 1 when one of them does not hold, or Terraform or its providers are missing."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: scripts/terraform_checks.py --root .",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--root", type=Path, default=_REPOSITORY, help="the tree to check (default: this repository)")
    root = parser.parse_args().root.resolve()
    try:
        terraform = terraform_of(root)
    except CannotCheck as reason:
        print(f"terraform: {reason}", file=sys.stderr)
        return 1
    results = check_all(root, root / ".lakeward" / "terraform-checks", terraform)
    failed = [result.folder for result in results if result.problem]
    tests = sum(result.tests for result in results)
    print(f"terraform: {len(results) - len(failed)} hold with {tests} tests; failed: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
