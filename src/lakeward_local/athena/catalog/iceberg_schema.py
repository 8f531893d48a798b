"""Iceberg schemas as Trino types. https://iceberg.apache.org/spec/#schemas-and-data-types"""

from __future__ import annotations

import re
from typing import Any, Final

from lakeward_local.athena import types as t
from lakeward_local.athena.catalog.model import Column
from lakeward_local.athena.errors import unsupported
from lakeward_local.athena.types import Type

_SIMPLE: Final = {
    "boolean": t.BOOLEAN, "int": t.INTEGER, "long": t.BIGINT, "float": t.REAL, "double": t.DOUBLE, "date": t.DATE,
    "time": Type("time", (6,)), "timestamp": t.timestamp(6), "timestamptz": t.timestamp_tz(6), "string": t.VARCHAR,
    "uuid": Type("uuid"), "binary": t.VARBINARY,
}  # fmt: skip


def trino_type(iceberg: Any) -> Type:
    """The Trino type of an Iceberg type, as the metadata's JSON writes it."""
    if isinstance(iceberg, str):
        decimal = re.fullmatch(r"decimal\((\d+),\s*(\d+)\)", iceberg)
        if decimal:
            return t.decimal(int(decimal.group(1)), int(decimal.group(2)))
        if iceberg.startswith("fixed["):
            return t.VARBINARY
        if iceberg not in _SIMPLE:
            raise unsupported(f"the Iceberg type {iceberg}")
        return _SIMPLE[iceberg]
    match iceberg["type"]:
        case "list":
            return t.array(trino_type(iceberg["element"]))
        case "map":
            return t.map_of(trino_type(iceberg["key"]), trino_type(iceberg["value"]))
    return t.row([(f["name"].lower(), trino_type(f["type"])) for f in iceberg["fields"]])


def current_schema(metadata: dict[str, Any]) -> dict[str, Any]:
    return next(s for s in metadata["schemas"] if s["schema-id"] == metadata["current-schema-id"])


def schema_of(metadata: dict[str, Any], snapshot_id: int) -> dict[str, Any]:
    """The schema that a snapshot was written with."""
    snapshot = next(s for s in metadata["snapshots"] if s["snapshot-id"] == snapshot_id)
    wanted = snapshot.get("schema-id", metadata["current-schema-id"])
    return next((s for s in metadata["schemas"] if s["schema-id"] == wanted), current_schema(metadata))


def columns(metadata: dict[str, Any]) -> tuple[Column, ...]:
    """The columns of the current schema."""
    return tuple(
        Column(f["name"].lower(), trino_type(f["type"]), comment=f.get("doc", ""))
        for f in current_schema(metadata)["fields"]
    )


def partition_row(metadata: dict[str, Any]) -> Type | None:
    """The row type of a table's partition values, None when it is not partitioned."""
    spec = next(s for s in metadata["partition-specs"] if s["spec-id"] == metadata["default-spec-id"])
    fields = {f["id"]: f["type"] for f in current_schema(metadata)["fields"]}
    if not spec["fields"]:
        return None
    return t.row(
        [(f["name"], _transformed(f["transform"], fields.get(f["source-id"], "string"))) for f in spec["fields"]]
    )


def _transformed(transform: str, source: Any) -> Type:
    if transform in {"year", "month", "hour"} or transform.startswith("bucket"):
        return t.INTEGER
    return t.DATE if transform == "day" else trino_type(source)
