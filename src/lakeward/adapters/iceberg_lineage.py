"""The commits that a table's current state comes from, newest first, and the memory of those whose snapshots expired.

A run finds its own commit by walking from the current snapshot to its parents. Expiry cuts that walk short, so before
snapshots go their marks are written to a history file, which the table property ``lakeward.history`` names:

    {"history": [{"snapshot_id": 7, "slot": "2018-02-02T00:00Z", "run_id": …}, {"snapshot_id": 6, …}, …]}

Where the walk ends at a snapshot that the history knows, it goes on behind that one. The file is bound to snapshot ids
and not to "the table": after a rollback the walk enters it elsewhere, or not at all, and never tells of commits that
the current state does not come from.
"""

import json
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import dropwhile, islice

from pyiceberg.table import Table
from pyiceberg.table.snapshots import Snapshot

RUN_ID, SLOT = "lakeward.run-id", "lakeward.slot"
ROWS_WRITTEN, ROWS_SUPERSEDED = "lakeward.rows-written", "lakeward.rows-superseded"
HISTORY = "lakeward.history"
EMPTIED = "lakeward.emptied"
"""Marks the commit that took a table back to having nothing: what came before it is no part of the state."""


@dataclass(frozen=True)
class Step:
    """One commit of the lineage. What is None was not said: maintenance commits are nobody's slot."""

    snapshot_id: int
    slot: str | None = None
    run_id: str | None = None
    rows_written: int = 0
    rows_superseded: int = 0


def lineage(table: Table) -> Iterator[Step]:
    """Every commit that the current state comes from, newest first: those that are there, then those that expired."""
    snapshot, last = table.current_snapshot(), None
    while snapshot is not None:
        yield _step(snapshot)
        if snapshot.summary is not None and EMPTIED in snapshot.summary.additional_properties:
            return
        last, parent = snapshot.snapshot_id, snapshot.parent_snapshot_id
        snapshot = table.snapshot_by_id(parent) if parent is not None else None
    if last is not None:
        yield from islice(dropwhile(lambda step: step.snapshot_id != last, read_history(table)), 1, None)


def read_history(table: Table) -> list[Step]:
    """The history file's steps, newest first; none when there is no such file."""
    uri = table.properties.get(HISTORY)
    if uri is None:
        return []
    with table.io.new_input(uri).open() as stream:
        return [Step(**entry) for entry in json.loads(stream.read())["history"]]


def write_history(table: Table, kept: set[int]) -> str:
    """Write what the lineage is, for the time when only the snapshots in ``kept`` are left; returns the file's URI.

    Behind the oldest snapshot that stays, nobody can come back to a state in between: there the newest commit of each
    slot is enough, so the file grows with the number of slots and not with that of runs.
    """
    steps = list(lineage(table))
    oldest = max((at for at, step in enumerate(steps) if step.snapshot_id in kept), default=0)
    seen: set[str] = set()
    past = []
    for step in steps[oldest + 1 :]:
        if step.slot is not None and step.slot not in seen:
            seen.add(step.slot)
            past.append(step)
    head = steps[0].snapshot_id if steps else 0
    uri = f"{table.location()}/metadata/history-{head}-{uuid.uuid4().hex}.json"
    body = json.dumps({"history": [asdict(step) for step in (*steps[: oldest + 1], *past)]})
    with table.io.new_output(uri).create() as stream:
        stream.write(body.encode())
    return uri


def _step(snapshot: Snapshot) -> Step:
    summary = snapshot.summary.additional_properties if snapshot.summary else {}
    if SLOT not in summary:
        return Step(snapshot.snapshot_id)
    rows = (int(summary[ROWS_WRITTEN]), int(summary[ROWS_SUPERSEDED]))
    return Step(snapshot.snapshot_id, summary[SLOT], summary[RUN_ID], *rows)
