from xml.etree import ElementTree as ET

import pytest
import requests
from local_cloud_world import World

# Terraform's AWS provider speaks the query protocol, boto3 no longer does.
SCOPE = "111111111111/20180131/us-east-1/monitoring/aws4_request"
SIGNATURE = f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host, Signature=0"
TOPIC = "arn:aws:sns:us-east-1:111111111111:alerts"
ALARM = {
    "AlarmDescription": "Nothing was published & nobody <knows> why.",
    "Namespace": "Lakeward",
    "MetricName": "SlotPublished",
    "Dimensions.member.1.Name": "Dataset",
    "Dimensions.member.1.Value": "earthquakes",
    "Statistic": "Sum",
    "Period": "3600",
    "EvaluationPeriods": "30",
    "DatapointsToAlarm": "30",
    "Threshold": "1.0",
    "ComparisonOperator": "LessThanThreshold",
    "TreatMissingData": "breaching",
    "ActionsEnabled": "true",
    "AlarmActions.member.1": TOPIC,
    "OKActions.member.1": TOPIC,
    "InsufficientDataActions.member.1": TOPIC,
}


def ask(cloud: World, action: str, **parameters: str) -> ET.Element:
    answer = requests.post(
        cloud.record.endpoint,
        data={"Action": action, "Version": "2010-08-01", **parameters},
        headers={"Authorization": SIGNATURE},
        timeout=10,
    )
    assert answer.status_code == 200, answer.text
    root = ET.fromstring(answer.text)  # noqa: S314 - our own server's answer
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def flat(element: ET.Element, prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    members = 0
    for child in element:
        members += child.tag == "member"
        name = f"{prefix}{child.tag}" + (f".{members}" if child.tag == "member" else "")
        found |= flat(child, f"{name}.") if len(child) else {name: child.text or ""}
    return found


@pytest.mark.closes("cloudwatch_alarm_fields")
def test_an_alarm_is_described_as_it_was_put(cloud: World, name: str):
    ask(cloud, "PutMetricAlarm", AlarmName=name, **ALARM)

    (alarm,) = ask(cloud, "DescribeAlarms", **{"AlarmNames.member.1": name}).iter("MetricAlarms")

    described = flat(alarm[0])
    assert {key: described.get(key) for key in ALARM} == ALARM


def test_an_alarm_that_is_not_there_is_not_described(cloud: World):
    (alarms,) = ask(cloud, "DescribeAlarms", **{"AlarmNames.member.1": "none"}).iter("MetricAlarms")

    assert len(alarms) == 0
