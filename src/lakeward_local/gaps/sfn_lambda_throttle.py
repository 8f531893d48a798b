"""A throttled function is a named error of its own in Step Functions.

AWS: a Task whose function is throttled fails with ``Lambda.TooManyRequestsException``, which the Retry that every
generated state machine carries names.

MiniStack 1.5.33: ``Lambda.Unknown``, which a crash is called and which is tried again twice only. More slots than
``LAMBDA_ACCOUNT_CONCURRENCY`` at once would fail instead of waiting.

It can go when MiniStack reports a throttle by its name.
"""

import json
from typing import Any

from ministack.services import stepfunctions

from lakeward_local.gaps.patching import Function, replace


def install() -> None:
    """Rename the one error that is a throttle."""

    def wrap(call: Function) -> Function:
        def call_lambda(func_ref: Any, event: Any) -> Any:
            try:
                return call(func_ref, event)
            except stepfunctions._ExecutionError as error:
                if _is_throttle(error.cause):
                    raise stepfunctions._ExecutionError("Lambda.TooManyRequestsException", error.cause) from error
                raise

        return call_lambda

    replace(stepfunctions, "_call_lambda", wrap)


def _is_throttle(cause: str) -> bool:
    try:
        return bool(json.loads(cause).get("__type") == "TooManyRequestsException")
    except (ValueError, AttributeError):
        return False
