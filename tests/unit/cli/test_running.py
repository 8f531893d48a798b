"""Running slots through the state machine: which execution is watched, and the account that comes of it."""

from pathlib import Path

import pytest
from environment_over_http import BEGAN, EnvironmentOverHttp, Run

from lakeward.cli.running import Outcome, run_slots
from lakeward.cli.session import open_session
from lakeward.contract import Dataset, load_dataset
from lakeward.ops.account import Step
from lakeward.ops.cost import LAMBDA_GB_SECOND, LAMBDA_REQUEST, STATE_TRANSITION
from lakeward.slot import Slot

DAY = Slot.parse("2018-01-31", "day")
NAME = "parcels-20180131T0000Z"
BY_HAND = (5.5 * 512 + 5 * 3008) / 1024 * LAMBDA_GB_SECOND + 5 * (LAMBDA_REQUEST + STATE_TRANSITION)
"""Ingest, audit and record took 5.5 s with 512 MB, transform and publish 5 s with 3008 MB."""


@pytest.fixture
def parcels(copy: Path) -> Dataset:
    return load_dataset(copy / "datasets" / "parcels")


def run(of: Dataset, *slots: Slot, again: bool = False, parallel: int = 1) -> list[Outcome]:
    return run_slots(open_session("local"), of, list(slots), again=again, parallel=parallel)


def test_a_slot_is_run_and_its_whole_account_comes_back(environment: EnvironmentOverHttp, parcels: Dataset) -> None:
    (outcome,) = run(parcels, DAY)

    began = outcome.steps[0].began
    assert began.timestamp() == BEGAN
    assert outcome == Outcome(
        slot=DAY,
        execution=NAME,
        outcome="ran",
        seconds=10.5,
        dollars=pytest.approx(BY_HAND),
        counts={"records_in": 10, "rows_in": 10, "written": 8, "quarantined": 1, "deduplicated": 1},
        steps=[
            Step("Ingest", began, 4.0, 1, 4.0),
            Step("Transform", outcome.steps[1].began, 2.0, 1, 2.0),
            Step("Audit", outcome.steps[2].began, 1.0, 1, 1.0),
            Step("Publish", outcome.steps[3].began, 3.0, 1, 3.0),
            Step("Record", outcome.steps[4].began, 0.5, 1, 0.5),
        ],
        output=environment.runs[NAME].output(),
    )
    assert [(step.began - began).total_seconds() for step in outcome.steps] == [0, 4, 6, 7, 10]
    assert environment.started == [(NAME, {"dataset": "parcels", "slot": "2018-01-31T00:00Z"})]


def test_a_run_is_watched_until_it_has_ended(environment: EnvironmentOverHttp, parcels: Dataset) -> None:
    environment.coming[str(DAY)] = Run(looks_before_its_end=2)

    (outcome,) = run(parcels, DAY)

    assert (outcome.outcome, outcome.counts["written"]) == ("ran", 8)
    assert environment.runs[NAME].looks_before_its_end == 0


def test_a_run_that_is_under_way_is_joined(environment: EnvironmentOverHttp, parcels: Dataset) -> None:
    environment.runs[NAME] = Run(looks_before_its_end=2)

    (outcome,) = run(parcels, DAY)

    assert (outcome.outcome, outcome.execution, environment.started) == ("joined", NAME, [])


def test_a_slot_that_is_done_is_told_of_and_not_run(environment: EnvironmentOverHttp, parcels: Dataset) -> None:
    environment.runs[NAME] = Run(counts=(5, 5, 0, 0))

    (outcome,) = run(parcels, DAY)

    assert (outcome.outcome, outcome.counts["records_in"], environment.started) == ("already done", 5, [])


def test_a_slot_that_is_done_runs_again_when_asked_to(environment: EnvironmentOverHttp, parcels: Dataset) -> None:
    environment.runs[NAME] = Run()

    (outcome,) = run(parcels, DAY, again=True)

    assert (outcome.outcome, outcome.execution) == ("ran", f"{NAME}-2")


def test_a_slot_that_another_release_ran_is_run(environment: EnvironmentOverHttp, parcels: Dataset) -> None:
    environment.runs[NAME] = Run(release="f" * 64)

    assert run(parcels, DAY)[0].execution == f"{NAME}-2"


FAILURES = {
    "a function's error": (
        Run(
            "FAILED", error="AuditFailed", cause='{"errorMessage": "too many [red, green]", "errorType": "AuditFailed"}'
        ),
        f"FAILED AuditFailed: too many [red, green] (execution {NAME})",
    ),
    "another service's words": (
        Run("FAILED", error="States.Runtime", cause="no such path"),
        f"FAILED States.Runtime: no such path (execution {NAME})",
    ),
    "JSON that is no function's error": (
        Run("FAILED", error="Odd", cause="[1, 2]"),
        f"FAILED Odd: [1, 2] (execution {NAME})",
    ),
    "no words at all": (Run("ABORTED"), f"ABORTED : (execution {NAME})"),
    "time that ran out": (Run("TIMED_OUT", error="States.Timeout"), f"TIMED_OUT States.Timeout: (execution {NAME})"),
}


@pytest.mark.parametrize("what", FAILURES)
def test_a_run_that_fails_says_what_happened(what: str, environment: EnvironmentOverHttp, parcels: Dataset) -> None:
    environment.coming[str(DAY)], failure = FAILURES[what]

    (outcome,) = run(parcels, DAY)

    assert outcome.outcome == "failed"
    assert outcome.failure is not None
    assert " ".join(outcome.failure.split()) == failure
    assert (outcome.counts, outcome.output) == ({}, {})


def test_a_run_that_fails_has_the_time_and_cost_of_the_steps_that_it_took(
    environment: EnvironmentOverHttp, parcels: Dataset
) -> None:
    environment.coming[str(DAY)] = Run("FAILED", error="X", cause="y", steps=(("Ingest", 4.0), ("Transform", 2.0)))

    (outcome,) = run(parcels, DAY)

    assert [(s.name, s.seconds) for s in outcome.steps] == [("Ingest", 4.0), ("Transform", 2.0)]
    dollars = (4 * 512 + 2 * 3008) / 1024 * LAMBDA_GB_SECOND + 2 * (LAMBDA_REQUEST + STATE_TRANSITION)
    assert (outcome.seconds, outcome.dollars) == (6.0, pytest.approx(dollars))


def test_slots_that_run_at_once_are_told_of_in_their_order(environment: EnvironmentOverHttp, parcels: Dataset) -> None:
    slots = DAY.until(Slot.parse("2018-02-05", "day"))
    environment.coming[str(slots[0])] = Run(looks_before_its_end=3)
    environment.coming[str(slots[2])] = Run("FAILED", error="AuditFailed", cause="too many")

    outcomes = run(parcels, *slots, parallel=4)

    assert [o.slot for o in outcomes] == slots
    assert [o.outcome for o in outcomes] == ["ran", "ran", "failed", "ran", "ran", "ran"]
    assert sorted(name for name, _ in environment.started) == [f"parcels-{slot.key}" for slot in slots]
