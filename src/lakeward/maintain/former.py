"""Former major versions of a table: dropped when no view has shown them for as long as the contract keeps them.

The first call that finds a former table unread notes the hour on the table itself; the first that finds the note old
enough drops the table, then its files. Files of a lower major version that has no table are what a killed call left.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from lakeward.contract import Contract
from lakeward.ports.upkeep import FormerTables, Shelf

Outcome = Literal["shown", "waiting", "dropped"]


@dataclass(frozen=True)
class Former:
    """What became of one former table; ``keep_until`` is an ISO day, None while somebody reads it."""

    table: str
    outcome: Outcome
    keep_until: str | None
    files_removed: int = 0


def drop_former(
    contract: Contract,
    tables: FormerTables,
    shelf: Shelf,
    now: datetime,
    *,
    dry_run: bool,
    seconds_left: Callable[[], float] = lambda: float("inf"),
) -> list[Former]:
    """Look at every lower major version of a contract's table. A dry run says what would become of it.

    Raises:
        CommitConflict: a note could not be made because somebody changed the table; call again.
        StoreUnavailable: a store did not answer; call again.
    """
    found = []
    for number in range(1, int(contract.version.split(".")[0])):
        table = f"{contract.dataset}_v{number}"
        former = _look(table, contract.serving.keep_old_days, tables, now, dry_run=dry_run)
        if former is not None and former.outcome != "dropped":
            found.append(former)
            continue
        if former is not None and not dry_run:
            tables.drop(table)
        removed = _remove_files(table, shelf, seconds_left, dry_run=dry_run)
        if former is not None or removed:
            found.append(Former(table, "dropped", former.keep_until if former else None, removed))
    return found


def _look(table: str, keep_days: int, tables: FormerTables, now: datetime, *, dry_run: bool) -> Former | None:
    """What is to become of a table; None when there is none of that name."""
    if not tables.exists(table):
        return None
    since = tables.unread_since(table)
    if tables.is_shown(table):
        if since is not None and not dry_run:
            tables.note_unread(table, None)
        return Former(table, "shown", None)
    if since is None and not dry_run:
        tables.note_unread(table, now)
    until = (since or now) + timedelta(days=keep_days)
    return Former(table, "dropped" if until <= now else "waiting", until.date().isoformat())


def _remove_files(table: str, shelf: Shelf, seconds_left: Callable[[], float], *, dry_run: bool) -> int:
    removed = 0
    for file in list(shelf.below(f"curated/{table}")):
        if not dry_run:
            if seconds_left() < 30:
                break
            shelf.remove(file.uri)
        removed += 1
    return removed
