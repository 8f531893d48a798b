"""What is deployed and runs: functions and their code, schedules, executions, alarms, and who may do what."""

import io
import json
import uuid
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from release_world import release_in, sha256

from lakeward.adapters.access import Deed, allowed, open_to_the_public, query_cutoff_bytes
from lakeward.adapters.live import Clients, LiveEnvironment
from lakeward.adapters.raw_slots import certified_slots
from lakeward.contract import Dataset, dataset
from lakeward.errors import DeploymentFailed
from lakeward.ports.deployment import Ringing, RunningFunction
from lakeward.released import Artifact, Release

ACCOUNT, ROLE = "111111111111", "arn:aws:iam::111111111111:role/any"
ANSWERS = """
def handler(event, _context):
    if event.get("action") == "look":
        return {"views": {}, "tables": {}}
    if event.get("action") == "held":
        return {"slots": {"parcels": ["2024-03-01T00:00Z"]}}
    raise SystemError("nothing else is expected")
"""


def zipped(text: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as opened:
        opened.writestr(zipfile.ZipInfo("index.py"), text)
    return content.getvalue()


class World:
    """An environment with one function, one schedule, one alarm and one machine."""

    def __init__(self, folder: Path) -> None:
        self.prefix = f"lakeward-{uuid.uuid4().hex[:8]}"
        self.folder = folder
        self.bucket = f"{self.prefix}-artifacts"
        boto3.client("s3").create_bucket(Bucket=self.bucket)
        self.old, self.new = (self.release(text) for text in (ANSWERS, ANSWERS + "# newer\n"))
        boto3.client("lambda").create_function(
            FunctionName=f"{self.prefix}-switch",
            Runtime="python3.13",
            Role=ROLE,
            Handler="index.handler",
            Code={"S3Bucket": self.bucket, "S3Key": self.old.functions.key},
            Environment={"Variables": {"LAKEWARD_RELEASE": self.old.functions.sha256, "KEPT": "yes"}},
        )
        states = {"Rest": {"Type": "Wait", "Seconds": 600, "End": True}}
        self.machine = boto3.client("stepfunctions").create_state_machine(
            name=f"{self.prefix}-pipeline", definition=json.dumps({"StartAt": "Rest", "States": states}), roleArn=ROLE
        )["stateMachineArn"]

    def release(self, text: str) -> Release:
        content = zipped(text)
        key = f"functions/{sha256(content)}.zip"
        boto3.client("s3").put_object(Bucket=self.bucket, Key=key, Body=content)
        functions = Artifact(key=key, sha256=sha256(content), bytes=len(content))
        return release_in(self.folder).model_copy(update={"functions": functions})

    @property
    def live(self) -> LiveEnvironment:
        def none(*_: Any) -> list[Any]:
            return []

        def unknown(name: str) -> Dataset:
            raise AssertionError(name)

        return LiveEnvironment(
            prefix=self.prefix,
            account_id=ACCOUNT,
            artifacts_bucket=self.bucket,
            machine_arn=self.machine,
            schedules_enabled=True,
            dataset=unknown,
            clients=Clients(
                functions=boto3.client("lambda"),
                machines=boto3.client("stepfunctions"),
                schedules=boto3.client("scheduler"),
                alarms=boto3.client("cloudwatch"),
                objects=boto3.client("s3"),
            ),
            runner=none,
            entries=none,
        )


@pytest.fixture
def world(cloud: str, tmp_path: Path) -> World:
    return World(tmp_path)


def test_functions_are_told_by_the_release_that_they_know_and_the_code_that_they_have(world: World):
    digest = world.old.functions.sha256

    assert world.live.functions() == {"switch": RunningFunction(digest, digest)}


def test_functions_get_another_code_at_once_and_keep_their_other_settings(world: World):
    swapped = world.live.swap_functions(world.new, world.old)

    digest = world.new.functions.sha256
    assert (swapped, world.live.functions()) == (True, {"switch": RunningFunction(digest, digest)})
    kept = boto3.client("lambda").get_function_configuration(FunctionName=f"{world.prefix}-switch")
    assert kept["Environment"]["Variables"]["KEPT"] == "yes"


def test_functions_with_other_libraries_are_left_to_terraform(world: World):
    without = world.new.model_copy(update={"layer": None})

    assert world.live.swap_functions(without, world.old) is False
    assert world.live.functions()["switch"].release == world.old.functions.sha256


def test_schedules_are_frozen_once_thawed_and_stay_as_they_are_otherwise(world: World):
    client = boto3.client("scheduler")
    client.create_schedule_group(Name=world.prefix)
    target = {"Arn": world.machine, "RoleArn": ROLE, "Input": "{}"}
    for name, state in (("nightly", "ENABLED"), ("never", "DISABLED")):
        client.create_schedule(
            GroupName=world.prefix,
            Name=name,
            ScheduleExpression="cron(0 3 * * ? *)",
            ScheduleExpressionTimezone="UTC",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target=target,  # type: ignore[arg-type]
            State=state,  # type: ignore[arg-type]
        )

    frozen = (world.live.freeze(), world.live.freeze())

    assert frozen == (["nightly"], [])
    found = client.get_schedule(GroupName=world.prefix, Name="nightly")
    assert (found["State"], found["ScheduleExpression"], found["Target"]["Input"]) == (
        "DISABLED",
        "cron(0 3 * * ? *)",
        "{}",
    )
    kept_frozen = replace(world.live, schedules_enabled=False).thaw()
    assert (kept_frozen, world.live.thaw(), world.live.thaw()) == ([], ["nightly", "never"], [])
    thawed = client.get_schedule(GroupName=world.prefix, Name="nightly")
    assert (thawed["State"], thawed["Target"], thawed["ScheduleExpressionTimezone"]) == (
        "ENABLED",
        found["Target"],
        "UTC",
    )


def test_what_runs_is_listed_and_stopped_with_a_reason(world: World):
    client = boto3.client("stepfunctions")
    arn = client.start_execution(stateMachineArn=world.machine, name="parcels-1", input="{}")["executionArn"]

    running = world.live.running()
    world.live.stop("parcels-1", "rolled back")

    ended = client.describe_execution(executionArn=arn)
    assert (running, world.live.running()) == (["parcels-1"], [])
    assert (ended["status"], ended["cause"]) == ("ABORTED", "rolled back")


def test_before_the_first_deployment_nothing_runs_and_nobody_can_look(world: World):
    machine = world.machine.replace(world.prefix, "lakeward-none")
    empty = replace(world.live, prefix="lakeward-none", machine_arn=machine)

    assert (empty.functions(), empty.running(), empty.look()) == ({}, [], None)


def test_only_alarms_of_the_environment_that_ring_are_named_with_what_they_are_about(world: World):
    client = boto3.client("cloudwatch")
    errors, freshness = ("AWS/Lambda", "Errors"), ("Lakeward", "SlotPublished")
    for name, state, (namespace, metric) in (
        ("failed", "ALARM", errors),
        ("errors", "OK", errors),
        ("parcels-stale", "ALARM", freshness),
    ):
        client.put_metric_alarm(
            AlarmName=f"{world.prefix}-{name}",
            MetricName=metric,
            Namespace=namespace,
            Statistic="Sum",
            Period=300,
            EvaluationPeriods=1,
            Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
        )
        client.set_alarm_state(AlarmName=f"{world.prefix}-{name}", StateValue=state, StateReason="a test")

    assert sorted(world.live.ringing(), key=lambda alarm: alarm.name) == [
        Ringing(f"{world.prefix}-failed", of_freshness=False),
        Ringing(f"{world.prefix}-parcels-stale", of_freshness=True),
    ]


def test_the_switch_function_is_asked_and_its_failure_is_a_failed_deployment(world: World):
    point = world.live.look()

    assert point is not None
    assert (point.views, world.live.held()) == ({}, {"parcels": {"2024-03-01T00:00Z"}})
    with pytest.raises(DeploymentFailed, match="SystemError: nothing else is expected"):
        world.live.restore(point)


def test_certified_slots_are_those_with_a_certificate(world: World):
    s3, bucket = boto3.client("s3"), f"{world.prefix}-raw"
    s3.create_bucket(Bucket=bucket)
    keys = [
        "slot=20180201T0000Z/certificate.json",
        "slot=20180131T0000Z/certificate.json",
        "slot=20180202T0000Z/attempt-01/page-00001.json",
        "slot=20180203T0000Z/attempt-01/certificate.json",
    ]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=f"earthquakes/{key}", Body=b"{}")
    s3.put_object(Bucket=bucket, Key="earthquakes_more/slot=20180204T0000Z/certificate.json", Body=b"{}")

    assert [str(slot) for slot in certified_slots(s3, bucket, dataset("earthquakes"))] == [
        "2018-01-31T00:00Z",
        "2018-02-01T00:00Z",
    ]


