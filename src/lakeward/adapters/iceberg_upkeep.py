"""An Iceberg table as maintenance sees it: files to compact, snapshots to expire, files that something names."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table
from pyiceberg.table.refs import MAIN_BRANCH
from pyiceberg.table.update import (
    AssertRefSnapshotId,
    AssertTableUUID,
    RemoveSnapshotsUpdate,
    SetPropertiesUpdate,
    TableUpdate,
)

from lakeward.adapters.iceberg import IcebergTable
from lakeward.adapters.iceberg_compact import write_bundle
from lakeward.adapters.iceberg_deleted import DELETED, Mark, find_tombstones, old_slots, take_out
from lakeward.adapters.iceberg_lineage import HISTORY, lineage, write_history
from lakeward.adapters.store_errors import store_errors
from lakeward.errors import CommitConflict, StoreUnavailable
from lakeward.ports.upkeep import Bundle, Tombstones

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MAINTENANCE = "lakeward.maintenance"
SMALL_SHARE = 0.75
"""Of the wanted size: a file below it is small."""
FEWEST_FILES = 5
"""A partition with fewer small files is left alone: rewriting two or three of them costs more than it saves."""
RECOMMITS = 5
"""How often compacted files are offered again, without writing them anew, when a publish came between."""
EPOCH = date(1970, 1, 1)


class IcebergUpkeep:
    """See ``lakeward.ports.upkeep.UpkeepTable``."""

    def __init__(
        self, table: IcebergTable, dataset: str, s3: "S3Client", workdir: Path, mark: Mark | None = None
    ) -> None:
        self.name = table.full_name
        self.dataset = dataset
        self.folder = table.design.folder
        self._table = table
        self._s3 = s3
        self._workdir = workdir
        self._mark = mark

    @property
    def _state(self) -> Table:
        return self._table.state

    def refresh(self) -> None:
        """See ``lakeward.ports.upkeep.UpkeepTable``."""
        self._table.refresh()

    def bundles(self, target_bytes: int) -> list[Bundle]:
        """See ``lakeward.ports.upkeep.UpkeepTable``. Files with merge-on-read deletes are left to Athena's OPTIMIZE."""
        small: dict[date, list[DataFile]] = defaultdict(list)
        for file in self._undeleted().values():
            if file.file_size_in_bytes < SMALL_SHARE * target_bytes:
                small[_day(file)].append(file)
        return [
            bundle
            for day in sorted(small)
            if len(small[day]) >= FEWEST_FILES
            for bundle in _packed(day, small[day], target_bytes)
        ]

    def compact(self, bundles: list[Bundle], sort_by: list[str]) -> int:
        """See ``lakeward.ports.upkeep.UpkeepTable``."""
        state, held = self._state, self._undeleted()
        added, written = [], 0
        for bundle in bundles:
            files = [held[uri] for uri in bundle.uris]
            with TemporaryDirectory(dir=self._workdir) as folder, store_errors(f"table {self.name}", "compact"):
                uri, size = write_bundle(state, self._s3, files, sort_by, Path(folder))
            added.append(uri)
            written += size
        self._replace([uri for bundle in bundles for uri in bundle.uris], added)
        return written

    def _replace(self, uris: list[str], added: list[str]) -> None:
        """Commit files in the place of others; again on a newer state that still holds all of those."""
        written_for, held = self._shape(), self._undeleted()
        for last in (*[False] * RECOMMITS, True):
            try:
                self._table.commit(added, [held[uri] for uri in uris], {MAINTENANCE: "compaction"})
            except CommitConflict:
                self.refresh()
                held = self._undeleted()
                if last or self._shape() != written_for or not held.keys() >= set(uris):
                    raise
            else:
                return

    def _shape(self) -> tuple[int, int]:
        """What a data file is written for: ids of the schema and of the partition spec."""
        return self._state.metadata.current_schema_id, self._state.metadata.default_spec_id

    def _undeleted(self) -> dict[str, DataFile]:
        """Data files of the current state by URI, but those that merge-on-read deletes take rows from."""
        with store_errors(f"table {self.name}", "plan the files of"):
            tasks = list(self._state.scan().plan_files())
        return {task.file.file_path: task.file for task in tasks if not task.delete_files}

    def old_tombstones(self, before: datetime, without: Iterable[int] = ()) -> list[Tombstones]:
        """See ``lakeward.ports.upkeep.UpkeepTable``."""
        if self._mark is None:
            return []
        with store_errors(f"table {self.name}", "look for tombstones in"):
            return list(find_tombstones(self._state, self._mark, old_slots(self._state, before, without)))

    def forget(self, files: list[Tombstones], before: datetime) -> None:
        """See ``lakeward.ports.upkeep.UpkeepTable``."""
        if self._mark is None:
            return
        state, uris = self._state, {file.uri for file in files}
        with store_errors(f"table {self.name}", "take tombstones out of"):
            removed = [task.file for task in state.scan().plan_files() if task.file.file_path in uris]
            with TemporaryDirectory(dir=self._workdir) as folder:
                old = old_slots(state, before, ())
                added, memory = take_out(state, self._s3, self._mark, sorted(uris), old, Path(folder))
        self._table.commit(added, removed, {MAINTENANCE: "tombstones"}, {DELETED: memory})

    def expirable(self, last_used_before: datetime, keep: int) -> list[int]:
        """See ``lakeward.ports.upkeep.UpkeepTable``."""
        metadata = self._state.metadata
        newest = [step.snapshot_id for step, _ in zip(lineage(self._state), range(keep), strict=False)]
        kept = {ref.snapshot_id for ref in metadata.refs.values()} | set(newest)
        used = _last_used_ms(self._state)
        limit = last_used_before.timestamp() * 1000
        return [
            snapshot.snapshot_id
            for snapshot in metadata.snapshots
            if snapshot.snapshot_id not in kept and used.get(snapshot.snapshot_id, snapshot.timestamp_ms) < limit
        ]

    def snapshots(self) -> int:
        """See ``lakeward.ports.upkeep.UpkeepTable``."""
        return len(self._state.metadata.snapshots)

    def expire(self, snapshot_ids: list[int]) -> None:
        """See ``lakeward.ports.upkeep.UpkeepTable``.

        The current snapshot is part of the requirement: a rollback to a snapshot that goes would leave the table
        without a state.
        """
        state = self._state
        kept = {s.snapshot_id for s in state.metadata.snapshots} - set(snapshot_ids)
        with store_errors(f"table {self.name}", "write the history of"):
            history = write_history(state, kept)
        updates: tuple[TableUpdate, ...] = (
            SetPropertiesUpdate(updates={HISTORY: history}),
            RemoveSnapshotsUpdate(snapshot_ids=snapshot_ids),
        )
        requirements = (
            AssertTableUUID(uuid=state.metadata.table_uuid),
            AssertRefSnapshotId(ref=MAIN_BRANCH, snapshot_id=state.metadata.current_snapshot_id),
        )
        try:
            state.catalog.commit_table(state, requirements, updates)
        except CommitFailedException as problem:
            raise CommitConflict(
                f"table {self.name}: expected the version that was read, found a newer one"
            ) from problem
        except (BotoCoreError, ClientError, OSError) as problem:
            raise StoreUnavailable(f"table {self.name}: the expiry has an unknown outcome: {problem}") from problem

    def named_files(self, without: Iterable[int] = ()) -> set[str]:
        """See ``lakeward.ports.upkeep.UpkeepTable``."""
        state, gone = self._state, set(without)
        metadata = state.metadata
        named = {state.metadata_location, *(entry.metadata_file for entry in metadata.metadata_log)}
        named |= {file.statistics_path for file in metadata.statistics}
        named |= {file.statistics_path for file in metadata.partition_statistics}
        named |= {metadata.properties[name] for name in (HISTORY, DELETED) if name in metadata.properties}
        seen: set[str] = set()
        with store_errors(f"table {self.name}", "read the manifests of"):
            for snapshot in metadata.snapshots:
                if snapshot.snapshot_id in gone:
                    continue
                named.add(snapshot.manifest_list)
                for manifest in snapshot.manifests(state.io):
                    if manifest.manifest_path not in seen:
                        seen.add(manifest.manifest_path)
                        entries = manifest.fetch_manifest_entry(state.io, discard_deleted=True)
                        named.update(entry.data_file.file_path for entry in entries)
        return named | seen


