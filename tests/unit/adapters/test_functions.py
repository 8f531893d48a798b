"""Calling functions: their answers, their errors by name, and no answer at all."""

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from lakeward.adapters.functions import call
from lakeward.errors import DeploymentFailed, LakewardError, SwitchRefused


class Lambda:
    """Answers one call."""

    def __init__(self, payload: Any, error: str | None = None) -> None:
        self._payload = payload
        self._error = error

    def invoke(self, **request: Any) -> dict[str, Any]:
        assert json.loads(request["Payload"]) == {"action": "look"}
        if isinstance(self._payload, Exception):
            raise self._payload
        answer: dict[str, Any] = {"Payload": io.BytesIO(json.dumps(self._payload).encode())}
        return answer if self._error is None else answer | {"FunctionError": self._error}


def test_an_answer_is_what_the_function_returned():
    assert call(Lambda({"views": {}}), "switch", {"action": "look"}) == {"views": {}}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("payload", "kind", "message"),
    [
        ({"errorType": "SwitchRefused", "errorMessage": "not ready"}, SwitchRefused, "^not ready$"),
        (
            {"errorType": "Runtime.ImportModuleError", "errorMessage": "no module"},
            DeploymentFailed,
            r"^function switch failed with Runtime\.ImportModuleError: no module$",
        ),
        ({"errorType": "dict", "errorMessage": "x"}, DeploymentFailed, "failed with dict: x"),
        ({}, DeploymentFailed, "failed with Unhandled: it said nothing"),
    ],
)
def test_an_error_of_ours_is_raised_as_itself_and_any_other_as_a_failed_deployment(
    payload: dict[str, str], kind: type[LakewardError], message: str
):
    with pytest.raises(kind, match=message):
        call(Lambda(payload, "Unhandled"), "switch", {"action": "look"})  # type: ignore[arg-type]


def test_no_answer_is_a_failed_deployment():
    with pytest.raises(DeploymentFailed, match="function switch: expected an answer, found Read timeout"):
        call(Lambda(ReadTimeoutError(endpoint_url="http://lambda")), "switch", {"action": "look"})  # type: ignore[arg-type]
