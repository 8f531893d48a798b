"""The engines that a transform can be tested with, behind one function: pages in, files of rows out."""

import hashlib
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from folder_bucket import FolderBucket
from spark_in_process import InProcess

from lakeward import tables
from lakeward.adapters.duckdb_engine import DuckDbEngine
from lakeward.adapters.spark.engine import SparkMaker
from lakeward.certificate import CertifiedPage
from lakeward.contract import Contract
from lakeward.measures import Exploded
from lakeward.ports.lake import NOBODY_SAYS, FieldIds, LocalFile, Received, Transformed
from lakeward.ports.personal import PersonalKey
from lakeward.ports.work import Made, Target, Work, received
from lakeward.slot import Slot
from lakeward.stage.pages import fetch_pages
from lakeward.staged import StagedFile

FIRST_CAME = datetime(2024, 3, 2, 3, 0, 0, 250_000, tzinfo=UTC)
"""When the first page was received; each further one came a minute later."""
ENGINES = ("duckdb", "spark")
chosen: ContextVar[str] = ContextVar("engine", default="duckdb")


@dataclass(frozen=True)
class FolderBuckets:
    """Raw and the lake, each a folder."""

    raw_folder: Path
    lake_folder: Path

    def raw(self) -> FolderBucket:
        return FolderBucket(self.raw_folder)

    def lake(self) -> FolderBucket:
        return FolderBucket(self.lake_folder)


class Unproved(Work):
    """A piece of work whose number of records nobody has certified."""

    def prove(self, valid: int, quarantined: int, exploded: Exploded | None = None) -> None:
        """Whatever was read is right."""


def certified(path: Path, records: int = 1) -> CertifiedPage:
    """A page on disk as a certificate names it, its key its name; only what an engine looks at is true."""
    raw = path.read_bytes()
    number = int(path.stem.removeprefix("page-")) if path.stem.startswith("page-") else 1
    return CertifiedPage(
        number=number,
        key=path.name,
        sha256=hashlib.sha256(raw).hexdigest(),
        bytes=len(raw),
        records=records,
        content_encoding="identity",
        request="GET https://service.test/parcels",
        served_by="https://service.test",
        status=200,
        response_headers={},
        fetched_at=(FIRST_CAME + timedelta(minutes=number - 1)).isoformat(timespec="milliseconds"),
    )


def work_of(
    contract: Contract, slot: Slot, pages: list[Path], ids: tuple[FieldIds, FieldIds], key: PersonalKey | None = None
) -> Work:
    """The piece of work that a certificate of these pages would be."""
    designs = (tables.curated(contract), tables.quarantine(contract))
    curated, quarantine = (Target(design, of) for design, of in zip(designs, ids, strict=True))
    return Unproved(contract, slot, tuple(certified(page) for page in pages), 0, curated, quarantine, "test", key)


@dataclass(frozen=True)
class Chosen:
    """The engine that is chosen, with a key for personal columns; Spark's steps are walked in this process."""

    key: PersonalKey | None = None
    name: Literal["duckdb"] = "duckdb"

    def transform(
        self,
        contract: Contract,
        slot: Slot,
        pages: list[Path],
        ids: tuple[FieldIds, FieldIds],
        workdir: Path,
        key: PersonalKey | None = None,
        _received: Received = NOBODY_SAYS,
    ) -> Transformed:
        key = key or self.key
        if chosen.get() == "duckdb":
            told = received(certified(page) for page in pages)
            return DuckDbEngine().transform(contract, slot, pages, ids, workdir, key, told)
        lake = workdir / "lake"
        buckets = FolderBuckets(pages[0].parent, lake)
        made = SparkMaker(InProcess(), None, buckets, fetch_pages).make(work_of(contract, slot, pages, ids, key))
        return local(made, lake)


def local(made: Made, lake: Path) -> Transformed:
    """What Spark made as an engine on one machine would give it."""

    def on_disk(files: list[StagedFile]) -> list[LocalFile]:
        return [LocalFile(lake / f.uri.removeprefix("s3://lake/"), f.partition, f.rows) for f in files]

    return Transformed(
        made.valid,
        on_disk(made.accepted),
        on_disk(made.quarantined),
        made.broken,
        made.measures,
        made.drift,
        made.exploded,
    )
