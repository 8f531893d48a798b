"""The Iceberg tables of datasets and marts, by name: the state of what marts read, and where marts are written."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pyiceberg.catalog.glue import GlueCatalog

from lakeward import tables
from lakeward.adapters.iceberg import IcebergTable
from lakeward.contract import dataset
from lakeward.contract.marts import MartModel
from lakeward.slot import Slot

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class IcebergMarts:
    """See ``lakeward.ports.marts.Inputs`` and ``MartTables``.

    Args:
        glue: a catalog whose client sends every request once, see ``lakeward.adapters.iceberg``.
        s3: reads and writes data files.
        databases: ``curated`` and ``marts`` to the names of the databases.
        models: all marts.
        workdir: a local folder to work in.
    """

    def __init__(
        self,
        glue: GlueCatalog,
        s3: "S3Client",
        databases: Mapping[str, str],
        models: Mapping[str, MartModel],
        workdir: Path,
    ) -> None:
        self._glue = glue
        self._s3 = s3
        self._databases = databases
        self._models = models
        self._workdir = workdir

    def table(self, name: str) -> IcebergTable:
        """The table of a mart or a dataset."""
        if name in self._models:
            database, design = self._databases["marts"], tables.mart(self._models[name].declared)
        else:
            database, design = self._databases["curated"], tables.curated(dataset(name).contract)
        return IcebergTable(self._glue, self._s3, database, design, self._workdir)

    def run_id(self, name: str, slot: Slot) -> str | None:
        """See ``lakeward.ports.marts.Inputs``."""
        newest = self.table(name).newest_commit(slot)
        return None if newest is None else newest.run_id

    def snapshot(self, name: str) -> str | None:
        """See ``lakeward.ports.marts.Inputs``."""
        current = self.table(name).state.current_snapshot()
        return None if current is None else str(current.snapshot_id)

    def slots(self, name: str) -> set[str]:
        """See ``lakeward.ports.marts.Inputs``."""
        return self.table(name).slots()
