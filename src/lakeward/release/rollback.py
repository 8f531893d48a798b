"""Rollback: schedules frozen, readers back, functions back, Terraform back, the bad release's slots run again, proved.

The order is that of how much each step helps: readers first. Every step finds what it has done already, so a rollback
that was cut short is called again.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lakeward.errors import DeploymentFailed, ReleaseRefused
from lakeward.ports.catalog import Point
from lakeward.ports.deployment import Ran
from lakeward.release.deploy import prove_functions
from lakeward.release.deployment import (
    Deployment,
    beginnings,
    deployments,
    finish,
    kept_release,
    newest_begun,
    next_number,
)
from lakeward.release.evidence import Check
from lakeward.release.plan import Target
from lakeward.release.publish import prove_stored
from lakeward.released import Release, short


@dataclass(frozen=True)
class Way:
    """Where a rollback leads: the release to come back to, since when runs are of the bad one, and the state before."""

    release: Release
    bad: Release
    since: str
    before: Point | None


@dataclass(frozen=True)
class RolledBack:
    """What a rollback came to."""

    record: Deployment
    way: Way
    restored: list[str]
    again: list[Ran]
    checks: list[Check]

    @property
    def holds(self) -> bool:
        """Whether what was gone back to works."""
        return all(check.holds for check in self.checks)


def way_back(target: Target, to: str | None) -> Way:
    """Find where a rollback leads.

    Args:
        to: a release's id or its beginning; None for the release before the one that is deployed.

    Raises:
        ReleaseRefused: there is nothing to go back to, or it is not clear what; nothing was changed.
    """
    history = deployments(target.store, target.environment)
    wanted = _named(history, to, target.environment) if to else _before(history, target)
    last = max(record.number for record in history if record.release == wanted)
    later = beginnings(target.store, target.environment, after=last)
    if not later:
        raise ReleaseRefused(
            f"expected a later deployment to take back, found release {short(wanted)} deployed in "
            f"{target.environment} with number {last} as the newest"
        )
    release = kept_release(target.store, wanted)
    prove_stored(release, target.store)
    bad = kept_release(target.store, later[-1].release)
    return Way(release, bad, later[0].began_at, later[0].before)


def _named(history: list[Deployment], to: str, environment: str) -> str:
    found = sorted({record.release for record in history if record.release.startswith(to)})
    if len(found) != 1:
        known = ", ".join(dict.fromkeys(short(record.release) for record in history)) or "none"
        raise ReleaseRefused(
            f"--to {to}: expected one release that was deployed in {environment}, of {known}; found "
            f"{len(found)} that begin so"
        )
    return found[0]


def _before(history: list[Deployment], target: Target) -> str:
    """The release before; that of the newest deployment when a later one did not come to its end."""
    if not history:
        raise ReleaseRefused(f"expected a deployment in {target.environment}, found none that came to its end")
    current = history[-1]
    if newest_begun(target.store, target.environment) > current.number:
        return current.release
    if current.kind == "rollback":
        raise ReleaseRefused(
            f"expected a deployment to take back, found that the newest in {target.environment} is itself a rollback, "
            f"to {short(current.release)}; name the release with --to"
        )
    if current.previous is None:
        raise ReleaseRefused(
            f"expected a release before {short(current.release)}, found that it is the first in {target.environment}; "
            "deploy a mended release instead"
        )
    return current.previous


def rollback(
    target: Target, way: Way, datasets: Iterable[str], examine: Callable[[Release], list[Check]]
) -> RolledBack:
    """Go back, in this order, telling each step.

    Args:
        datasets: whose slots may have been run by the bad release.
        examine: the health check, without alarms: they still ring for what is taken back.

    Raises:
        DeploymentFailed: Terraform or the migration failed; call it again.
    """
    tell, live, began_at = target.tell, target.live, target.now()
    tell(f"going back from {short(way.bad.id)} to {short(way.release.id)}")
    with ThreadPoolExecutor(max_workers=1) as pool:
        # Terraform works out its way meanwhile, from what it knows: readers and functions do not wait for it.
        prepared = pool.submit(target.platform.prepare, way.release)
        _stop_the_bad(target, way)
        restored = _restore(target, way.before)
        swapped = live.swap_functions(way.release, way.bad)
        tell("functions run the former code" if swapped else "functions wait for Terraform: the libraries differ too")
        walk = prepared.result()
    walk()
    tell("Terraform is that of the former release")
    prove_functions(way.release, live)
    live.migrate()
    if restored is None:
        restored = _restore(target, way.before)
    live.thaw()
    again = _run_again(target, datasets, way.since, restored is not None)
    tell("checking the health of what is deployed")
    checks = examine(way.release)
    return RolledBack(_record(target, way, began_at), way, restored or [], again, checks)


def _stop_the_bad(target: Target, way: Way) -> None:
    """No run begins any more, and none goes on."""
    frozen, stopped = target.live.freeze(), target.live.running()
    for execution in stopped:
        target.live.stop(execution, f"rolled back to {short(way.release.id)}")
    target.tell(f"schedules frozen: {len(frozen)}; runs stopped: {len(stopped)}")


def _record(target: Target, way: Way, began_at: str) -> Deployment:
    record = Deployment(
        environment=target.environment,
        number=next_number(target.store, target.environment),
        kind="rollback",
        release=way.release.id,
        previous=way.bad.id,
        began_at=began_at,
        deployed_at=target.now(),
    )
    return finish(target.store, record)


def _restore(target: Target, before: Point | None) -> list[str] | None:
    """Bring readers and tables back; None where that cannot be. The function that does it is at first the bad
    release's own."""
    if before is None:
        target.tell("no state of the catalog was kept: readers stay where they are")
        return None
    try:
        done = target.live.restore(before)
    except DeploymentFailed as problem:
        target.tell(f"readers could not be brought back yet: {problem.message[:200]}")
        return None
    target.tell(f"readers see what they saw before: {', '.join(done) or 'nothing had moved'}")
    return done


def _run_again(target: Target, datasets: Iterable[str], since: str, restored: bool) -> list[Ran]:
    """Run every slot again that was run since, but those that the tables hold as they were before.

    Where tables could not be brought back they hold what the bad release wrote.
    """
    late = {
        name: [record.slot for record in target.live.records(name) if record.recorded_at >= since] for name in datasets
    }
    held = target.live.held() if restored and any(late.values()) else {}
    ran: list[Ran] = []
    for name, since_then in late.items():
        slots = [slot for slot in since_then if str(slot) not in held.get(name, set())]
        if slots:
            target.tell(f"running {len(slots)} slot(s) of {name} again that the bad release ran")
            ran += target.live.run(name, slots, again=True)
    return ran
