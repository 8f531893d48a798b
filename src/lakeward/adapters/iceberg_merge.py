"""How a slot's staged rows meet the rows that a table holds: copy-on-write over the files that are touched.

    goes    held rows that an earlier run of this slot wrote, and held rows that lose against a staged one of their key
    loses   staged rows that lose against the row of their key that another slot holds
    stays   everything else

Who wins is decided by the rows and never by the clock, so the order in which slots are run does not matter: of versions
the newest, of equal ones the later slot's; of events the earlier slot's. A tombstone is a version like any other: it
stays in the table, unseen by readers, so that an older version which arrives later loses against it. What maintenance
has taken out of the table since is remembered beside it, and counts as if it were held.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyiceberg.expressions import AlwaysFalse, And, BooleanExpression, EqualTo, GreaterThanOrEqual, LessThanOrEqual, Or
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table

from lakeward.adapters.duckdb_files import connect
from lakeward.adapters.iceberg_deleted import deleted_file, read_deleted
from lakeward.adapters.iceberg_rewrite import without_rows
from lakeward.contract import Contract
from lakeward.errors import SchemaConflict
from lakeward.slot import Slot
from lakeward.staged import StagedFile
from lakeward.tables import LINEAGE
from lakeward.transform.compile import ident, instant

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass
class Merge:
    """One commit: files to name, files to drop, and what that means in rows of the slot."""

    add: list[str] = field(default_factory=list)
    remove: list[DataFile] = field(default_factory=list)
    rows_written: int = 0
    rows_superseded: int = 0


@dataclass(frozen=True)
class _File:
    """A data file: one of the slot's staged ones, or one that the table holds."""

    uri: str
    held: DataFile | None = None


def plan_merge(
    table: Table,
    s3: "S3Client",
    slot: Slot,
    run_id: str,
    files: list[StagedFile],
    contract: Contract | None,
    folder: Path,
) -> Merge:
    """Work out one commit and write the files that it needs.

    Args:
        table: the state to commit against.
        s3: reads and writes data files.
        slot: whose rows are replaced.
        run_id: names new files, together with the snapshot that they were made against.
        files: the slot's new rows.
        contract: gives keys and version; None where rows have no key.
        folder: an empty local folder.

    Raises:
        SchemaConflict: a file that must be rewritten has merge-on-read deletes, which we never write ourselves.
    """
    with connect(folder) as db:
        staged = [_File(f.uri) for f in files]
        keys = contract.load.across_slots if contract else []
        version = (contract.load.newest_by if contract and keys else None) or LINEAGE
        candidates = _candidates(table, slot, _reach(table, staged, keys))
        held = [_File(f.file_path, f) for f in candidates]
        deleted = deleted_file(table) if keys and staged else None
        if not held and deleted is None:
            return Merge(add=[f.uri for f in staged], rows_written=sum(f.rows for f in files))
        if held:
            _relation(db, "held", held, table, keys, version)
        if staged:
            _relation(db, "incoming", staged, table, keys, version)
        for name, present, like in (("held", held, "incoming"), ("incoming", staged, "held")):
            if not present:
                db.execute(f"CREATE TABLE {name} AS FROM {like} LIMIT 0")
        if deleted is not None:
            _recall(db, table, deleted, keys)
        _judge(db, slot, keys, _held_wins(slot, contract))
        return _rewrite(db, s3, table, staged, held, folder, f"{slot.key}-{run_id.rsplit('/', 1)[1]}")


def _relation(
    db: duckdb.DuckDBPyConnection, name: str, files: list[_File], table: Table, keys: list[str], version: str
) -> None:
    """A table with where each row lies (uri, row) and what decides its fate (keys, version, slot).

    Only those columns are read from S3, file by file: a file that loses no row is never downloaded.
    """
    wanted = "".join(f", {ident(c)} AS k{i}" for i, c in enumerate(keys))
    select = f"SELECT uri, row, {ident(version)} AS version, {LINEAGE} AS slot{wanted} FROM part"
    for number, file in enumerate(files):
        with table.io.new_input(file.uri).open() as stream:
            part = pq.ParquetFile(stream).read(columns=sorted({*keys, version, LINEAGE}))
        part = part.append_column("uri", pa.repeat(file.uri, part.num_rows))
        part = part.append_column("row", pa.array(range(part.num_rows), pa.int64()))
        db.register("part", part)
        db.execute(f"INSERT INTO {name} {select}" if number else f"CREATE TABLE {name} AS {select}")
        db.unregister("part")


def _recall(db: duckdb.DuckDBPyConnection, table: Table, deleted: str, keys: list[str]) -> None:
    """Add what is remembered of the incoming keys' former tombstones to ``held``, as rows of no file."""
    same = " AND ".join(f"d.k{n} = i.k{n}" for n in range(len(keys)))
    db.register("deleted", read_deleted(table, deleted))
    db.execute(
        f"INSERT INTO held BY NAME SELECT '' AS uri, 0 AS row, d.* FROM deleted d SEMI JOIN incoming i ON {same}"
    )
    db.unregister("deleted")


