"""Named queries and prepared statements."""

from __future__ import annotations

import time
import uuid
from typing import Any

from lakeward_local.athena.errors import ApiError


class NamedQueries:
    """CreateNamedQuery and its kin."""

    def __init__(self) -> None:
        self.by_id: dict[str, dict[str, Any]] = {}

    def create(self, request: dict[str, Any]) -> str:
        members = ("Name", "Description", "Database", "QueryString", "WorkGroup")
        found: dict[str, Any] = {k: request[k] for k in members if k in request}
        found.setdefault("WorkGroup", "primary")
        found["NamedQueryId"] = str(uuid.uuid4())
        self.by_id[found["NamedQueryId"]] = found
        return str(found["NamedQueryId"])

    def get(self, query_id: str) -> dict[str, Any]:
        if query_id not in self.by_id:
            raise ApiError.invalid(f"NamedQuery {query_id} was not found")
        return self.by_id[query_id]

    def update(self, request: dict[str, Any]) -> None:
        found = self.get(request["NamedQueryId"])
        found |= {k: request[k] for k in ("Name", "Description", "QueryString") if k in request}

    def delete(self, query_id: str) -> None:
        self.get(query_id)
        del self.by_id[query_id]

    def in_workgroup(self, workgroup: str) -> list[str]:
        return [i for i, q in self.by_id.items() if q["WorkGroup"] == workgroup]


class PreparedStatements:
    """Prepared statements, by workgroup and name; names are case-sensitive in the API and lower case in SQL."""

    def __init__(self) -> None:
        self.by_key: dict[tuple[str, str], dict[str, Any]] = {}

    def put(self, workgroup: str, name: str, statement: str, description: str | None = None) -> None:
        found = {
            "StatementName": name,
            "QueryStatement": statement,
            "WorkGroupName": workgroup,
            "LastModifiedTime": time.time(),
        }
        self.by_key[workgroup, name] = found | ({"Description": description} if description else {})

    def create(self, request: dict[str, Any]) -> None:
        key = (request["WorkGroup"], request["StatementName"])
        if key in self.by_key:
            raise ApiError.invalid(f"PreparedStatement {key[1]} already exists in workGroup {key[0]}")
        self.put(*key, request["QueryStatement"], request.get("Description"))

    def update(self, request: dict[str, Any]) -> None:
        self.get(request["WorkGroup"], request["StatementName"])
        self.put(request["WorkGroup"], request["StatementName"], request["QueryStatement"], request.get("Description"))

    def get(self, workgroup: str, name: str) -> dict[str, Any]:
        found = self.find(workgroup, name)
        if found is None:
            raise ApiError(
                "ResourceNotFoundException",
                f"PreparedStatement {name} was not found in workGroup {workgroup}",
                extra={"ResourceName": name},
            )
        return found

    def find(self, workgroup: str, name: str) -> dict[str, Any] | None:
        return self.by_key.get((workgroup, name)) or next(
            (s for (w, n), s in self.by_key.items() if w == workgroup and n.lower() == name.lower()), None
        )

    def delete(self, workgroup: str, name: str) -> None:
        found = self.get(workgroup, name)
        del self.by_key[workgroup, found["StatementName"]]

    def in_workgroup(self, workgroup: str) -> list[dict[str, Any]]:
        return [s for (w, _), s in self.by_key.items() if w == workgroup]
