"""The memory of tombstones that are no rows any more: a Parquet file that the property ``lakeward.deleted`` names.

    k0, k1, …   the key, as the table has it
    version     of the tombstone
    slot        that brought it

One row a key. The property changes in the very commit that takes the rows out of the table, so a key is in one of the
two, and a merge that finds it there lets no older version back in. The file grows with the number of deleted keys.
"""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.expressions import And, EqualTo, LessThanOrEqual
from pyiceberg.table import Table

from lakeward.adapters.duckdb_files import connect
from lakeward.adapters.iceberg_lineage import lineage
from lakeward.adapters.iceberg_rewrite import without_rows
from lakeward.contract import Contract
from lakeward.errors import SchemaConflict
from lakeward.ports.upkeep import Tombstones
from lakeward.tables import LINEAGE
from lakeward.transform.compile import ident

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

DELETED = "lakeward.deleted"


@dataclass(frozen=True)
class Mark:
    """How a table's tombstones are told, and what of them is remembered: the key's columns and the version's."""

    column: str
    equals: str | bool | int
    keys: tuple[str, ...]
    version: str

    @classmethod
    def of(cls, contract: Contract) -> "Mark | None":
        """A contract's; None when it has none."""
        mark, version = contract.load.deleted_when, contract.load.newest_by
        if mark is None or version is None:
            return None
        return cls(mark.column, mark.equals, tuple(contract.load.primary_key), version)


def deleted_file(table: Table) -> str | None:
    """URI of the file that remembers; None when nothing is to be remembered."""
    return table.properties.get(DELETED)


def read_deleted(table: Table, uri: str) -> pa.Table:
    """What is remembered."""
    with table.io.new_input(uri).open() as stream:
        return pq.ParquetFile(stream).read()


def old_slots(table: Table, before: datetime, without: Iterable[int]) -> list[datetime]:
    """Slots that began before an instant, and that every state which can be come back to has.

    A state from before a slot might be restored, so that what the slot deleted is there again: until that state has
    expired, nothing of the slot is remembered for good.

    Args:
        without: snapshots that are counted as expired.
    """
    there = {snapshot.snapshot_id for snapshot in table.metadata.snapshots} - set(without)
    steps = list(lineage(table))
    oldest = max((at for at, step in enumerate(steps) if step.snapshot_id in there), default=0)
    newest: dict[str, int] = {}
    for at, step in enumerate(steps):
        if step.slot is not None:
            newest.setdefault(step.slot, at)
    began = [_plain(datetime.fromisoformat(slot)) for slot, at in newest.items() if at >= oldest]
    return [slot for slot in began if slot < _plain(before)]


def find_tombstones(table: Table, mark: Mark, old: list[datetime]) -> Iterator[Tombstones]:
    """The files that hold tombstones of old slots, and how many.

    Raises:
        SchemaConflict: one of them has merge-on-read deletes, which we never write ourselves.
    """
    if not old:
        return
    wanted = And(
        EqualTo(term=mark.column, value=mark.equals), LessThanOrEqual(term=LINEAGE, value=max(old).isoformat())
    )
    for task in table.scan(row_filter=wanted).plan_files():
        rows = len(_rows(table, task.file.file_path, mark, old))
        if rows and task.delete_files:
            raise SchemaConflict(
                f"{'.'.join(table.name())}: expected data files only, found merge-on-read deletes on "
                f"{task.file.file_path}; run OPTIMIZE on the table"
            )
        if rows:
            yield Tombstones(task.file.file_path, task.file.file_size_in_bytes, rows)


def take_out(
    table: Table, s3: "S3Client", mark: Mark, files: list[str], old: list[datetime], folder: Path
) -> tuple[list[str], str]:
    """Write files anew without their old tombstones, and the file that remembers these and all from before.

    Args:
        table: the state that is to be committed against.
        s3: reads and writes data files.
        mark: how tombstones are told.
        files: URIs, each with a tombstone of an old slot at least.
        old: those slots.
        folder: an empty local folder.

    Returns:
        URIs of the new data files, and of the file that remembers. No snapshot names them yet.
    """
    made = []
    with connect(folder) as db:
        memory = deleted_file(table)
        if memory is not None:
            db.register("part", read_deleted(table, memory))
            db.execute("CREATE TABLE memory AS FROM part")
        for number, uri in enumerate(files):
            part = _rows(table, uri, mark, old)
            db.register("part", part)
            db.execute("CREATE OR REPLACE TABLE gone AS SELECT uri, row FROM part")
            remembered = "SELECT * EXCLUDE (uri, row, of) FROM part"
            new = number == 0 and memory is None
            db.execute(f"CREATE TABLE memory AS {remembered}" if new else f"INSERT INTO memory BY NAME {remembered}")
            if part.num_rows < part["of"][0].as_py():
                made.append(without_rows(db, s3, table, uri, "gone", folder, f"kept-{uuid.uuid4().hex}"))
        return made, _write_memory(db, table, mark)


def _write_memory(db: duckdb.DuckDBPyConnection, table: Table, mark: Mark) -> str:
    """One row a key, the newest."""
    keys = ", ".join(f"k{n}" for n in range(len(mark.keys)))
    newest = f"QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY version DESC, slot DESC) = 1"
    kept = db.execute(f"SELECT * FROM memory {newest} ORDER BY {keys}").to_arrow_table()
    uri = f"{table.location()}/metadata/deleted-{uuid.uuid4().hex}.parquet"
    with table.io.new_output(uri).create() as stream:
        pq.write_table(kept, stream, compression="zstd")
    return uri


def _rows(table: Table, uri: str, mark: Mark, old: list[datetime]) -> pa.Table:
    """A file's old tombstones: uri, row (from 0), of (rows of the file), version, slot and the key."""
    columns = sorted({mark.column, mark.version, LINEAGE, *mark.keys})
    with table.io.new_input(uri).open() as stream:
        part = pq.ParquetFile(stream).read(columns=columns)
    rows = part.num_rows
    part = part.append_column("row", pa.array(range(rows), pa.int64()))
    wanted = ", ".join(f"{ident(key)} AS k{n}" for n, key in enumerate(mark.keys))
    with duckdb.connect() as db:
        db.register("part", part)
        return db.execute(
            f"SELECT ? AS uri, row, ? AS of, {ident(mark.version)} AS version, {LINEAGE} AS slot, {wanted} FROM part "
            f"WHERE {ident(mark.column)} = ? AND list_contains(?::TIMESTAMP[], {LINEAGE})",
            [uri, rows, mark.equals, old],
        ).to_arrow_table()


def _plain(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)
