"""Maintain one table: compact small files, expire old snapshots, remove the files that nothing leads to any more.

Each step reads the table anew and is whole by itself, so it may be killed anywhere and run again, beside publishes too:

    compact    one commit for some bundles; beaten by another writer, it is worked out again on the new state, and left
               for the next time when that happens too often
    expire     one commit; readers were last given these snapshots long enough ago
    forget     one commit for some files; tombstones that are old enough become a memory beside the table
    sweep      no commit; see ``lakeward.maintain.sweep``
"""

import random
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from lakeward.contract import Contract
from lakeward.contract.maintenance import Maintenance
from lakeward.contract.mart import Mart
from lakeward.errors import CommitConflict, StoreUnavailable
from lakeward.maintain.sweep import ORPHANS, sweep
from lakeward.maintain.work import Work
from lakeward.ports.upkeep import Bundle, Tombstones
from lakeward.tables import place_columns, refused_place_columns

Piece = TypeVar("Piece", Bundle, Tombstones)
ATTEMPTS = 6
BYTES_A_COMMIT = 2 << 30
"""Of bundles that one commit compacts: what is lost when another writer was faster."""
SECONDS_LEFT = 180.0
"""With less time than this, no further commit is begun."""


@dataclass(frozen=True)
class Rules:
    """How a table is kept: how large files become, how long a state stays after a newer one and how many stay anyway,
    what rows are sorted by inside a file, and after what time a file that nothing leads to is nobody's any more."""

    target_bytes: int
    keep: timedelta
    keep_snapshots: int
    sort_by: list[str]
    orphans: timedelta = ORPHANS
    tombstones: timedelta | None = None
    """How long one stays a row after its slot; None where there are none."""


def rules_of(contract: Contract) -> tuple[Rules, Rules]:
    """By which a dataset's curated and its quarantine table are kept."""
    rows, mark = _rules(contract.maintenance, contract.sort_by or place_columns(contract)), contract.load.deleted_when
    tombstones = timedelta(days=mark.keep_days) if mark else None
    return replace(rows, tombstones=tombstones), replace(rows, sort_by=refused_place_columns(contract))


def mart_rules(mart: Mart) -> Rules:
    """By which a mart's table is kept."""
    return _rules(mart.maintenance, mart.unique)


def _rules(upkeep: Maintenance, sort_by: list[str]) -> Rules:
    keep = timedelta(days=upkeep.keep_days)
    return Rules(upkeep.target_file_mb << 20, keep, upkeep.keep_snapshots, sort_by)


@dataclass(frozen=True)
class Kept:
    """What was done to one table, or would be. ``finished`` is False when something is left for the
    next time: the time was over, or other writers were faster again and again."""

    table: str
    files_compacted: int
    files_made: int
    bytes_compacted: int
    snapshots_expired: int
    snapshots_left: int
    files_removed: int
    bytes_removed: int
    finished: bool = True
    tombstones_forgotten: int = 0

    @property
    def changed(self) -> bool:
        """Whether there was anything to do."""
        return bool(self.tombstones_forgotten or self.files_compacted or self.snapshots_expired or self.files_removed)


def maintain_table(work: Work, rules: Rules) -> Kept:
    """Do all that is due.

    Raises:
        StoreUnavailable: a store did not answer; what was done stays.
    """
    files, made, size, compacted = _compact(work, rules)
    expired, left, expiry_done = _expire(work, rules)
    forgotten, forgetting_done = _forget(work, rules, expired if work.dry_run else [])
    removed = sweep(work, rules.orphans, expired if work.dry_run else [])
    return Kept(
        table=work.table.name,
        files_compacted=files,
        files_made=made,
        bytes_compacted=size,
        snapshots_expired=len(expired),
        snapshots_left=left if work.dry_run else work.table.snapshots(),
        files_removed=len(removed),
        bytes_removed=sum(file.bytes for file in removed),
        finished=forgetting_done and compacted and expiry_done,
        tombstones_forgotten=forgotten,
    )


def _forget(work: Work, rules: Rules, expiring: list[int]) -> tuple[int, bool]:
    """How many tombstones are no rows any more, whether all is done. ``expiring`` as for ``sweep``."""
    if rules.tombstones is None:
        return 0, True
    before, forgotten, tries = work.now - rules.tombstones, 0, 0
    while True:
        work.table.refresh()
        due = work.table.old_tombstones(before, without=expiring)
        batch = due if work.dry_run else _batch(due)
        if batch and work.seconds_left() < SECONDS_LEFT:
            return forgotten, False
        if batch and not work.dry_run:
            try:
                work.table.forget(batch, before)
            except (CommitConflict, StoreUnavailable) as problem:
                tries += 1
                if not _waited(work, tries, problem):
                    return forgotten, False
                continue
            tries = 0
        forgotten += sum(file.rows for file in batch)
        if work.dry_run or len(batch) == len(due):
            return forgotten, True


def _compact(work: Work, rules: Rules) -> tuple[int, int, int, bool]:
    """Files that went, files that came, bytes of those that went, whether all is done."""
    files = made = size = 0
    tries = 0
    while True:
        work.table.refresh()
        due = work.table.bundles(rules.target_bytes)
        batch = due if work.dry_run else _batch(due)
        if batch and work.seconds_left() < SECONDS_LEFT:
            return files, made, size, False
        if batch and not work.dry_run:
            try:
                work.table.compact(batch, rules.sort_by)
            except (CommitConflict, StoreUnavailable) as problem:
                tries += 1
                if not _waited(work, tries, problem):
                    return files, made, size, False
                continue
            tries = 0
        files += sum(len(bundle.uris) for bundle in batch)
        made += len(batch)
        size += sum(bundle.bytes for bundle in batch)
        if work.dry_run or len(batch) == len(due):
            return files, made, size, True


def _batch(due: list[Piece]) -> list[Piece]:
    """The first pieces of work, as many as one commit takes; one at least."""
    taken: list[Piece] = []
    size = 0
    for piece in due:
        size += piece.bytes
        if taken and size > BYTES_A_COMMIT:
            break
        taken.append(piece)
    return taken


def _expire(work: Work, rules: Rules) -> tuple[list[int], int, bool]:
    """Ids of the snapshots that went, how many are left, whether all is done."""
    tries = 0
    while True:
        work.table.refresh()
        due = work.table.expirable(work.now - rules.keep, rules.keep_snapshots)
        left = work.table.snapshots() - len(due)
        if not due or work.dry_run:
            return due, left, True
        try:
            work.table.expire(due)
        except (CommitConflict, StoreUnavailable) as problem:
            tries += 1
            if not _waited(work, tries, problem):
                return [], work.table.snapshots(), False
        else:
            return due, left, True


def _waited(work: Work, tries: int, problem: CommitConflict | StoreUnavailable) -> bool:
    """Wait a little for whoever was faster; False when that was too often to try once more.

    Raises:
        StoreUnavailable: the problem itself, when it came too often.
    """
    if tries == ATTEMPTS:
        if isinstance(problem, StoreUnavailable):
            raise problem
        return False
    work.sleep(random.uniform(0, 0.2 * 2**tries))  # noqa: S311 -- jitter, not a secret
    return True
