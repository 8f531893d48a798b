"""What a local cloud remembers from one run to the next."""

import dataclasses
import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from local_cloud_world import ROLE, World, cloud_at, no_words

from lakeward_local.errors import CloudUnavailable
from lakeward_local.local_cloud import LocalCloud

pytestmark = pytest.mark.long

HELLO = "def handler(event, context): return {'hello': event['name']}"


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[LocalCloud]:
    datasets = tmp_path / "datasets"
    datasets.mkdir()
    cloud = cloud_at(tmp_path / "home", datasets)
    yield cloud
    cloud.down()


def fill(world: World) -> None:
    """One of everything that the platform has."""
    s3, glue = world.client("s3"), world.client("glue")
    s3.create_bucket(Bucket="raw")
    s3.put_bucket_versioning(Bucket="raw", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"first", b"second"):
        s3.put_object(Bucket="raw", Key="a/b.json", Body=body, Metadata={"sha256": body.hex()}, ContentType="text/json")
    s3.put_object(Bucket="raw", Key="gone", Body=b"x")
    s3.delete_object(Bucket="raw", Key="gone")
    glue.create_database(DatabaseInput={"Name": "lake"})
    for version in ("1", "2"):
        change = glue.create_table if version == "1" else glue.update_table
        change(DatabaseName="lake", TableInput={"Name": "events", "Parameters": {"metadata_location": version}})
    dynamodb = world.client("dynamodb")
    dynamodb.create_table(
        TableName="ledger",
        KeySchema=[{"AttributeName": "slot", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "slot", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName="ledger", Item={"slot": {"S": "2018-01-31"}, "rows": {"N": "198"}})
    queue = world.client("sqs").create_queue(QueueName="alerts")["QueueUrl"]
    arn = world.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    topic = world.client("sns").create_topic(Name="alerts")["TopicArn"]
    subscription = {"Protocol": "sqs", "Endpoint": arn, "Attributes": {"RawMessageDelivery": "true"}}
    world.client("sns").subscribe(TopicArn=topic, **subscription)
    world.client("sns").publish(TopicArn=topic, Message="before")
    function = world.function("hello", HELLO, Environment={"Variables": {"A": "1"}})
    machine = world.machine("pipeline", {"Hello": {"Type": "Task", "Resource": function, "End": True}})
    world.run(machine, {"name": "before"})
    world.client("scheduler").create_schedule(
        Name="daily",
        ScheduleExpression="cron(0 3 * * ? *)",
        FlexibleTimeWindow={"Mode": "OFF"},
        State="DISABLED",
        Target={"Arn": function, "RoleArn": ROLE, "Input": "{}"},
    )
    world.client("logs").put_retention_policy(logGroupName="/aws/lambda/hello", retentionInDays=7)
    world.client("iam").create_role(RoleName="any", AssumeRolePolicyDocument="{}")
    world.client("cloudwatch").put_metric_alarm(
        AlarmName="stale", Namespace="Lakeward", MetricName="SlotPublished", Statistic="Sum", Period=3600,
        EvaluationPeriods=30, Threshold=1, ComparisonOperator="LessThanThreshold",
    )  # fmt: skip
    world.client("athena").create_work_group(Name="lakeward", Configuration={"EnforceWorkGroupConfiguration": True})


def inventory(world: World) -> dict[str, Any]:
    """Everything that the services say of what they hold."""
    client = world.client
    machine = "arn:aws:states:us-east-1:111111111111:stateMachine:pipeline"
    executions = client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    versions = client("s3").list_object_versions(Bucket="raw")
    answers = {
        "versions": {kind: versions[kind] for kind in ("Versions", "DeleteMarkers")},
        "head": client("s3").head_object(Bucket="raw", Key="a/b.json"),
        "bodies": [
            client("s3").get_object(Bucket="raw", Key="a/b.json", VersionId=v["VersionId"])["Body"].read()
            for v in versions["Versions"]
            if v["Key"] == "a/b.json"
        ],
        "table": client("glue").get_table(DatabaseName="lake", Name="events"),
        "table_versions": client("glue").get_table_versions(DatabaseName="lake", TableName="events"),
        "items": client("dynamodb").scan(TableName="ledger"),
        "function": client("lambda").get_function_configuration(FunctionName="hello"),
        "machine": client("stepfunctions").describe_state_machine(stateMachineArn=machine),
        "executions": executions,
        "history": client("stepfunctions").get_execution_history(executionArn=executions[0]["executionArn"]),
        "schedule": client("scheduler").get_schedule(Name="daily"),
        "log_groups": client("logs").describe_log_groups()["logGroups"],
        "role": client("iam").get_role(RoleName="any"),
        "alarms": client("cloudwatch").describe_alarms(),
        "workgroup": client("athena").get_work_group(WorkGroup="lakeward"),
    }
    return {name: _without_metadata(answer) for name, answer in answers.items()}


def _without_metadata(answer: Any) -> Any:
    return {k: v for k, v in answer.items() if k != "ResponseMetadata"} if isinstance(answer, dict) else answer


def test_everything_is_as_it_was_after_a_clean_stop(cloud: LocalCloud):
    world = World.of(cloud.up(no_words))
    fill(world)
    before = inventory(world)

    cloud.down()
    record = cloud.up(no_words)
    world = World.of(record)

    assert (record.restored, record.why_empty) == (True, None)
    assert inventory(world) == before
    assert world.invoke("hello", {"name": "again"}) == {"hello": "again"}
    machine = "arn:aws:states:us-east-1:111111111111:stateMachine:pipeline"
    assert world.run(machine, {"name": "again"})["output"] == {"hello": "again"}


def test_what_was_sent_before_a_clean_stop_is_received_after_it(cloud: LocalCloud):
    fill(World.of(cloud.up(no_words)))
    cloud.down()
    world = World.of(cloud.up(no_words))
    topic = world.client("sns").list_topics()["Topics"][0]["TopicArn"]
    world.client("sns").publish(TopicArn=topic, Message="after")

    sqs = world.client("sqs")
    queue = sqs.get_queue_url(QueueName="alerts")["QueueUrl"]
    bodies = {m["Body"] for _ in range(2) for m in sqs.receive_message(QueueUrl=queue).get("Messages", [])}

    assert bodies == {"before", "after"}


def test_a_cloud_that_comes_back_takes_its_old_ports(cloud: LocalCloud):
    first = cloud.up(no_words)
    cloud.down()
    second = cloud.up(no_words)

    assert (second.endpoint, second.replay_endpoint, second.life) == (first.endpoint, first.replay_endpoint, first.life)


def test_after_an_unclean_death_it_starts_from_empty_and_says_why(cloud: LocalCloud):
    first = cloud.up(no_words)
    fill(World.of(first))
    os.kill(first.pid, signal.SIGKILL)
    while cloud.running() is not None:
        time.sleep(0.02)

    second = cloud.up(no_words)

    assert not cloud.home.terraform.exists()
    assert (second.restored, second.life == first.life) == (False, False)
    assert "did not end by `lakeward down`" in (second.why_empty or "")
    assert World.of(second).client("s3").list_buckets()["Buckets"] == []


def test_after_an_unclean_death_the_record_of_the_dead_cloud_is_removed(cloud: LocalCloud):
    record = cloud.up(no_words)
    assert json.loads(cloud.home.record.read_text())["endpoint"] == record.endpoint
    os.kill(record.pid, signal.SIGKILL)

    while cloud.running() is not None:
        time.sleep(0.02)

    assert not cloud.home.record.exists()


def test_a_cloud_that_cannot_write_what_it_holds_says_so_and_does_not_pretend_later(cloud: LocalCloud):
    World.of(cloud.up(no_words)).client("sqs").create_queue(QueueName="lost")
    shutil.rmtree(cloud.home.state)
    cloud.home.state.write_text("a file where a folder should be")

    with pytest.raises(CloudUnavailable, match="could not write what it holds"):
        cloud.down()
    cloud.home.state.unlink()

    assert not cloud.up(no_words).restored


def test_a_cloud_whose_folder_is_removed_ends_by_itself(cloud: LocalCloud, refused: Callable[[str, int], bool]):
    record = cloud.up(no_words)
    shutil.rmtree(cloud.home.folder)

    ports = [int(endpoint.rpartition(":")[2]) for endpoint in (record.endpoint, record.replay_endpoint)]
    deadline = time.monotonic() + 10
    while not all(refused("127.0.0.1", port) for port in ports):
        assert time.monotonic() < deadline
        time.sleep(0.1)

    assert not cloud.home.folder.exists()


def test_starting_twice_is_starting_once(cloud: LocalCloud):
    assert cloud.up(no_words) == cloud.up(no_words)


def test_stopping_twice_is_stopping_once(cloud: LocalCloud):
    cloud.up(no_words)

    assert [cloud.down(), cloud.down()] == [True, False]


def test_a_function_that_still_runs_does_not_hold_up_a_stop(cloud: LocalCloud):
    world = World.of(cloud.up(no_words))
    slow = world.function("slow", "import time\ndef handler(event, context): time.sleep(600)", Timeout=900)
    machine = world.machine("slow", {"Slow": {"Type": "Task", "Resource": slow, "End": True}})
    execution = world.client("stepfunctions").start_execution(stateMachineArn=machine)["executionArn"]
    time.sleep(1.5)

    started = time.monotonic()
    cloud.down()
    took = time.monotonic() - started
    world = World.of(cloud.up(no_words))

    assert took < 10
    assert world.client("stepfunctions").describe_execution(executionArn=execution)["status"] == "FAILED"


def test_the_replay_is_started_anew_when_a_recording_changes(cloud: LocalCloud, tmp_path: Path):
    root = Path(__file__).parents[2] / "datasets" / "earthquakes"
    first = cloud.up(no_words)
    for path in ("replay.yaml", "sample/usgs_earthquakes_2018-02.geojson.gz"):
        copy = tmp_path / "datasets" / "mine" / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((root / path).read_bytes())

    words: list[str] = []
    second = cloud.up(words.append)

    assert words == [
        "The recorded upstreams changed: starting the replay server anew",
        "Starting the replay of recorded upstreams",
    ]
    assert (second.pid, second.replay_endpoint) == (first.pid, first.replay_endpoint)
    assert second.replay_pid != first.replay_pid


def test_a_cloud_that_runs_other_code_is_started_anew_with_what_it_holds(cloud: LocalCloud):
    first = cloud.up(no_words)
    World.of(first).client("s3").create_bucket(Bucket="kept")

    words: list[str] = []
    second = dataclasses.replace(cloud, code="of another commit").up(words.append)

    assert words == [
        "The code of the local cloud changed: starting it anew, with what it holds",
        "Starting the local cloud",
    ]
    assert (second.life, second.restored, second.pid == first.pid) == (first.life, True, False)
    assert [bucket["Name"] for bucket in World.of(second).client("s3").list_buckets()["Buckets"]] == ["kept"]


def test_functions_see_nothing_of_the_environment_in_which_the_cloud_was_started(
    cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
):
    for name in ("AWS_PROFILE", "AWS_CA_BUNDLE", "PYTHONPATH", "LAKEWARD_SECRET"):
        monkeypatch.setenv(name, "/nowhere")
    world = World.of(cloud.up(no_words))
    world.function("env", "import os\ndef handler(event, context): return dict(os.environ)")

    assert "/nowhere" not in world.invoke("env").values()


@pytest.mark.parametrize("part", ["endpoint", "replay_endpoint"])
def test_nothing_but_this_machine_can_reach_it(cloud: LocalCloud, part: str, refused: Callable[[str, int], bool]):
    port = int(getattr(cloud.up(no_words), part).rpartition(":")[2])

    assert (refused("127.0.0.1", port), refused("127.0.0.2", port)) == (False, True)
