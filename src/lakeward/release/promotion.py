"""Promotion: a release goes on when it was proved where it is and is wanted where it goes; it stays when it works."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lakeward.errors import DeploymentFailed, LakewardError, PromotionRefused, ReleaseRefused
from lakeward.ports.artifacts import Artifacts
from lakeward.release.approval import why_not_approved
from lakeward.release.deploy import Deployed, deploy
from lakeward.release.deployment import Deployment, current_deployment, newest_begun
from lakeward.release.evidence import Check, why_not_proved
from lakeward.release.plan import Target, make_plan
from lakeward.release.publish import publish
from lakeward.release.rollback import RolledBack
from lakeward.released import Release, short


@dataclass(frozen=True)
class Source:
    """The environment that a release comes from."""

    environment: str
    store: Artifacts


@dataclass(frozen=True)
class Promoted:
    """A promotion that holds."""

    deployed: Deployed
    checks: list[Check]


def prove_wanted(release: Release, source: Source, environment: str, store: Artifacts) -> None:
    """Check that a release may go from one environment to another.

    Raises:
        PromotionRefused: it may not; every reason is named, with what to do.
    """
    reasons = [
        *why_not_proved(source.store, source.environment, release),
        *why_not_approved(store, environment, release.id),
    ]
    if reasons:
        raise PromotionRefused(
            f"release {short(release.id)} does not go from {source.environment} to {environment}; nothing was changed "
            f"there\n" + "\n".join(f"  {reason}" for reason in reasons),
            reasons=reasons,
        )


def promote(
    release: Release,
    files: Path,
    source: Source,
    target: Target,
    plan: Path,
    *,
    planned: bool,
    compare: Callable[[Release], None],
    examine: Callable[[Release], list[Check]],
    go_back: Callable[[str], RolledBack],
) -> Promoted:
    """Bring a proved and approved release into an environment, and take it back when it fails there.

    Args:
        files: the folder of the release file and its artifacts.
        plan: the folder of the plan.
        planned: whether the plan is there already, to be applied as it is.
        compare: holds the release's contracts to the deployed ones, and raises where they break.
        examine: the health check.
        go_back: the rollback to a release, for when this one was deployed, even in part, and failed.

    Raises:
        ReleaseRefused: a gate is closed; nothing was changed.
        SchemaConflict: a contract breaks with the deployed one under the same major version; nothing was changed.
        DeploymentFailed: it failed, and was taken back; or it could not be taken back, which the message says.
    """
    prove_wanted(release, source, target.environment, target.store)
    compare(release)
    publish(release, files, target.store, target.tell)
    if not planned:
        make_plan(release, target, plan)
    before = current_deployment(target.store, target.environment)
    try:
        deployed = deploy(release, target, plan, kind="promote")
        checks = _examined(release, target, examine)
    except ReleaseRefused:
        raise
    except LakewardError as problem:
        if newest_begun(target.store, target.environment) <= (before.number if before else 0):
            raise  # nothing was changed
        raise _taken_back(release, target, before, problem.message, go_back) from problem
    red = [f"{check.name}: expected {check.expected}, found {check.found}" for check in checks if not check.holds]
    if red:
        raise _taken_back(release, target, before, "; ".join(red), go_back)
    return Promoted(deployed, checks)


def _examined(release: Release, target: Target, examine: Callable[[Release], list[Check]]) -> list[Check]:
    """The health check; one that cannot be made is a failure too: nothing says that the release works."""
    target.tell("checking the health of what is deployed")
    try:
        return examine(release)
    except LakewardError as problem:
        raise DeploymentFailed(f"the health check could not be made: {problem.message}") from problem


def _taken_back(
    release: Release, target: Target, before: Deployment | None, why: str, go_back: Callable[[str], RolledBack]
) -> DeploymentFailed:
    """Take the release back, and say what came of that."""
    what = f"release {short(release.id)} failed in {target.environment}: {why}"
    target.tell(what)
    to = None
    if before is not None:
        to = before.previous if before.release == release.id else before.release
    if to is None:
        return DeploymentFailed(
            f"{what}. It is the first there, so there is nothing to go back to: mend it, build, deploy"
        )
    try:
        done = go_back(to)
    except LakewardError as problem:
        again = f"lakeward rollback -e {target.environment} --to {short(to)}"
        return DeploymentFailed(f"{what}. It could NOT be taken back: {problem.message}. Try again: {again}")
    if not done.holds:
        red = "; ".join(f"{check.name}: {check.found}" for check in done.checks if not check.holds)
        return DeploymentFailed(f"{what}. It was taken back to {short(to)}, which is not healthy either: {red}")
    return DeploymentFailed(
        f"{what}. It was taken back: {target.environment} has release {short(to)} again, which works. Mend the "
        "release, build a new one and promote that"
    )
