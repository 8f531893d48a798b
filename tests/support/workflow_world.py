"""The workflows of .github as jobs that run: called workflows in the place of their call, one job a matrix value."""

import itertools
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
CREDENTIALS = "aws-actions/configure-aws-credentials"
LOCAL = "./.github/"
_CALLED = "./.github/workflows/"
_EXPRESSION = re.compile(r"\$\{\{ *([\w.-]+) *\}\}")
_VARIABLE = re.compile(r'"?\$\{?(\w+)\}?"?')
_WHEN_SET = re.compile(r"\$\{\w+:\+(.*?)\}")

Body = dict[str, Any]


def read_yaml(path: Path) -> Body:
    """A file as YAML 1.2, in which `on` is a word."""
    read: Body = YAML(typ="safe", pure=True).load(path.read_text())
    return read


def text_of(value: Any) -> str:
    """As GitHub writes a value where a text is wanted."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def substituted(value: Any, known: Mapping[str, Any]) -> Any:
    """The value with every expression replaced that is nothing but a known name."""
    if isinstance(value, dict):
        return {key: substituted(below, known) for key, below in value.items()}
    if isinstance(value, list):
        return [substituted(below, known) for below in value]
    if not isinstance(value, str):
        return value
    return _EXPRESSION.sub(lambda found: text_of(known.get(found[1], found[0])), value)


@cache
def words_of(command: str, variables: tuple[tuple[str, str], ...]) -> list[str]:
    """A command's words; a variable is one word, whatever it holds."""
    known = dict(variables)
    alone = _WHEN_SET.sub(r"\1", command).partition(" >> ")[0]
    return shlex.split(_VARIABLE.sub(lambda found: shlex.quote(known.get(found[1], found[0])), alone))


@dataclass(frozen=True)
class Step:
    """One step, with the variables that it sees."""

    body: Body
    variables: Mapping[str, str]

    @property
    def action(self) -> str:
        """The action without its version; empty for a command."""
        return str(self.body.get("uses", "")).partition("@")[0]

    @property
    def given(self) -> Body:
        """What the action is given."""
        return dict(self.body.get("with", {}))

    @cached_property
    def words(self) -> list[str]:
        """The command's words, variables filled in and taken as set; without a redirection."""
        return words_of(str(self.body.get("run", "")), tuple(self.variables.items()))

    @property
    def command(self) -> str:
        """The words, in one line."""
        return " ".join(self.words)

    @property
    def output(self) -> str:
        """The variable that names the file to which the command's words go."""
        found = re.search(r' >> "\$(\w+)"$', str(self.body.get("run", "")))
        return found[1] if found else ""


@dataclass(frozen=True)
class Job:
    """One job as it runs."""

    workflow: str
    name: str
    """Its id; below a call ``caller/id``; of a matrix or a choice ``id[value]``."""
    body: Body
    needs: frozenset[str]
    """Ids of the workflow's own jobs."""
    variables: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """For messages."""
        return f"{self.workflow} {self.name}"

    @property
    def environment(self) -> str | None:
        """The GitHub environment."""
        found = self.body.get("environment")
        return found.get("name") if isinstance(found, dict) else found

    @property
    def permissions(self) -> Body:
        """What its token may do; None counts as all."""
        found = self.body.get("permissions", {"everything": "write"})
        return found if isinstance(found, dict) else {"everything": str(found)}

    @cached_property
    def steps(self) -> list[Step]:
        """In their order."""
        own = self.variables | {k: text_of(v) for k, v in self.body.get("env", {}).items()}
        return [
            Step(body, own | {k: text_of(v) for k, v in body.get("env", {}).items()})
            for body in self.body.get("steps", [])
        ]

    @property
    def has_identity(self) -> bool:
        """Whether it can prove to a cloud what it is, or tries to."""
        return "write" in (self.permissions.get("id-token"), self.permissions.get("everything")) or any(
            step.action == CREDENTIALS for step in self.steps
        )

    @property
    def role(self) -> tuple[str, str] | None:
        """Environment and deed of the role that it looks up."""
        for step in self.steps:
            words = step.words
            if "scripts/ci/aws_role.py" in words and "--environment" in words and "--to" in words:
                return words[words.index("--environment") + 1], words[words.index("--to") + 1]
        return None

    def place(self, words: str) -> int:
        """Where the command lies that begins so; -1 when there is none."""
        return next((n for n, step in enumerate(self.steps) if f"{step.command} ".startswith(f"{words} ")), -1)

    def lakeward(self) -> list[list[str]]:
        """Its calls of lakeward, without the program."""
        return [step.words[1:] for step in self.steps if step.words[:1] == [".venv/bin/lakeward"]]


