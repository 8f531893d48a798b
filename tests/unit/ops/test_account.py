"""The account of a run, from histories as Step Functions gives them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lakeward.ops.account import Step, steps_of
from lakeward.ops.cost import LAMBDA_GB_SECOND, LAMBDA_REQUEST, STATE_TRANSITION

BEGAN = datetime(2018, 2, 1, 3, tzinfo=UTC)
FUNCTION = ("LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunction{}")
TASK = ("TaskScheduled", "TaskStarted", "Task{}")


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def event(seconds: float, kind: str, **details: Any) -> dict[str, Any]:
    return {"timestamp": at(seconds), "type": kind, **details}


def entered(seconds: float, name: str, kind: str = "Task") -> dict[str, Any]:
    return event(seconds, f"{kind}StateEntered", stateEnteredEventDetails={"name": name, "input": "{}"})


def called(
    since: float, until: float, how: str = "Succeeded", kind: tuple[str, ...] = FUNCTION
) -> list[dict[str, Any]]:
    """One call of a function, as the two ways of integration tell it."""
    scheduled, started, ended = kind
    return [event(since, scheduled), event(since, started), event(until, ended.format(how))]


def left(seconds: float, name: str, kind: str = "Task") -> dict[str, Any]:
    return event(seconds, f"{kind}StateExited", stateExitedEventDetails={"name": name, "output": "{}"})


def visit(name: str, since: float, until: float, kind: tuple[str, ...] = FUNCTION) -> list[dict[str, Any]]:
    """A state that is entered, calls its function once, and is left."""
    return [entered(since, name), *called(since, until, kind=kind), left(until, name)]


def whole_run(kind: tuple[str, ...]) -> list[dict[str, Any]]:
    """Ingest is visited twice; every other step once."""
    return [
        event(0, "ExecutionStarted"),
        *visit("Ingest", 0, 890, kind),
        entered(890, "IsComplete", "Choice"),
        left(890, "IsComplete", "Choice"),
        *visit("Ingest", 890, 900, kind),
        entered(900, "IsComplete", "Choice"),
        left(900, "IsComplete", "Choice"),
        *visit("Transform", 900, 903.5, kind),
        *visit("Audit", 903.5, 904, kind),
        *visit("Publish", 904, 909, kind),
        *visit("Record", 909, 909.25, kind),
        entered(909.25, "Done", "Succeed"),
        left(909.25, "Done", "Succeed"),
        event(909.25, "ExecutionSucceeded"),
    ]


@pytest.mark.parametrize("kind", [FUNCTION, TASK], ids=["function events", "task events"])
def test_every_step_of_a_run_has_its_time_and_its_calls(kind: tuple[str, ...]) -> None:
    assert steps_of(whole_run(kind)) == [
        Step("Ingest", at(0), 900, 2, 900),
        Step("Transform", at(900), 3.5, 1, 3.5),
        Step("Audit", at(903.5), 0.5, 1, 0.5),
        Step("Publish", at(904), 5, 1, 5),
        Step("Record", at(909), 0.25, 1, 0.25),
    ]


@pytest.mark.parametrize("kind", [FUNCTION, TASK], ids=["function events", "task events"])
def test_a_retry_is_a_call_and_the_wait_before_it_is_time_but_not_the_functions(kind: tuple[str, ...]) -> None:
    history = [
        event(0, "ExecutionStarted"),
        entered(0, "Publish"),
        *called(0, 2, "Failed", kind),
        *called(12, 14, "TimedOut", kind),
        *called(44, 45, "Succeeded", kind),
        left(45, "Publish"),
        entered(45, "Done", "Succeed"),
        event(45, "ExecutionSucceeded"),
    ]

    assert steps_of(history) == [Step("Publish", at(0), 45, 3, 5)]


@pytest.mark.parametrize("kind", [FUNCTION, TASK], ids=["function events", "task events"])
def test_a_run_that_failed_has_the_steps_up_to_the_one_that_failed(kind: tuple[str, ...]) -> None:
    history = [
        event(0, "ExecutionStarted"),
        *visit("Ingest", 0, 4, kind),
        entered(4, "IsComplete", "Choice"),
        entered(4, "Transform"),
        *called(4, 6, "Failed", kind),
        left(6, "Transform"),
        entered(6, "TransformFailed", "Pass"),
        left(6, "TransformFailed", "Pass"),
        *visit("RecordFailure", 6, 7, kind),
        *visit("Alert", 7, 8, kind),
        entered(8, "Failed", "Fail"),
        event(8, "ExecutionFailed"),
    ]

    assert steps_of(history) == [Step("Ingest", at(0), 4, 1, 4), Step("Transform", at(4), 2, 1, 2)]


@pytest.mark.parametrize("how", ["Aborted", "TimedOut", "Failed"])
def test_a_step_that_the_executions_end_cut_off_counts_up_to_that_end(how: str) -> None:
    history = [
        event(0, "ExecutionStarted"),
        entered(1, "Ingest"),
        event(1, "LambdaFunctionScheduled"),
        event(1, "LambdaFunctionStarted"),
        event(31, f"Execution{how}"),
    ]

    assert steps_of(history) == [Step("Ingest", at(1), 30, 1, 30)]


def test_a_step_that_is_still_under_way_is_left_out() -> None:
    history = [event(0, "ExecutionStarted"), *visit("Ingest", 0, 4), entered(4, "Transform")]

    assert steps_of(history) == [Step("Ingest", at(0), 4, 1, 4)]


def test_a_run_that_was_taken_up_again_after_a_failure_has_one_account() -> None:
    history = [
        event(0, "ExecutionStarted"),
        *visit("Ingest", 0, 4),
        entered(4, "Audit"),
        *called(4, 5, "Failed"),
        event(5, "ExecutionFailed"),
        event(1000, "ExecutionRedriven"),
        entered(1000, "Audit"),
        *called(1000, 1002),
        entered(1002, "Publish"),
        *called(1002, 1003),
        event(1003, "ExecutionSucceeded"),
    ]

    assert steps_of(history) == [
        Step("Ingest", at(0), 4, 1, 4),
        Step("Audit", at(4), 3, 2, 3),
        Step("Publish", at(1002), 1, 1, 1),
    ]


def test_an_execution_that_just_began_has_no_steps() -> None:
    assert steps_of([event(0, "ExecutionStarted")]) == []


def test_a_step_costs_what_its_calls_took_and_not_what_it_waited() -> None:
    step = Step("Publish", BEGAN, seconds=300, calls=3, called_seconds=6)

    by_hand = 6 * 3008 / 1024 * LAMBDA_GB_SECOND + 3 * LAMBDA_REQUEST + 3 * STATE_TRANSITION
    assert step.dollars(3008) == pytest.approx(by_hand)
