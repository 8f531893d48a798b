"""What one task does, in whatever process Spark runs it: plain functions over DuckDB, which know nothing of Spark.

Each may run twice, on two machines at once, or again after a machine was lost. Reading and choosing have no effect
outside their answers; files are uploaded under the digest of their bytes, and only those of the answers that the driver
took are ever listed.
"""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

import duckdb

from lakeward.adapters.duckdb_files import (
    account_of,
    connect,
    count_broken,
    order_of,
    refused_order_of,
    write_partitions,
)
from lakeward.adapters.duckdb_measures import measures
from lakeward.adapters.duckdb_personal import discreet, use_key
from lakeward.adapters.duckdb_receipt import use_receipt
from lakeward.adapters.duckdb_survey import survey
from lakeward.adapters.spark.blobs import gather, pack, split, unpack
from lakeward.adapters.spark.plan import Into, Place
from lakeward.certificate import CertifiedPage
from lakeward.measures import Exploded, FieldDrift, Measures
from lakeward.ports.lake import Files
from lakeward.ports.work import Fetch, Work, received
from lakeward.staged import StagedFile
from lakeward.transform.compile import TransformSql, compile_transform, ident
from lakeward.transform.measures import measured_columns


class Buckets(Protocol):
    """Raw and the lake, reachable from whatever machine this was sent to."""

    def raw(self) -> Files:
        """The raw bucket."""
        ...

    def lake(self) -> Files:
        """The curated bucket."""
        ...


@dataclass(frozen=True)
class Task:
    """What every task of a slot knows. ``parts`` is how many parts keys are spread over."""

    work: Work
    buckets: Buckets
    fetch: Fetch
    parts: int
    memory_mb: int


@dataclass(frozen=True)
class Rows:
    """Rows of one part as they were read, packed; with quarantined ones, what exploding made of the task's records."""

    into: Into
    rows: int
    blob: bytes
    exploded: Exploded | None = None


@dataclass(frozen=True)
class Chosen:
    """What stays of one part: valid records read, quarantined ones, the rules broken, each place's rows, packed."""

    valid: int
    quarantined: int
    broken: dict[tuple[str, str], int]
    chunks: dict[Place, bytes]
    exploded: Exploded


@dataclass(frozen=True)
class Written:
    """An uploaded file and its table."""

    into: Into
    file: StagedFile


def read(task: Task, pages: list[CertifiedPage]) -> Iterator[tuple[int, Rows]]:
    """Fetch pages, prove them, run the compiled contract over them.

    Yields:
        (part, rows): accepted rows by the hash of their key, quarantined ones wherever there is room.
    """
    with _workplace(task) as (db, folder):
        use_receipt(db, task.work.contract, received(pages))
        sql = _compiled(task, task.fetch(pages, task.buckets.raw(), folder, task.work.contract))
        # Rows without a key meet no others, so any part will do.
        keys = ", ".join(ident(key) for key in task.work.contract.load.primary_key or ["_page", "_position"])
        accepted = db.execute(f"SELECT *, hash({keys}) % {task.parts} AS _part FROM ({sql.accepted}) ORDER BY _part")
        for part, rows in split(accepted.to_arrow_table(), "_part"):
            yield int(str(part)), Rows("curated", rows.num_rows, pack(rows))
        refused = db.execute(sql.quarantined).to_arrow_table()
        exploded = account_of(db, sql)
        if refused.num_rows or exploded:
            yield pages[0].number % task.parts, Rows("quarantine", refused.num_rows, pack(refused), exploded)


