import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError
from local_cloud_world import World

LONG = {"Wait": {"Type": "Wait", "Seconds": 3000, "End": True}}
SHORT = {"Done": {"Type": "Succeed"}}


def start(cloud: World, machine: str, event: dict[str, int]) -> dict[str, str]:
    client = cloud.client("stepfunctions")
    return client.start_execution(stateMachineArn=machine, name="slot-1", input=json.dumps(event))


@pytest.mark.closes("sfn_same_name")
def test_the_name_and_input_of_a_running_execution_are_answered_with_that_execution(cloud: World, name: str):
    machine = cloud.machine(name, LONG)

    first, second = (start(cloud, machine, {"a": 1}) for _ in range(2))

    assert (second["executionArn"], second["startDate"]) == (first["executionArn"], first["startDate"])


@pytest.mark.closes("sfn_same_name")
def test_of_many_starts_at_once_all_are_answered_with_one_execution(cloud: World, name: str):
    machine = cloud.machine(name, LONG)

    with ThreadPoolExecutor(8) as pool:
        arns = {answer["executionArn"] for answer in pool.map(lambda _: start(cloud, machine, {"a": 1}), range(16))}

    assert len(arns) == 1
    assert len(cloud.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]) == 1


def test_the_name_of_a_running_execution_with_another_input_is_refused(cloud: World, name: str):
    machine = cloud.machine(name, LONG)
    start(cloud, machine, {"a": 1})

    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        start(cloud, machine, {"a": 2})


def test_the_name_of_an_execution_that_is_over_is_refused(cloud: World, name: str):
    machine = cloud.machine(name, SHORT)
    execution = start(cloud, machine, {"a": 1})["executionArn"]
    client = cloud.client("stepfunctions")
    while client.describe_execution(executionArn=execution)["status"] == "RUNNING":
        pass

    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        start(cloud, machine, {"a": 1})
