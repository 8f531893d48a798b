"""One slot's transform as a piece of work, whoever does it: what goes in, where it goes, what must come out."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from lakeward.certificate import CertifiedPage
from lakeward.contract import Contract
from lakeward.errors import IncompleteRun
from lakeward.measures import Exploded, FieldDrift, Measures
from lakeward.ports.lake import FieldIds, Files, LocalFile, Received
from lakeward.ports.personal import PersonalKey
from lakeward.slot import Slot
from lakeward.staged import StagedFile
from lakeward.tables import TableDesign

EngineName = Literal["duckdb", "spark"]

Fetch = Callable[[Iterable[CertifiedPage], Files, Path, Contract], list[Path]]
"""Brings certified pages from raw to a folder, proved and decoded, named ``page-00001.json`` and so on."""


def received(pages: Iterable[CertifiedPage]) -> Received:
    """When each page was received, as its certificate says."""
    return {page.name: page.received_at for page in pages}


@dataclass(frozen=True)
class Target:
    """A table that files are written for: its design, and its field ids by column name."""

    design: TableDesign
    ids: FieldIds

    def upload(self, files: list[LocalFile], name: str, lake: Files) -> list[StagedFile]:
        """Put files where the table keeps its data. No snapshot names them, so no reader sees them.

        Their names end in a digest of their bytes: engines may write the same rows in other bytes, and a second
        transform must not put those in the place of a file that a snapshot names by now.
        """
        staged = []
        for file in files:
            with file.path.open("rb") as stream:
                content = hashlib.file_digest(stream, "sha256").hexdigest()
            partition = f"{self.design.partition_by}={file.partition.isoformat()}"
            key = f"{self.design.folder}/data/{partition}/{name}-{content[:16]}.parquet"
            uri = lake.upload(file.path, key)
            size = file.path.stat().st_size
            staged.append(StagedFile(uri=uri, partition=file.partition, rows=file.rows, bytes=size))
        return staged


@dataclass(frozen=True)
class Work:
    """A certified slot to be transformed.

    ``pages`` are those that count and hold records, in order; ``records`` are all that they hold. Names of files begin
    with ``name``, which the same input and code give again.
    """

    contract: Contract
    slot: Slot
    pages: tuple[CertifiedPage, ...]
    records: int
    curated: Target
    quarantine: Target
    name: str
    key: PersonalKey | None = None

    def prove(self, valid: int, quarantined: int, exploded: Exploded | None = None) -> None:
        """Hold what an engine read to what was certified, and the rows that it made to what the records hold.

        Args:
            valid: rows.
            quarantined: rows.
            exploded: of contracts that explode an array, counted without making a row; else a row is a record.

        Raises:
            IncompleteRun: records or elements were lost, or found twice.
        """
        of = f"{self.contract.dataset} {self.slot}"
        found = f"{valid} valid and {quarantined} quarantined"
        if exploded is not None and valid + quarantined != exploded.rows:
            raise IncompleteRun(
                f"{of}: expected {exploded.rows} rows from {exploded.records} records, the transform made {found}; "
                "nothing was staged"
            )
        read = valid + quarantined if exploded is None else exploded.records
        if read != self.records:
            raise IncompleteRun(
                f"{of}: expected {self.records} records as certified, the transform read "
                f"{found if exploded is None else read}; nothing was staged"
            )


@dataclass(frozen=True)
class Made:
    """What became of a piece of work: files in the lake that no table names yet. ``valid`` counts rows.

    ``broken`` counts rows by the column and the rule that they broke, ``measures`` are of the accepted rows; see
    ``lakeward.ports.lake.Transformed``.
    """

    valid: int
    accepted: list[StagedFile]
    quarantined: list[StagedFile]
    broken: Mapping[tuple[str, str], int] = field(default_factory=dict)
    measures: Measures = field(default_factory=Measures)
    drift: FieldDrift = field(default_factory=FieldDrift)
    exploded: Exploded | None = None


class Maker(Protocol):
    """An engine with all that it needs to do a piece of work: raw to read from, the lake to write to."""

    @property
    def name(self) -> EngineName:
        """The engine's name, as the staged list keeps it."""
        ...

    def make(self, work: Work) -> Made:
        """Transform the slot and upload the files. Doing it again, or twice at once, does no harm.

        Raises:
            IncompleteRun: the records read are not those that were certified.
            RawConflict: a raw page is not what the certificate says.
        """
        ...
