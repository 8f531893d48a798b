"""The lake as the pipelines see it: a bucket of files, tables over them, and an engine that makes rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Protocol

from lakeward.contract import Contract
from lakeward.measures import Exploded, FieldDrift, Measures
from lakeward.ports.personal import PersonalKey
from lakeward.slot import Slot
from lakeward.staged import StagedFile
from lakeward.tables import TableDesign

FieldIds = dict[str, int]
"""Column name -> Iceberg field id, in the table's order; then what is inside nested columns, by its way there:
``tags.element``, ``prices.key``, ``prices.value``, ``address.street``."""


Received = Mapping[str, datetime]
"""Page, such as page-00001 -> the instant at which its last byte came (UTC)."""
NOBODY_SAYS: Received = MappingProxyType({})


class Files(Protocol):
    """A bucket, or a part of one. Every method raises StoreUnavailable when the store does not answer."""

    def read(self, key: str) -> bytes | None:
        """The object's bytes, or None when there is none."""
        ...

    def download(self, key: str, to: Path) -> bool:
        """Copy an object to a local file, streamed; False when there is none."""
        ...

    def put(self, key: str, body: bytes, content_type: str) -> None:
        """Store an object whole."""
        ...

    def upload(self, path: Path, key: str) -> str:
        """Store a local file; returns its ``s3://`` URI."""
        ...

    def size(self, uri: str) -> int | None:
        """Length of the object at an ``s3://`` URI, bytes; None when there is none."""
        ...


@dataclass(frozen=True)
class LocalFile:
    """A Parquet file on local disk, all of one partition."""

    path: Path
    partition: date
    rows: int


@dataclass(frozen=True)
class Transformed:
    """What an engine made of a slot's pages. valid + quarantined = records read, or the rows that they became.

    ``broken`` counts, by column and rule, the records that broke it: quarantined ones, and valid ones with a note. A
    record that broke several counts for each. ``exploded`` is of contracts that explode an array.
    """

    valid: int
    accepted: list[LocalFile]
    quarantined: list[LocalFile]
    broken: Mapping[tuple[str, str], int] = field(default_factory=dict)
    measures: Measures = field(default_factory=Measures)
    drift: FieldDrift = field(default_factory=FieldDrift)
    exploded: Exploded | None = None


class Engine(Protocol):
    """Turns pages into files for tables."""

    @property
    def name(self) -> Literal["duckdb"]:
        """Its name; whoever runs it keeps that with the outcome."""
        ...

    def transform(
        self,
        contract: Contract,
        slot: Slot,
        pages: list[Path],
        ids: tuple[FieldIds, FieldIds],
        workdir: Path,
        key: PersonalKey | None = None,
        received: Received = NOBODY_SAYS,
    ) -> Transformed:
        """Run the contract over the pages.

        Args:
            contract: what the rows must be.
            slot: becomes the lineage column.
            pages: decoded pages, named ``page-00001.json`` and so on; at least one.
            ids: field ids of the curated and of the quarantine table.
            workdir: an empty folder on local disk for everything that is written.
            key: for personal columns; None where the contract names none.
            received: of every page; only contracts with a column that tells it need that.
        """
        ...


@dataclass(frozen=True)
class Commit:
    """What the commit of a run did; the snapshot keeps it, so that a later look gives the same account.

    ``snapshot_id`` is None when there was nothing to change. ``rows_written`` are the slot's rows in the table, and
    ``rows_superseded`` its staged rows that another slot held in a newer version.
    """

    run_id: str
    snapshot_id: int | None
    rows_written: int
    rows_superseded: int


class Table(Protocol):
    """An Iceberg table, its state read anew by ``refresh``."""

    design: TableDesign

    def refresh(self) -> None:
        """Read the current state from the catalog."""
        ...

    def field_ids(self) -> FieldIds:
        """Field ids by column name."""
        ...

    def newest_commit(self, slot: Slot) -> Commit | None:
        """The newest commit of this slot in the current lineage; None when there is none."""
        ...

    def replace_slot(self, slot: Slot, run_id: str, files: list[StagedFile], contract: Contract | None) -> Commit:
        """Make the files the slot's rows, in one commit against the state last read.

        With a contract, rows meet those of other slots by its keys: the newest version stays. Without, rows of other
        slots are left alone.

        Raises:
            CommitConflict: the table changed since it was read; nothing was committed.
            StoreUnavailable: the outcome is unknown; ``refresh`` and ``newest_commit`` tell.
        """
        ...
