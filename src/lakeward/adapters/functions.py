"""Calling deployed functions, and the errors that they answer with."""

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from lakeward import errors
from lakeward.errors import DeploymentFailed, LakewardError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

LONGEST_CALL_SECONDS = 910
"""Longer than any function may take."""


def call(client: "LambdaClient", function: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Call a function and wait for its answer.

    Args:
        client: one that waits for ``LONGEST_CALL_SECONDS`` and asks once.

    Raises:
        LakewardError: the function raised that very error.
        DeploymentFailed: it failed otherwise, or gave no answer.
    """
    try:
        answer = client.invoke(FunctionName=function, Payload=json.dumps(payload))
    except (BotoCoreError, ClientError) as problem:
        raise DeploymentFailed(f"function {function}: expected an answer, found {problem}") from problem
    told = json.loads(answer["Payload"].read())
    failed = answer.get("FunctionError")
    if not failed:
        return dict(told)
    name, message = told.get("errorType", failed), told.get("errorMessage", "it said nothing")
    kind = getattr(errors, name, None)
    if isinstance(kind, type) and issubclass(kind, LakewardError):
        raise kind(message)
    raise DeploymentFailed(f"function {function} failed with {name}: {message}")
