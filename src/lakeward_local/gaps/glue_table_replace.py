"""A table in the catalog is replaced whole, and by one writer at a time.

AWS: UpdateTable puts the given TableInput in the place of the old one, so what it leaves out is gone; it keeps the
old one as a version (GetTableVersions) unless ``SkipArchive``; with a VersionId that is no longer the table's it is
refused with ``ConcurrentModificationException``. Compare and replace are one step: of two writers that read the same
version one wins, which is all that an Iceberg commit is.

MiniStack 1.5.33: keeps what a TableInput leaves out, keeps no versions, and compares and replaces in two steps, so
that two commits at once can both succeed and one is lost. Absent texts are answered as empty ones.

It can go when MiniStack replaces under a lock and serves GetTableVersions.
"""

import copy
import threading
from typing import Any

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import glue

from lakeward_local.gaps.glue_requests import served
from lakeward_local.gaps.patching import Function, ok, refuse, replace

_TABLE_INPUT = (
    "Description",
    "Owner",
    "LastAccessTime",
    "LastAnalyzedTime",
    "Retention",
    "StorageDescriptor",
    "PartitionKeys",
    "ViewOriginalText",
    "ViewExpandedText",
    "TableType",
    "Parameters",
    "TargetTable",
    "ViewDefinition",
)
"""Members of a TableInput besides its name; all else of a table is the catalog's own."""

_EMPTY: dict[str, Any] = {"Retention": 0, "StorageDescriptor": {}, "PartitionKeys": [], "Parameters": {}}

_LOCK = threading.RLock()

_archive = AccountRegionScopedDict()
"""``database/table`` -> the versions that were replaced, oldest first; kept with the rest of the catalog's state."""


def install() -> None:
    """Replace the writers of tables, and serve what is known of their versions."""
    glue._ALL_STATE["table_versions"] = _archive
    replace(glue, "_create_table", _creating)
    replace(glue, "_update_table", _updating)
    for name in ("_get_table", "_get_tables", "_delete_table", "_batch_delete_table", "_delete_database"):
        replace(glue, name, _alone)
    actions = {
        "GetTableVersions": _alone(_get_table_versions),
        "GetTableVersion": _alone(_get_table_version),
        "BatchDeleteTableVersion": _alone(_batch_delete_table_version),
    }
    replace(glue, "_handle_request_sync", lambda original: served(original, actions))


def _alone(action: Function) -> Function:
    """One request at a time: a reader never sees a table half replaced."""

    def run(data: dict[str, Any]) -> Any:
        with _LOCK:
            return action(data)

    return run


def _creating(create: Function) -> Function:
    def create_table(data: dict[str, Any]) -> Any:
        answer = create(data)
        if answer[0] == 200:
            key = _key(data, data["TableInput"]["Name"])
            _archive.pop(key, None)
            _put(glue._tables[key], data["TableInput"])
        return answer

    return _alone(create_table)


def _updating(update: Function) -> Function:
    def update_table(data: dict[str, Any]) -> Any:
        key = _key(data, data["TableInput"]["Name"])
        before = copy.deepcopy(glue._tables.get(key))
        answer = update(data)
        if answer[0] == 200:
            if not data.get("SkipArchive"):
                _archive[key] = [*_archive.get(key, []), before]
            _put(glue._tables[key], data["TableInput"])
        return answer

    return _alone(update_table)


def _put(table: dict[str, Any], table_input: dict[str, Any]) -> None:
    """Let the table be what the input says, and nothing else but what the catalog itself adds."""
    for name in _TABLE_INPUT:
        table.pop(name, None)
    table.update(copy.deepcopy({**_EMPTY, **{k: v for k, v in table_input.items() if k in _TABLE_INPUT}}))


def _get_table_versions(data: dict[str, Any]) -> Any:
    versions = _versions(data)
    if not versions:
        return _no_such_table(data)
    return ok({"TableVersions": [{"Table": table, "VersionId": table["VersionId"]} for table in versions]})


def _get_table_version(data: dict[str, Any]) -> Any:
    versions = _versions(data)
    if not versions:
        return _no_such_table(data)
    wanted = str(data.get("VersionId", versions[0]["VersionId"]))
    for table in versions:
        if table["VersionId"] == wanted:
            return ok({"TableVersion": {"Table": table, "VersionId": wanted}})
    return refuse("EntityNotFoundException", f"Version {wanted} not found.")


def _batch_delete_table_version(data: dict[str, Any]) -> Any:
    key, unwanted = _key(data, data["TableName"]), set(data["VersionIds"])
    there = {table["VersionId"] for table in _archive.get(key, [])}
    _archive[key] = [table for table in _archive.get(key, []) if table["VersionId"] not in unwanted]
    return ok({"Errors": [_no_such_version(data, version) for version in data["VersionIds"] if version not in there]})


def _versions(data: dict[str, Any]) -> list[dict[str, Any]]:
    """All versions of a table, newest first; empty when there is no such table."""
    key = _key(data, data["TableName"])
    return [glue._tables[key], *reversed(_archive.get(key, []))] if key in glue._tables else []


def _key(data: dict[str, Any], table: str) -> str:
    return f"{data['DatabaseName']}/{table}"


def _no_such_table(data: dict[str, Any]) -> Any:
    return refuse("EntityNotFoundException", f"Table {data['TableName']} not found.")


def _no_such_version(data: dict[str, Any], version: str) -> dict[str, Any]:
    detail = {"ErrorCode": "EntityNotFoundException", "ErrorMessage": f"Version {version} not found."}
    return {"TableName": data["TableName"], "VersionId": version, "ErrorDetail": detail}
