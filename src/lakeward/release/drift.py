"""Drift: what applying the deployed release once more would change. Nothing, unless somebody made changes beside it."""

from pathlib import Path
from typing import Literal

from lakeward.release.deployment import current_deployment, kept_release, newest_begun
from lakeward.release.documents import Document
from lakeward.release.plan import Target, make_plan
from lakeward.release.publish import prove_stored
from lakeward.released import Sha256, short


class Drift(Document):
    """One look at an environment."""

    drift: Literal[1] = 1
    environment: str
    release: Sha256 | None
    """What is deployed; null when nothing ever was."""
    looked_at: str
    changes: list[str]
    """As a plan names them, and a deployment that did not come to its end; empty when all is as released."""


def look_for_drift(target: Target, folder: Path) -> Drift:
    """Plan the deployed release again.

    Args:
        folder: for the plan, which nobody is to apply.

    Raises:
        ReleaseInvalid: the release is not in the environment's bucket as it was built.
        DeploymentFailed: Terraform cannot plan it.
    """
    current = current_deployment(target.store, target.environment)
    begun = newest_begun(target.store, target.environment)
    changes = []
    if begun > (current.number if current else 0):
        changes.append(f"deployment {begun} began and did not come to its end")
    if current is not None:
        target.tell(f"planning release {short(current.release)} again, which {target.environment} has")
        release = kept_release(target.store, current.release)
        prove_stored(release, target.store)
        changes += make_plan(release, target, folder).changes
    return Drift(
        environment=target.environment,
        release=current.release if current else None,
        looked_at=target.now(),
        changes=changes,
    )
