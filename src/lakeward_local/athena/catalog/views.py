"""Views as Athena stores them: ``/* Presto View: <base64 of JSON> */`` in ViewOriginalText."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from typing import Any

from lakeward_local.athena.catalog.hive_types import hive_type
from lakeward_local.athena.catalog.model import CATALOG, Column, View
from lakeward_local.athena.errors import QueryError
from lakeward_local.athena.types import Type, parse_type


def decode(database: str, glue: dict[str, Any]) -> View:
    """Read a view.

    Raises:
        QueryError: INVALID_VIEW, the text is no Presto view.
    """
    name = glue["Name"]
    found = re.match(r"/\* Presto View: (.*?) \*/", glue.get("ViewOriginalText") or "", re.DOTALL)
    if found is None:
        raise QueryError(
            "INVALID_VIEW", f"View {database}.{name}: expected '/* Presto View: <base64> */' in ViewOriginalText"
        )
    try:
        body = json.loads(base64.b64decode(found.group(1)))
        columns = tuple(Column(c["name"].lower(), parse_type(c["type"])) for c in body["columns"])
        return View(database, name, body["originalSql"], body.get("schema") or database, columns, glue)
    except (ValueError, KeyError, TypeError) as error:
        raise QueryError("INVALID_VIEW", f"Invalid view JSON: {database}.{name}: {error!r}") from error


def encode(name: str, sql: str, schema: str, columns: Sequence[tuple[str, Type]]) -> dict[str, Any]:
    """A Glue TableInput for a view."""
    body = {
        "originalSql": sql, "catalog": CATALOG, "schema": schema,
        "columns": [{"name": n, "type": view_type(x)} for n, x in columns],
    }  # fmt: skip
    text = base64.b64encode(json.dumps(body).encode()).decode()
    return {
        "Name": name,
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"comment": "Presto View", "presto_view": "true"},
        "ViewOriginalText": f"/* Presto View: {text} */",
        "ViewExpandedText": "/* Presto View */",
        "PartitionKeys": [],
        "StorageDescriptor": {
            "Columns": [{"Name": n, "Type": hive_type(x)} for n, x in columns],
            "Location": "",
            "SerdeInfo": {},
        },
    }


def view_type(kind: Type) -> str:
    """A type as the view's JSON writes it; a literal's bounded length stays."""
    return str(kind)
