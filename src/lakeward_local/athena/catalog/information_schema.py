"""The tables of information_schema."""

from __future__ import annotations

from typing import Final

from lakeward_local.athena import types as t
from lakeward_local.athena.catalog.model import Column, Table
from lakeward_local.athena.errors import QueryError

_TABLES: Final = {
    "schemata": ("catalog_name", "schema_name"),
    "tables": ("table_catalog", "table_schema", "table_name", "table_type"),
    "columns": ("table_catalog", "table_schema", "table_name", "column_name", "ordinal_position", "column_default",
                "is_nullable", "data_type", "comment", "extra_info"),
    "views": ("table_catalog", "table_schema", "table_name", "view_definition"),
}  # fmt: skip


def table(name: str) -> Table:
    """The table's shape; its rows are made when it is read.

    Raises:
        QueryError: TABLE_NOT_FOUND.
    """
    if name not in _TABLES:
        raise QueryError("TABLE_NOT_FOUND", f"Table 'awsdatacatalog.information_schema.{name}' does not exist", (1, 1))
    columns = tuple(Column(c, t.BIGINT if c == "ordinal_position" else t.VARCHAR) for c in _TABLES[name])
    return Table("information_schema", name, f"information_schema${name}", columns)
