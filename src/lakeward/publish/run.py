"""Publish a staged slot: quarantine first, then curated, each by one compare-and-set commit.

The two tables cannot change in one step. Quarantine goes first, so that a crash in between leaves rows that say why
they are missing, never rows that are missing without a word; the next run finds the first commit and makes the second.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from lakeward.contract import Contract
from lakeward.errors import CommitConflict, StoreUnavailable
from lakeward.ports.lake import Change, Table
from lakeward.slot import Slot
from lakeward.staged import Staged, StagedFile

ATTEMPTS = 6
NOTHING = Change(snapshot_id=None, rows_written=0, rows_superseded=0, files_added=0, files_removed=0)


@dataclass(frozen=True)
class Published:
    """What the two commits did."""

    curated: Change
    quarantine: Change

    @property
    def changed(self) -> bool:
        """Whether this call made a snapshot."""
        return self.curated.snapshot_id is not None or self.quarantine.snapshot_id is not None


def publish_slot(
    contract: Contract,
    slot: Slot,
    staged: Staged,
    curated: Table,
    quarantine: Table,
    sleep: Callable[[float], None] = time.sleep,
) -> Published:
    """Make the staged rows the slot's rows, unless they are already.

    Raises:
        CommitConflict: other writers were faster, six times over.
        StoreUnavailable: a commit's outcome could not be learned.
    """
    refused = _commit(quarantine, slot, staged.run_id, staged.quarantined_files, None, sleep)
    accepted = _commit(curated, slot, staged.run_id, staged.accepted_files, contract, sleep)
    return Published(accepted, refused)


def _commit(
    table: Table,
    slot: Slot,
    run_id: str,
    files: list[StagedFile],
    contract: Contract | None,
    sleep: Callable[[float], None],
) -> Change:
    """Commit once. Before each try the table is read anew: a commit whose answer was lost is found by its run id."""
    for attempt in range(ATTEMPTS):
        table.refresh()
        if table.newest_run(slot) == run_id:
            return NOTHING
        try:
            return table.replace_slot(slot, run_id, files, contract)
        except (CommitConflict, StoreUnavailable):
            if attempt + 1 == ATTEMPTS:
                raise
            sleep(random.uniform(0, 0.2 * 2**attempt))  # noqa: S311 -- jitter, not a secret
    raise AssertionError("unreachable: the loop returns or raises")
