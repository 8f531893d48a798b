"""Building marts one after the other: what is queried, what is committed, and when neither is done."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from mart_world import Tables, by_name, day, model

from lakeward.contract.mart import Mart
from lakeward.errors import CommitConflict
from lakeward.ports.lake import Commit, FieldIds, LocalFile
from lakeward.publish.mart_build import ATTEMPTS, Deps, Progress, advance, first
from lakeward.slot import Slot
from lakeward.staged import StagedFile
from lakeward.tables import TableDesign, mart

ENRICHED = model("enriched", {"name": "flights", "rows": "slot"}, {"name": "planes", "rows": "all"})
DAILY = model("daily", {"name": "enriched", "rows": "slot"})
QUERY = {"Statistics": {"DataScannedInBytes": 70, "TotalExecutionTimeInMillis": 5}}


class MartTable:
    """A mart's table in memory: its commits are what other marts read."""

    def __init__(self, inputs: Tables, name: str, design: TableDesign) -> None:
        self.design = design
        self.commits: dict[Slot, Commit] = {}
        self.files: list[StagedFile] = []
        self.conflicts = 0
        self._inputs, self._name = inputs, name

    def refresh(self) -> None: ...

    def field_ids(self) -> FieldIds:
        return {}

    def newest_commit(self, slot: Slot) -> Commit | None:
        return self.commits.get(slot)

    def replace_slot(self, slot: Slot, run_id: str, files: list[StagedFile], contract: Any) -> Commit:
        assert contract is None
        if self.conflicts:
            self.conflicts -= 1
            raise CommitConflict("somebody was faster")
        self.files = files
        self.commits[slot] = Commit(run_id, 7, sum(file.rows for file in files), 0)
        self._inputs.runs.setdefault(self._name, {})[slot] = run_id
        return self.commits[slot]


class World:
    """Marts, their tables, and queries that find one row each."""

    def __init__(self, folder: Path) -> None:
        self.inputs = Tables(flights={day(1): "f1"}, planes={day(1): "p1"})
        self.models = by_name(ENRICHED, DAILY)
        self.tables = {n: MartTable(self.inputs, n, mart(m.declared)) for n, m in self.models.items()}
        self.uploaded: list[str] = []
        self.folder = folder

    def table(self, name: str) -> MartTable:
        return self.tables[name]

    def fetch(self, query: dict[str, Any], _folder: Path) -> list[Path]:
        assert query == QUERY
        return []

    def write(self, _mart: Mart, _slot: Slot, _output: list[Path], _ids: FieldIds, folder: Path) -> list[LocalFile]:
        (folder / "row").write_bytes(b"row")
        return [LocalFile(folder / "row", date(2024, 3, 1), 1)]

    def upload(self, path: Path, key: str) -> str:
        assert path.read_bytes() == b"row"
        self.uploaded.append(key)
        return f"s3://lake/{key}"

    def deps(self) -> Deps:
        here: Any = self
        return Deps(self.models, self.inputs, here, here, here, "s3://lake/staging/marts", self.folder, lambda _: None)

    def run(self, name: str = "flights") -> Progress:
        """Publish the first day of a dataset, to the end of its marts."""
        progress = first(self.models, name)
        query = None
        while progress.next != "none":
            progress = advance(progress, name, day(1), query, self.deps())
            query = QUERY
        return progress


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def outcomes(progress: Progress) -> list[tuple[str, str, int]]:
    return [(done.mart, done.outcome, done.rows) for done in progress.done]


def test_a_dataset_that_no_mart_reads_has_nothing_to_do():
    assert first(by_name(ENRICHED, DAILY), "ships") == Progress(next="none")


def test_marts_are_built_in_order_each_from_the_one_before(world: World):
    done = world.run()

    assert outcomes(done) == [("enriched", "built", 1), ("daily", "built", 1)]
    assert [(d.scanned_bytes, d.milliseconds, d.snapshot_id) for d in done.done] == [(70, 5, "7")] * 2
    assert world.uploaded[0].startswith("marts/enriched/data/2024-03-01/20240301T0000Z-")


def test_a_rerun_changes_nothing_more(world: World):
    world.run()
    before = {name: dict(table.commits) for name, table in world.tables.items()}
    world.uploaded.clear()

    again = world.run()

    assert outcomes(again) == [("enriched", "unchanged", 1), ("daily", "unchanged", 1)]
    assert {name: table.commits for name, table in world.tables.items()} == before
    assert world.uploaded == []


def test_the_query_writes_below_the_state_that_it_was_made_from(world: World):
    asked = advance(first(world.models, "flights"), "flights", day(1), None, world.deps()).building

    assert asked is not None
    digest = asked.run_id.rpartition("/")[2]
    assert asked.before == (f"UNLOAD (\nSELECT …\n) TO 's3://lake/staging/marts/enriched/slot=20240301T0000Z/{digest}-")
    assert asked.after == "/' WITH (format = 'PARQUET', compression = 'ZSTD')"


def test_a_mart_waits_and_is_made_up_for_when_what_it_waits_for_comes(world: World):
    world.inputs.runs["planes"] = {}
    waited = world.run()
    world.inputs.runs["planes"] = {day(1): "p1"}

    came = world.run("planes")

    assert [(d.outcome, d.waits_for) for d in waited.done] == [("waiting", "planes"), ("waiting", "enriched")]
    assert outcomes(came) == [("enriched", "built", 1), ("daily", "built", 1)]


def test_an_input_that_was_published_during_the_query_leaves_the_build_to_its_own_run(world: World):
    asked = advance(first(world.models, "flights"), "flights", day(1), None, world.deps())
    world.inputs.runs["flights"][day(1)] = "again"

    after = advance(asked, "flights", day(1), QUERY, world.deps())

    assert outcomes(after)[0] == ("enriched", "superseded", 0)
    assert world.tables["enriched"].commits == {}


def test_another_release_of_the_mart_is_queried_again(world: World):
    asked = advance(first(world.models, "flights"), "flights", day(1), None, world.deps())
    world.models["enriched"] = replace(ENRICHED, sha256="changed", sql="SELECT other")

    after = advance(asked, "flights", day(1), QUERY, world.deps())

    assert after.next == "query"
    assert after.building is not None
    assert "SELECT other" in after.building.before
    assert world.tables["enriched"].commits == {}


def test_a_commit_is_tried_again_and_not_for_ever(world: World):
    asked = advance(first(world.models, "flights"), "flights", day(1), None, world.deps())
    world.tables["enriched"].conflicts = ATTEMPTS

    with pytest.raises(CommitConflict):
        advance(asked, "flights", day(1), QUERY, world.deps())
    world.tables["enriched"].conflicts = ATTEMPTS - 1
    after = advance(asked, "flights", day(1), QUERY, world.deps())

    assert outcomes(after) == [("enriched", "built", 1)]


def test_a_step_that_is_called_again_finds_its_commit(world: World):
    asked = advance(first(world.models, "flights"), "flights", day(1), None, world.deps())
    once = advance(asked, "flights", day(1), QUERY, world.deps())
    stands = dict(world.tables["enriched"].commits)

    twice = advance(asked, "flights", day(1), QUERY, world.deps())

    assert twice == once
    assert world.tables["enriched"].commits == stands
    assert Slot(datetime(2024, 3, 1, tzinfo=UTC)) in stands
