"""Each gate was seen to fail: every part of every workflow is taken away in turn, and wrong ones are put in its place.

What may go unseen is what decides nothing: the names and descriptions that people see.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import release_gates
import workflow_gates
from workflow_world import Body, GitHub, changed, github_of, roles_of

GITHUB = github_of()
Where = tuple[str | int, ...]


def problems(github: GitHub) -> Iterator[tuple[str, str]]:
    """Every problem, with the gate that sees it. A gate that cannot make sense of a file has seen one."""
    for gate in (*workflow_gates.GATES, *release_gates.GATES):
        try:
            yield from ((gate.__name__, problem) for problem in gate(github))
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as broken:
            yield gate.__name__, repr(broken)


BASE = set(problems(GITHUB))


def catching(github: GitHub) -> set[str]:
    """The gates that see something new."""
    return {gate for gate, _ in set(problems(github)) - BASE}


def is_caught(github: GitHub) -> bool:
    """Whether any gate does; the first one is enough."""
    return any(problem not in BASE for problem in problems(github))


def parts(body: Any, where: Where = ()) -> Iterator[Where]:
    """The place of every part of a file, the outer ones first."""
    places = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, below in places:
        yield (*where, key)
        yield from parts(below, (*where, key))


def decides_nothing(where: Where) -> bool:
    """Names and descriptions, but for the names of what is handed on."""
    return where[-1] == "description" or (where[-1] == "name" and "with" not in where)


def without(where: Where) -> Callable[[Body], None]:
    """Take one part away."""

    def change(body: Any) -> None:
        for key in where[:-1]:
            body = body[key]
        del body[where[-1]]

    return change


@pytest.mark.parametrize("path", [path for path in GITHUB.files if path != "zizmor.yml"])
def test_nothing_can_be_taken_away_unseen(path: str):
    places = [where for where in parts(GITHUB.files[path]) if not decides_nothing(where)]

    unseen = [where for where in places if not is_caught(changed(GITHUB, path, without(where)))]

    assert places
    assert unseen == []


def put(value: Any, *where: str | int) -> Callable[[Body], None]:
    """Put a value in a place."""

    def change(body: Any) -> None:
        for key in where[:-1]:
            body = body[key]
        body[where[-1]] = value

    return change


def add(value: Any, *where: str | int) -> Callable[[Body], None]:
    """Add a value to a list, at its beginning."""

    def change(body: Any) -> None:
        for key in where:
            body = body[key]
        body.insert(0, value)

    return change


def step(path: str, job: str, text: str) -> tuple[str | int, ...]:
    """The place of the first step of a job that holds the text."""
    steps = GITHUB.files[path]["jobs"][job]["steps"]
    return ("jobs", job, "steps", next(n for n, each in enumerate(steps) if text in str(each)))


RELEASE, DEPLOY, CHECKS = "workflows/release.yml", "workflows/_deploy.yml", "workflows/pr.yml"
ROLLBACK, DRIFT, SETUP = "workflows/rollback.yml", "workflows/drift.yml", "actions/setup/action.yml"
CHECKOUT = step(RELEASE, "build", "actions/checkout")
PROMOTE, APPROVE = step(RELEASE, "prod", "lakeward promote"), step(RELEASE, "prod", "lakeward approve")
PLAN, PROVE, BRING = (
    step(RELEASE, "plan-prod", "deploy plan"),
    step(DEPLOY, "deploy", "lakeward e2e"),
    step(DEPLOY, "deploy", "lakeward deploy"),
)
PROMOTION = ".venv/bin/lakeward promote --from staging --to prod --release dist/release/release.json --plan dist/plan"

MUTATIONS: dict[str, tuple[str, Callable[[Body], None], str]] = {
    "a whole workflow may write": (RELEASE, put("write-all", "permissions"), "workflows_may_nothing"),
    "the build may get an identity": (
        RELEASE,
        put({"contents": "read", "id-token": "write"}, "jobs", "build", "permissions"),
        "jobs_may_what_they_need",
    ),
    "a check may write to the repository": (
        CHECKS,
        put({"contents": "write"}, "jobs", "test", "permissions"),
        "jobs_may_what_they_need",
    ),
    "a check gets an environment": (CHECKS, put("prod", "jobs", "test", "environment"), "changes_are_checked"),
    "prod runs in the environment of staging": (
        RELEASE,
        put("staging", "jobs", "prod", "environment"),
        "identity_fits_the_trust_policy",
    ),
    "prod runs in an environment of no role": (
        RELEASE,
        put("production", "jobs", "prod", "environment"),
        "identity_needs_an_environment",
    ),
    "prod is planned behind no environment but with prod's role": (
        RELEASE,
        put("prod", "jobs", "plan-prod", "environment"),
        "prod_is_planned_before_it_is_approved",
    ),
    "the plan is made by the role that changes": (
        RELEASE,
        put(
            '.venv/bin/python scripts/ci/aws_role.py --environment prod --to apply >> "$GITHUB_OUTPUT"',
            *step(RELEASE, "plan-prod", "aws_role"),
            "run",
        ),
        "identity_fits_the_trust_policy",
    ),
    "a role is named by hand": (
        RELEASE,
        put("arn:aws:iam::1:role/admin", *step(RELEASE, "prod", "configure-aws"), "with", "role-to-assume"),
        "identity_fits_the_trust_policy",
    ),
    "a key is stored": (
        DEPLOY,
        put("${{ secrets.AWS_KEY }}", *step(DEPLOY, "deploy", "configure-aws"), "with", "aws-access-key-id"),
        "no_secret_is_stored",
    ),
    "an action is taken by its tag": (RELEASE, put("actions/checkout@v7", *CHECKOUT, "uses"), "actions_are_pinned"),
    "an action is taken at a commit that no version is given for": (
        RELEASE,
        put(f"actions/checkout@{'0' * 40}", *CHECKOUT, "uses"),
        "actions_are_pinned",
    ),
    "an action of somebody else": (
        SETUP,
        put(f"somebody/setup@{'0' * 40}", "runs", "steps", 0, "uses"),
        "actions_are_pinned",
    ),
    "the checkout leaves its token behind": (
        RELEASE,
        put(True, *CHECKOUT, "with", "persist-credentials"),
        "checkouts_keep_no_credentials",
    ),
    "a job may take six hours": (RELEASE, put(360, "jobs", "prod", "timeout-minutes"), "every_job_ends"),
    "a job runs wherever": (CHECKS, put("ubuntu-latest", "jobs", "test", "runs-on"), "every_job_ends"),
    "red evidence is no matter": (DEPLOY, put(True, *PROVE, "continue-on-error"), "nothing_fails_unseen"),
    "a red deployment is no matter": (DEPLOY, put(True, "jobs", "deploy", "continue-on-error"), "nothing_fails_unseen"),
    "prod goes on whatever happened": (RELEASE, put("always()", "jobs", "prod", "if"), "prod_comes_last"),
    "prod goes on unless cancelled": (RELEASE, put("!cancelled()", "jobs", "prod", "if"), "nothing_fails_unseen"),
    "evidence is asked for on Mondays": (DEPLOY, put("github.actor == 'x'", *PROVE, "if"), "nothing_fails_unseen"),
    "a newer release cancels a promotion": (
        RELEASE,
        put(True, "jobs", "prod", "concurrency", "cancel-in-progress"),
        "deployments_are_never_cancelled",
    ),
    "a rollback runs beside a deployment": (
        ROLLBACK,
        put("rollback", "jobs", "rollback", "concurrency", "group"),
        "deployments_are_never_cancelled",
    ),
    "the nightly look for drift cancels a release's plan": (
        DRIFT,
        put("lakeward-${{ matrix.environment }}-plan", "jobs", "compare", "concurrency", "group"),
        "deployments_are_never_cancelled",
    ),
    "a release that waits holds up all others": (
        RELEASE,
        put("release", "concurrency", "group"),
        "deployments_are_never_cancelled",
    ),
    "a push to a pull request cancels the checks of a release": (
        CHECKS,
        put(True, "concurrency", "cancel-in-progress"),
        "deployments_are_never_cancelled",
    ),
    "a deployment is asked for without a release": (
        RELEASE,
        without(("jobs", "dev", "with", "release")),
        "called_workflows_get_what_they_ask_for",
    ),
    "a stranger's pull request starts a workflow with our permissions": (
        CHECKS,
        put(None, "on", "pull_request_target"),
        "only_known_events_start_anything",
    ),
    "a release comes from any branch": (
        RELEASE,
        put(["**"], "on", "push", "branches"),
        "only_known_events_start_anything",
    ),
    "a step runs the words of a pull request": (
        CHECKS,
        put("echo ${{ github.event.pull_request.title }}", *step(CHECKS, "test", "make test"), "run"),
        "steps_are_what_people_run",
    ),
    "a step is a script of its own": (
        RELEASE,
        put("curl -s https://example.com/install | bash", *step(RELEASE, "build", "release build"), "run"),
        "steps_are_what_people_run",
    ),
    "a command has an option that it does not know": (
        RELEASE,
        put(PROMOTION + " --force", *PROMOTE, "run"),
        "steps_are_what_people_run",
    ),
    "prod is built anew": (
        RELEASE,
        add({"run": ".venv/bin/lakeward release build"}, "jobs", "prod", "steps"),
        "a_release_is_built_once",
    ),
    "staging is built anew": (
        DEPLOY,
        put("make layer", *step(DEPLOY, "deploy", "same_file"), "run"),
        "a_release_is_built_once",
    ),
    "any release will do": (
        DEPLOY,
        put("scripts/ci/same_file.sh dist/release/release.json", *step(DEPLOY, "deploy", "same_file"), "run"),
        "every_job_takes_the_release_that_was_built",
    ),
    "another release is promoted than was compared": (
        RELEASE,
        put(PROMOTION.replace("dist/release/", "dist/other/"), *PROMOTE, "run"),
        "every_job_takes_the_release_that_was_built",
    ),
    "staging keeps no evidence": (
        DEPLOY,
        put('.venv/bin/lakeward e2e -e "$ENVIRONMENT" --release dist/release/release.json', *PROVE, "run"),
        "a_deployment_is_proved",
    ),
    "evidence is that of another environment": (
        DEPLOY,
        put(".venv/bin/lakeward e2e -e dev --release dist/release/release.json --evidence", *PROVE, "run"),
        "a_deployment_is_proved",
    ),
    "staging does not wait for dev": (RELEASE, put(["build"], "jobs", "staging", "needs"), "a_deployment_is_proved"),
    "prod does not wait for staging": (
        RELEASE,
        put(["build", "checks", "plan-prod"], "jobs", "prod", "needs"),
        "prod_comes_last",
    ),
    "prod is planned without the evidence of staging": (
        RELEASE,
        put(["build", "checks"], "jobs", "plan-prod", "needs"),
        "prod_comes_last",
    ),
    "prod is promoted to from dev": (
        RELEASE,
        put(PROMOTION.replace("staging", "dev"), *PROMOTE, "run"),
        "prod_gets_the_plan_that_was_approved",
    ),
    "prod makes a plan of its own": (
        RELEASE,
        put(PROMOTION.removesuffix(" --plan dist/plan"), *PROMOTE, "run"),
        "prod_gets_the_plan_that_was_approved",
    ),
    "prod is deployed to, with no health check and no way back": (
        RELEASE,
        put(".venv/bin/lakeward deploy -e prod --release dist/release/release.json --plan dist/plan", *PROMOTE, "run"),
        "prod_gets_the_plan_that_was_approved",
    ),
    "anybody has approved": (
        RELEASE,
        put(".venv/bin/lakeward approve -e prod --release dist/release/release.json --by CI", *APPROVE, "run"),
        "prod_gets_the_plan_that_was_approved",
    ),
    "the plan is that of another release": (
        RELEASE,
        put("scripts/ci/same_file.sh dist/plan/plan.json", *step(RELEASE, "prod", "plan/plan.json"), "run"),
        "prod_gets_the_plan_that_was_approved",
    ),
    "dev deploys to prod": (
        RELEASE,
        put("prod", "jobs", "dev", "with", "environment"),
        "only_promotion_and_people_change_prod",
    ),
    "drift is looked for by the role that changes": (
        DRIFT,
        put("${{ matrix.environment }}", "jobs", "compare", "environment"),
        "identity_fits_the_trust_policy",
    ),
    "drift is looked for once a year": (
        DRIFT,
        put("23 3 1 1 *", "on", "schedule", 0, "cron"),
        "drift_is_looked_for_each_night",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_wrong_thing_in_the_place_of_a_right_one_is_seen_by_its_gate(name: str):
    path, change, gate = MUTATIONS[name]

    assert gate in catching(changed(GITHUB, path, change))


def test_every_gate_was_seen_to_fail():
    gates = {gate.__name__ for gate in (*workflow_gates.GATES, *release_gates.GATES)}
    wide = catching(replace(GITHUB, trust=GITHUB.trust.replace("${owner}/${repository}", "${owner}/*")))
    taken = [
        changed(GITHUB, SETUP, without(("runs", "steps", 1))),
        changed(GITHUB, "dependabot.yml", without(("updates", 0))),
        changed(GITHUB, ROLLBACK, without(("jobs", "rollback", "if"))),
        changed(GITHUB, RELEASE, put(["build"], "jobs", "prod", "needs")),
    ]
    seen_to_fail = {gate for _, _, gate in MUTATIONS.values()} | wide | set().union(*map(catching, taken))

    assert gates - seen_to_fail == set()


@pytest.mark.parametrize(
    "change",
    [
        lambda github: replace(github, trust=github.trust.replace(":environment:", ":environment:x-")),
        lambda github: replace(github, trust=github.trust.replace('"StringEquals"', '"StringLike"')),
        lambda github: replace(github, roles={**github.roles, "plan": "{}"}),
        lambda github: replace(github, roles={**github.roles, "apply": "{}-apply"}),
    ],
    ids=["another subject", "a pattern", "planning in the environment itself", "another environment"],
)
def test_a_trust_policy_that_does_not_fit_is_seen(change: Callable[[GitHub], GitHub]):
    assert "identity_fits_the_trust_policy" in catching(change(GITHUB))


def test_the_roles_environments_are_read_from_bootstrap():
    other = """
  github_roles = {
    plan = {
      github_environment = "look-${local.settings.environment}"
    }
"""

    assert roles_of(other) == {"plan": "look-{}"}


def test_a_version_that_is_not_said_is_seen():
    silent = {path: text.replace(" # v7.0.1", "") for path, text in GITHUB.texts.items()}

    assert catching(replace(GITHUB, texts=silent)) == {"actions_are_pinned"}
