"""What stands between a commit and prod. Each gate looks at all of .github and answers with the problems it sees."""

import re
from collections.abc import Iterator

from workflow_gates import Gate
from workflow_world import CREDENTIALS, GitHub, Job, before

RELEASE, PLAN = "dist/release/release.json", "dist/plan"
BUILT, PLANNED = "${{ needs.build.outputs.release }}", "${{ needs.plan-prod.outputs.plan }}"
APPROVER = "${{ steps.approval.outputs.by }}"
BUILDS = re.compile(r"lakeward release build|scripts/build_\w+\.py|make (build|layer|promote-demo|demo)")
WHERE_THERE_ARE_ACCOUNTS = "github.ref == 'refs/heads/main' && vars.LAKEWARD_DEPLOYS == 'true'"
CHECKS = [
    ".venv/bin/lakeward e2e",
    ".venv/bin/python scripts/ci/fill.py --environment local",
    "make audit",
    "make check",
    "make demo",
    "make promote-demo",
    "make test",
    "make test-long",
]
KEPT = {"if-no-files-found": "error", "retention-days": 35}
"""A release that waits for approval, which may take 30 days, is still there then."""


def job(github: GitHub, workflow: str, name: str) -> Job:
    """A job, or one that does nothing and so breaks every gate."""
    return github.jobs_in(workflow).get(name, Job(workflow, name, {}, frozenset()))


def commands_in(job: Job) -> list[str]:
    """What it runs, in order."""
    return [step.command for step in job.steps if "run" in step.body]


def uploads_in(job: Job) -> list[dict[str, object]]:
    """What it hands on."""
    return [step.given for step in job.steps if step.action == "actions/upload-artifact"]


def takes(job: Job, given: dict[str, str]) -> int:
    """Where it takes what was handed on; -1 when it does not."""
    taking = (
        n for n, step in enumerate(job.steps) if step.action == "actions/download-artifact" and step.given == given
    )
    return next(taking, -1)


def a_release_is_built_once(github: GitHub) -> Iterator[str]:
    """By the first job, without an identity, proved to run on Lambda; whatever else runs takes it from there."""
    builders = [j for j in github.jobs_in("release.yml").values() if any(map(BUILDS.search, commands_in(j)))]
    builders = [j for j in builders if not j.name.startswith("checks/")]
    if [j.name for j in builders] != ["build"] or job(github, "release.yml", "build").needs:
        yield f"release.yml: expected the job build to build, first and alone, found {[j.name for j in builders]}"
    for other in github.jobs_in("release.yml").values():
        if other.name != "build" and "build" not in before(github, "release.yml", other):
            yield f"{other}: expected to come after the build, which does nothing where there are no accounts"
    for other in github.jobs:
        if other.has_identity and any(map(BUILDS.search, commands_in(other))):
            yield f"{other}: expected nothing to be built where there is an identity"
    build = job(github, "release.yml", "build")
    expected = [".venv/bin/lakeward release build --prove --out dist/release", f"scripts/ci/same_file.sh {RELEASE}"]
    if commands_in(build) != expected:
        yield f"{build}: expected {expected}, found {commands_in(build)}"
    if build.body.get("outputs") != {"release": "${{ steps.release.outputs.id }}"} or named_output(build) != "release":
        yield f"{build}: expected to tell the id of what it built"
    if uploads_in(build) != [{"name": "release", "path": "dist/release", **KEPT}]:
        yield f"{build}: expected to hand on the release, found {uploads_in(build)}"
    if build.body.get("if") != WHERE_THERE_ARE_ACCOUNTS:
        yield f"{build}: expected to run on main only, and only where there are accounts"


def named_output(job: Job) -> str | None:
    """The id of the step whose last command names a file to later jobs."""
    named = [s for s in job.steps if "same_file.sh" in s.command and s.output == "GITHUB_OUTPUT"]
    return named[-1].body.get("id") if named else None


