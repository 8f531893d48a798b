"""An alarm is described as it was put.

AWS: DescribeAlarms answers every field of PutMetricAlarm.

MiniStack 1.5.33: in the query protocol, which Terraform's AWS provider 5 speaks, DescribeAlarms leaves out the
description, the statistic, the period, the dimensions, the actions and what missing data means, and PutMetricAlarm
forgets the actions for insufficient data. Every alarm would be a change in every plan.

It can go when a second plan is empty without it.
"""

import json
import time
from typing import Any
from xml.sax.saxutils import escape

from ministack.services import cloudwatch

from lakeward_local.gaps.patching import Function, replace

_DATES = ("StateUpdatedTimestamp", "AlarmConfigurationUpdatedTimestamp", "StateTransitionedTimestamp")


def install() -> None:
    """Answer the query protocol from what the JSON protocol says, and keep the one list that is forgotten."""
    replace(cloudwatch, "_describe_alarms", _described_whole)
    replace(cloudwatch, "_put_metric_alarm", _put_whole)


def _described_whole(original: Function) -> Function:
    def describe_alarms(params: dict[str, Any], cbor: Any, is_cbor: bool, is_json: bool = False) -> Any:
        if is_cbor or is_json:
            return original(params, cbor, is_cbor, is_json)
        status, _, body = original({}, _request(params), False, True)
        if status != 200:
            # It is refused in the caller's own protocol.
            return original(params, cbor, is_cbor, is_json)
        found = json.loads(body)
        alarms = {kind: [_alarm(alarm) for alarm in found[kind]] for kind in ("MetricAlarms", "CompositeAlarms")}
        token = {"NextToken": found["NextToken"]} if "NextToken" in found else {}
        return cloudwatch._xml(
            200, "DescribeAlarmsResponse", f"<DescribeAlarmsResult>{_xml({**alarms, **token})}</DescribeAlarmsResult>"
        )

    return describe_alarms


def _put_whole(original: Function) -> Function:
    def put_metric_alarm(params: dict[str, Any], cbor: Any, is_cbor: bool, is_json: bool = False) -> Any:
        answer = original(params, cbor, is_cbor, is_json)
        if answer[0] == 200 and not (is_cbor or is_json):
            alarm = cloudwatch._alarms[_one(params, "AlarmName")]
            alarm["InsufficientDataActions"] = _list(params, "InsufficientDataActions")
        return answer

    return put_metric_alarm


def _request(params: dict[str, Any]) -> dict[str, Any]:
    """What a query-protocol request asks for, as the JSON protocol would say it."""
    lists = {name: _list(params, name) for name in ("AlarmNames", "AlarmTypes")}
    singles = {name: _one(params, name) for name in ("AlarmNamePrefix", "StateValue", "MaxRecords", "NextToken")}
    return {name: value for name, value in {**lists, **singles}.items() if value}


def _one(params: dict[str, Any], name: str) -> str:
    value = params.get(name, "")
    return str(value[0] if isinstance(value, list) else value)


def _list(params: dict[str, Any], name: str) -> list[str]:
    values: list[str] = []
    while value := _one(params, f"{name}.member.{len(values) + 1}"):
        values.append(value)
    return values


def _alarm(alarm: dict[str, Any]) -> dict[str, Any]:
    dates = {
        name: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(alarm[name]))
        for name in _DATES
        if isinstance(alarm.get(name), int | float)
    }
    return {**alarm, **dates}


def _xml(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(f"<{name}>{_xml(inner)}</{name}>" for name, inner in value.items() if inner not in (None, ""))
    if isinstance(value, list):
        return "".join(f"<member>{_xml(inner)}</member>" for inner in value)
    if isinstance(value, bool):
        return str(value).lower()
    return escape(str(value))
