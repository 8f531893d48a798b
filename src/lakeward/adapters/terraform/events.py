"""What ``terraform … -json`` says while it works, made into progress and errors.

The events are those of Terraform's machine-readable UI, one JSON object a line:
https://developer.hashicorp.com/terraform/internals/machine-readable-ui
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_CHANGES = frozenset({"create", "update", "delete", "replace"})


@dataclass(frozen=True)
class Step:
    """How far a run of Terraform is."""

    done: int
    total: int
    working_on: tuple[str, ...]
    """Addresses of the resources that are being changed, the one that takes longest first."""


Progress = Callable[[Step], None]


@dataclass
class Narrator:
    """Hears the events of one run."""

    progress: Progress
    planned: list[str] = field(default_factory=list)
    """``create aws_s3_bucket.this`` and the like, in the order of the plan."""
    errors: list[str] = field(default_factory=list)
    _done: int = 0
    _total: int = 0
    _working_on: list[str] = field(default_factory=list)

    def hear(self, line: str) -> None:
        """Take in one line of output; what is no event, such as a crash, is an error."""
        try:
            event = json.loads(line)
        except ValueError:
            if line.strip():
                self.errors.append(line.rstrip())
            return
        heard = getattr(self, f"_on_{event.get('type', '')}", None)
        if heard is not None:
            heard(event)
            self.progress(Step(self._done, self._total, tuple(self._working_on)))

    def _on_planned_change(self, event: dict[str, Any]) -> None:
        action = event["change"]["action"]
        if action in _CHANGES:
            self.planned.append(f"{action} {event['change']['resource']['addr']}")
            # A resource that is replaced is deleted and then created.
            self._total += 2 if action == "replace" else 1

    def _on_apply_start(self, event: dict[str, Any]) -> None:
        # Reading a data source is an apply too, though none was planned.
        if event["hook"]["action"] in _CHANGES:
            self._working_on.append(event["hook"]["resource"]["addr"])

    def _on_apply_complete(self, event: dict[str, Any]) -> None:
        self._finished(event)

    def _on_apply_errored(self, event: dict[str, Any]) -> None:
        self._finished(event)

    def _finished(self, event: dict[str, Any]) -> None:
        address = event["hook"]["resource"]["addr"]
        if address in self._working_on:
            self._working_on.remove(address)
            self._done += 1

    def _on_diagnostic(self, event: dict[str, Any]) -> None:
        told = event["diagnostic"]
        if told["severity"] == "error":
            where = told.get("range") or {}
            place = f" ({where['filename']}:{where['start']['line']})" if where else ""
            address = f" [{told['address']}]" if told.get("address") else ""
            detail = f": {told['detail']}" if told.get("detail") else ""
            self.errors.append(f"{told['summary']}{address}{detail}{place}")
