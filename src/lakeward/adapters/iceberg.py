"""Iceberg tables in the Glue catalog: read their state, and commit to them as is safe.

A commit sends one UpdateTable that Glue accepts only for the version we read. Neither botocore nor PyIceberg may
repeat it: a repeat after a lost answer is refused, and PyIceberg would then delete the files of a commit that stands.
So the Glue client makes one attempt, the table property ``commit.retry.num-retries`` is 0, every snapshot carries its
run id, and whoever calls reads the table anew after an error and looks for that id.
"""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.exceptions import CommitFailedException, NoSuchTableError, ValidationException
from pyiceberg.io.pyarrow import parquet_file_to_data_file
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table as PyIcebergTable

from lakeward.adapters.iceberg_commit import FewManifests, OneCommit, OneWay
from lakeward.adapters.iceberg_lineage import ROWS_SUPERSEDED, ROWS_WRITTEN, RUN_ID, SLOT, lineage
from lakeward.adapters.iceberg_merge import plan_merge
from lakeward.adapters.iceberg_types import field_ids
from lakeward.adapters.store_errors import store_errors
from lakeward.contract import Contract
from lakeward.errors import CommitConflict, SchemaConflict, StoreUnavailable
from lakeward.ports.lake import Commit, FieldIds
from lakeward.slot import Slot
from lakeward.staged import StagedFile
from lakeward.tables import TableDesign

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client


def glue_client() -> "GlueClient":
    """A Glue client that sends every request once."""
    return boto3.client("glue", config=Config(retries={"total_max_attempts": 1, "mode": "standard"}))


def catalog(client: "GlueClient") -> GlueCatalog:
    """The Glue catalog; its S3 reads and writes go where the AWS environment variables point."""
    properties = {"s3.region": client.meta.region_name}
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    if endpoint:
        properties["s3.endpoint"] = endpoint
    return OneWay("lakeward", client=client, **properties)


class IcebergTable:
    """One table, and the state of it that was last read."""

    def __init__(self, glue: GlueCatalog, s3: "S3Client", database: str, design: TableDesign, workdir: Path) -> None:
        self.design = design
        self._glue = glue
        self._s3 = s3
        self._name = (database, design.name)
        self._workdir = workdir
        self._table: PyIcebergTable | None = None

    @property
    def full_name(self) -> str:
        """<database>.<table>."""
        return ".".join(self._name)

    @property
    def state(self) -> PyIcebergTable:
        """The table as last read; read now when it was not yet."""
        if self._table is None:
            self.refresh()
        assert self._table is not None  # noqa: S101 -- for the type checker
        return self._table

    def refresh(self) -> None:
        """Read the current state from the catalog.

        Raises:
            SchemaConflict: there is no such table.
            StoreUnavailable: Glue or S3 did not answer.
        """
        name = ".".join(self._name)
        try:
            with store_errors(f"table {name}", "read"):
                self._table = self._glue.load_table(self._name)
        except NoSuchTableError:
            raise SchemaConflict(
                f"expected table {name}, found none; call the migrate function, which makes every contract's tables"
            ) from None

    def field_ids(self) -> FieldIds:
        """Field ids of the design's columns by name, in the table's order; then of what is inside them."""
        designed = {column.name for column in self.design.columns}
        ids = field_ids(self.state.schema())
        return {way: number for way, number in ids.items() if way.partition(".")[0] in designed}

    def newest_commit(self, slot: Slot) -> Commit | None:
        """See ``lakeward.ports.lake.Table``. Snapshots that a rollback left behind do not count."""
        with store_errors(f"table {'.'.join(self._name)}", "read the history of"):
            for step in lineage(self.state):
                if step.slot == str(slot) and step.run_id is not None:
                    return Commit(step.run_id, step.snapshot_id, step.rows_written, step.rows_superseded)
        return None

    def slots(self) -> set[str]:
        """The slots that were committed in the current lineage."""
        with store_errors(f"table {'.'.join(self._name)}", "read the history of"):
            return {step.slot for step in lineage(self.state) if step.slot is not None}

    def replace_slot(self, slot: Slot, run_id: str, files: list[StagedFile], contract: Contract | None) -> Commit:
        """See ``lakeward.ports.lake.Table``."""
        what = f"table {'.'.join(self._name)}"
        with TemporaryDirectory(dir=self._workdir) as folder, store_errors(what, "merge staged files into"):
            merge = plan_merge(self.state, self._s3, slot, run_id, files, contract, Path(folder))
        snapshot_id = None
        if merge.add or merge.remove:
            rows = {ROWS_WRITTEN: str(merge.rows_written), ROWS_SUPERSEDED: str(merge.rows_superseded)}
            snapshot_id = self.commit(merge.add, merge.remove, {RUN_ID: run_id, SLOT: str(slot), **rows})
        return Commit(run_id, snapshot_id, merge.rows_written, merge.rows_superseded)

    def commit(
        self,
        add: list[str],
        remove: list[DataFile],
        marks: dict[str, str],
        properties: dict[str, str] | None = None,
    ) -> int | None:
        """One commit against the state last read: files to name (URIs), files to drop, what the snapshot says of it,
        and properties that the table gets with it.

        Returns:
            The new snapshot's id.

        Raises:
            CommitConflict: the table changed since it was read; nothing was committed.
            StoreUnavailable: the outcome is unknown.
        """
        table = self.state
        try:
            with OneCommit(table) as transaction:
                if properties:
                    transaction.set_properties(properties)
                with FewManifests(transaction, table, marks) as snapshot:
                    for file in remove:
                        snapshot.delete_data_file(file)
                    for uri in add:
                        snapshot.append_data_file(parquet_file_to_data_file(table.io, table.metadata, uri))
        except (CommitFailedException, ValidationException) as problem:
            raise CommitConflict(
                f"table {'.'.join(self._name)}: expected the version that was read, found a newer one: {problem}"
            ) from problem
        except (BotoCoreError, ClientError, OSError) as problem:
            what = ", ".join(marks.values())
            raise StoreUnavailable(
                f"table {'.'.join(self._name)}: the commit of {what} has an unknown outcome: {problem}"
            ) from problem
        return table.metadata.current_snapshot_id
