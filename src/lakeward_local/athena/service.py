"""The Athena API: one method an action, found by name.

https://docs.aws.amazon.com/athena/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from lakeward_local.athena import results
from lakeward_local.athena.account import Account, ClientFactory, Shared
from lakeward_local.athena.errors import ApiError
from lakeward_local.athena.session import Sessions
from lakeward_local.athena.tables.objects import FileCache
from lakeward_local.athena.tables.parquet import Footers
from lakeward_local.athena.workgroups import ENGINE_VERSION

Answer = dict[str, Any]
DEFAULT_CATALOG: Final = "AwsDataCatalog"


class AthenaService:
    """Athena for any number of accounts and regions; thread-safe.

    Args:
        clients: makes a boto3 client from (service, account id, region); Glue and S3 are all it is asked for.
        workers: how many queries run at once.
    """

    def __init__(self, clients: ClientFactory, *, workers: int = 16) -> None:
        pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="athena-query")
        self._shared = Shared(clients, Sessions(), FileCache(), Footers(), pool)
        self._accounts: dict[tuple[str, str], Account] = {}
        self._lock = threading.Lock()

    def handle(self, action: str, request: dict[str, Any], account_id: str, region: str) -> Answer:
        """Answer one API call.

        Args:
            action: the operation's name, e.g. ``StartQueryExecution``.
            request: its input, as the AWS model writes it.

        Returns:
            Its output; instants are seconds since 1970.

        Raises:
            ApiError: the call is refused; carries the exception's name, the message and the HTTP status.
        """
        handler = _ACTIONS.get(action)
        if handler is None:
            raise ApiError("UnknownOperationException", f"the local Athena does not know the action {action}")
        return handler(self.account(account_id, region), request)

    def account(self, account_id: str, region: str) -> Account:
        with self._lock:
            key = (account_id, region)
            if key not in self._accounts:
                self._accounts[key] = Account(self._shared, account_id, region)
            return self._accounts[key]

    def state(self) -> dict[str, Any]:
        """All that survives a restart, ready for ``json.dump``."""
        with self._lock:
            accounts = dict(self._accounts)
        return {f"{account}/{region}": found.state() for (account, region), found in accounts.items()}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what ``state`` gave."""
        for key, value in state.items():
            account_id, _, region = key.partition("/")
            self.account(account_id, region).restore(value)

    def close(self) -> None:
        """Stop running queries and drop the local copies of objects."""
        for account in self._accounts.values():
            for execution in list(account.executions.values()):
                execution.cancel()
        self._shared.pool.shutdown(wait=True, cancel_futures=True)
        self._shared.cache.close()
        self._shared.sessions.close()


def _start(account: Account, request: Answer) -> Answer:
    return {"QueryExecutionId": account.start(request)}


def _get_execution(account: Account, request: Answer) -> Answer:
    return {"QueryExecution": account.execution(request["QueryExecutionId"]).described()}


def _batch_get(account: Account, request: Answer) -> Answer:
    found, missing = [], []
    for query_id in request["QueryExecutionIds"]:
        if query_id in account.executions:
            found.append(account.executions[query_id].described())
        else:
            missing.append(
                {
                    "QueryExecutionId": query_id,
                    "ErrorCode": "INVALID_QUERY_EXECUTION_ID",
                    "ErrorMessage": f"QueryExecution {query_id} was not found",
                }
            )
    return {"QueryExecutions": found, "UnprocessedQueryExecutionIds": missing}


def _list_executions(account: Account, request: Answer) -> Answer:
    group = account.workgroups.get(request.get("WorkGroup") or "primary").name
    ids = [e.id for e in reversed(list(account.executions.values())) if e.workgroup == group]
    return paged("QueryExecutionIds", ids, request, 50)


def _stop(account: Account, request: Answer) -> Answer:
    account.execution(request["QueryExecutionId"]).cancel()
    return {}


def _get_results(account: Account, request: Answer) -> Answer:
    return results.page(account.execution(request["QueryExecutionId"]), request, account.objects)


def _runtime(account: Account, request: Answer) -> Answer:
    return {"QueryRuntimeStatistics": account.execution(request["QueryExecutionId"]).runtime_statistics()}


def _create_workgroup(account: Account, request: Answer) -> Answer:
    with account.lock:
        group = account.workgroups.create(request)
        _tag(account, account.arn("workgroup", group.name), request.get("Tags") or [])
    return {}