def every_job_takes_the_release_that_was_built(github: GitHub) -> Iterator[str]:
    """From the job that built it, its id compared before anything can use it and before there is an identity."""
    for deploying in (j for j in github.jobs_in("release.yml").values() if j.has_identity):
        taken = takes(deploying, {"name": "release", "path": "dist/release"})
        compared = deploying.place(f"scripts/ci/same_file.sh {RELEASE} {BUILT}")
        entered = next((n for n, step in enumerate(deploying.steps) if step.action == CREDENTIALS), -1)
        used = next((n for n, step in enumerate(deploying.steps) if "lakeward" in step.command), -1)
        if not 0 <= taken < compared < entered < used:
            yield f"{deploying}: expected to take the release, compare its id, get a role and use it, in this order"
        files = [words[words.index("--release") + 1] for words in deploying.lakeward() if "--release" in words]
        if not files or set(files) != {RELEASE}:
            yield f"{deploying}: expected to use {RELEASE}, found {files}"


def a_deployment_is_proved(github: GitHub) -> Iterator[str]:
    """dev and staging: deployed, seeded, filled, and asked by Athena, with the evidence kept; staging after dev."""
    for name in ("dev", "staging"):
        found = job(github, "release.yml", f"{name}/deploy")
        expected = [
            f"scripts/ci/same_file.sh {RELEASE} {BUILT}",
            f".venv/bin/python scripts/ci/aws_role.py --environment {name} --to apply",
            f".venv/bin/lakeward deploy -e {name} --release {RELEASE} --yes",
            f".venv/bin/python scripts/ci/seed.py --environment {name}",
            f".venv/bin/python scripts/ci/fill.py --environment {name}",
            f".venv/bin/lakeward e2e -e {name} --release {RELEASE} --evidence",
        ]
        if commands_in(found) != expected or found.environment != name:
            yield f"{found}: expected, in the environment {name}, {expected}, found {commands_in(found)}"
    if "dev/deploy" not in before(github, "release.yml", job(github, "release.yml", "staging/deploy")):
        yield "release.yml: expected staging after dev"


def prod_is_planned_before_it_is_approved(github: GitHub) -> Iterator[str]:
    """By a role that can only look; the plan is shown to who approves, named, and handed on."""
    planning = job(github, "release.yml", "plan-prod")
    expected = [
        f"scripts/ci/same_file.sh {RELEASE} {BUILT}",
        ".venv/bin/python scripts/ci/aws_role.py --environment prod --to plan",
        f".venv/bin/lakeward deploy plan -e prod --release {RELEASE} --out {PLAN}",
        f"scripts/ci/plan_summary.py {PLAN}",
        f"scripts/ci/same_file.sh {PLAN}/plan.json",
    ]
    if commands_in(planning) != expected:
        yield f"{planning}: expected {expected}, found {commands_in(planning)}"
    if planning.body.get("outputs") != {"plan": "${{ steps.plan.outputs.id }}"} or named_output(planning) != "plan":
        yield f"{planning}: expected to tell the digest of the plan"
    if uploads_in(planning) != [{"name": "plan-prod", "path": PLAN, **KEPT}]:
        yield f"{planning}: expected to hand on the plan, found {uploads_in(planning)}"
    shown = [step.output for step in planning.steps if "plan_summary.py" in step.command]
    if shown != ["GITHUB_STEP_SUMMARY"]:
        yield f"{planning}: expected to show the plan in the run's summary"
    if (planning.environment, planning.role) != ("prod-plan", ("prod", "plan")):
        yield f"{planning}: expected the role that may only look, found {planning.role} in {planning.environment}"


