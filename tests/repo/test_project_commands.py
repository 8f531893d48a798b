"""Every command that a person can run says what it does, with an example."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from lakeward_commands import lakeward_commands

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted(file.name for file in (ROOT / "scripts").iterdir() if file.is_file() and os.access(file, os.X_OK))
TARGETS = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_explains_itself_with_an_example(script: str):
    ended = run(f"scripts/{script}", "--help")

    assert ended.returncode == 0, ended.stderr
    assert "\nexample: " in ended.stdout


def test_every_command_of_lakeward_explains_itself_with_an_example():
    commands = lakeward_commands()
    silent = [name for name, command in commands.items() if f"lakeward {name}" not in example_in(command.help or "")]

    assert {"up", "down", "status", "doctor", "demo", "run", "sql", "dataset check"} <= set(commands)
    assert silent == []


def test_every_option_of_lakeward_is_explained():
    options = [
        (name, parameter.opts, getattr(parameter, "help", None))
        for name, command in lakeward_commands().items()
        for parameter in command.params
    ]

    assert [(name, words) for name, words, explained in options if not explained] == []


def example_in(text: str) -> str:
    """What follows the word Example."""
    return re.split(r"Examples?:", text)[-1] if re.search(r"Examples?:", text) else ""


def test_what_cannot_be_run_in_scripts_says_that_it_is_no_command():
    helpers = [file for file in (ROOT / "scripts").glob("*.*") if file.name not in SCRIPTS]

    assert [file.name for file in helpers if "not a command" not in file.read_text()] == []


def test_make_help_lists_what_a_person_needs():
    listed = re.findall(r"^  make ([a-z-]+)", run("make", "help").stdout, re.MULTILINE)

    assert listed == TARGETS
    assert {"setup", "demo", "down", "test", "check", "build", "layer", "lock", "clean"} <= set(listed)


def test_make_calls_only_scripts_that_exist():
    named = re.findall(r"\bscripts/[\w.-]+", (ROOT / "Makefile").read_text())

    assert sorted({name for name in named if not (ROOT / name).exists()}) == []


def test_ci_runs_the_targets_that_a_person_runs():
    ci = (ROOT / ".ci" / "run").read_text()

    assert re.findall(r"^run ([a-z-]+) ", ci, re.MULTILINE) == ["test", "check", "test-long"]
