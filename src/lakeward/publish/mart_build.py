"""Build marts one after the other: a query that Athena runs, then one commit that makes its rows the slot's rows.

Nothing is remembered between calls but ``Progress``, which the state machine carries: what is left, what is being
built, what came of the rest. A mart whose newest commit was made from the state that its inputs are in is left alone.
"""

import hashlib
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from lakeward.contract.marts import MartModel
from lakeward.errors import CommitConflict, StoreUnavailable
from lakeward.ports.lake import Commit, Files, LocalFile
from lakeward.ports.marts import Inputs, MartRows, MartTables
from lakeward.publish.mart_plan import EVERYTHING, affected, missing_slots, state_of
from lakeward.slot import Slot
from lakeward.staged import StagedFile

ATTEMPTS = 6


class Item(BaseModel):
    """A mart and a slot of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mart: str
    slot: str


class Building(Item):
    """What Athena is to run: the statement is ``before``, a name that was never used, and ``after``."""

    before: str
    after: str
    run_id: str
    watched: str
    definition: str = Field(description="The digest of the mart that the query is of.")


class Done(Item):
    """What came of a build.

    ``built``; ``unchanged``: it was built from this state before; ``waiting`` for an input that was never published;
    ``superseded``: an input was published meanwhile, and the run that did so builds it.
    """

    outcome: Literal["built", "unchanged", "waiting", "superseded"]
    waits_for: str | None = None
    rows: int = 0
    scanned_bytes: int = 0
    milliseconds: int = Field(default=0, description="Of the query, as Athena counts.")
    snapshot_id: str | None = None


class Progress(BaseModel):
    """How far the marts of a run are. ``next``: make the list, run the query of ``building``, or nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    next: Literal["plan", "query", "none"]
    todo: list[Item] = []
    done: list[Done] = []
    building: Building | None = None


@dataclass(frozen=True)
class Deps:
    """What building needs."""

    models: Mapping[str, MartModel]
    inputs: Inputs
    tables: MartTables
    rows: MartRows
    lake: Files
    staging: str
    """Where queries write, ``s3://…/staging/marts``."""
    workdir: Path
    sleep: Callable[[float], None] = time.sleep


def first(models: Mapping[str, MartModel], name: str) -> Progress:
    """Where a run begins: with a list of marts to make, or with nothing when no mart reads the dataset."""
    read = any(given.name == name for model in models.values() for given in model.declared.inputs)
    return Progress(next="plan" if read else "none")


def advance(progress: Progress, name: str, slot: Slot, query: dict[str, Any] | None, deps: Deps) -> Progress:
    """Commit what was queried, and find the next query to run.

    Args:
        progress: how far the run is.
        name: the dataset that was published.
        slot: its slot.
        query: Athena's account of the query of ``progress.building``.
        deps: see there.

    Raises:
        SchemaConflict, AuditFailed: the rows are not what the mart declares; it stays as it was.
        CommitConflict: other writers were faster, six times over.
        StoreUnavailable: a commit's outcome could not be learned.
    """
    todo, done = list(progress.todo), list(progress.done)
    if progress.next == "plan":
        builds = affected(deps.models, name, slot, lambda model: missing_slots(model, deps.inputs))
        todo = [Item(mart=build.mart, slot=str(build.slot)) for build in builds]
    if progress.building is not None:
        building = progress.building
        model = deps.models.get(building.mart)
        if model is not None and model.sha256 != building.definition:  # a release came in between
            todo.insert(0, Item(mart=building.mart, slot=building.slot))
        elif model is not None:
            done.append(_commit(building, model, query or {}, deps))
    while todo:
        item = todo.pop(0)
        if item.mart not in deps.models:  # a release came in between
            continue
        found = _prepare(item, deps)
        if isinstance(found, Building):
            return Progress(next="query", todo=todo, done=done, building=found)
        done.append(found)
    return Progress(next="none", done=done)


def _prepare(item: Item, deps: Deps) -> Building | Done:
    """The query of a mart's slot, or why none is needed."""
    model = deps.models[item.mart]
    slot = _slot(item, model)
    state = state_of(model, slot, deps.inputs)
    if state.waits_for is not None:
        return Done(**item.model_dump(), outcome="waiting", waits_for=state.waits_for)
    table = deps.tables.table(item.mart)
    table.refresh()
    newest = table.newest_commit(slot)
    if newest is not None and newest.run_id == state.run_id:
        return _told(item, "unchanged", newest)
    query = model.query(slot).rstrip().rstrip(";")
    place = f"{deps.staging}/{item.mart}/slot={slot.key}/{state.run_id.rpartition('/')[2]}"
    return Building(
        **item.model_dump(),
        before=f"UNLOAD (\n{query}\n) TO '{place}-",
        after="/' WITH (format = 'PARQUET', compression = 'ZSTD')",
        run_id=state.run_id,
        watched=state.watched,
        definition=model.sha256,
    )


def _commit(building: Building, model: MartModel, query: dict[str, Any], deps: Deps) -> Done:
    """Make the query's rows the slot's rows, unless an input was published since."""
    slot, table = _slot(building, model), deps.tables.table(building.mart)
    statistics = query.get("Statistics", {})
    facts = {
        "scanned_bytes": statistics.get("DataScannedInBytes", 0),
        "milliseconds": statistics.get("TotalExecutionTimeInMillis", 0),
    }
    item = Item(mart=building.mart, slot=building.slot)
    with TemporaryDirectory(dir=deps.workdir) as work:
        files = deps.rows.fetch(query, Path(work))
        written = deps.rows.write(model.declared, slot, files, table.field_ids(), Path(work))
        name = f"{slot.key}-{building.run_id.rpartition('/')[2]}"
        staged = [_stage(file, f"{table.design.folder}/data/{file.partition}/{name}", deps.lake) for file in written]
    for attempt in range(1, ATTEMPTS + 1):
        table.refresh()
        newest = table.newest_commit(slot)
        if newest is not None and newest.run_id == building.run_id:
            return _told(item, "built", newest, **facts)
        # Looked at after the table was read: whoever publishes an input later commits after us, or before and is seen.
        if state_of(model, slot, deps.inputs).watched != building.watched:
            return Done(**item.model_dump(), outcome="superseded", **facts)
        try:
            commit = table.replace_slot(slot, building.run_id, staged, None)
        except (CommitConflict, StoreUnavailable):
            if attempt == ATTEMPTS:
                raise
            deps.sleep(random.uniform(0, 0.2 * 2**attempt))  # noqa: S311 -- jitter, not a secret
        else:
            return _told(item, "built", commit, **facts)
    raise AssertionError("unreachable")


def _stage(file: LocalFile, name: str, lake: Files) -> StagedFile:
    """Upload a file under a name that ends in a digest of its bytes, so that it never replaces another one."""
    with file.path.open("rb") as stream:
        content = hashlib.file_digest(stream, "sha256").hexdigest()
    uri = lake.upload(file.path, f"{name}-{content[:16]}.parquet")
    return StagedFile(uri=uri, partition=file.partition, rows=file.rows, bytes=file.path.stat().st_size)


def _told(item: Item, outcome: Literal["built", "unchanged"], commit: Commit, **facts: int) -> Done:
    snapshot_id = None if commit.snapshot_id is None else str(commit.snapshot_id)
    return Done(**item.model_dump(), outcome=outcome, rows=commit.rows_written, snapshot_id=snapshot_id, **facts)


def _slot(item: Item, model: MartModel) -> Slot:
    return EVERYTHING if model.every is None else Slot.parse(item.slot, model.every)