def prod_comes_last(github: GitHub) -> Iterator[str]:
    """After the build, every check of this very commit, the evidence of staging and the plan."""
    jobs = github.jobs_in("release.yml")
    for name in ("plan-prod", "prod"):
        wanted = set(jobs) - {"plan-prod", "prod"} | ({"plan-prod"} if name == "prod" else set())
        direct = {"build", "checks", "staging"} | ({"plan-prod"} if name == "prod" else set())
        found = job(github, "release.yml", name)
        if missing := wanted - before(github, "release.yml", found):
            yield f"{found}: expected to come after {sorted(missing)}"
        if found.needs != direct:
            yield f"{found}: expected to need {sorted(direct)} itself, found {sorted(found.needs)}"
        if "if" in found.body:
            yield f"{found}: expected no condition of its own"
    if not {f"checks/{name}" for name in github.workflow("pr.yml").get("jobs", {})} <= set(jobs):
        yield "release.yml: expected all checks of pr.yml for the commit that is released"


def prod_gets_the_plan_that_was_approved(github: GitHub) -> Iterator[str]:
    """Behind the reviewers of the environment prod, with the approver's name kept, by a promotion from staging."""
    promoting = job(github, "release.yml", "prod")
    link = "${{ github.server_url }}/${{ github.repository }}/actions/runs/${{ github.run_id }}"
    expected = [
        f"scripts/ci/same_file.sh {RELEASE} {BUILT}",
        f"scripts/ci/same_file.sh {PLAN}/plan.json {PLANNED}",
        "scripts/ci/approver.py --environment prod",
        ".venv/bin/python scripts/ci/aws_role.py --environment prod --to apply",
        f".venv/bin/lakeward approve -e prod --release {RELEASE} --by {APPROVER} --note {link}",
        f".venv/bin/lakeward promote --from staging --to prod --release {RELEASE} --plan {PLAN}",
    ]
    if commands_in(promoting) != expected:
        yield f"{promoting}: expected {expected}, found {commands_in(promoting)}"
    if (promoting.environment, promoting.role) != ("prod", ("prod", "apply")):
        yield f"{promoting}: expected the environment prod, found {promoting.environment} with {promoting.role}"
    approver = next((step for step in promoting.steps if "approver.py" in step.command), None)
    if approver is None or (approver.body.get("id"), approver.output) != ("approval", "GITHUB_OUTPUT"):
        yield f"{promoting}: expected to learn who approved"
    elif approver.body.get("env") != {"GH_TOKEN": "${{ github.token }}"}:
        yield f"{promoting}: expected to ask GitHub with the run's own token"
    if takes(promoting, {"name": "plan-prod", "path": PLAN}) < 0:
        yield f"{promoting}: expected to take the plan that was handed on"


def only_promotion_and_people_change_prod(github: GitHub) -> Iterator[str]:
    """No other job can assume the role that changes prod."""
    changing = {str(j) for j in github.jobs if j.role == ("prod", "apply") or (j.environment == "prod")}
    expected = {"release.yml prod", "rollback.yml rollback[prod]", "switch.yml switch[prod]"}
    if changing != expected:
        yield f"expected prod to be changed by {sorted(expected)}, found {sorted(changing)}"


def people_can_go_back_and_switch(github: GitHub) -> Iterator[str]:
    """In every environment, from main only, with the same commands as by hand."""
    to, version = "${{ inputs.to }}", "${{ inputs.version }}"
    for name in github.environments:
        role = f".venv/bin/python scripts/ci/aws_role.py --environment {name} --to apply"
        switch = f".venv/bin/python scripts/ci/switch.py --environment {name} --datasets ${{{{ inputs.datasets }}}}"
        expected = {
            f"rollback.yml rollback[{name}]": [role, f".venv/bin/lakeward rollback -e {name} --to {to}"],
            f"switch.yml switch[{name}]": [role, f"{switch} --to-version {version}"],
        }
        for where, commands in expected.items():
            workflow, _, which = where.partition(" ")
            found = job(github, workflow, which)
            if commands_in(found) != commands:
                yield f"{where}: expected {commands}, found {commands_in(found)}"
            if found.body.get("if") != "github.ref == 'refs/heads/main'":
                yield f"{where}: expected to run on main only"
    for workflow in ("rollback.yml", "switch.yml"):
        asked = (github.workflow(workflow).get("on", {}).get("workflow_dispatch") or {}).get("inputs", {})
        for word, one in asked.items():
            needed = word in ("environment", "datasets")
            if one.get("required") is not needed or not one.get("description"):
                yield f"{workflow}: expected {word} to be {'required' if needed else 'optional'}, with a description"
            if one.get("type") != ("choice" if word == "environment" else "string"):
                yield f"{workflow}: expected {word} to have a type"


