"""Whether a role is made, or given more, within a permissions boundary.

AWS (Service Authorization Reference of IAM): requests that make a role, or change what it may do, carry the condition
key ``iam:PermissionsBoundary``, the ARN of the boundary that the role gets or has. A policy that lets somebody make
roles demands a boundary by it.

MiniStack 1.5.33 with ``AUTH=true``: leaves the key out, so such a policy lets nobody make anything.

It can go when MiniStack fills the key.
"""

from typing import Any

from ministack.core import iam_actions
from ministack.services import iam

from lakeward_local.gaps.patching import Function, replace

_GIVING = frozenset({"CreateRole", "PutRolePermissionsBoundary"})
_CHANGING = frozenset({"AttachRolePolicy", "DeleteRolePolicy", "DetachRolePolicy", "PutRolePolicy"})


def install() -> None:
    """Fill the key wherever a request's condition keys are gathered."""

    def wrap(gather: Function) -> Function:
        def request_tag_context(service: str, iam_action: str, body: bytes, params: dict[str, Any]) -> dict[str, Any]:
            context: dict[str, Any] = gather(service, iam_action, body, params)
            boundary = _boundary(iam_action.removeprefix("iam:"), params) if service == "iam" else None
            return context if boundary is None else {**context, "iam:PermissionsBoundary": boundary}

        return request_tag_context

    replace(iam_actions, "request_tag_context", wrap)


def _boundary(action: str, params: dict[str, Any]) -> str | None:
    """The boundary that a role gets by the request, or has; None for other requests and for roles without one."""
    if action in _GIVING:
        return iam_actions._query_param(params, "PermissionsBoundary") or None
    if action in _CHANGING:
        role = iam._roles.get(iam_actions._query_param(params, "RoleName")) or {}
        return role.get("PermissionsBoundary") or None
    return None
