"""A schedule's input may name when it fired.

AWS (EventBridge Scheduler, context attributes): ``<aws.scheduler.schedule-arn>``, ``<aws.scheduler.scheduled-time>``,
``<aws.scheduler.execution-id>`` and ``<aws.scheduler.attempt-number>`` in a target's input are replaced when the
schedule fires. The scheduled time is the time that the expression named, not the moment of the call.

MiniStack 1.5.33: passes the names on as they are. Without the scheduled time a function would have to ask the clock
which slot it is, and a late delivery would load the wrong one.

It can go when MiniStack replaces them.
"""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from ministack.services import eventbridge

from lakeward_local.gaps.patching import Function, replace

# Widening, so that neither a schedule of every minute nor one of every year takes many steps.
_LOOK_BACK = (timedelta(minutes=2), timedelta(hours=2), timedelta(days=2), timedelta(days=62), timedelta(days=1500))


def install() -> None:
    """Replace the names just before a schedule's target is called."""

    def wrap(invoke: Function) -> Function:
        def invoke_target(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> Any:
            if event.get("Source") == "aws.scheduler" and "<aws.scheduler." in str(target.get("Input", "")):
                target = {**target, "Input": _named(target["Input"], event, rule)}
            return invoke(target, event, rule, view)

        return invoke_target

    replace(eventbridge, "_invoke_target", wrap)


def _named(text: str, event: dict[str, Any], schedule: dict[str, Any]) -> str:
    fired = datetime.fromtimestamp(event["Time"], UTC)
    values = {
        "schedule-arn": schedule["Arn"],
        "scheduled-time": _scheduled(schedule["ScheduleExpression"], fired).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "execution-id": str(uuid.uuid4()),
        "attempt-number": "1",
    }
    for name, value in values.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text


def _scheduled(expression: str, fired: datetime) -> datetime:
    """The latest instant at or before ``fired`` that the expression names.

    A rate names none: it is counted from the minute in which it fired.
    """
    if expression.startswith("at("):
        return datetime.fromisoformat(expression[3:-1].strip()).replace(tzinfo=UTC)
    fields = eventbridge._parse_cron_fields(expression)
    if fields is not None:
        for back in _LOOK_BACK:
            latest, instant = None, eventbridge._cron_next_fire(fields, fired - back)
            while instant is not None and instant <= fired:
                latest, instant = instant, eventbridge._cron_next_fire(fields, instant)
            if latest is not None:
                return cast("datetime", latest)
    return fired.replace(second=0, microsecond=0)