def _get_workgroup(account: Account, request: Answer) -> Answer:
    return {"WorkGroup": account.workgroups.get(request["WorkGroup"]).described()}


def _update_workgroup(account: Account, request: Answer) -> Answer:
    with account.lock:
        account.workgroups.update(request)
    return {}


def _delete_workgroup(account: Account, request: Answer) -> Answer:
    name = request["WorkGroup"]
    with account.lock:
        named, prepared = account.named.in_workgroup(name), account.prepared.in_workgroup(name)
        account.workgroups.delete(
            name, holds=bool(named or prepared), recursive=bool(request.get("RecursiveDeleteOption"))
        )
        for query_id in named:
            account.named.delete(query_id)
        for statement in prepared:
            account.prepared.delete(name, statement["StatementName"])
        account.tags.pop(account.arn("workgroup", name), None)
    return {}


def _list_workgroups(account: Account, request: Answer) -> Answer:
    return paged("WorkGroups", [g.summary() for g in account.workgroups.by_name.values()], request, 50)


def _engine_versions(_account: Account, _request: Answer) -> Answer:
    versions = [{**ENGINE_VERSION, "SelectedEngineVersion": v} for v in ("AUTO", "Athena engine version 3")]
    return {"EngineVersions": versions}


def _tag(account: Account, arn: str, tags: list[dict[str, str]]) -> None:
    account.tags.setdefault(arn, {}).update({t["Key"]: t["Value"] for t in tags})


def _tag_resource(account: Account, request: Answer) -> Answer:
    _tag(account, request["ResourceARN"], request["Tags"])
    return {}


def _untag_resource(account: Account, request: Answer) -> Answer:
    for key in request["TagKeys"]:
        account.tags.get(request["ResourceARN"], {}).pop(key, None)
    return {}


def _list_tags(account: Account, request: Answer) -> Answer:
    tags = account.tags.get(request["ResourceARN"], {})
    return paged("Tags", [{"Key": k, "Value": v} for k, v in tags.items()], request, 75)


def _create_named(account: Account, request: Answer) -> Answer:
    account.workgroups.get(request.get("WorkGroup") or "primary")
    return {"NamedQueryId": account.named.create(request)}


def _list_named(account: Account, request: Answer) -> Answer:
    return paged("NamedQueryIds", account.named.in_workgroup(request.get("WorkGroup") or "primary"), request, 50)


def _batch_named(account: Account, request: Answer) -> Answer:
    known = [account.named.by_id[i] for i in request["NamedQueryIds"] if i in account.named.by_id]
    missing = [
        {"NamedQueryId": i, "ErrorCode": "INVALID_INPUT", "ErrorMessage": f"NamedQuery {i} was not found"}
        for i in request["NamedQueryIds"]
        if i not in account.named.by_id
    ]
    return {"NamedQueries": known, "UnprocessedNamedQueryIds": missing}


def _update_named(account: Account, request: Answer) -> Answer:
    account.named.update(request)
    return {}


def _delete_named(account: Account, request: Answer) -> Answer:
    account.named.delete(request["NamedQueryId"])
    return {}


def _create_prepared(account: Account, request: Answer) -> Answer:
    account.workgroups.get(request["WorkGroup"])
    account.prepared.create(request)
    return {}


def _update_prepared(account: Account, request: Answer) -> Answer:
    account.prepared.update(request)
    return {}


def _get_prepared(account: Account, request: Answer) -> Answer:
    return {"PreparedStatement": account.prepared.get(request["WorkGroup"], request["StatementName"])}


def _delete_prepared(account: Account, request: Answer) -> Answer:
    account.prepared.delete(request["WorkGroup"], request["StatementName"])
    return {}


def _list_prepared(account: Account, request: Answer) -> Answer:
    found = [
        {k: s[k] for k in ("StatementName", "LastModifiedTime")}
        for s in account.prepared.in_workgroup(request["WorkGroup"])
    ]
    return paged("PreparedStatements", found, request, 50)


def _catalog(account: Account, name: str) -> dict[str, Any]:
    if name.lower() == DEFAULT_CATALOG.lower():
        return {"Name": DEFAULT_CATALOG, "Type": "GLUE", "Parameters": {"catalog-id": account.account_id}}
    if name not in account.catalogs:
        raise ApiError.invalid(f"DataCatalog {name} was not found")
    return account.catalogs[name]


