"""The account of a run: what each step took, from the execution's history."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from lakeward.ops.cost import StepUse, step_dollars

STEPS = ("Ingest", "Transform", "Audit", "Publish", "Record")
"""The task states of a run that goes well, in order. Each has a function of the same name in lower case."""

ALSO = {"FindStaged": "Transform"}
"""States that are another step's function called once more."""

CALL_BEGINS = ("LambdaFunctionScheduled", "TaskScheduled")
CALL_ENDS = tuple(f"{kind}{how}" for kind in ("LambdaFunction", "Task") for how in ("Succeeded", "Failed", "TimedOut"))
EXECUTION_ENDS = tuple(f"Execution{how}" for how in ("Succeeded", "Failed", "Aborted", "TimedOut"))

Event = dict[str, Any]
"""One event of GetExecutionHistory."""


@dataclass(frozen=True)
class Step:
    """One step of one run: when it began (aware), how long it took, how often its function was called.

    ``seconds`` hold the waits between retries; ``called_seconds`` are those of the calls alone.
    """

    name: str
    began: datetime
    seconds: float = 0.0
    calls: int = 0
    called_seconds: float = 0.0

    def dollars(self, memory_mb: int) -> float:
        """What the step costs on AWS, estimated from the function's memory."""
        return step_dollars(StepUse(self.calls, self.called_seconds, memory_mb))


def steps_of(history: Iterable[Event]) -> list[Step]:
    """The steps of an execution that have ended, in the order in which they began, visits of one state added up.

    Args:
        history: the events of GetExecutionHistory, oldest first.
    """
    steps: dict[str, Step] = {}
    for visit in _visits(history):
        entered, calls = visit[0]["stateEnteredEventDetails"]["name"], _call_seconds(visit)
        name = ALSO.get(entered, entered)
        step = steps.get(name) or Step(name, visit[0]["timestamp"])
        steps[name] = replace(
            step,
            seconds=step.seconds + _seconds(visit[0], visit[-1]),
            calls=step.calls + len(calls),
            called_seconds=step.called_seconds + sum(calls),
        )
    return list(steps.values())


def _visits(history: Iterable[Event]) -> Iterator[list[Event]]:
    """Every stay in a step's state: the event that entered it, up to the event that entered the next or ended all."""
    visit: list[Event] = []
    for event in history:
        if visit:
            visit.append(event)
        entered = event.get("stateEnteredEventDetails")
        if entered is None and event["type"] not in EXECUTION_ENDS:
            continue
        if visit:
            yield visit
        visit = [event] if entered and ALSO.get(entered["name"], entered["name"]) in STEPS else []


def _call_seconds(visit: list[Event]) -> list[float]:
    """How long each call of the function took; one whose end is not told took until the state was left."""
    seconds = []
    began: Event | None = None
    for event in visit:
        if event["type"] in CALL_BEGINS:
            began = event
        elif began is not None and (event["type"] in CALL_ENDS or event is visit[-1]):
            seconds.append(_seconds(began, event))
            began = None
    return seconds


def _seconds(first: Event, last: Event) -> float:
    return float((last["timestamp"] - first["timestamp"]).total_seconds())
