"""Which action a request is, and which resource it is about, as policies name them.

AWS (Service Authorization Reference): each action is checked against the resources that its row lists, such as the
workgroup of a named query, the group of a schedule, the log group whose tags are read.

MiniStack 1.5.33 with ``AUTH=true``: knows the resource of the common requests. For the others it checks against ``*``,
which no policy allows that names its resources, and every schedule against the group ``default``. It takes each
operation of Budgets for an action, where AWS has two for all of them.

What is listed here is what Terraform and Lakeward ask. It can go when MiniStack finds these resources.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from ministack.core import iam_actions
from ministack.services import athena

from lakeward_local.athena.service import AthenaService
from lakeward_local.gaps.patching import Function, replace


@dataclass(frozen=True)
class Request:
    """What a request says, whichever protocol it came by."""

    path: list[str]
    said: dict[str, Any]
    region: str
    account: str

    def arn(self, service: str, resource: str) -> str:
        """The ARN of something in the caller's account and region."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


def _athena(request: Request) -> str | None:
    """The workgroup, also where only something in it is named."""
    said = request.said
    workgroup = said.get("WorkGroup") or said.get("Name")
    service: AthenaService | None = getattr(athena, "lakeward_service", None)
    if service is not None:
        account = service.account(request.account, request.region)
        if query := account.named.by_id.get(said.get("NamedQueryId", "")):
            workgroup = query["WorkGroup"]
        elif execution := account.executions.get(said.get("QueryExecutionId", "")):
            workgroup = execution.workgroup
    return request.arn("athena", f"workgroup/{workgroup}") if workgroup else None


def _budgets(request: Request) -> str | None:
    name = request.said.get("BudgetName") or (request.said.get("Budget") or {}).get("BudgetName")
    return f"arn:aws:budgets::{request.account}:budget/{name}" if name else None


def _cloudtrail(request: Request) -> str | None:
    arn: str | None = (request.said.get("ResourceIdList") or [request.said.get("ResourceId")])[0]
    return arn


def _cloudwatch(request: Request) -> str | None:
    said = request.said
    if name := said.get("DashboardName") or said.get("DashboardNames.member.1"):
        return f"arn:aws:cloudwatch::{request.account}:dashboard/{name}"
    alarm = said.get("AlarmName") or said.get("AlarmNames.member.1")
    return request.arn("cloudwatch", f"alarm:{alarm}") if alarm else None


def _iam(request: Request) -> str | None:
    name = request.said.get("PolicyName")
    return None if "RoleName" in request.said or not name else f"arn:aws:iam::{request.account}:policy/{name}"


def _kms(request: Request) -> str | None:
    alias = request.said.get("AliasName")
    return request.arn("kms", alias) if alias else None


def _lambda(request: Request) -> str | None:
    name = request.said.get("FunctionName") if request.path[1:] == ["functions"] else None
    return request.arn("lambda", f"function:{name}") if name else None


def _scheduler(request: Request) -> str | None:
    match request.path:
        case ["schedules", name, *_]:
            group = request.said.get("groupName") or request.said.get("GroupName") or "default"
            return request.arn("scheduler", f"schedule/{group}/{name}")
        case ["tags", *arn]:
            return unquote("/".join(arn))
    return None


_FINDERS: dict[str, Callable[[Request], str | None]] = {
    "athena": _athena,
    "budgets": _budgets,
    "cloudtrail": _cloudtrail,
    "iam": _iam,
    "kms": _kms,
    "lambda": _lambda,
    "monitoring": _cloudwatch,
    "scheduler": _scheduler,
}

_TAGGED = ("resourceArn", "ResourceArn", "ResourceARN")
"""Members by which requests about tags name a resource."""


def install() -> None:
    """Look for the resource before MiniStack does."""

    def wrap(original: Function) -> Function:
        def extract_resource_arn(
            service: str,
            method: str,
            path: str,
            headers: dict[str, str],
            body: bytes,
            query_params: dict[str, Any],
            region: str,
            account_id: str,
        ) -> str:
            request = Request([part for part in path.split("/") if part], _said(body, query_params), region, account_id)
            found = next((request.said[name] for name in _TAGGED if request.said.get(name)), None)
            if found is None and service in _FINDERS:
                found = _FINDERS[service](request)
            if found is None:
                found = original(service, method, path, headers, body, query_params, region, account_id)
            return str(found)

        return extract_resource_arn

    replace(iam_actions, "extract_resource_arn", wrap)
    replace(iam_actions, "extract_iam_action", _naming)


def _naming(original: Function) -> Function:
    def extract_iam_action(service: str, *request: Any) -> str | None:
        action: str | None = original(service, *request)
        operation = (action or "").removeprefix("budgets:")
        if (
            service != "budgets"
            or not operation
            or operation.endswith(("TagResource", "TagsForResource", "UntagResource"))
        ):
            return action
        return "budgets:ViewBudget" if operation.startswith("Describe") else "budgets:ModifyBudget"

    return extract_iam_action


def _said(body: bytes, query_params: dict[str, Any]) -> dict[str, Any]:
    """The members of the request: JSON where the body is, and those of the query."""
    said = {name: value[0] if isinstance(value, list) else value for name, value in query_params.items()}
    if body[:1] == b"{":
        try:
            said |= json.loads(body)
        except ValueError:
            return said  # MiniStack refuses it in the service's own words
    return said
