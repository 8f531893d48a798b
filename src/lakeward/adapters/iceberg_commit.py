"""Reads and commits that cost the same however many came before.

PyIceberg makes a way to S3, with connections of its own, three times for each table that it reads and commits. It
copies a table's whole metadata whenever a transaction is asked for it, a dozen times a commit, and its overwrite leaves
one more manifest behind each time, which every later commit and every query opens. After a year of days these were
nine tenths of a commit's time.
"""

from functools import cached_property

from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.io import FileIO, load_file_io
from pyiceberg.manifest import ManifestContent, ManifestFile
from pyiceberg.table import Table, Transaction
from pyiceberg.table.metadata import TableMetadata
from pyiceberg.table.snapshots import Operation
from pyiceberg.table.update import TableUpdate
from pyiceberg.table.update.snapshot import _ManifestMergeManager, _OverwriteFiles
from pyiceberg.typedef import EMPTY_DICT, Properties

MOST_MANIFESTS = 24
"""With so many, the next commit writes them as one. Each is a request of its own to whoever reads the table."""
MANIFEST_BYTES = 8 << 20
"""A manifest of this size is left as it is; the default of Iceberg's own writers."""


class OneWay(GlueCatalog):
    """A Glue catalog with one way to S3, whose connections stay open, for all its tables."""

    @cached_property
    def _way(self) -> FileIO:
        return load_file_io(self.properties)

    def _load_file_io(self, properties: Properties = EMPTY_DICT, location: str | None = None) -> FileIO:  # noqa: ARG002
        return self._way


class OneCommit(Transaction):
    """A transaction that copies the table's metadata once for each change that is staged in it."""

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self._copied: tuple[TableMetadata, tuple[TableUpdate, ...], TableMetadata] | None = None

    @property
    def table_metadata(self) -> TableMetadata:
        """The table's metadata with what is staged; nobody may change it in place."""
        base, staged = self._table.metadata, self._updates
        if self._copied is None or self._copied[0] is not base or self._copied[1] is not staged:
            self._copied = (base, staged, super().table_metadata)
        return self._copied[2]


class FewManifests(_OverwriteFiles):
    """An overwrite that gathers small manifests, as Iceberg's own writers do and PyIceberg's append does."""

    def __init__(self, transaction: Transaction, table: Table, marks: dict[str, str]) -> None:
        operation = Operation.APPEND if table.current_snapshot() is None else Operation.OVERWRITE
        super().__init__(operation, transaction, table.io, snapshot_properties=marks)

    def _process_manifests(self, manifests: list[ManifestFile]) -> list[ManifestFile]:
        data = [manifest for manifest in manifests if manifest.content == ManifestContent.DATA]
        deletes = [manifest for manifest in manifests if manifest.content == ManifestContent.DELETES]
        gather = _ManifestMergeManager(MANIFEST_BYTES, MOST_MANIFESTS, merge_enabled=True, snapshot_producer=self)
        return gather.merge_manifests(data) + deletes