def _candidates(table: Table, slot: Slot, reach: BooleanExpression) -> list[DataFile]:
    """Live files that may hold rows of the slot, or rows within ``reach``, by the statistics in the manifests."""
    expression = Or(EqualTo(term=LINEAGE, value=slot.start.replace(tzinfo=None).isoformat()), reach)
    tasks = list(table.scan(row_filter=expression).plan_files())
    for task in tasks:
        if task.delete_files:
            raise SchemaConflict(
                f"{'.'.join(table.name())}: expected data files only, found merge-on-read deletes on "
                f"{task.file.file_path}; run OPTIMIZE on the table, then run the slot again"
            )
    return [task.file for task in tasks]


def _reach(table: Table, staged: list[_File], keys: list[str]) -> BooleanExpression:
    """Where rows with the incoming keys can lie: between the least and the greatest of the first key column.

    The footers of the staged files say it. No key is read before it is known that any can be there already.
    """
    if not keys or not staged:
        return AlwaysFalse()
    bounds = [bound for file in staged for bound in _bounds(table, file, keys[0])]
    low, high = min(low for low, _ in bounds), max(high for _, high in bounds)
    return And(GreaterThanOrEqual(term=keys[0], value=low), LessThanOrEqual(term=keys[0], value=high))


def _bounds(table: Table, file: _File, column: str) -> Iterator[tuple[Any, Any]]:
    """Least and greatest value of a column: of every row group where its footer has them, else of the file."""
    with table.io.new_input(file.uri).open() as stream:
        parquet = pq.ParquetFile(stream)
        at = [parquet.schema.column(n).path for n in range(parquet.metadata.num_columns)].index(column)
        groups = [parquet.metadata.row_group(n).column(at).statistics for n in range(parquet.metadata.num_row_groups)]
        if all(group is not None and group.has_min_max for group in groups):
            yield from ((group.min, group.max) for group in groups)
        else:
            found = pc.min_max(parquet.read(columns=[column])[column])
            yield found["min"].as_py(), found["max"].as_py()


def _held_wins(slot: Slot, contract: Contract | None) -> str:
    """SQL: whether the row ``h`` of another slot stays and the staged row ``i`` of the same key does not."""
    if contract is not None and contract.load.mode == "append_only":
        return f"h.slot < {instant(slot)}"
    return f"(h.version > i.version OR (h.version = i.version AND h.slot > {instant(slot)}))"


def _judge(db: duckdb.DuckDBPyConnection, slot: Slot, keys: list[str], held_wins: str) -> None:
    """Tables ``loses`` and ``goes``: uri and row of the rows that are not in the next state."""
    same = " AND ".join(f"i.k{n} = h.k{n}" for n in range(len(keys))) or "false"
    this = instant(slot)
    db.execute(
        f"CREATE TABLE loses AS SELECT DISTINCT i.uri, i.row FROM incoming i JOIN held h ON {same} "
        f"WHERE h.slot <> {this} AND {held_wins}"
    )
    db.execute(
        f"CREATE TABLE goes AS SELECT uri, row FROM held WHERE slot = {this} "
        f"UNION SELECT h.uri, h.row FROM held h JOIN incoming i ON {same} "
        "WHERE NOT EXISTS (FROM loses l WHERE l.uri = i.uri AND l.row = i.row)"
    )


def _rewrite(
    db: duckdb.DuckDBPyConnection,
    s3: "S3Client",
    table: Table,
    staged: list[_File],
    held: list[_File],
    folder: Path,
    name: str,
) -> Merge:
    """Write what stays of every touched file anew. Untouched staged files are named as they are."""
    merge = Merge()
    base = table.metadata.current_snapshot_id or 0
    for number, file in enumerate([*held, *staged]):
        (rows,) = _one(db, f"SELECT count(*) FROM {'held' if file.held else 'incoming'} WHERE uri = ?", file.uri)
        relation = "goes" if file.held else "loses"
        (out,) = _one(db, f"SELECT count(*) FROM {relation} WHERE uri = ?", file.uri)
        if file.held is None:
            merge.rows_written += rows - out
            merge.rows_superseded += out
        if file.held and out:
            merge.remove.append(file.held)
        if out and out < rows:
            kept = without_rows(db, s3, table, file.uri, relation, folder, f"{name}-on-{base}-{number:05d}")
            merge.add.append(kept)
        elif file.held is None and not out:
            merge.add.append(file.uri)
    return merge


def _one(db: duckdb.DuckDBPyConnection, sql: str, *values: Any) -> tuple[Any, ...]:
    row = db.execute(sql, list(values)).fetchone()
    assert row is not None  # noqa: S101 -- for the type checker: an aggregate has one row
    return row
