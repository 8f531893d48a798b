"""The import rules of pyproject.toml hold, and each of them breaks when it is broken."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT_IMPORTS = Path(sys.executable).parent / "lint-imports"


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter over the packages in ``root/src``, whatever is installed."""
    environment = os.environ | {"PYTHONPATH": str(root / "src")}
    command = [str(LINT_IMPORTS), "--no-logo", "--no-cache"]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)


def test_imports_go_downwards_only():
    ended = lint_imports(ROOT)

    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("file", "line", "broken"),
    [
        ("lakeward/errors.py", "import lakeward.slot", "imports go downwards only BROKEN"),
        ("lakeward/slot.py", "import boto3", "core code knows no cloud, no HTTP client and no engine BROKEN"),
        ("lakeward/slot.py", "import lakeward_local", "what ships to AWS never imports the local cloud BROKEN"),
    ],
)
def test_a_forbidden_import_breaks_its_rule(tmp_path: Path, file: str, line: str, broken: str):
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "src" / file).open("a") as code:
        code.write(f"\n{line}\n")

    ended = lint_imports(tmp_path)

    assert ended.returncode == 1
    assert broken in ended.stdout
