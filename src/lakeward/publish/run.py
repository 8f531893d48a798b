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
from lakeward.ports.lake import Commit, Table
from lakeward.slot import Slot
from lakeward.staged import Staged, StagedFile

ATTEMPTS = 6


@dataclass(frozen=True)
class Published:
    """The slot's commits, and whether this call made one of them."""

    curated: Commit
    quarantine: Commit
    changed: bool


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
    refused, refused_anew = _commit(quarantine, slot, staged.run_id, staged.quarantined_files, None, sleep)
    accepted, accepted_anew = _commit(curated, slot, staged.run_id, staged.accepted_files, contract, sleep)
    return Published(accepted, refused, changed=refused_anew or accepted_anew)


def _commit(
    table: Table,
    slot: Slot,
    run_id: str,
    files: list[StagedFile],
    contract: Contract | None,
    sleep: Callable[[float], None],
) -> tuple[Commit, bool]:
    """Commit once. Before each try the table is read anew: a commit whose answer was lost is found by its run id."""
    tries = 0
    while True:
        table.refresh()
        newest = table.newest_commit(slot)
        if newest is not None and newest.run_id == run_id:
            return newest, tries > 0
        tries += 1
        try:
            commit = table.replace_slot(slot, run_id, files, contract)
        except (CommitConflict, StoreUnavailable):
            if tries == ATTEMPTS:
                raise
            sleep(random.uniform(0, 0.2 * 2**tries))  # noqa: S311 -- jitter, not a secret
        else:
            return commit, commit.snapshot_id is not None
