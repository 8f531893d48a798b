"""The state machine's text: every step can fail, says how, and is retried for what a retry may help, by name."""

import json
from pathlib import Path
from typing import Any

import pytest
from annotated_types import Le

from lakeward import errors
from lakeward.contract.source_manners import Limits

ROOT = Path(__file__).parents[2]
MACHINE = json.loads((ROOT / "terraform/platform/pipeline.asl.json").read_text())
STATES: dict[str, dict[str, Any]] = MACHINE["States"]
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}
STEPS = {name: state for name, state in TASKS.items() if state["Resource"].endswith("_arn}")}
LAMBDA_ERRORS = {
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
}
"""Lambda's own faults: it did not get to the function, or not back."""
CRASHES = {"Lambda.Unknown", "Runtime.ExitError"}
"""The function's process ended: memory that ran out will run out again, a machine that broke will not break twice."""


def leaves_of(base: type) -> set[str]:
    """Names of the classes below ``base`` that nothing is derived from."""
    below = base.__subclasses__()
    return {base.__name__} if not below else {name for each in below for name in leaves_of(each)}


def next_of(state: dict[str, Any]) -> set[str]:
    """Every state that may follow."""
    jumps = [state, *state.get("Choices", []), *state.get("Catch", [])]
    return {jump[key] for jump in jumps for key in ("Next", "Default") if key in jump}


def test_the_run_as_a_whole_has_a_time_limit_beyond_the_longest_that_a_source_may_take():
    """A step that takes too long is caught, recorded and told; the machine's own limit is none of that."""
    (longest,) = [limit.le for limit in Limits.model_fields["run_seconds"].metadata if isinstance(limit, Le)]

    assert longest + 43_200 <= MACHINE["TimeoutSeconds"] <= longest + 86_400


def test_the_steps_run_in_this_order():
    walked, state = [], MACHINE["StartAt"]
    while state not in walked:
        walked.append(state)
        first = STATES[state].get("Choices", [{}])[0].get("Next", state)
        state = STATES[state].get("Next") or (STATES[state]["Default"] if state == "NextMart" else first)

    by_glue = ["TransformInGlue", "FindStaged"]
    assert walked == ["Ingest", "IsComplete", "Route", *by_glue, "Audit", "Publish", "NextMart", "Record", "Done"]
    assert (STATES["Route"]["Default"], STATES["Transform"]["Next"]) == ("Transform", "Audit")


def test_marts_are_queried_and_committed_in_turns_until_none_is_left():
    choices = {choice["StringEquals"]: choice["Next"] for choice in STATES["NextMart"]["Choices"]}

    assert (choices, STATES["NextMart"]["Default"]) == ({"plan": "Marts", "query": "QueryMart"}, "Record")
    assert (STATES["QueryMart"]["Next"], STATES["Marts"]["Next"]) == ("Marts", "NextMart")


def test_every_try_of_a_mart_writes_to_a_folder_of_its_own():
    assert "States.UUID()" in STATES["QueryMart"]["Parameters"]["QueryString.$"]


def test_every_state_can_be_reached_and_every_jump_lands():
    assert {name for state in STATES.values() for name in next_of(state)} | {MACHINE["StartAt"]} == set(STATES)


@pytest.mark.parametrize("name", TASKS)
def test_a_task_is_limited_in_time_and_waits_longer_each_time_at_random_up_to_a_limit(name: str):
    task = TASKS[name]

    assert task["TimeoutSeconds"] < MACHINE["TimeoutSeconds"]
    assert task["Retry"]
    for retry in task["Retry"]:
        assert retry["JitterStrategy"] == "FULL"
        assert retry["BackoffRate"] > 1
        assert retry["MaxAttempts"] > 1
        assert retry["IntervalSeconds"] < retry["MaxDelaySeconds"]


@pytest.mark.parametrize("name", STEPS)
def test_a_step_is_retried_for_faults_of_lambda_and_our_transient_errors_and_nothing_else(name: str):
    assert [set(retry["ErrorEquals"]) for retry in STEPS[name]["Retry"]] == [
        LAMBDA_ERRORS,
        CRASHES,
        leaves_of(errors.Transient),
    ]


@pytest.mark.parametrize("name", STEPS)
def test_a_crash_is_tried_again_twice_and_no_more_because_each_try_may_take_a_quarter_of_an_hour(name: str):
    (crashes,) = [retry for retry in STEPS[name]["Retry"] if set(retry["ErrorEquals"]) == CRASHES]

    assert crashes["MaxAttempts"] == 2


@pytest.mark.parametrize("name", TASKS)
def test_a_task_that_fails_for_good_leads_to_the_failed_end(name: str):
    (catch,) = TASKS[name]["Catch"]

    assert catch["ErrorEquals"] == ["States.ALL"]
    state = catch["Next"]
    while "Next" in STATES[state]:
        state = STATES[state]["Next"]
    assert STATES[state]["Type"] == "Fail"


@pytest.mark.parametrize("name", [name for name in TASKS if name not in ("RecordFailure", "Alert")])
def test_the_failed_step_is_named_before_the_failure_is_recorded(name: str):
    (catch,) = TASKS[name]["Catch"]
    marked = STATES[catch["Next"]]
    parts = {"TransformInGlue": "transform", "FindStaged": "transform", "QueryMart": "marts"}
    step = parts.get(name, name.lower())

    assert catch["ResultPath"] == "$.error"
    assert (marked["Type"], marked["Result"], marked["ResultPath"]) == ("Pass", {"step": step}, "$.failed")
    assert marked["Next"] == "RecordFailure"


def test_the_alert_goes_out_even_when_the_failure_cannot_be_recorded():
    (catch,) = STATES["RecordFailure"]["Catch"]

    assert (STATES["RecordFailure"]["Next"], catch["Next"]) == ("Alert", "Alert")
    assert catch["ResultPath"] != "$.error"  # the first error is the one that people need
    assert set(STATES["Alert"]["Parameters"]["Message"]) == {
        f"{field}.$" for field in ("dataset", "slot", "execution", "step", "error", "cause")
    }
