"""Step Functions' own integration with Athena.

AWS: ``arn:aws:states:::athena:startQueryExecution`` starts a query; with ``.sync`` the task waits for it and answers
``{"QueryExecution": …}``, and fails with ``States.TaskFailed`` and the execution as its cause when the query failed
or was cancelled. ``stopQueryExecution``, ``getQueryExecution`` and ``getQueryResults`` answer at once.

MiniStack 1.5.33: has the four as ``aws-sdk:athena:…`` only.

It can go when MiniStack serves ``arn:aws:states:::athena:…``.
"""

import json
import time
from typing import Any

from ministack.services import stepfunctions

from lakeward_local.gaps.patching import replace_entry

_POLL_SECONDS = 0.1
_PREFIX = "arn:aws:states:::athena:"


def install() -> None:
    """Serve the four actions by way of the SDK integration that is there."""

    def call(action: str, arguments: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = stepfunctions._invoke_aws_sdk_integration(
            f"arn:aws:states:::aws-sdk:athena:{action}", arguments
        )
        return answer

    def start(resource: str, arguments: dict[str, Any]) -> dict[str, Any]:
        started = call("startQueryExecution", arguments)
        if ".sync" not in resource:
            return started
        while True:
            execution = call("getQueryExecution", {"QueryExecutionId": started["QueryExecutionId"]})
            state = execution["QueryExecution"]["Status"]["State"]
            if state == "SUCCEEDED":
                return execution
            if state in {"FAILED", "CANCELLED"}:
                raise stepfunctions._ExecutionError("States.TaskFailed", json.dumps(execution["QueryExecution"]))
            time.sleep(_POLL_SECONDS)

    def passed_on(action: str) -> Any:
        return lambda _resource, arguments: call(action, arguments)

    replace_entry(stepfunctions, "_SERVICE_DISPATCH", _PREFIX + "startQueryExecution", start)
    for action in ("stopQueryExecution", "getQueryExecution", "getQueryResults"):
        replace_entry(stepfunctions, "_SERVICE_DISPATCH", _PREFIX + action, passed_on(action))
