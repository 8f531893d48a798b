"""Starting runs. An execution's name is its dataset and slot, so that the same slot is not run twice at once."""

import json
from dataclasses import dataclass
from typing import Literal

from lakeward.contract.engine import Use
from lakeward.ports.machine import Execution, Machine
from lakeward.slot import Slot

MOST_ATTEMPTS = 1000


@dataclass(frozen=True)
class Started:
    """What became of a wish to run a slot.

    ``outcome`` is ``started``, ``joined`` (one is running) or ``done`` (it succeeded with this release before).
    """

    execution: str
    outcome: Literal["started", "joined", "done"]


def execution_name(dataset: str, slot: Slot, attempt: int) -> str:
    """``earthquakes-20180131T0000Z``, then ``…-2``, ``…-3``."""
    name = f"{dataset}-{slot.key}"
    return name if attempt == 1 else f"{name}-{attempt}"


def start_run(
    dataset: str,
    slot: Slot,
    machine: Machine,
    release: str,
    *,
    again: bool = False,
    engine: Use = "auto",
    accept_cost: bool = False,
) -> Started:
    """Run a slot, unless a run of it is under way or succeeded with this very release.

    Args:
        dataset: its name.
        slot: which slot.
        machine: the state machine.
        release: sha256 of the deployed functions; a slot that another release ran is run again.
        again: run it even when there is nothing to do.
        engine: where to transform it, whatever the contract says; ``auto`` leaves that to the contract.
        accept_cost: whether it may cost more than the contract's limit.
    """
    asked = ({} if engine == "auto" else {"engine": engine}) | ({"accept_cost": True} if accept_cost else {})
    text = json.dumps({"dataset": dataset, "slot": str(slot), **asked})
    for attempt in range(1, MOST_ATTEMPTS):
        name = execution_name(dataset, slot, attempt)
        found = machine.describe(name)
        if found is None:
            if machine.start(name, text):
                return Started(name, "started")
            # Another starter was faster. What it started may be so new that it cannot be described yet.
            found = machine.describe(name) or Execution(name, "RUNNING")
        if found.status == "RUNNING":
            return Started(name, "joined")
        newest = machine.describe(execution_name(dataset, slot, attempt + 1)) is None
        if newest and not again and _done(found, release):
            return Started(name, "done")
    raise AssertionError(f"{dataset} {slot}: more than {MOST_ATTEMPTS} attempts")


def _done(execution: Execution, release: str) -> bool:
    if execution.status != "SUCCEEDED" or execution.output is None:
        return False
    return bool(json.loads(execution.output)["transform"]["release"] == release)
