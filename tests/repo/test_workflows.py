"""The workflows keep every gate: read as data, with each called workflow in the place of its call."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import release_gates
import workflow_gates
from workflow_world import ROOT, GitHub, github_of, jobs_of

from lakeward import errors

GATES = (*workflow_gates.GATES, *release_gates.GATES)
CI_SCRIPTS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "scripts/ci").iterdir() if path.is_file())
MADE_BY_BOOTSTRAP = {"terraform/bootstrap/terraform.tfstate.d"}
SHELLCHECK = Path(sys.executable).with_name("shellcheck")


@pytest.fixture(scope="module")
def github() -> GitHub:
    return github_of()


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.__name__)
def test_a_gate_holds(github: GitHub, gate: workflow_gates.Gate):
    assert list(gate(github)) == []


def test_every_workflow_is_looked_at(github: GitHub):
    assert sorted(name for name, _ in github.workflows) == sorted(
        path.name for path in (ROOT / ".github/workflows").iterdir()
    )
    started = {job.workflow for job in github.jobs}
    assert {name for name, _ in github.workflows} - started == {"_deploy.yml"}
    assert [job.name for job in jobs_of(github, "release.yml") if job.environment] == [
        "dev/deploy",
        "staging/deploy",
        "plan-prod",
        "prod",
    ]


def test_the_roles_are_those_of_bootstrap(github: GitHub):
    assert dict(github.roles) == {"plan": "{}-plan", "apply": "{}"}
    names = (ROOT / "terraform/bootstrap/github.tf").read_text()
    assert 'name               = "${local.name}-${each.key}"' in names
    assert 'name   = "lakeward-${local.settings.environment}"' in (ROOT / "terraform/bootstrap/main.tf").read_text()


@pytest.mark.parametrize("script", CI_SCRIPTS)
def test_a_script_of_ci_explains_itself_with_an_example(script: str):
    ended = subprocess.run([ROOT / script, "--help"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr
    assert "\nexample: " in ended.stdout


def test_every_command_of_a_step_is_sound_shell(github: GitHub):
    commands = sorted({str(step.body["run"]) for job in github.jobs for step in job.steps if "run" in step.body})
    script = "#!/usr/bin/env bash\n" + "\n".join(commands) + "\n"
    ended = subprocess.run(
        # Variables come from the step (2154); every output is appended by a step of its own (2129).
        [str(SHELLCHECK), "--exclude=SC2154,SC2129", "-"],
        input=script,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.stdout == ""


def test_every_script_of_ci_is_called_by_a_workflow(github: GitHub):
    called = {word for job in github.jobs for step in job.steps for word in step.words}

    assert [script for script in CI_SCRIPTS if script not in called] == []


def commands_of_the_document() -> list[str]:
    """The lines of its console blocks."""
    blocks = re.findall(r"^```console\n(.*?)^```", (ROOT / "docs/release.md").read_text(), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def test_the_document_about_releases_names_commands_that_are_understood():
    calls = [line.removeprefix(".venv/bin/") for line in commands_of_the_document()]
    words = [tuple(shlex.split(call)[1:]) for call in calls if call.startswith("lakeward ")]

    assert len(words) >= 10
    assert [(call, problem) for call in words if (problem := workflow_gates.why_not_understood(call))] == []


def test_the_document_about_releases_names_scripts_that_exist():
    text = (ROOT / "docs/release.md").read_text()
    named = re.findall(r"\b(?:scripts|tests|modules|\.github|environments|terraform)/[\w./-]*\w", text)

    assert sorted({name for name in named if not (ROOT / name).exists()} - MADE_BY_BOOTSTRAP) == []


def test_from_an_empty_account_to_prod_takes_at_most_fifteen_commands():
    ways = (ROOT / "docs/release.md").read_text().split("## From an empty account to prod")[1:]
    commands = [way.partition("```console\n")[2].partition("```")[0].splitlines() for way in ways]

    assert len(commands) == 2
    assert all(5 < len(lines) <= 15 for lines in commands)


def test_every_refusal_of_a_release_is_in_the_document():
    text = (ROOT / "docs/release.md").read_text()
    refusals = [kind.__name__ for kind in errors.ReleaseRefused.__subclasses__()]

    assert [name for name in [*refusals, "DeploymentFailed"] if f"`{name}`" not in text] == []