def choose(task: Task, part: int, arrived: Iterable[tuple[int, Rows]]) -> Iterator[Chosen]:
    """Of all rows of one part, the newest of each key, by partition; quarantined ones as they came."""
    counts, exploded = {"curated": 0, "quarantine": 0}, Exploded()
    with _workplace(task) as (db, _):
        for _, rows in arrived:
            gather(db, "accepted" if rows.into == "curated" else "quarantined", rows.blob)
            counts[rows.into] += rows.rows
            exploded += rows.exploded or Exploded()
        chunks: dict[Place, bytes] = {}
        if counts["curated"]:
            newest = _compiled(task, [Path("page-00001.json")]).newest
            chunks |= _by_partition(db, newest, "curated", task.work.contract.partition_by, part)
        if counts["quarantine"]:
            partition = task.work.quarantine.design.partition_by
            chunks |= _by_partition(db, "SELECT * FROM quarantined", "quarantine", partition, part)
        noted = "SELECT * FROM accepted" if counts["curated"] and task.work.contract.keeps_notes else None
        refused = "SELECT * FROM quarantined" if counts["quarantine"] else None
        broken = count_broken(db, noted, refused)
    if chunks or exploded.records:
        yield Chosen(counts["curated"], counts["quarantine"], broken, chunks, exploded)


def to_measure(task: Task, chosen: Chosen) -> Iterator[tuple[int, bytes]]:
    """Of the rows that stay, the columns that rules over the whole load name; all go to one task."""
    names = measured_columns(task.work.contract)
    for place, blob in chosen.chunks.items():
        if place.into == "curated":
            yield 0, pack(unpack(blob).select(names))


def measure(task: Task, arrived: Iterable[tuple[int, bytes]]) -> Iterator[Measures]:
    """What rules over the whole load ask of its rows. A few columns of a load spill to disk where they must."""
    rows = None
    with _workplace(task) as (db, _):
        for _, blob in arrived:
            gather(db, "measured", blob)
            rows = "SELECT * FROM measured"
        yield measures(db, task.work.contract, rows)


def look(task: Task, pages: list[CertifiedPage]) -> FieldDrift:
    """Which fields the records of sampled pages have."""
    with _workplace(task) as (db, folder):
        contract = task.work.contract
        return survey(db, contract, task.fetch(pages, task.buckets.raw(), folder, contract))


def write(task: Task, arrived: Iterable[tuple[int, tuple[Place, bytes]]]) -> Iterator[Written]:
    """Make one file of all chunks that belong to it, and upload it."""
    into: Into | None = None
    with _workplace(task) as (db, folder):
        for _, (place, blob) in arrived:
            gather(db, "rows", blob)
            into = place.into
        if into is None:
            return
        target = task.work.curated if into == "curated" else task.work.quarantine
        order = (order_of if into == "curated" else refused_order_of)(task.work.contract)
        made = write_partitions(db, "SELECT * FROM rows", order, target.ids, folder / "files")
        for file in target.upload(made, task.work.name, task.buckets.lake()):
            yield Written(into, file)


def _by_partition(
    db: duckdb.DuckDBPyConnection, select: str, into: Into, partition: str, part: int
) -> dict[Place, bytes]:
    """The rows of a SELECT as chunks, one for each value of the partition column."""
    rows = db.execute(f"SELECT *, {ident(partition)} AS _partition FROM ({select}) ORDER BY _partition")
    found = {}
    for value, chunk in split(rows.to_arrow_table(), "_partition"):
        if not isinstance(value, date):
            raise TypeError(f"expected partitions that are dates, found {value!r}")
        found[Place(into, value, part)] = pack(chunk)
    return found


def _compiled(task: Task, pages: list[Path]) -> TransformSql:
    return compile_transform(task.work.contract, task.work.slot, pages)


@contextmanager
def _workplace(task: Task) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """A database and a folder of a task's own. One thread: Spark gives a task one core."""
    with tempfile.TemporaryDirectory(prefix="lakeward-") as temporary:
        folder = Path(temporary)
        contract = task.work.contract
        with connect(folder, memory_limit=f"{task.memory_mb}MB", threads=1) as db, discreet(contract):
            use_key(db, contract, task.work.key)
            yield db, folder
