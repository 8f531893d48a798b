"""Which marts are to be built after a slot was published, in which order, and from which state of what they read."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from lakeward.contract.marts import MartModel
from lakeward.ports.marts import Inputs
from lakeward.slot import INTERVALS, Slot

EVERYTHING = Slot(datetime(1970, 1, 1, tzinfo=UTC))
"""The slot that all rows of a full mart are in."""
FORMAT = "1"
"""Raised when the same query and the same input would be written otherwise."""
MOST_MISSING = 31
"""Builds that one run makes up for. The next run goes on."""


@dataclass(frozen=True)
class Build:
    """One mart and the slot to build."""

    mart: str
    slot: Slot


@dataclass(frozen=True)
class State:
    """What a build is made from.

    Attributes:
        run_id: changes when anything that the query reads was published, or the mart was changed.
        watched: changes only with what calls for a new build: input by slot, or any input of a full mart.
        waits_for: an input that is needed and was never published.
    """

    run_id: str
    watched: str
    waits_for: str | None


def affected(
    models: Mapping[str, MartModel], name: str, slot: Slot, missing: Callable[[MartModel], list[Slot]]
) -> list[Build]:
    """Everything that follows from a slot of a dataset, in the order in which it can be built.

    Args:
        models: all marts, each after those that it reads.
        name: the dataset.
        slot: what was published of it.
        missing: slots of a mart that could be built and never were. They are made up for when a mart reads the
            dataset as a whole and needs it: they may have waited for it.
    """
    touched: dict[str, list[Slot]] = {name: [slot]}
    for model in models.values():
        slots: set[Slot] = set()
        for given in model.declared.inputs:
            if given.name not in touched:
                continue
            if model.every is None:
                slots.add(EVERYTHING)
            elif given.rows == "slot":
                step = INTERVALS[model.every]
                slots |= {Slot(s.start + step * n, s.every) for s in touched[given.name] for n in range(given.back + 1)}
            elif given.needed:
                slots |= set(missing(model)[:MOST_MISSING])
        if slots:
            touched[model.name] = sorted(slots)
    return [Build(mart, each) for mart, slots in touched.items() if mart != name for each in slots]


def missing_slots(model: MartModel, inputs: Inputs) -> list[Slot]:
    """Slots that all needed input by slot has and the mart has not, oldest first."""
    if model.every is None:
        return []
    needed = [given.name for given in model.declared.inputs if given.rows == "slot" and given.needed]
    ready = set.intersection(*(inputs.slots(name) for name in needed))
    return sorted(Slot.parse(text, model.every) for text in ready - inputs.slots(model.name))


def state_of(model: MartModel, slot: Slot, inputs: Inputs) -> State:
    """From what the mart's slot would be built now."""
    watched: list[str] = [FORMAT, model.sha256]
    others: list[str] = []
    waits_for = None
    for given in model.declared.inputs:
        if given.rows == "all":
            found = inputs.snapshot(given.name)
            (watched if model.every is None else others).append(f"{given.name} {found}")
        else:
            step = INTERVALS[slot.every]
            runs = [inputs.run_id(given.name, Slot(slot.start - step * n, slot.every)) for n in range(given.back + 1)]
            found = runs[0]
            watched.append(f"{given.name} {runs}")
        if given.needed and found is None:
            waits_for = waits_for or given.name
    run_id = f"{model.name}/{slot}/{_digest([*watched, *others])}"
    return State(run_id, _digest(watched), waits_for)


def _digest(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
