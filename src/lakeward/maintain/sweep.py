"""Remove the files that nothing leads to any more.

A file goes when all of this is so:

    nothing leads to it   no snapshot that is left, no list of staged files
    it is old             stored more than ORPHANS ago: nobody is about to commit it
    it is still that one  it was not stored again since it was listed

Files are listed before the table is read: what is committed in between is found to be named. A list of staged files
that is older than STAGED is retired first and its files stay for another RETIRED, longer than any run that
has read the list may take.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from lakeward.maintain.work import Work
from lakeward.ports.upkeep import Shelf, StoredFile
from lakeward.staged import LIST, RETIRED_LIST

ORPHANS = timedelta(days=3)
STAGED = timedelta(days=30)
RETIRED = timedelta(days=1)
SECONDS_LEFT = 30.0
"""With less time than this, the rest is left to the next call."""


def sweep(work: Work, orphans: timedelta, expiring: list[int]) -> list[StoredFile]:
    """Remove what nothing leads to below the table's folder; returns it, or in a dry run what would go.

    Args:
        orphans: how old a file is at least that goes.
        expiring: snapshots that are counted as gone: for a dry run, which expires none.
    """
    table, shelf = work.table, work.shelf
    old = work.now - orphans
    listed = [file for file in shelf.below(table.folder) if file.modified_at < old]
    table.refresh()
    named = table.named_files(without=expiring) | set(_staged_files(table.dataset, shelf, work.now))
    doomed = [file for file in listed if file.uri not in named]
    return doomed if work.dry_run else [file for file in doomed if _removed(file, work)]


def _removed(file: StoredFile, work: Work) -> bool:
    if work.seconds_left() < SECONDS_LEFT or work.shelf.modified_at(file.uri) != file.modified_at:
        return False
    work.shelf.remove(file.uri)
    return True


def _staged_files(dataset: str, shelf: Shelf, now: datetime) -> Iterator[str]:
    """URIs of the files that somebody may still publish, by a dataset's lists."""
    for file in shelf.below(f"staging/{dataset}"):
        retired = file.uri.endswith(f"/{RETIRED_LIST}")
        if not retired and not file.uri.endswith(f"/{LIST}"):
            continue
        if retired and file.modified_at < now - RETIRED:
            continue
        body = shelf.read(file.uri)
        if body is not None:
            yield from _uris(json.loads(body))


def _uris(value: Any) -> Iterator[str]:
    """Every ``uri`` in a list, whichever release wrote it: a file too many is kept, never one too few."""
    if isinstance(value, dict):
        if isinstance(value.get("uri"), str):
            yield value["uri"]
        value = list(value.values())
    for inner in value if isinstance(value, list) else ():
        yield from _uris(inner)


def retire_lists(dataset: str, shelf: Shelf, now: datetime) -> int:
    """Retire a dataset's staged lists that are too old, and remove those whose files had their time and were swept.

    Called after the sweep of all of the dataset's tables; returns how many lists changed.
    """
    changed = 0
    for file in list(shelf.below(f"staging/{dataset}")):
        if file.uri.endswith(f"/{LIST}") and file.modified_at < now - STAGED:
            shelf.put(f"{file.uri.removesuffix(LIST)}{RETIRED_LIST}", shelf.read(file.uri) or b"")
        elif not (file.uri.endswith(f"/{RETIRED_LIST}") and file.modified_at < now - RETIRED):
            continue
        shelf.remove(file.uri)
        changed += 1
    return changed


def remove_queried(
    marts: list[str], shelf: Shelf, now: datetime, seconds_left: Callable[[], float], *, dry_run: bool
) -> int:
    """Remove what marts' queries wrote for a commit: no table names it, and it is of use for minutes.

    Returns:
        How many files went, or would go.
    """
    removed = 0
    for mart in marts:
        for file in list(shelf.below(f"staging/marts/{mart}")):
            if file.modified_at >= now - ORPHANS:
                continue
            if not dry_run:
                if seconds_left() < SECONDS_LEFT:
                    return removed
                shelf.remove(file.uri)
            removed += 1
    return removed
