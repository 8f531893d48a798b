"""An environment as a deployment sees it: the Terraform that makes it, and what runs in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from lakeward.ports.catalog import Point
from lakeward.released import Release
from lakeward.slot import Slot

PLAN, TEXT, IDLE = "plan.tfplan", "plan.txt", "idle.txt"
"""A plan as Terraform keeps it, as people read it, and what it leads to costs in a month in which nothing happens."""


class Platform(Protocol):
    """One environment's Terraform. What it applies is the release's own, never that of a working copy."""

    def plan(self, release: Release, folder: Path) -> list[str]:
        """Work out what a release would change, and keep it as ``plan.tfplan``, ``plan.txt`` and ``idle.txt`` in
        ``folder``.

        Returns:
            The changes, such as ``update module.function["audit"].aws_lambda_function.this``.

        Raises:
            DeploymentFailed: it cannot be planned.
        """
        ...

    def apply(self, release: Release, folder: Path) -> None:
        """Apply exactly the plan that lies in ``folder``.

        Raises:
            PlanStale: the environment's state has changed since the plan was made; nothing was changed.
            DeploymentFailed: it failed on the way; what was changed stays.
        """
        ...

    def prepare(self, release: Release) -> Callable[[], None]:
        """Work out the way to a release that nobody stops to look at; what is returned walks it.

        Nothing is changed until then. The way is worked out from what Terraform knows and not from the cloud, so other
        things may change there meanwhile; what was changed beside Terraform stays changed, because finding it would
        take longer than the way back.

        Raises:
            DeploymentFailed: it cannot be planned; or, when it is walked, it failed and what was changed stays.
        """
        ...


@dataclass(frozen=True)
class RunningFunction:
    """What a function runs: the release that it was told of, and the digest (sha256, hex) of the code it has."""

    release: str
    code_sha256: str


@dataclass(frozen=True)
class Ran:
    """What became of a slot's run. ``failure`` says the step and the error when it failed.

    ``rows_in`` are what has to be accounted for: the records, or what exploding an array made of them.
    """

    dataset: str
    slot: Slot
    execution: str
    records_in: int = 0
    rows_in: int = 0
    written: int = 0
    quarantined: int = 0
    deduplicated: int = 0
    failure: str | None = None


@dataclass(frozen=True)
class SlotRecord:
    """The ledger's entry of a slot, as far as a release cares: when it was recorded, by which code and contract."""

    slot: Slot
    succeeded: bool
    recorded_at: str
    release: str | None
    contract_sha256: str | None


@dataclass(frozen=True)
class Ringing:
    """An alarm that rings; ``of_freshness`` when it says that no data came, and not that something failed."""

    name: str
    of_freshness: bool = False


class Live(Protocol):
    """What is deployed in an environment and runs."""

    def functions(self) -> dict[str, RunningFunction]:
        """Every function by its role; empty before the first deployment."""
        ...

    def swap_functions(self, release: Release, instead_of: Release) -> bool:
        """Give every function a release's code in the place of another's, ahead of Terraform.

        Returns:
            False, and nothing is changed, where the release has other libraries: that is for Terraform alone.
        """
        ...

    def freeze(self) -> list[str]:
        """Disable every schedule; returns the names of those that were enabled."""
        ...

    def thaw(self) -> list[str]:
        """Enable every schedule where the environment's values say that they fire; returns those that were not."""
        ...

    def running(self) -> list[str]:
        """Names of the executions that run."""
        ...

    def stop(self, execution: str, why: str) -> None:
        """Stop an execution; one that has ended is left alone."""
        ...

    def look(self) -> Point | None:
        """What readers see now; None when no function is there that could tell."""
        ...

    def restore(self, point: Point) -> list[str]:
        """Bring views and tables back to a former state; says what was changed.

        Raises:
            DeploymentFailed: the function that does it failed.
        """
        ...

    def migrate(self) -> dict[str, dict[str, Any]]:
        """Make and evolve tables and views; what was done by dataset.

        Raises:
            DeploymentFailed: the function that does it failed.
        """
        ...

    def ringing(self) -> list[Ringing]:
        """The environment's alarms that ring."""
        ...

    def certified(self, dataset: str) -> list[Slot]:
        """Slots of which raw holds a certificate, oldest first."""
        ...

    def held(self) -> dict[str, set[str]]:
        """Slots whose commits the deployed contracts' tables hold now, by dataset; 2018-01-31T00:00Z.

        Raises:
            DeploymentFailed: the function that looks failed.
        """
        ...

    def records(self, dataset: str) -> list[SlotRecord]:
        """The ledger's entries of a dataset, oldest slot first."""
        ...

    def run(self, dataset: str, slots: Sequence[Slot], *, again: bool) -> list[Ran]:
        """Run slots through the state machine to their end; with ``again``, those that ran already too."""
        ...
