"""The state machine in Step Functions."""

from typing import TYPE_CHECKING

from lakeward.ports.machine import Execution

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


class StepFunctionsMachine:
    """One state machine, by ARN."""

    def __init__(self, client: "SFNClient", arn: str) -> None:
        self._client = client
        self._arn = arn

    def execution_arn(self, name: str) -> str:
        """The ARN of an execution by name."""
        return f"{self._arn.replace(':stateMachine:', ':execution:')}:{name}"

    def describe(self, name: str) -> Execution | None:
        """See ``lakeward.ports.machine.Machine``."""
        try:
            found = self._client.describe_execution(executionArn=self.execution_arn(name))
        except self._client.exceptions.ExecutionDoesNotExist:
            return None
        return Execution(name, found["status"], found.get("output"))

    def start(self, name: str, text: str) -> bool:
        """See ``lakeward.ports.machine.Machine``."""
        try:
            self._client.start_execution(stateMachineArn=self._arn, name=name, input=text)
        except self._client.exceptions.ExecutionAlreadyExists:
            return False
        return True
