"""The workflows keep every gate: read as data, with each called workflow in the place of its call."""

import subprocess
import sys
from pathlib import Path

import pytest
import release_gates
import workflow_gates
from workflow_world import ROOT, GitHub, github_of, jobs_of

GATES = (*workflow_gates.GATES, *release_gates.GATES)
CI_SCRIPTS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "scripts/ci").iterdir() if path.is_file())
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
