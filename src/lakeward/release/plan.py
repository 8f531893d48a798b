"""Plans: what a release would change in an environment, bound to that release and to what is deployed there now."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from lakeward.errors import PlanStale
from lakeward.ports.artifacts import Artifacts
from lakeward.ports.deployment import PLAN, Live, Platform
from lakeward.release.deployment import current_deployment
from lakeward.release.documents import Document
from lakeward.released import Release, Sha256, short

BINDING = "plan.json"


@dataclass(frozen=True)
class Target:
    """An environment that a release is brought into, and who is told how far it is."""

    environment: str
    store: Artifacts
    platform: Platform
    live: Live
    clock: Callable[[], datetime]
    tell: Callable[[str], None]

    def now(self) -> str:
        """The time, ISO 8601, UTC."""
        return self.clock().isoformat(timespec="milliseconds")


class Plan(Document):
    """What ``plan.tfplan`` is a plan of."""

    plan: Literal[1] = 1
    environment: str
    release: Sha256
    deployment: int
    """Number of the environment's newest deployment when it was made; 0 before the first."""
    plan_sha256: Sha256
    made_at: str
    changes: list[str]


def make_plan(release: Release, target: Target, folder: Path) -> Plan:
    """Plan a release. Nothing is written to the environment, so whoever may only look can do it.

    Args:
        folder: gets ``plan.tfplan``, ``plan.txt`` and ``plan.json``; made when it is not there.

    Raises:
        ReleaseInvalid: the release's Terraform is not to be had as it was built.
        DeploymentFailed: Terraform cannot plan it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    current = current_deployment(target.store, target.environment)
    changes = target.platform.plan(release, folder)
    plan = Plan(
        environment=target.environment,
        release=release.id,
        deployment=current.number if current else 0,
        plan_sha256=_digest(folder / PLAN),
        made_at=target.now(),
        changes=changes,
    )
    (folder / BINDING).write_bytes(plan.to_bytes())
    return plan


def read_plan(release: Release, target: Target, folder: Path) -> Plan:
    """The plan in a folder, when it may be applied now.

    Raises:
        PlanStale: it is missing, changed, of another release or environment, or of one that was deployed to since.
    """
    advice = f"make a new one: lakeward deploy plan -e {target.environment} --release FILE --out {folder}"
    if not (folder / BINDING).is_file() or not (folder / PLAN).is_file():
        raise PlanStale(f"{folder}: expected {BINDING} and {PLAN}, found them not; {advice}")
    plan = Plan.from_bytes((folder / BINDING).read_bytes(), str(folder / BINDING))
    current = current_deployment(target.store, target.environment)
    bound = (
        ("environment", target.environment, plan.environment),
        ("release", short(release.id), short(plan.release)),
        ("sha256 of the plan", _digest(folder / PLAN), plan.plan_sha256),
        ("newest deployment", current.number if current else 0, plan.deployment),
    )
    wrong = [f"{what}: expected {expected}, found {found}" for what, expected, found in bound if expected != found]
    if wrong:
        raise PlanStale(f"{folder / BINDING}: {'; '.join(wrong)}. Nothing was changed; {advice}")
    return plan


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