def _packed(day: date, files: list[DataFile], target_bytes: int) -> list[Bundle]:
    """Files in bundles of at most the target, each of two at least; the smallest first."""
    bundles: list[list[DataFile]] = [[]]
    for file in sorted(files, key=lambda f: (f.file_size_in_bytes, f.file_path)):
        if sum(f.file_size_in_bytes for f in bundles[-1]) + file.file_size_in_bytes > target_bytes:
            bundles.append([])
        bundles[-1].append(file)
    return [
        Bundle(day, tuple(f.file_path for f in bundle), sum(f.file_size_in_bytes for f in bundle))
        for bundle in bundles
        if len(bundle) > 1
    ]


def _day(file: DataFile) -> date:
    """The value of the one partition field, which is a date by identity."""
    value = file.partition[0]
    return value if isinstance(value, date) else EPOCH + timedelta(days=int(value))


def _last_used_ms(table: Table) -> dict[int, float]:
    """When each snapshot was last current, in milliseconds since 1970: until the next entry of the log, or now."""
    log = table.metadata.snapshot_log
    used: dict[int, float] = {entry.snapshot_id: following.timestamp_ms for entry, following in pairwise(log)}
    current = table.metadata.current_snapshot_id
    return used if current is None else {**used, current: float("inf")}
