import json
import time

import pytest
from local_cloud_world import ROLE, World


@pytest.mark.closes("scheduler_context")
def test_a_schedules_input_says_when_it_was_to_fire(cloud: World, name: str):
    sqs, scheduler = cloud.client("sqs"), cloud.client("scheduler")
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    asked = {name: f"<aws.scheduler.{name}>" for name in ("scheduled-time", "schedule-arn", "attempt-number")}
    schedule = scheduler.create_schedule(
        Name=name,
        ScheduleExpression="at(2018-02-01T03:00:00)",
        FlexibleTimeWindow={"Mode": "OFF"},
        # Not escaped: AWS replaces the names as they stand, angle brackets and all.
        Target={"Arn": arn, "RoleArn": ROLE, "Input": json.dumps(asked)},
    )["ScheduleArn"]

    deadline = time.monotonic() + 20  # MiniStack looks at its schedules every ten seconds
    while not (messages := sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=2).get("Messages")):
        assert time.monotonic() < deadline

    assert json.loads(messages[0]["Body"]) == {
        "scheduled-time": "2018-02-01T03:00:00Z",
        "schedule-arn": schedule,
        "attempt-number": "1",
    }
