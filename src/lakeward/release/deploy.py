"""Deploy: exactly one plan, applied; then the tables and views; then the record that says so."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakeward.errors import DeploymentFailed
from lakeward.ports.deployment import Live
from lakeward.release.deployment import Deployment, Kind, begin, current_deployment, finish
from lakeward.release.plan import Plan, Target, read_plan
from lakeward.release.publish import prove_stored
from lakeward.released import Release, short

LONGEST_RUN_SECONDS = 900.0
"""As long as a step may take. A run that lasts longer is met by the new code, which refuses what the old one staged."""
POLL_SECONDS = 0.5


@dataclass(frozen=True)
class Deployed:
    """What a deployment came to: its record, and what the migration did by dataset. ``changed`` is whether it did."""

    record: Deployment
    migrated: dict[str, dict[str, Any]]
    changed: bool


def deploy(
    release: Release, target: Target, folder: Path, kind: Kind = "deploy", sleep: Callable[[float], None] = time.sleep
) -> Deployed:
    """Apply the plan in ``folder``, migrate, and record it. What is deployed already is only migrated.

    Raises:
        PlanStale: the plan may not be applied; nothing was changed.
        ReleaseInvalid: an artifact is not as it was built; nothing was changed.
        DeploymentFailed: it failed on the way. ``lakeward deploy`` again goes on; ``lakeward rollback`` goes back.
    """
    plan = read_plan(release, target, folder)
    prove_stored(release, target.store)
    current = current_deployment(target.store, target.environment)
    if current is not None and current.release == release.id and not plan.changes:
        target.tell(f"{target.environment} has release {short(release.id)} already; nothing to change")
        return Deployed(current, target.live.migrate(), changed=False)
    await_runs(target, sleep)
    before, ringing = target.live.look(), [alarm.name for alarm in target.live.ringing()]
    begun = begin(target.store, target.environment, kind, release.id, target.now(), before, ringing)
    target.tell(f"applying {_said(plan)}")
    target.platform.apply(release, folder)
    prove_functions(release, target.live)
    target.tell("making the tables and views that the contracts ask for")
    migrated = target.live.migrate()
    record = Deployment(
        environment=target.environment,
        number=begun.number,
        kind=kind,
        release=release.id,
        previous=_previous(current, release),
        began_at=begun.began_at,
        deployed_at=target.now(),
    )
    return Deployed(finish(target.store, record), migrated, changed=True)


def _previous(current: Deployment | None, release: Release) -> str | None:
    """The release that was another one."""
    if current is None:
        return None
    return current.previous if current.release == release.id else current.release


def await_runs(target: Target, sleep: Callable[[float], None]) -> None:
    """Let runs that are under way come to their end, so that no run meets two releases."""
    waited, told = 0.0, False
    while waited < LONGEST_RUN_SECONDS and (running := target.live.running()):
        if not told:
            target.tell(f"waiting for {len(running)} run(s) to end: {', '.join(running[:3])}")
            told = True
        sleep(POLL_SECONDS)
        waited += POLL_SECONDS


def prove_functions(release: Release, live: Live) -> None:
    """Check that every function runs the release's bytes.

    Raises:
        DeploymentFailed: one does not, or there is none.
    """
    found = live.functions()
    wrong = {
        role: f"{short(function.code_sha256)} told as {short(function.release)}"
        for role, function in sorted(found.items())
        if {function.release, function.code_sha256} != {release.functions.sha256}
    }
    if wrong or not found:
        raise DeploymentFailed(
            f"expected every function to run {short(release.functions.sha256)}, found "
            f"{', '.join(f'{role}: {what}' for role, what in wrong.items()) or 'no function'}; somebody changed them "
            "beside Terraform: deploy again"
        )


def _said(plan: Plan) -> str:
    """3 changes (2 update, 1 create)."""
    verbs = [change.partition(" ")[0] for change in plan.changes]
    counts = ", ".join(f"{verbs.count(verb)} {verb}" for verb in dict.fromkeys(verbs))
    return f"{len(verbs)} change(s)" + (f" ({counts})" if counts else "")