def test_what_a_policy_allows_is_asked_of_iam(cloud: str):
    iam = boto3.client("iam")
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lake/curated/*"}],
    }
    name = f"analyst-{uuid.uuid4().hex[:8]}"
    arn = iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(document))["Policy"]["Arn"]
    reads, writes, elsewhere = (
        Deed("s3:GetObject", "arn:aws:s3:::lake/curated/a.parquet"),
        Deed("s3:PutObject", "arn:aws:s3:::lake/curated/a.parquet"),
        Deed("s3:GetObject", "arn:aws:s3:::lake/staging/a.json"),
    )

    assert allowed(iam, arn, [reads, writes, elsewhere]) == {reads: True, writes: False, elsewhere: False}


def test_a_bucket_is_closed_only_when_the_public_is_blocked_in_every_way(world: World):
    s3 = boto3.client("s3")
    names = {kind: f"{world.prefix}-{kind}" for kind in ("closed", "ajar", "open")}
    blocks = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    for name in names.values():
        s3.create_bucket(Bucket=name)
    for kind, last in (("closed", True), ("ajar", False)):
        block = {**dict.fromkeys(blocks, True), blocks[3]: last}
        s3.put_public_access_block(Bucket=names[kind], PublicAccessBlockConfiguration=block)  # type: ignore[arg-type]

    assert open_to_the_public(s3, names.values()) == [names["ajar"], names["open"]]


@pytest.mark.parametrize(("enforced", "limit"), [(True, 10_485_760), (False, None)])
def test_a_limit_that_clients_may_override_is_none(enforced: bool, limit: int | None, world: World):
    client = boto3.client("athena")
    client.create_work_group(
        Name=world.prefix,
        Configuration={
            "EnforceWorkGroupConfiguration": enforced,
            "BytesScannedCutoffPerQuery": 10_485_760,
            "ResultConfiguration": {"OutputLocation": f"s3://{world.bucket}/athena/"},
        },
    )

    assert query_cutoff_bytes(client, world.prefix) == limit