def drift_is_looked_for_each_night(github: GitHub) -> Iterator[str]:
    """In every environment, by a role that can only look, and told in one issue whatever came of it."""
    crons = [each.get("cron", "") for each in github.workflow("drift.yml").get("on", {}).get("schedule") or []]
    if not (len(crons) == 1 and re.fullmatch(r"\d+ \d+ \* \* \*", crons[0])):
        yield f"drift.yml: expected to run each night, found {crons}"
    for name in github.environments:
        found = job(github, "drift.yml", f"compare[{name}]")
        expected = [
            f".venv/bin/python scripts/ci/aws_role.py --environment {name} --to plan",
            f".venv/bin/lakeward drift -e {name} --out dist/drift/{name}.json",
        ]
        if commands_in(found) != expected or found.body.get("if") != WHERE_THERE_ARE_ACCOUNTS:
            yield f"{found}: expected, on main, {expected}, found {commands_in(found)}"
        handed = [step for step in found.steps if step.action == "actions/upload-artifact"]
        kept = {"name": f"drift-{name}", "path": "dist/drift", "if-no-files-found": "ignore", "retention-days": 7}
        if [(step.given, step.body.get("if")) for step in handed] != [(kept, "always()")]:
            yield f"{found}: expected to hand on what was found, whatever it was"
        if found.body.get("strategy", {}).get("fail-fast") is not False:
            yield f"{found}: expected every environment to be compared, whatever comes of another"
    yield from _the_issue_is_kept(github)


def _the_issue_is_kept(github: GitHub) -> Iterator[str]:
    telling = job(github, "drift.yml", "tell")
    if telling.needs != {"compare"} or telling.body.get("if") != "always() && needs.compare.result != 'skipped'":
        yield f"{telling}: expected to tell whatever was found, when something was compared"
    taken = [step.given for step in telling.steps if step.action == "actions/download-artifact"]
    if taken != [{"pattern": "drift-*", "path": "dist/drift", "merge-multiple": True}]:
        yield f"{telling}: expected to take what was found in every environment, found {taken}"
    last = telling.steps[-1] if telling.steps else None
    names = sorted(last.words[3:]) if last else []
    if last is None or last.words[:3] != ["scripts/ci/drift_issue.py", "--found", "dist/drift"]:
        yield f"{telling}: expected to keep the issue"
    elif names != list(github.environments) or set(last.body.get("env", {})) != {"GH_TOKEN", "GH_REPO", "RUN_URL"}:
        yield f"{telling}: expected to tell of {github.environments} with the run's own token, found {names}"


def changes_are_checked(github: GitHub) -> Iterator[str]:
    """All of it, each without a condition, without an identity and without an environment."""
    found = sorted(command for j in github.jobs_in("pr.yml").values() for command in commands_in(j))
    if found != CHECKS:
        yield f"pr.yml: expected to run {CHECKS}, found {found}"
    for checking in github.jobs_in("pr.yml").values():
        if checking.has_identity or checking.environment or "if" in checking.body or checking.needs:
            yield f"{checking}: expected no identity, no environment, no condition and nothing before it"


GATES: tuple[Gate, ...] = (
    a_release_is_built_once,
    every_job_takes_the_release_that_was_built,
    a_deployment_is_proved,
    prod_is_planned_before_it_is_approved,
    prod_comes_last,
    prod_gets_the_plan_that_was_approved,
    only_promotion_and_people_change_prod,
    people_can_go_back_and_switch,
    drift_is_looked_for_each_night,
    changes_are_checked,
)
