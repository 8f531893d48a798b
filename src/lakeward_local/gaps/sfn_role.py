"""What a state machine's role may do.

AWS: a task runs under the machine's role. A function that the role may not invoke fails the task with
``Lambda.AWSLambdaException``, a topic that it may not publish to with ``SNS.AuthorizationErrorException``.

MiniStack 1.5.33 with ``AUTH=true``: calls the services from the inside and asks no policy, so a role without a single
statement runs everything.

Checked here: functions, ``sns:publish`` and ``glue:startJobRun``, which is what Lakeward's machine calls; a task that
waits for its job looks at the run under the same role, and both is asked for before the job is started. It can go when
MiniStack evaluates the role's policies.
"""

from contextvars import ContextVar
from typing import Any

from ministack import app
from ministack.core.responses import get_account_id, get_region
from ministack.services import stepfunctions

from lakeward_local.gaps.patching import Function, replace
from lakeward_local.gaps.role_rights import may

_running: ContextVar[str] = ContextVar("lakeward_state_machine", default="")
"""ARN of the machine whose execution this thread, or one that it started, walks through."""


def install() -> None:
    """Remember whose execution it is, and ask its role before each task."""
    if not app.AUTH:
        return
    replace(stepfunctions, "_run_execution", _remembering)
    replace(stepfunctions, "_invoke_resource", _asking)


def _remembering(run: Function) -> Function:
    def run_execution(exec_arn: str) -> Any:
        _running.set(stepfunctions._executions[exec_arn]["stateMachineArn"])
        return run(exec_arn)

    return run_execution


def _asking(invoke: Function) -> Function:
    def invoke_resource(resource: str, arguments: dict[str, Any]) -> Any:
        for action, arn, error in _needed(resource, arguments):
            role = stepfunctions._state_machines[_running.get()]["roleArn"]
            if not may(role, "states", action, arn):
                raise stepfunctions._ExecutionError(
                    error, f"{role} is not authorized to perform: {action} on resource: {arn}"
                )
        return invoke(resource, arguments)

    return invoke_resource


def _needed(resource: str, arguments: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The actions, what they are done to, and the error of who may not; none for what is not checked."""
    if "states:::sns:publish" in resource:
        return [("sns:Publish", arguments["TopicArn"], "SNS.AuthorizationErrorException")]
    if "states:::glue:startJobRun" in resource:
        job = f"arn:aws:glue:{get_region()}:{get_account_id()}:job/{arguments['JobName']}"
        actions = ["glue:StartJobRun", "glue:GetJobRun"] if resource.endswith(".sync") else ["glue:StartJobRun"]
        return [(action, job, "Glue.AccessDeniedException") for action in actions]
    function = arguments.get("FunctionName") if "states:::lambda:invoke" in resource else resource
    if function and ":lambda:" in function and ":function:" in function:
        return [("lambda:InvokeFunction", function, "Lambda.AWSLambdaException")]
    return []
