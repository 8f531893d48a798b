"""Serving views, made from a table's design.

Athena keeps a view as a Glue table of type VIRTUAL_VIEW whose text is base64 of a JSON document, in Presto's encoding.
It refuses a view whose declared types differ from those of its query, so every column is CAST to what is declared.
Timestamps are cut to milliseconds: that is the precision that Athena's views can declare.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakeward.contract.types import parse_type
from lakeward.tables import TableColumn, TableDesign

PRESTO = {
    "string": "varchar",
    "int": "integer",
    "float": "real",
    "binary": "varbinary",
    "timestamp": "timestamp(3)",
    "timestamptz": "timestamp(3) with time zone",
}
"""Contract type -> Presto type, where the name differs."""
HIVE = {"timestamptz": "timestamp"}
"""Contract type -> the type in Glue's columns, where the name differs: Glue knows no zones."""

_TEXT = re.compile(r"/\* Presto View: (?P<encoded>[A-Za-z0-9+/=]+) \*/")
_FROM = re.compile(r'\nFROM "[a-z0-9_]+"\."(?P<table>[a-z0-9_]+)"(\nWHERE .*)?$', re.DOTALL)


@dataclass(frozen=True)
class View:
    """A view: its name, the columns it shows, the table that it reads, and which rows of that it leaves out."""

    name: str
    columns: tuple[TableColumn, ...]
    database: str
    table: str
    description: str
    deleted_when: tuple[str, str | bool | int] | None = None


def view_of(name: str, design: TableDesign, database: str) -> View:
    """The view over a table: all but tombstones and the lineage columns, whose names begin with an underscore."""
    shown = tuple(c for c in design.columns if not c.name.startswith("_"))
    return View(name, shown, database, design.name, design.description, design.deleted_when)


def presto_type(name: str) -> str:
    """A contract's type as Presto names it."""
    of = parse_type(name)
    inner = [presto_type(str(t)) for t in of.inner]
    match of.kind:
        case "list":
            return f"array({inner[0]})"
        case "map":
            return f"map(varchar, {inner[0]})"
        case "struct":
            return f"row({', '.join(f'{n} {t}' for n, t in zip(of.names, inner, strict=True))})"
    return PRESTO.get(name, name)


def glue_type(name: str) -> str:
    """A contract's type as Glue's columns name it."""
    of = parse_type(name)
    inner = [glue_type(str(t)) for t in of.inner]
    match of.kind:
        case "list":
            return f"array<{inner[0]}>"
        case "map":
            return f"map<string,{inner[0]}>"
        case "struct":
            return f"struct<{','.join(f'{n}:{t}' for n, t in zip(of.names, inner, strict=True))}>"
    return HIVE.get(name, name)


def view_sql(view: View) -> str:
    """The query behind a view."""
    columns = ",\n  ".join(f'CAST("{c.name}" AS {presto_type(c.type)}) AS "{c.name}"' for c in view.columns)
    select = f'SELECT\n  {columns}\nFROM "{view.database}"."{view.table}"'
    if view.deleted_when is None:
        return select
    name, value = view.deleted_when
    return f'{select}\nWHERE "{name}" IS DISTINCT FROM {_literal(value)}'


def _literal(value: str | bool | int) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def table_input(view: View, serving_database: str) -> dict[str, Any]:
    """The view as Glue's TableInput."""
    document = {
        "originalSql": view_sql(view),
        "catalog": "awsdatacatalog",
        "schema": serving_database,
        "columns": [{"name": c.name, "type": presto_type(c.type)} for c in view.columns],
    }
    encoded = base64.b64encode(json.dumps(document).encode()).decode()
    return {
        "Name": view.name,
        "Description": view.description,
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"presto_view": "true", "comment": "Presto View"},
        "ViewOriginalText": f"/* Presto View: {encoded} */",
        "ViewExpandedText": "/* Presto View */",
        "PartitionKeys": [],
        "StorageDescriptor": {
            "Columns": [{"Name": c.name, "Type": glue_type(c.type), "Comment": c.description} for c in view.columns],
            "Location": "",
            "NumberOfBuckets": 0,
            "SerdeInfo": {},
        },
    }


def shown_table(definition: Mapping[str, Any]) -> str | None:
    """The table that a view of ours shows, read back from its text; None for any other view.

    Args:
        definition: the view as Glue's Table or TableInput.
    """
    text = _TEXT.fullmatch(definition.get("ViewOriginalText") or "")
    if text is None:
        return None
    try:
        sql = json.loads(base64.b64decode(text["encoded"]))["originalSql"]
    except (binascii.Error, ValueError, KeyError):
        return None
    shown = _FROM.search(sql)
    return shown["table"] if shown else None
