"""The account of a run: what each step took, from the execution's history."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lakeward.ops.cost import StepUse, step_dollars

STEPS = ("Ingest", "Transform", "Audit", "Publish", "Record")
"""The task states of a run that goes well, in order. Each has a function of the same name in lower case."""


@dataclass(frozen=True)
class Step:
    """One step of one run: when it began (aware), how long it took, how often its function was called."""

    name: str
    began: datetime
    seconds: float
    calls: int

    def dollars(self, memory_mb: int) -> float:
        """What the step costs on AWS, estimated from the function's memory."""
        return step_dollars(StepUse(self.calls, self.seconds, memory_mb))


def steps_of(history: Iterable[dict[str, Any]]) -> list[Step]:
    """The steps of an execution, in order, visits of the same state added up.

    Args:
        history: the events of GetExecutionHistory, oldest first.
    """
    steps: dict[str, Step] = {}
    current: tuple[str, datetime] | None = None
    for event in history:
        entered = event.get("stateEnteredEventDetails")
        ended = event["type"].startswith("Execution") and event["type"] != "ExecutionStarted"
        if current is not None and (entered or ended):
            name, began = current
            seconds = (event["timestamp"] - began).total_seconds()
            before = steps.get(name)
            steps[name] = Step(
                name,
                before.began if before else began,
                seconds + (before.seconds if before else 0.0),
                1 + (before.calls if before else 0),
            )
            current = None
        if entered and entered["name"] in STEPS:
            current = (entered["name"], event["timestamp"])
    return list(steps.values())
