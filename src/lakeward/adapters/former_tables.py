"""Former major versions of tables in the Glue catalog: who shows them, since when nobody does, and their end."""

import base64
import binascii
from datetime import datetime
from typing import TYPE_CHECKING

from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.exceptions import CommitFailedException, NoSuchTableError
from pyiceberg.table import Table

from lakeward.adapters.glue_views import GlueViews
from lakeward.adapters.store_errors import store_errors
from lakeward.errors import CommitConflict
from lakeward.ports.catalog import Definition

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient

UNREAD_SINCE = "lakeward.unread-since"


class GlueFormerTables:
    """See ``lakeward.ports.upkeep.FormerTables``."""

    def __init__(self, client: "GlueClient", glue: GlueCatalog, database: str, views: GlueViews) -> None:
        self._client = client
        self._glue = glue
        self._database = database
        self._views = views

    def exists(self, table: str) -> bool:
        """See ``lakeward.ports.upkeep.FormerTables``."""
        return self._load(table) is not None

    def is_shown(self, table: str) -> bool:
        """See ``lakeward.ports.upkeep.FormerTables``. Views that others made count too: any whose text names it."""
        return any(table in _text(definition) for definition in self._views.all().values())

    def unread_since(self, table: str) -> datetime | None:
        """See ``lakeward.ports.upkeep.FormerTables``."""
        found = self._load(table)
        noted = found.properties.get(UNREAD_SINCE) if found else None
        return datetime.fromisoformat(noted) if noted else None

    def note_unread(self, table: str, since: datetime | None) -> None:
        """See ``lakeward.ports.upkeep.FormerTables``."""
        found = self._load(table)
        if found is None:
            return
        try:
            with store_errors(f"table {self._database}.{table}", "note the use of"), found.transaction() as change:
                if since is None:
                    change.remove_properties(UNREAD_SINCE)
                else:
                    change.set_properties({UNREAD_SINCE: since.isoformat(timespec="seconds")})
        except CommitFailedException as problem:
            raise CommitConflict(f"table {self._database}.{table}: expected the version that was read") from problem

    def drop(self, table: str) -> None:
        """See ``lakeward.ports.upkeep.FormerTables``."""
        with store_errors(f"table {self._database}.{table}", "drop"):
            try:
                self._client.delete_table(DatabaseName=self._database, Name=table)
            except self._client.exceptions.EntityNotFoundException:
                return

    def _load(self, table: str) -> Table | None:
        try:
            with store_errors(f"table {self._database}.{table}", "read"):
                return self._glue.load_table((self._database, table))
        except NoSuchTableError:
            return None


def _text(definition: Definition) -> str:
    """All that a view says, what is encoded in it too."""
    text = str(definition.get("ViewOriginalText", ""))
    parts = text.split()
    try:
        return text + base64.b64decode(parts[3], validate=True).decode() if len(parts) > 3 else text
    except (binascii.Error, UnicodeDecodeError):
        return text
