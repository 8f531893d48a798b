"""The quick way: pages straight to the table's files in one pass, and a second look only at what that is not sure of.

    pages -> one COPY -> files by partition (sure) | a file without partition (unsure)
    unsure -> the compiled contract -> late rows | quarantined rows
    files and late rows -> no key twice: done | some twice: the files that lose a row are written again

A page that is not shaped as the contract's paths say stops the COPY. Its batch is then read page by page, and every
record of such a page is unsure. Pages of separated values of which there is any doubt are read as lines.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb

from lakeward.adapters.duckdb_files import (
    broken_of,
    column_names,
    field_ids_sql,
    local_files,
    order_of,
    refused_order_of,
    rows_of,
    write_partitions,
)
from lakeward.adapters.duckdb_measures import measures
from lakeward.adapters.separated_pages import SeparatedPages
from lakeward.contract import Contract
from lakeward.formats.lines import TEXT_SUFFIX, lines_of
from lakeward.ports.lake import FieldIds, LocalFile, Transformed
from lakeward.slot import Slot
from lakeward.tables import NOTES
from lakeward.transform.compile import compile_transform, ident, picked_records, rank, records_of
from lakeward.transform.fast import compile_fast
from lakeward.transform.fast_texts import compile_texts, read_fields
from lakeward.transform.leaf import quote

BATCH_BYTES = 1 << 30
"""Decoded pages that one COPY reads: more make larger files, fewer let go of their pages earlier."""
SMALL_ROWS = 50_000
"""Up to here all rows of a partition become one sorted file."""
FEW = 200
"""So many records are picked out of a page one by one; of more, the page is read whole."""
NO_PARTITION = "__HIVE_DEFAULT_PARTITION__"


class QuickWay:
    """One slot's transform over an open database."""

    def __init__(
        self,
        db: duckdb.DuckDBPyConnection,
        contract: Contract,
        slot: Slot,
        ids: tuple[FieldIds, FieldIds],
        workdir: Path,
    ) -> None:
        self._db = db
        self._contract = contract
        self._slot = slot
        self._curated_ids, self._quarantine_ids = ids
        self._workdir = workdir
        self._folders = 0

    @property
    def is_known(self) -> bool:
        """Whether everything in the contract is understood here."""
        return compile_fast(self._contract, self._slot, [Path("page-00001.json")]) is not None

    def transform(self, pages: list[Path]) -> Transformed:
        """See ``lakeward.ports.lake.Engine``."""
        self._db.execute("CREATE TABLE unsure (_page VARCHAR, _position BIGINT)")
        are_texts = compile_texts(self._contract, self._slot, "separated") is not None
        take = self._sure_of_texts if are_texts and pages[0].suffix == TEXT_SUFFIX else self._sure
        sure = [file for batch in batches(pages) for file in take(batch)]
        late, refused = self._look_again(pages)
        files = sure + late
        valid = sum(file.rows for file in files)
        self._accepted(files)
        broken = broken_of(self._db, self._contract, refused)
        newest = self._newest(files, valid)
        return Transformed(valid, newest, refused, broken, measures(self._db, self._contract, rows_of(newest)))

    def _folder(self) -> Path:
        self._folders += 1
        return self._workdir / f"rows-{self._folders:05d}"

    def _sure_of_texts(self, pages: list[Path]) -> list[LocalFile]:
        """The same as ``_sure`` of separated values."""
        select, folder = compile_texts(self._contract, self._slot, "separated"), self._folder()
        source = SeparatedPages(self._contract, read_fields(self._contract) or [], pages)
        self._db.register("separated", source.reader())
        self._copy(select or "", folder)
        self._db.unregister("separated")
        files = self._files_without_unsure(folder)
        return [*files, *self._sure(source.left_out)] if source.left_out else files

    def _sure(self, pages: list[Path]) -> list[LocalFile]:
        """Files of the records that the quick statement is sure of; the others are listed in ``unsure``."""
        pages = [lines_of(self._contract, page, self._workdir / "lines") for page in pages]
        select, folder = compile_fast(self._contract, self._slot, pages), self._folder()
        assert select is not None  # noqa: S101 -- for the type checker: ``is_known`` was asked
        try:
            self._copy(select, folder)
        except (duckdb.InvalidInputException, duckdb.ConversionException, UnicodeDecodeError):
            # The last of them when DuckDB cuts the record that its message quotes inside a character.
            shutil.rmtree(folder, ignore_errors=True)
            if len(pages) > 1:
                return [file for page in pages for file in self._sure([page])]
            records = records_of(self._contract, pages)
            self._db.execute(f"INSERT INTO unsure SELECT _page, _position FROM ({records})")
            return []
        return self._files_without_unsure(folder)

    def _files_without_unsure(self, folder: Path) -> list[LocalFile]:
        for nowhere in folder.glob(f"*={NO_PARTITION}/*.parquet"):
            self._db.execute(f"INSERT INTO unsure SELECT _page, _position FROM {parquet([nowhere])}")
            nowhere.unlink()
        return local_files(self._db, folder)

    def _copy(self, select: str, folder: Path) -> None:
        """Rows to files by partition, in the order in which they come."""
        names = ", ".join(map(ident, column_names(self._curated_ids)))
        self._db.execute(
            f"COPY (SELECT {names} FROM ({select})) TO '{quote(str(folder))}' "
            f"(FORMAT parquet, COMPRESSION zstd, PARTITION_BY ({ident(self._contract.partition_by)}), "
            f"WRITE_PARTITION_COLUMNS true, FIELD_IDS {field_ids_sql(self._curated_ids)})"
        )

    def _look_again(self, pages: list[Path]) -> tuple[list[LocalFile], list[LocalFile]]:
        """Late rows and quarantined rows: what the compiled contract makes of the unsure records."""
        if not self._read_again(pages):
            return [], []
        sql = compile_transform(self._contract, self._slot, pages, records="SELECT * FROM again")
        refused = write_partitions(
            self._db,
            sql.quarantined,
            refused_order_of(self._contract),
            self._quarantine_ids,
            self._workdir / "quarantined",
        )
        self._db.execute(f"CREATE TABLE accepted AS {sql.accepted}")
        folder = self._folder()
        unmerged = sql.newest.partition(" QUALIFY ")[0]
        self._copy(unmerged, folder)
        self._db.execute("DROP TABLE accepted")
        return local_files(self._db, folder), refused

    def _read_again(self, pages: list[Path]) -> bool:
        """Table ``again``: the unsure records as ``records_of`` gives them. False when there are none."""
        listed = "SELECT _page, list(_position ORDER BY _position) FROM unsure GROUP BY _page ORDER BY _page"
        places: dict[str, list[int]] = dict(self._db.execute(listed).fetchall())
        wanted = [page for page in pages if page.stem in places]
        is_json = self._contract.source.records.format == "json"
        few = [page for page in wanted if is_json and len(places[page.stem]) <= FEW]
        many = [
            lines_of(self._contract, page, self._workdir / "again", frozenset(places[page.stem]))
            for page in wanted
            if page not in few
        ]
        selects = [picked_records(self._contract, page, places[page.stem]) for page in few]
        if many:
            records = records_of(self._contract, many)
            selects.append(f"SELECT r.* FROM ({records}) r SEMI JOIN unsure USING (_page, _position)")
        if selects:
            self._db.execute(f"CREATE TABLE again AS {' UNION ALL '.join(selects)}")
        return bool(selects)

    def _accepted(self, files: list[LocalFile]) -> None:
        """A relation ``accepted`` with all valid rows, duplicates too."""
        if files:
            self._db.execute(f"CREATE VIEW accepted AS SELECT * FROM {parquet([file.path for file in files])}")
            return
        none = ", ".join(f"NULL::VARCHAR AS {ident(name)}" for name in [*column_names(self._curated_ids), NOTES])
        self._db.execute(f"CREATE VIEW accepted AS SELECT {none} WHERE false")

    def _newest(self, files: list[LocalFile], rows: int) -> list[LocalFile]:
        """The files without the rows that another row of the same key replaces."""
        if not files:
            return []
        if rows <= SMALL_ROWS:
            newest = compile_transform(self._contract, self._slot, []).newest
            return write_partitions(
                self._db, newest, order_of(self._contract), self._curated_ids, self._workdir / "accepted"
            )
        load = self._contract.load
        if not load.primary_key:
            return files
        keys = ", ".join(ident(key) for key in load.primary_key)
        needed = ", ".join(dict.fromkeys([keys, *([ident(load.newest_by)] if load.newest_by else [])]))
        # By a number for each key, which is small; keys that share one by chance are told apart by the rank.
        twice = f"SELECT hash({keys}) AS _key FROM accepted GROUP BY ALL HAVING count(*) > 1"
        self._db.execute(
            f"CREATE TABLE losers AS SELECT _page, _position FROM "
            f"(SELECT {needed}, _page, _position, hash({keys}) AS _key FROM accepted) "
            f"SEMI JOIN ({twice}) USING (_key) QUALIFY {rank(self._contract)} > 1"
        )
        return [kept for file in files for kept in self._without_losers(file)]

    def _without_losers(self, file: LocalFile) -> list[LocalFile]:
        """The file, or what stays of it."""
        rows = parquet([file.path])
        losing = f"SELECT count(*) FROM (SELECT _page, _position FROM {rows}) SEMI JOIN losers USING (_page, _position)"
        (lost,) = self._db.execute(losing).fetchone() or (0,)
        if lost in (0, file.rows):
            return [file] if lost == 0 else []
        kept = file.path.with_name(f"kept-{file.path.name}")
        names = ", ".join(map(ident, column_names(self._curated_ids)))
        self._db.execute(
            f"COPY (SELECT {names} FROM {rows} ANTI JOIN losers USING (_page, _position)) TO '{quote(str(kept))}' "
            f"(FORMAT parquet, COMPRESSION zstd, FIELD_IDS {field_ids_sql(self._curated_ids)})"
        )
        file.path.unlink()
        return [LocalFile(kept, file.partition, file.rows - lost)]


def batches(pages: list[Path]) -> Iterator[list[Path]]:
    """Pages in order, as many at a time as one COPY reads."""
    batch: list[Path] = []
    held = 0
    for page in pages:
        size = page.stat().st_size
        if batch and held + size > BATCH_BYTES:
            yield batch
            batch, held = [], 0
        batch.append(page)
        held += size
    if batch:
        yield batch


def parquet(files: list[Path]) -> str:
    """SQL of the rows of some files as they are."""
    names = ", ".join(f"'{quote(str(file))}'" for file in files)
    return f"read_parquet([{names}], hive_partitioning = false)"
