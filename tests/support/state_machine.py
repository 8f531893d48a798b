"""Walks a state machine in this process: as much of the Amazon States Language as the pipeline is written in."""

import json
import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

Function = Callable[[dict[str, Any]], Any]


@dataclass(frozen=True)
class Walked:
    """How an execution ended: its status, its data at the end, the states it went through, and what it published."""

    status: str
    data: dict[str, Any]
    states: list[str]
    published: list[dict[str, Any]]


@dataclass
class Walker:
    """A state machine. ``functions`` are by the name that stands for their ARN in the definition, ``job`` is Glue's."""

    definition: dict[str, Any]
    functions: dict[str, Function]
    job: Function | None = None
    published: list[dict[str, Any]] = field(default_factory=list)

    def run(self, given: dict[str, Any], execution: str, started_at: str) -> Walked:
        """Walk from the first state to an end. Waits before retries are not waited."""
        context = {"Execution": {"Name": execution, "StartTime": started_at, "Input": deepcopy(given)}}
        data, name, states = deepcopy(given), self.definition["StartAt"], list[str]()
        while True:
            state = self.definition["States"][name]
            states.append(name)
            if state["Type"] in ("Succeed", "Fail"):
                status = "SUCCEEDED" if state["Type"] == "Succeed" else "FAILED"
                return Walked(status, data, states, self.published)
            data, name = self._step(state, data, context)

    def _step(self, state: dict[str, Any], data: dict[str, Any], context: dict[str, Any]) -> tuple[dict[str, Any], str]:
        match state["Type"]:
            case "Choice":
                for choice in state["Choices"]:
                    (wanted,) = (value for name, value in choice.items() if name.endswith("Equals"))
                    if _find(choice["Variable"], data, context) == wanted:
                        return data, choice["Next"]
                return data, state["Default"]
            case "Pass":
                return _placed(data, state["ResultPath"], state["Result"]), state["Next"]
            case "Task":
                return self._task(state, data, context)
            case kind:
                raise NotImplementedError(kind)

    def _task(self, state: dict[str, Any], data: dict[str, Any], context: dict[str, Any]) -> tuple[dict[str, Any], str]:
        payload = _filled(state["Parameters"], data, context)
        retries = [rule["MaxAttempts"] for rule in state["Retry"]]
        while True:
            try:
                answer = self._call(state["Resource"], payload)
            except Exception as problem:  # noqa: BLE001 -- a function may fail with anything
                error = type(problem).__name__
                rule = next((n for n, r in enumerate(state["Retry"]) if error in r["ErrorEquals"]), None)
                if rule is not None and retries[rule] > 0:
                    retries[rule] -= 1
                    continue
                (catch,) = state["Catch"]
                assert catch["ErrorEquals"] == ["States.ALL"]
                cause = json.dumps({"errorMessage": str(problem), "errorType": error})
                return _placed(data, catch["ResultPath"], {"Error": error, "Cause": cause}), catch["Next"]
            return _placed(data, state["ResultPath"], answer), state["Next"]

    def _call(self, resource: str, payload: dict[str, Any]) -> Any:
        if resource == "arn:aws:states:::sns:publish":
            self.published.append(payload)
            return {"MessageId": "1"}
        if resource == "arn:aws:states:::glue:startJobRun.sync":
            assert self.job is not None
            return self.job(payload)
        called = re.fullmatch(r"\$\{(\w+)_arn\}", resource)
        assert called is not None, resource
        return json.loads(json.dumps(self.functions[called[1]](json.loads(json.dumps(payload)))))


def _find(path: str, data: dict[str, Any], context: dict[str, Any]) -> Any:
    """The value at ``$.a.b`` in the data, or at ``$$.A.B`` in the context object; a path that leads nowhere raises."""
    value: Any = context if path.startswith("$$.") else data
    for name in path.lstrip("$").split(".")[1:]:
        value = value[name]
    return value


def _filled(template: Any, data: dict[str, Any], context: dict[str, Any]) -> Any:
    """A payload template with its paths and formats filled in."""
    if not isinstance(template, dict):
        return template
    filled = {}
    for name, value in template.items():
        if not name.endswith(".$"):
            filled[name] = _filled(value, data, context)
        elif called := re.fullmatch(r"States\.Format\('(.*)', (\$[\w.]*)\)", value):
            filled[name[:-2]] = called[1].replace("{}", _find(called[2], data, context))
        else:
            filled[name[:-2]] = _find(value, data, context)
    return filled


def _placed(data: dict[str, Any], path: str | None, result: Any) -> dict[str, Any]:
    """The data with a result at a top-level ``$.name``; without a path the result is dropped."""
    if path is None:
        return data
    assert re.fullmatch(r"\$\.\w+", path)
    return {**data, path[2:]: result}
