"""The API's view of catalogs: ListDatabases, GetTableMetadata and their kin, over Glue."""

from __future__ import annotations

import re
from typing import Any

from lakeward_local.athena.errors import ApiError


class Metadata:
    """Reads Glue for the metadata actions."""

    def __init__(self, glue: Any) -> None:
        self.glue = glue

    def databases(self) -> list[dict[str, Any]]:
        pages = self.glue.get_paginator("get_databases").paginate()
        return [_database(d) for page in pages for d in page["DatabaseList"]]

    def database(self, name: str) -> dict[str, Any]:
        try:
            return _database(self.glue.get_database(Name=name)["Database"])
        except self.glue.exceptions.EntityNotFoundException as error:
            raise ApiError("MetadataException", f"Database {name} not found. (EntityNotFoundException)") from error

    def tables(self, database: str, expression: str | None) -> list[dict[str, Any]]:
        pattern = re.compile((expression or ".*").replace("*", ".*").replace("..*", ".*"))
        try:
            pages = list(self.glue.get_paginator("get_tables").paginate(DatabaseName=database))
        except self.glue.exceptions.EntityNotFoundException as error:
            raise ApiError("MetadataException", f"Database {database} not found. (EntityNotFoundException)") from error
        return [_table(t) for page in pages for t in page["TableList"] if pattern.fullmatch(t["Name"])]

    def table(self, database: str, name: str) -> dict[str, Any]:
        try:
            return _table(self.glue.get_table(DatabaseName=database, Name=name)["Table"])
        except self.glue.exceptions.EntityNotFoundException as error:
            raise ApiError(
                "MetadataException", f"Entity Not Found (EntityNotFoundException): {database}.{name}"
            ) from error


def _database(glue: dict[str, Any]) -> dict[str, Any]:
    found = {"Name": glue["Name"], "Parameters": glue.get("Parameters") or {}}
    return found | ({"Description": glue["Description"]} if glue.get("Description") else {})


def _table(glue: dict[str, Any]) -> dict[str, Any]:
    storage = glue.get("StorageDescriptor") or {}
    serde = storage.get("SerdeInfo") or {}
    parameters = dict(glue.get("Parameters") or {})
    facts = {
        "location": storage.get("Location"),
        "inputformat": storage.get("InputFormat"),
        "outputformat": storage.get("OutputFormat"),
        "serde.serialization.lib": serde.get("SerializationLibrary"),
    }
    parameters |= {name: value for name, value in facts.items() if value}
    parameters |= {f"serde.param.{k}": v for k, v in (serde.get("Parameters") or {}).items()}
    found = {
        "Name": glue["Name"], "TableType": glue.get("TableType") or "EXTERNAL_TABLE", "Parameters": parameters,
        "Columns": [_column(c) for c in storage.get("Columns") or []],
        "PartitionKeys": [_column(c) for c in glue.get("PartitionKeys") or []],
    }  # fmt: skip
    created = glue.get("CreateTime")
    return found | ({"CreateTime": created.timestamp()} if created is not None else {})


def _column(glue: dict[str, Any]) -> dict[str, Any]:
    return {"Name": glue["Name"], "Type": glue.get("Type") or "string"} | (
        {"Comment": glue["Comment"]} if glue.get("Comment") else {}
    )
