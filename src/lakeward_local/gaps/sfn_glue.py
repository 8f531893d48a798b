"""Step Functions' own integration with Glue jobs.

AWS: ``arn:aws:states:::glue:startJobRun`` starts a run and answers its id; with ``.sync`` the task waits for it and
answers the JobRun, and fails with ``States.TaskFailed`` and the JobRun as its cause when the run failed, timed out or
was stopped. What Glue refuses to start fails the task with ``Glue.<name of the exception>``.

MiniStack 1.5.33: has it as ``aws-sdk:glue:…`` only.

It can go when MiniStack serves ``arn:aws:states:::glue:startJobRun``.
"""

import json
import time
from typing import Any

from ministack.services import stepfunctions

from lakeward_local.gaps.patching import replace_entry

_POLL_SECONDS = 0.2


def install() -> None:
    """Serve the action by way of the SDK integration that is there."""

    def call(action: str, arguments: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = stepfunctions._invoke_aws_sdk_integration(
            f"arn:aws:states:::aws-sdk:glue:{action}", arguments
        )
        return answer

    def start(resource: str, arguments: dict[str, Any]) -> dict[str, Any]:
        started = call("startJobRun", arguments)
        if ".sync" not in resource:
            return started
        asked = {"JobName": arguments["JobName"], "RunId": started["JobRunId"]}
        while True:
            run: dict[str, Any] = call("getJobRun", asked)["JobRun"]
            if run["JobRunState"] == "SUCCEEDED":
                return run
            if run["JobRunState"] in {"FAILED", "TIMEOUT", "STOPPED", "ERROR"}:
                raise stepfunctions._ExecutionError("States.TaskFailed", json.dumps(run))
            time.sleep(_POLL_SECONDS)

    replace_entry(stepfunctions, "_SERVICE_DISPATCH", "arn:aws:states:::glue:startJobRun", start)
