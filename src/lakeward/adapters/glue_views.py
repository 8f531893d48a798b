"""Serving views in the Glue catalog, moved by compare-and-set."""

from typing import TYPE_CHECKING

from lakeward.errors import CommitConflict
from lakeward.views import View, table_input

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient

COMPARED = ("Description", "TableType", "Parameters", "ViewOriginalText", "ViewExpandedText")


def ensure_view(client: "GlueClient", database: str, view: View) -> str:
    """Make the view, or move it to what it should be.

    Returns:
        ``created``, ``moved`` or ``unchanged``.

    Raises:
        CommitConflict: somebody changed the view between our read and our write; call again.
    """
    wanted = table_input(view, database)
    try:
        found = client.get_table(DatabaseName=database, Name=view.name)["Table"]
    except client.exceptions.EntityNotFoundException:
        try:
            client.create_table(DatabaseName=database, TableInput=wanted)  # type: ignore[arg-type]
        except client.exceptions.AlreadyExistsException as problem:
            raise CommitConflict(f"view {database}.{view.name}: expected none, found one just made") from problem
        return "created"
    same_columns = found.get("StorageDescriptor", {}).get("Columns") == wanted["StorageDescriptor"]["Columns"]
    if same_columns and all(found.get(key) == wanted[key] for key in COMPARED):
        return "unchanged"
    try:
        client.update_table(DatabaseName=database, TableInput=wanted, VersionId=found["VersionId"])  # type: ignore[arg-type]
    except client.exceptions.ConcurrentModificationException as problem:
        raise CommitConflict(
            f"view {database}.{view.name}: expected version {found['VersionId']}, found a newer one"
        ) from problem
    return "moved"
