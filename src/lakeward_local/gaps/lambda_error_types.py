"""A failed Python function says which exception it was.

AWS: the error's ``errorType`` is the exception's class name, so that Retry and Catch of Step Functions match it by
name; ``Runtime.ImportModuleError``, ``Runtime.HandlerNotFound`` and ``Runtime.UserCodeSyntaxError`` when the module
cannot be loaded, the class name when its top level raises something else, ``Runtime.MarshalError`` when the answer is
no JSON, ``Runtime.ExitError`` when the process ends. ``stackTrace`` is a list of text.

MiniStack 1.5.33: ``Runtime.HandlerError`` for all that a handler raises, ``RuntimeError`` for all that goes wrong
before, and no stack.

It can go when MiniStack's Python worker reports ``type(e).__name__``.
"""

import json
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from lakeward_local.gaps.patching import Function, replace, replace_text

_MARK = "lakeward-fault:"

_FAULT_SCRIPT = """
def _lakeward_fault(error, kind=None, message=None):
    import json, traceback
    fault = {
        "errorMessage": message or str(error),
        "errorType": kind or type(error).__name__,
        "stackTrace": traceback.format_tb(error.__traceback__)[1:],
    }
    return "lakeward-fault:" + json.dumps(fault)


def _lakeward_load_fault(error, module_name, handler_name):
    if isinstance(error, ImportError):
        return _lakeward_fault(error, "Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}")
    if isinstance(error, SyntaxError):
        return _lakeward_fault(error, "Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}")
    if isinstance(error, AttributeError) and error.name == handler_name:
        message = f"Handler '{handler_name}' missing on module '{module_name}'"
        return _lakeward_fault(error, "Runtime.HandlerNotFound", message)
    return _lakeward_fault(error)


def _lakeward_marshalled(result):
    import json
    try:
        return json.dumps(result)
    except (TypeError, ValueError) as error:
        raise type("Runtime.MarshalError", (Exception,), {})(f"Unable to marshal response: {error}") from error
"""

_REPLACED = {
    # what a handler raised
    '{"status": "error", "error": str(e), "trace": traceback.format_exc()}': (
        '{"status": "error", "error": _lakeward_fault(e), "trace": traceback.format_exc()}'
    ),
    # what loading the module raised
    '{"status": "error", "error": str(e)}': (
        '{"status": "error", "error": _lakeward_load_fault(e, module_name, handler_name)}'
    ),
    # an answer that is no JSON
    "result = handler_fn(event, context)": "result = json.loads(_lakeward_marshalled(handler_fn(event, context)))",
}

_ENDED = ("Worker process died", "Worker process exited immediately")


def install() -> None:
    """Let the worker say what it caught, and the invocation pass it on."""
    for old, new in _REPLACED.items():
        replace_text(lambda_runtime, "_PYTHON_WORKER_SCRIPT", old, new)
    lambda_runtime._PYTHON_WORKER_SCRIPT = _FAULT_SCRIPT + lambda_runtime._PYTHON_WORKER_SCRIPT
    replace(lambda_svc, "_execute_function_warm", _with_fault)


def _with_fault(execute: Function) -> Function:
    def execute_function_warm(func: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        result: dict[str, Any] = execute(func, event, request_id)
        if result.get("error") and isinstance(result["body"], dict):
            fault = _fault(str(result["body"].get("errorMessage", "")), request_id)
            if fault is not None:
                result["body"] = fault
                result["log"] = result.get("log") or f"[ERROR] {fault['errorType']}: {fault['errorMessage']}"
        return result

    return execute_function_warm


def _fault(message: str, request_id: str) -> dict[str, Any] | None:
    """AWS's form of a fault, or None when the message is none of ours."""
    if _MARK in message:
        return {**json.loads(message.partition(_MARK)[2]), "requestId": request_id}
    if message.startswith(_ENDED):
        text = f"RequestId: {request_id} Error: Runtime exited without providing a reason"
        return {"errorMessage": text, "errorType": "Runtime.ExitError"}
    return None