def _create_catalog(account: Account, request: Answer) -> Answer:
    if request["Name"] in account.catalogs:
        raise ApiError.invalid(f"DataCatalog {request['Name']} already exists")
    account.catalogs[request["Name"]] = {
        k: request[k] for k in ("Name", "Type", "Description", "Parameters") if k in request
    }
    _tag(account, account.arn("datacatalog", request["Name"]), request.get("Tags") or [])
    return {"DataCatalog": account.catalogs[request["Name"]]}


def _get_catalog(account: Account, request: Answer) -> Answer:
    return {"DataCatalog": _catalog(account, request["Name"])}


def _update_catalog(account: Account, request: Answer) -> Answer:
    found = _catalog(account, request["Name"])
    found |= {k: request[k] for k in ("Type", "Description", "Parameters") if k in request}
    return {}


def _delete_catalog(account: Account, request: Answer) -> Answer:
    account.catalogs.pop(_catalog(account, request["Name"])["Name"], None)
    return {}


def _list_catalogs(account: Account, request: Answer) -> Answer:
    found = [{"CatalogName": c["Name"], "Type": c["Type"]} for c in account.catalogs.values()]
    return paged("DataCatalogsSummary", [{"CatalogName": DEFAULT_CATALOG, "Type": "GLUE"}, *found], request, 50)


def _list_databases(account: Account, request: Answer) -> Answer:
    _catalog(account, request["CatalogName"])
    return paged("DatabaseList", account.metadata.databases(), request, 50)


def _get_database(account: Account, request: Answer) -> Answer:
    _catalog(account, request["CatalogName"])
    return {"Database": account.metadata.database(request["DatabaseName"])}


def _list_tables(account: Account, request: Answer) -> Answer:
    _catalog(account, request["CatalogName"])
    return paged(
        "TableMetadataList", account.metadata.tables(request["DatabaseName"], request.get("Expression")), request, 50
    )


def _get_table(account: Account, request: Answer) -> Answer:
    _catalog(account, request["CatalogName"])
    return {"TableMetadata": account.metadata.table(request["DatabaseName"], request["TableName"])}


def paged(member: str, items: list[Any], request: Answer, largest: int) -> Answer:
    """One page of a list."""
    token = request.get("NextToken") or "0"
    if not token.isdigit():
        raise ApiError.invalid(f"NextToken: expected a token of an earlier answer, found {token!r}")
    start, size = int(token), request.get("MaxResults") or largest
    found: Answer = {member: items[start : start + size]}
    return found | ({"NextToken": str(start + size)} if start + size < len(items) else {})


_ACTIONS: Final[dict[str, Callable[[Account, Answer], Answer]]] = {
    "StartQueryExecution": _start, "GetQueryExecution": _get_execution, "BatchGetQueryExecution": _batch_get,
    "ListQueryExecutions": _list_executions, "StopQueryExecution": _stop, "GetQueryResults": _get_results,
    "GetQueryRuntimeStatistics": _runtime,
    "CreateWorkGroup": _create_workgroup, "GetWorkGroup": _get_workgroup, "UpdateWorkGroup": _update_workgroup,
    "DeleteWorkGroup": _delete_workgroup, "ListWorkGroups": _list_workgroups, "ListEngineVersions": _engine_versions,
    "TagResource": _tag_resource, "UntagResource": _untag_resource, "ListTagsForResource": _list_tags,
    "CreateNamedQuery": _create_named, "GetNamedQuery": lambda a, r: {"NamedQuery": a.named.get(r["NamedQueryId"])},
    "BatchGetNamedQuery": _batch_named, "ListNamedQueries": _list_named, "UpdateNamedQuery": _update_named,
    "DeleteNamedQuery": _delete_named,
    "CreatePreparedStatement": _create_prepared, "GetPreparedStatement": _get_prepared,
    "UpdatePreparedStatement": _update_prepared, "DeletePreparedStatement": _delete_prepared,
    "ListPreparedStatements": _list_prepared,
    "CreateDataCatalog": _create_catalog, "GetDataCatalog": _get_catalog, "UpdateDataCatalog": _update_catalog,
    "DeleteDataCatalog": _delete_catalog, "ListDataCatalogs": _list_catalogs,
    "ListDatabases": _list_databases, "GetDatabase": _get_database, "ListTableMetadata": _list_tables,
    "GetTableMetadata": _get_table,
}  # fmt: skip