@dataclass(frozen=True)
class GitHub:
    """All of .github, and what it has to fit."""

    files: Mapping[str, Body]
    """By path below .github."""
    texts: Mapping[str, str]
    trust: str
    """The template of the trust policy."""
    roles: Mapping[str, str]
    """GitHub environment of each role, such as plan -> <environment>-plan, with {} for the environment."""
    environments: tuple[str, ...]
    """Those with an account; not the local one."""

    def workflow(self, name: str) -> Body:
        """One workflow's body; empty when there is none."""
        return self.files.get(f"workflows/{name}", {})

    @property
    def workflows(self) -> Iterator[tuple[str, Body]]:
        """By file name."""
        for path, body in self.files.items():
            if path.startswith("workflows/"):
                yield path.removeprefix("workflows/"), body

    @cached_property
    def jobs(self) -> list[Job]:
        """Every job of every workflow that something starts by itself."""
        return [
            job
            for name, body in self.workflows
            if set(body.get("on", {})) != {"workflow_call"}
            for job in jobs_of(self, name)
        ]

    def jobs_in(self, workflow: str) -> dict[str, Job]:
        """Those of one workflow by name."""
        return {job.name: job for job in self.jobs if job.workflow == workflow}


def jobs_of(github: GitHub, workflow: str) -> Iterator[Job]:
    """A workflow's jobs, with those that it calls, one for each choice that may start it."""
    body = github.workflow(workflow)
    choices = body.get("on", {}).get("workflow_dispatch") or {}
    options = {f"inputs.{k}": v["options"] for k, v in choices.get("inputs", {}).items() if "options" in v}
    for name, job in body.get("jobs", {}).items():
        needs = listed(job.get("needs", []))
        if str(job.get("uses", "")).startswith(_CALLED):
            called = github.workflow(job["uses"].removeprefix(_CALLED))
            known = {f"inputs.{key}": value for key, value in job.get("with", {}).items()}
            for below, theirs in called.get("jobs", {}).items():
                own = needs | {f"{name}/{need}" for need in listed(theirs.get("needs", []))}
                yield Job(workflow, f"{name}/{below}", substituted(theirs, known), own)
        else:
            yield from _variants(workflow, name, job, needs, options)


def _variants(
    workflow: str, name: str, job: Body, needs: frozenset[str], options: Mapping[str, list[str]]
) -> Iterator[Job]:
    matrix = {f"matrix.{key}": values for key, values in job.get("strategy", {}).get("matrix", {}).items()}
    axes = {key: values for key, values in {**options, **matrix}.items() if f"{{{{ {key} }}}}" in str(job)}
    for values in itertools.product(*axes.values()):
        label = f"[{','.join(map(str, values))}]" if values else ""
        yield Job(workflow, f"{name}{label}", substituted(job, dict(zip(axes, values, strict=True))), needs)


def listed(value: Any) -> frozenset[str]:
    """What stands alone or in a list."""
    return frozenset(value if isinstance(value, list) else [value])


def before(github: GitHub, workflow: str, job: Job) -> set[str]:
    """Names of all jobs that must have succeeded before this one starts."""
    found: set[str] = set()
    waiting = set(job.needs)
    while waiting:
        need = waiting.pop()
        for other in github.jobs_in(workflow).values():
            if need in (other.name, other.name.partition("/")[0], other.name.partition("[")[0]):
                waiting |= {n for n in other.needs if n not in found}
                found.add(other.name)
    return found


def github_of(root: Path = ROOT) -> GitHub:
    """What lies in the repository."""
    folder = root / ".github"
    paths = sorted([*folder.glob("*.yml"), *folder.glob("workflows/*.yml"), *folder.glob("actions/*/action.yml")])
    names = [path.relative_to(folder).as_posix() for path in paths]
    return GitHub(
        files={name: read_yaml(path) for name, path in zip(names, paths, strict=True)},
        texts={name: path.read_text() for name, path in zip(names, paths, strict=True)},
        trust=(root / "modules" / "github_role" / "trust.json").read_text(),
        roles=roles_of((root / "terraform" / "bootstrap" / "github.tf").read_text()),
        environments=tuple(
            sorted({path.parent.name for path in root.glob("environments/*/platform.tfvars")} - {"local"})
        ),
    )


def roles_of(settings: str) -> dict[str, str]:
    """GitHub environment of each role that terraform/bootstrap makes, with {} for the environment's own name."""
    found = re.findall(r"^    (\w+) = \{\n      github_environment = (.+)$", settings, re.MULTILINE)
    name = re.compile(r"\$\{local\.settings\.environment\}|local\.settings\.environment")
    return {role: name.sub("{}", value).strip('"') for role, value in found}


def changed(github: GitHub, path: str, change: Callable[[Body], None]) -> GitHub:
    """The same with one file changed: ``change`` gets a copy of its body."""
    body = deepcopy(github.files[path])
    change(body)
    return replace(github, files={**github.files, path: body})
