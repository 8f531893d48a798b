"""A runner for jobs of our workflows: their commands for real, what GitHub and AWS do around them imitated.

Each job begins with an empty ``dist`` and nothing that an earlier one unpacked, as on a machine of its own. What it
gets comes by artifacts and outputs only.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from workflow_world import CREDENTIALS, Job, Step

_EXPRESSION = re.compile(r"\$\{\{ *([\w.-]+) *\}\}")
_FROM_GITHUB = {
    "github.server_url": "https://github.com",
    "github.repository": "example/lakeward",
    "github.run_id": "42",
    "github.token": "a-token",
}


class StepFailed(Exception):
    """A command ended with another status than 0; the message has all that it said."""


@dataclass
class Runner:
    """Runs jobs one after the other.

    Attributes:
        root: a working copy, with ``.venv``.
        kept: where artifacts are kept.
        path: folder whose programs come first: a ``gh``.
        instead: words of commands that others take the place of.
        inputs: what a person gave who started the workflow.
    """

    root: Path
    kept: Path
    path: Path
    instead: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    """Of jobs, by name."""
    roles: list[str] = field(default_factory=list)
    """That were assumed."""
    summaries: dict[str, str] = field(default_factory=dict)
    """Of jobs, by name."""

    def run(self, job: Job) -> list[str]:
        """Run a job; answers with what its commands said.

        Raises:
            StepFailed: a command failed. Steps with `if: always()` were run still.
        """
        for made in (self.root / "dist", *self.root.glob(".lakeward/*/deploy")):
            shutil.rmtree(made, ignore_errors=True)
        steps: dict[str, str] = {}
        said, failed = [], None
        for step in job.steps:
            if failed is None or step.body.get("if") == "always()":
                try:
                    said.append(self._step(job, step, steps))
                except StepFailed as problem:
                    failed = problem
        told = {name: self._filled(value, steps) for name, value in job.body.get("outputs", {}).items()}
        self.outputs[job.name.partition("/")[0]] = told
        if failed is not None:
            raise failed
        return said

    def _step(self, job: Job, step: Step, steps: dict[str, str]) -> str:
        given = {key: self._filled(str(value), steps) for key, value in step.given.items()}
        if step.action == "actions/upload-artifact":
            if (self.root / given["path"]).is_dir():
                shutil.copytree(self.root / given["path"], self.kept / given["name"])
        elif step.action == "actions/download-artifact":
            for artifact in self.kept.glob(given.get("name", given.get("pattern", ""))):
                shutil.copytree(artifact, self.root / given["path"], dirs_exist_ok=True)
        elif step.action == CREDENTIALS:
            self.roles.append(given["role-to-assume"])
        elif "run" in step.body:
            return self._command(job, step, steps)
        return ""

    def _command(self, job: Job, step: Step, steps: dict[str, str]) -> str:
        files = {name: self.kept / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("")
        variables = {name: self._filled(value, steps) for name, value in step.variables.items()}
        github = {"GITHUB_REPOSITORY": "example/lakeward", "GITHUB_RUN_ID": "42", "CI": "true"}
        environment = {**self._mine(), **github, **variables, **{name: str(file) for name, file in files.items()}}
        command = str(step.body["run"])
        for words, others in self.instead.items():
            command = command.replace(words, others)
        ended = subprocess.run(
            ["bash", "-e", "-c", command],
            cwd=self.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        for line in files["GITHUB_OUTPUT"].read_text().splitlines():
            name, _, value = line.partition("=")
            steps[f"steps.{step.body.get('id')}.outputs.{name}"] = value
        self.summaries[job.name] = self.summaries.get(job.name, "") + files["GITHUB_STEP_SUMMARY"].read_text()
        said = f"$ {command}\n{ended.stdout}{ended.stderr}"
        if ended.returncode != 0:
            raise StepFailed(f"{job}: {said}")
        return said

    def _mine(self) -> dict[str, str]:
        """The environment of this process without what would lead to an account."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "GITHUB_", "GH_"))}
        return kept | {"PATH": f"{self.path}{os.pathsep}{kept['PATH']}", "NO_COLOR": "1", "COLUMNS": "160"}

    def _filled(self, value: str, steps: Mapping[str, str]) -> str:
        needs = {
            f"needs.{job}.outputs.{name}": said for job, told in self.outputs.items() for name, said in told.items()
        }
        inputs = {f"inputs.{name}": given for name, given in self.inputs.items()}
        known = {**_FROM_GITHUB, **needs, **inputs, **steps}
        return _EXPRESSION.sub(lambda found: known.get(found[1], ""), value)
