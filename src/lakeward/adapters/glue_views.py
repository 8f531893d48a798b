"""Serving views in the Glue catalog, moved by compare-and-set."""

from typing import TYPE_CHECKING, Any

from lakeward.adapters.store_errors import store_errors
from lakeward.errors import CommitConflict
from lakeward.ports.catalog import Definition, ViewState
from lakeward.views import View, shown_table, table_input

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient

COMPARED = ("Description", "TableType", "Parameters", "ViewOriginalText", "ViewExpandedText")
KEPT = ("Name", *COMPARED, "PartitionKeys", "StorageDescriptor")
"""What Glue's Table and TableInput have in common, and what makes a view."""


class GlueViews:
    """One serving database. See ``lakeward.ports.catalog.Views``."""

    def __init__(self, client: "GlueClient", database: str) -> None:
        self._client = client
        self._database = database

    def find(self, name: str) -> ViewState | None:
        """See ``lakeward.ports.catalog.Views``."""
        with store_errors(f"view {self._database}.{name}", "read"):
            try:
                found: dict[str, Any] = dict(self._client.get_table(DatabaseName=self._database, Name=name)["Table"])
            except self._client.exceptions.EntityNotFoundException:
                return None
        definition = _definition(found)
        return ViewState(definition=definition, table=shown_table(definition), version_id=found["VersionId"])

    def all(self) -> dict[str, Definition]:
        """See ``lakeward.ports.catalog.Views``."""
        pages = self._client.get_paginator("get_tables")
        with store_errors(f"database {self._database}", "list"):
            found: list[dict[str, Any]] = [
                dict(table) for page in pages.paginate(DatabaseName=self._database) for table in page["TableList"]
            ]
        return {table["Name"]: _definition(table) for table in found if table.get("TableType") == "VIRTUAL_VIEW"}

    def replace(self, definition: Definition, version_id: str | None) -> None:
        """See ``lakeward.ports.catalog.Views``."""
        name = f"view {self._database}.{definition['Name']}"
        with store_errors(name, "write"):
            try:
                if version_id is None:
                    self._client.create_table(DatabaseName=self._database, TableInput=definition)  # type: ignore[arg-type]
                else:
                    self._client.update_table(
                        DatabaseName=self._database,
                        TableInput=definition,  # type: ignore[arg-type]
                        VersionId=version_id,
                    )
            except self._client.exceptions.AlreadyExistsException as problem:
                raise CommitConflict(f"{name}: expected none, found one just made") from problem
            except self._client.exceptions.ConcurrentModificationException as problem:
                raise CommitConflict(f"{name}: expected version {version_id}, found a newer one") from problem


def ensure_view(views: GlueViews, database: str, view: View) -> str:
    """Make the view, or bring it to its table's columns. A view that shows another table is left to the switch.

    Returns:
        ``created``, ``changed``, ``unchanged``, or ``kept``: readers see another table still.

    Raises:
        CommitConflict: somebody changed the view between our read and our write; call again.
    """
    wanted = table_input(view, database)
    found = views.find(view.name)
    if found is None:
        views.replace(wanted, None)
        return "created"
    if found.table not in (None, view.table):
        return "kept"
    same_columns = found.definition["StorageDescriptor"].get("Columns") == wanted["StorageDescriptor"]["Columns"]
    if same_columns and all(found.definition.get(key) == wanted[key] for key in COMPARED):
        return "unchanged"
    views.replace(wanted, found.version_id)
    return "changed"


def _definition(found: dict[str, Any]) -> Definition:
    return {key: found[key] for key in KEPT if key in found}
