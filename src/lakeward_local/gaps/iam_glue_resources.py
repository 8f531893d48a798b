"""What a policy must name before Glue's catalog may be used.

AWS (Glue Developer Guide, "Specifying AWS Glue resource ARNs"): an action on a table is checked against the table,
its database and the catalog, one on a database against the database and the catalog; all of them must be allowed.

MiniStack 1.5.33 with ``AUTH=true``: checks an action on a table against ``database/<name>`` alone, so a role may read
every table of a database that it may see, and ``GetDatabase`` against ``table/<database>``, which no policy names.

It can go when MiniStack checks catalog, database and table.
"""

import json
from collections.abc import Iterator
from typing import Any

from ministack.core import iam_actions, iam_evaluator

from lakeward_local.gaps.patching import Function, replace

_OF_A_DATABASE = frozenset({"GetDatabase", "CreateDatabase", "UpdateDatabase", "DeleteDatabase"})
_OF_TABLES = frozenset({"GetTables", "SearchTables", "BatchDeleteTable"})
"""Actions on more tables than one: checked against all of the database's."""


def install() -> None:
    """Find what a request is about, and ask for all that it lies in."""
    replace(iam_actions, "extract_resource_arn", _naming)
    replace(iam_evaluator, "enforce", _enforcing)


def _naming(original: Function) -> Function:
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
        if service == "glue" and not path.startswith("/iceberg"):
            resource = _resource(headers.get("x-amz-target", "").rpartition(".")[2], body)
            if resource is not None:
                return f"arn:aws:glue:{region}:{account_id}:{resource}"
        found: str = original(service, method, path, headers, body, query_params, region, account_id)
        return found

    return extract_resource_arn


def _resource(action: str, body: bytes) -> str | None:
    """``table/<database>/<table>`` or ``database/<name>``; None for what lies in no database."""
    try:
        asked = json.loads(body or b"{}")
    except ValueError:
        return None  # MiniStack refuses it in the service's own words
    if action in _OF_A_DATABASE:
        name = asked.get("Name") or asked.get("DatabaseInput", {}).get("Name")
        return f"database/{name}" if name else None
    database = asked.get("DatabaseName")
    if not database:
        return None
    if action in _OF_TABLES:
        return f"table/{database}/*"
    table = asked.get("TableName") or asked.get("Name") or asked.get("TableInput", {}).get("Name")
    return f"table/{database}/{table}" if table else f"database/{database}"


def _enforcing(original: Function) -> Function:
    def enforce(
        access_key_id: str,
        iam_action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: dict[str, Any] | None = None,
    ) -> Any:
        for arn in _with_ancestors(resource_arn) if service == "glue" else (resource_arn,):
            denied = original(access_key_id, iam_action, service, region, arn, service_context)
            if denied:
                return denied
        return None

    return enforce


def _with_ancestors(arn: str) -> Iterator[str]:
    """The resource itself, its database and the catalog."""
    prefix, _, resource = arn.rpartition(":")
    yield arn
    if resource.startswith("table/"):
        yield f"{prefix}:database/{resource.split('/')[1]}"
    if resource.startswith(("table/", "database/")):
        yield f"{prefix}:catalog"
