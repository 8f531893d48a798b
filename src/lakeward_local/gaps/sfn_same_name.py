"""Starting an execution twice under one name.

AWS (API reference of StartExecution): for a standard workflow, the same name and input as those of a running
execution succeed with the first call's answer; the same name with another input, or of an execution that is over,
is refused with ``ExecutionAlreadyExists``.

MiniStack 1.5.33: refuses every second call. A scheduler that delivers twice, or a client that retries after a lost
answer, would see an error where AWS has none.

It can go when MiniStack compares the input of the running execution.
"""

import threading
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import stepfunctions

from lakeward_local.gaps.patching import Function, ok, replace


def install() -> None:
    """Answer the running execution instead of refusing it."""
    lock = threading.Lock()

    def running(data: dict[str, Any]) -> dict[str, Any] | None:
        arn = stepfunctions._resolve_state_machine_arn(data.get("stateMachineArn", ""))
        machine = stepfunctions._state_machines.get(arn) if arn else None
        if machine is None or machine.get("type") == "EXPRESS":
            return None
        name = f"arn:aws:states:{get_region()}:{get_account_id()}:execution:{machine['name']}:{data['name']}"
        execution: dict[str, Any] | None = stepfunctions._executions.get(name)
        if execution is None or execution["status"] != "RUNNING" or execution["input"] != data.get("input", "{}"):
            return None
        return execution

    def wrap(start: Function) -> Function:
        def start_execution(data: dict[str, Any]) -> Any:
            # Executions are started from several threads: two that ask at once must not both find nothing running.
            with lock:
                execution = running(data) if data.get("name") else None
                if execution is None:
                    return start(data)
            return ok({"executionArn": execution["executionArn"], "startDate": execution["startDate"]})

        return start_execution

    replace(stepfunctions, "_start_execution", wrap)
