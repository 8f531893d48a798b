import json
from typing import Any

import pytest
from iam_world import allow, role
from local_cloud_world import World

ECHO = "def handler(event, _context):\n    return event"


def run(cloud: World, name: str, role_arn: str, task: dict[str, Any]) -> dict[str, Any]:
    """What becomes of an execution of one task under a role."""
    definition = {"StartAt": "Do", "States": {"Do": {"Type": "Task", "End": True, **task}}}
    machine = cloud.client("stepfunctions").create_state_machine(
        name=name, definition=json.dumps(definition), roleArn=role_arn
    )["stateMachineArn"]
    return cloud.run(machine, {"n": 1})


def function(cloud: World, name: str) -> str:
    own = role(cloud, f"{name}-f", service="lambda.amazonaws.com")
    return cloud.function(name, ECHO, Role=own)


@pytest.mark.closes("sfn_role")
def test_a_function_that_the_role_may_not_invoke_fails_the_task(cloud: World, name: str):
    arn = function(cloud, name)
    ended = run(cloud, name, role(cloud, name, service="states.amazonaws.com"), {"Resource": arn})

    assert (ended["status"], ended["error"]) == ("FAILED", "Lambda.AWSLambdaException")
    assert "lambda:InvokeFunction" in ended["cause"]


@pytest.mark.closes("sfn_role")
def test_a_topic_that_the_role_may_not_publish_to_fails_the_task(cloud: World, name: str):
    topic = cloud.client("sns").create_topic(Name=name)["TopicArn"]
    publish = {"Resource": "arn:aws:states:::sns:publish", "Parameters": {"TopicArn": topic, "Message": "hello"}}
    ended = run(cloud, name, role(cloud, name, service="states.amazonaws.com"), publish)

    assert (ended["status"], ended["error"]) == ("FAILED", "SNS.AuthorizationErrorException")


@pytest.mark.closes("sfn_role")
@pytest.mark.parametrize("action", ["glue:StartJobRun", "glue:GetJobRun"])
def test_a_job_that_the_role_may_not_start_or_look_at_fails_the_task(cloud: World, name: str, action: str):
    actions = [one for one in ("glue:StartJobRun", "glue:GetJobRun") if one != action]
    job = f"arn:aws:glue:us-east-1:{cloud.record.account_id}:job/{name}"
    may = role(cloud, name, allow(actions, job), service="states.amazonaws.com")
    start = {"Resource": "arn:aws:states:::glue:startJobRun.sync", "Parameters": {"JobName": name}}
    ended = run(cloud, name, may, start)

    assert (ended["status"], ended["error"]) == ("FAILED", "Glue.AccessDeniedException")
    assert action in ended["cause"]


@pytest.mark.parametrize("by", ["arn", "lambda:invoke"])
def test_a_role_that_may_invoke_the_function_does(cloud: World, name: str, by: str):
    arn = function(cloud, name)
    invoke = {"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": arn, "Payload": {}}}
    may = role(cloud, name, allow("lambda:InvokeFunction", arn, f"{arn}:*"), service="states.amazonaws.com")

    assert run(cloud, name, may, {"Resource": arn} if by == "arn" else invoke)["status"] == "SUCCEEDED"
