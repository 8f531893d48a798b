"""Running slots through the state machine, watched until each has ended."""

import contextlib
import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from lakeward.adapters.stepfunctions import StepFunctionsMachine
from lakeward.cli.screen import error_console
from lakeward.cli.session import Session
from lakeward.contract import Dataset
from lakeward.contract.engine import Use
from lakeward.ops.account import STEPS, Step, steps_of
from lakeward.ops.ledger import counts_of
from lakeward.ops.start import start_run
from lakeward.slot import Slot

POLL_SECONDS = 0.25
LINE_EACH = 10
"""Slots between two lines of progress where nothing can be drawn."""


@dataclass(frozen=True)
class Outcome:
    """What became of a slot.

    ``outcome`` is ran, joined or already done, or failed; ``counts`` are the ledger's row counts when it succeeded;
    ``failure`` says the step, the error and its message when it did not. ``dollars`` is an estimate for AWS.
    """

    slot: Slot
    execution: str
    outcome: str
    seconds: float
    dollars: float
    counts: dict[str, int] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    output: dict[str, Any] = field(default_factory=dict)
    failure: str | None = None
    error: str | None = None
    """The error's name, where the run failed."""


def run_slots(
    session: Session,
    of: Dataset,
    slots: list[Slot],
    *,
    again: bool,
    parallel: int,
    engine: Use = "auto",
    accept_cost: bool = False,
    stop: Callable[[Sequence[Outcome]], bool] = lambda _ended: False,
) -> list[Outcome]:
    """Run slots, some at once, showing progress on standard error. Oldest first in, oldest first out.

    ``stop`` is given what has ended so far, before each slot is begun: once it says so, no more are, and those are
    not in the answer.
    """
    machine = StepFunctionsMachine(session.machines, session.state_machine_arn)
    memory = {step: _memory_mb(session, step) for step in STEPS}
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    ended: list[Outcome] = []
    with Progress(*columns, console=error_console, transient=True) as progress, ThreadPoolExecutor(parallel) as pool:
        whole = progress.add_task(f"{of.name}: slots", total=len(slots))

        def one(slot: Slot) -> Outcome | None:
            if stop(ended):
                return None
            task = progress.add_task(f"{slot}", total=len(STEPS))
            started = start_run(
                of.name, slot, machine, session.release, again=again, engine=engine, accept_cost=accept_cost
            )
            arn = machine.execution_arn(started.execution)
            found = _wait(session, arn, progress, task, str(slot))
            progress.remove_task(task)
            progress.advance(whole)
            words = {"started": "ran", "joined": "joined", "done": "already done"}[started.outcome]
            outcome = _outcome(session, slot, words, found, memory)
            ended.append(outcome)
            if not error_console.is_terminal and len(ended) % LINE_EACH == 0:
                error_console.print(f"{of.name}: {len(ended):,} of {len(slots):,} slots", highlight=False)
            return outcome

        return [outcome for outcome in pool.map(one, slots) if outcome is not None]


def at_once(of: Dataset, parallel: int) -> int:
    """How many slots may ask a source at once: what was wanted, or one where the contract has a rate.

    Each run counts its own requests, so two runs beside each other would ask twice as often.
    """
    if parallel == 1 or of.contract.source.manners.requests_per_second is None:
        return parallel
    told = f"{of.name}: one slot at a time, because each run keeps source.manners.requests_per_second by itself"
    error_console.print(told, highlight=False, soft_wrap=True)
    return 1


def _memory_mb(session: Session, step: str) -> int:
    return session.functions.get_function_configuration(FunctionName=session.function(step.lower()))["MemorySize"]


def _wait(session: Session, arn: str, progress: Progress, task: TaskID, label: str) -> dict[str, Any]:
    """Poll an execution until it has ended, showing the state that it is in."""
    while True:
        found = session.machines.describe_execution(executionArn=arn)
        if found["status"] not in ("RUNNING", "PENDING_REDRIVE"):
            return dict(found)
        newest = session.machines.get_execution_history(executionArn=arn, reverseOrder=True, maxResults=20)["events"]
        state = next((e["stateEnteredEventDetails"]["name"] for e in newest if "stateEnteredEventDetails" in e), "")
        if state in STEPS:
            progress.update(task, completed=STEPS.index(state), description=f"{label} {state.lower()}")
        time.sleep(POLL_SECONDS)


def _outcome(session: Session, slot: Slot, words: str, found: dict[str, Any], memory: dict[str, int]) -> Outcome:
    pages = session.machines.get_paginator("get_execution_history").paginate(executionArn=found["executionArn"])
    steps = steps_of(event for page in pages for event in page["events"])  # type: ignore[misc]
    facts: dict[str, Any] = {
        "slot": slot,
        "execution": found["name"],
        "seconds": (found["stopDate"] - found["startDate"]).total_seconds(),
        "dollars": sum(step.dollars(memory[step.name]) for step in steps),
        "steps": steps,
    }
    if found["status"] != "SUCCEEDED":
        return Outcome(outcome="failed", failure=_failure(found), error=found.get("error"), **facts)
    output = json.loads(found["output"])
    return Outcome(outcome=words, counts=counts_of(output["record"]), output=output, **facts)


def _failure(found: dict[str, Any]) -> str:
    """The step, the error's name and its message, as the machine's Fail state gave them."""
    cause = found.get("cause", "")
    with contextlib.suppress(ValueError, KeyError, TypeError):  # not a function's error: the text as it is
        told = json.loads(cause)
        said = [told[key] for key in ("errorMessage", "ErrorMessage") if key in told]  # of a function, of a Glue job
        cause = said[0] if said else told["Status"]["StateChangeReason"]  # of a query
    return f"{found['status']} {found.get('error', '')}: {cause} (execution {found['name']})"
