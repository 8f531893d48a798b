"""The state machine as the pipelines see it."""

from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True)
class Execution:
    """An execution of the state machine. ``output`` is its JSON text when it succeeded."""

    name: str
    status: Literal["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"]
    output: str | None = None


class Machine(Protocol):
    """The state machine."""

    def describe(self, name: str) -> Execution | None:
        """The execution of that name, or None."""
        ...

    def start(self, name: str, text: str) -> bool:
        """Start an execution with a JSON input; False when one of that name is already there."""
        ...
