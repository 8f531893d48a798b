"""Starting runs: the execution's name is the slot's, so a slot is not run twice at once, nor again for nothing."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from lakeward.ops.start import Execution, Started, execution_name, start_run
from lakeward.slot import Slot

DAY = Slot(datetime(2018, 1, 31, tzinfo=UTC))
HOUR = Slot(datetime(2018, 1, 31, 7, tzinfo=UTC), "hour")
FIRST, SECOND, THIRD = (execution_name("earthquakes", DAY, attempt) for attempt in (1, 2, 3))
THIS, ANOTHER = "a" * 64, "b" * 64
FAILURES = ("FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE")


def succeeded(release: str) -> tuple[str, str]:
    """Status and output of a run that went well."""
    return "SUCCEEDED", json.dumps({"dataset": "earthquakes", "transform": {"release": release}})


@dataclass
class FakeMachine:
    """Executions by name. ``rival`` is what another starter puts there just before we do; ``hidden`` names are taken
    and cannot be described yet."""

    executions: dict[str, Execution] = field(default_factory=dict)
    rival: Execution | None = None
    hidden: set[str] = field(default_factory=set)
    inputs: dict[str, Any] = field(default_factory=dict)

    def describe(self, name: str) -> Execution | None:
        return None if name in self.hidden else self.executions.get(name)

    def start(self, name: str, text: str) -> bool:
        if self.rival is not None:
            self.executions[self.rival.name] = self.rival
        if name in self.executions:
            return False
        self.executions[name] = Execution(name, "RUNNING")
        self.inputs[name] = json.loads(text)
        return True


def machine(*attempts: Any) -> FakeMachine:
    """A machine with these attempts at the slot, each a status or a status and an output."""
    found = {}
    for number, attempt in enumerate(attempts, start=1):
        status, output = attempt if isinstance(attempt, tuple) else (attempt, None)
        name = execution_name("earthquakes", DAY, number)
        found[name] = Execution(name, status, output)
    return FakeMachine(found)


def start(of: FakeMachine, *, again: bool = False) -> Started:
    return start_run("earthquakes", DAY, of, THIS, again=again)


def test_an_execution_is_named_by_dataset_slot_and_attempt() -> None:
    assert (FIRST, SECOND, THIRD) == (
        "earthquakes-20180131T0000Z",
        "earthquakes-20180131T0000Z-2",
        "earthquakes-20180131T0000Z-3",
    )
    assert execution_name("tides", HOUR, 1) == "tides-20180131T0700Z"


def test_a_slot_that_never_ran_is_started_with_its_name_as_input() -> None:
    fresh = machine()

    assert start(fresh) == Started(FIRST, "started")
    assert fresh.inputs == {FIRST: {"dataset": "earthquakes", "slot": "2018-01-31T00:00Z"}}


def test_a_second_wish_joins_the_run_that_is_under_way() -> None:
    busy = machine()
    start(busy)

    assert start(busy) == Started(FIRST, "joined")
    assert list(busy.inputs) == [FIRST]


def test_a_run_under_way_is_joined_even_when_it_is_asked_for_again() -> None:
    assert start(machine("RUNNING"), again=True) == Started(FIRST, "joined")


def test_a_slot_that_succeeded_with_this_release_is_left_alone() -> None:
    done = machine(succeeded(THIS))

    assert start(done) == Started(FIRST, "done")
    assert done.inputs == {}


def test_a_slot_that_succeeded_with_this_release_runs_when_it_is_asked_for_again() -> None:
    assert start(machine(succeeded(THIS)), again=True) == Started(SECOND, "started")


def test_a_slot_that_another_release_ran_is_run_again() -> None:
    assert start(machine(succeeded(ANOTHER))) == Started(SECOND, "started")


def test_going_back_to_a_former_release_runs_the_slot_again() -> None:
    assert start(machine(succeeded(THIS), succeeded(ANOTHER))) == Started(THIRD, "started")


def test_a_success_that_tells_nothing_is_run_again() -> None:
    assert start(machine("SUCCEEDED")) == Started(SECOND, "started")


@pytest.mark.parametrize("status", FAILURES)
def test_a_run_that_did_not_succeed_is_followed_by_the_next_attempt(status: str) -> None:
    assert start(machine(status)) == Started(SECOND, "started")


@pytest.mark.parametrize("status", FAILURES)
def test_a_failure_after_a_success_is_followed_by_the_next_attempt(status: str) -> None:
    assert start(machine(succeeded(THIS), status)) == Started(THIRD, "started")


@pytest.mark.parametrize("first", [*FAILURES, succeeded(THIS), succeeded(ANOTHER)])
def test_only_the_newest_attempt_counts(first: Any) -> None:
    assert start(machine(first, succeeded(THIS))) == Started(SECOND, "done")
    assert start(machine(first, "RUNNING")) == Started(SECOND, "joined")


@pytest.mark.parametrize(
    ("rivals_run", "expected"),
    [
        (Execution(FIRST, "RUNNING"), Started(FIRST, "joined")),
        (Execution(FIRST, *succeeded(THIS)), Started(FIRST, "done")),
    ],
)
def test_whoever_is_slower_takes_the_other_ones_run(rivals_run: Execution, expected: Started) -> None:
    raced = FakeMachine(rival=rivals_run)

    assert start(raced) == expected
    assert raced.inputs == {}


@pytest.mark.parametrize("rivals_run", [Execution(FIRST, "FAILED"), Execution(FIRST, *succeeded(ANOTHER))])
def test_a_rivals_run_that_came_to_nothing_for_us_is_followed_by_the_next_attempt(rivals_run: Execution) -> None:
    assert start(FakeMachine(rival=rivals_run)) == Started(SECOND, "started")


def test_a_rivals_run_too_new_to_be_described_is_joined_and_not_run_beside() -> None:
    raced = FakeMachine(rival=Execution(FIRST, "RUNNING"), hidden={FIRST})

    assert start(raced) == Started(FIRST, "joined")
    assert raced.inputs == {}


def test_another_slot_or_dataset_is_another_run() -> None:
    busy = machine("RUNNING")

    assert start_run("earthquakes", Slot(datetime(2018, 2, 1, tzinfo=UTC)), busy, THIS).outcome == "started"
    assert start_run("tides", DAY, busy, THIS) == Started("tides-20180131T0000Z", "started")
