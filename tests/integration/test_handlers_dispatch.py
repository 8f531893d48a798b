"""The scheduler's tick, as far as the state machine: the last slot that is over runs, once."""

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from pipeline_world import RELEASE, context

from lakeward.adapters.stepfunctions import StepFunctionsMachine
from lakeward.handlers import dispatch
from lakeward.ports.machine import Execution

TICK = {"dataset": "earthquakes", "scheduled_at": "2018-02-01T03:00:00Z"}
NAME = "earthquakes-20180131T0000Z"
OUTPUT = {"transform": {"release": RELEASE}}
ENDS = {"StartAt": "Run", "States": {"Run": {"Type": "Pass", "Result": OUTPUT, "End": True}}}
FAILS = {"StartAt": "Run", "States": {"Run": {"Type": "Fail", "Error": "AuditFailed", "Cause": "tested"}}}
WAITS = {"StartAt": "Run", "States": {"Run": {"Type": "Wait", "Seconds": 600, "End": True}}}


@pytest.fixture
def deployed(cloud: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Deploys a state machine for the dispatch function; gives the machine as the adapter sees it."""
    client = boto3.client("stepfunctions")
    made = []

    def deploy(definition: dict[str, Any]) -> StepFunctionsMachine:
        arn = client.create_state_machine(
            name=f"pipeline-{uuid.uuid4().hex[:8]}",
            definition=json.dumps(definition),
            roleArn="arn:aws:iam::111111111111:role/tested",
        )["stateMachineArn"]
        made.append(arn)
        monkeypatch.setenv("STATE_MACHINE_ARN", arn)
        monkeypatch.setenv("LAKEWARD_RELEASE", RELEASE)
        dispatch.machine.cache_clear()
        return StepFunctionsMachine(client, arn)

    yield deploy
    dispatch.machine.cache_clear()
    for arn in made:
        for run in client.list_executions(stateMachineArn=arn)["executions"]:
            if run["status"] == "RUNNING":
                client.stop_execution(executionArn=run["executionArn"])


def ended(machine: StepFunctionsMachine, name: str) -> Execution:
    """The execution, when it has ended."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        found = machine.describe(name)
        if found is not None and found.status != "RUNNING":
            return found
        time.sleep(0.05)
    raise AssertionError(f"{name} did not end")


def tick(at: str = TICK["scheduled_at"]) -> Any:
    return dispatch.handler({**TICK, "scheduled_at": at}, context())


def test_a_tick_starts_the_run_of_the_last_slot_that_is_over(deployed: Any) -> None:
    machine = deployed(ENDS)
    assert machine.describe(NAME) is None

    assert tick() == {"execution": NAME, "outcome": "started"}

    found = ended(machine, NAME)
    assert (found.name, found.status, json.loads(found.output or "")) == (NAME, "SUCCEEDED", OUTPUT)
    given = boto3.client("stepfunctions").describe_execution(executionArn=machine.execution_arn(NAME))["input"]
    assert json.loads(given) == {"dataset": "earthquakes", "slot": "2018-01-31T00:00Z"}


def test_a_tick_that_is_delivered_twice_joins_the_run_under_way(deployed: Any) -> None:
    deployed(WAITS)

    assert (tick(), tick()) == (
        {"execution": NAME, "outcome": "started"},
        {"execution": NAME, "outcome": "joined"},
    )


def test_a_tick_for_a_slot_that_is_done_starts_nothing(deployed: Any) -> None:
    machine = deployed(ENDS)
    tick()
    ended(machine, NAME)

    assert tick() == {"execution": NAME, "outcome": "done"}
    assert machine.describe(f"{NAME}-2") is None


def test_a_tick_for_a_slot_that_failed_starts_the_next_attempt(deployed: Any) -> None:
    machine = deployed(FAILS)
    tick()
    assert ended(machine, NAME).status == "FAILED"

    assert tick() == {"execution": f"{NAME}-2", "outcome": "started"}


@pytest.mark.parametrize(
    ("at", "slot"),
    [
        ("2018-02-01T00:00:00Z", "20180131T0000Z"),
        ("2018-01-31T23:59:59Z", "20180130T0000Z"),
        ("2018-02-01T01:30:00+02:00", "20180130T0000Z"),
    ],
)
def test_the_slot_is_that_of_the_scheduled_time_however_late_the_tick_comes(at: str, slot: str, deployed: Any) -> None:
    deployed(ENDS)

    assert tick(at)["execution"] == f"earthquakes-{slot}"


def test_a_name_that_is_taken_is_not_started_again(deployed: Any) -> None:
    machine = deployed(ENDS)

    assert machine.start("one", '{"a": 1}') is True
    ended(machine, "one")
    assert machine.start("one", '{"a": 2}') is False
