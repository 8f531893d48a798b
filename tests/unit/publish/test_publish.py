"""Publishing against tables that lose answers and meet other writers: fakes that behave as Glue may."""

from dataclasses import dataclass, field
from datetime import date

import pytest
from transform_world import SLOT, contract

from lakeward import tables
from lakeward.contract import Contract
from lakeward.errors import CommitConflict, StoreUnavailable
from lakeward.ports.lake import Commit, FieldIds
from lakeward.publish import publish_slot
from lakeward.publish.run import ATTEMPTS
from lakeward.slot import Slot
from lakeward.staged import Staged, StagedFile
from lakeward.tables import TableDesign

PARCELS = contract()
GOOD = StagedFile(uri="s3://lake/good.parquet", partition=date(2024, 3, 1), rows=9, bytes=100)
BAD = StagedFile(uri="s3://lake/bad.parquet", partition=date(2024, 3, 1), rows=1, bytes=10)
STAGED = Staged(
    dataset="parcels",
    slot=str(SLOT),
    fingerprint="f" * 64,
    engine="duckdb",
    records_in=10,
    accepted=9,
    quarantined=1,
    deduplicated=0,
    accepted_files=[GOOD],
    quarantined_files=[BAD],
)


@dataclass
class FakeTable:
    """Commits in memory. ``script`` says what the next commits do: land, land but lose the answer, or meet another."""

    design: TableDesign
    script: list[str] = field(default_factory=list)
    commits: list[Commit] = field(default_factory=list)
    asked: int = 0
    log: list[str] = field(default_factory=list)
    seen: list[Commit] = field(default_factory=list)

    def refresh(self) -> None:
        self.seen = list(self.commits)

    def field_ids(self) -> FieldIds:
        return {c.name: n for n, c in enumerate(self.design.columns, 1)}

    def newest_commit(self, slot: Slot) -> Commit | None:
        assert slot == SLOT
        return self.seen[-1] if self.seen else None

    def replace_slot(self, _slot: Slot, run_id: str, files: list[StagedFile], _contract: Contract | None) -> Commit:
        self.asked += 1
        self.log.append(self.design.name)
        step = self.script.pop(0) if self.script else "lands"
        if step == "conflict":
            raise CommitConflict("another writer")
        if step == "nothing happened":
            raise StoreUnavailable("no answer")
        commit = Commit(run_id, len(self.commits) + 1, sum(f.rows for f in files), 0)
        self.commits.append(commit)
        if step == "answer lost":
            raise StoreUnavailable("no answer")
        return commit


def tables_with(curated: list[str], quarantine: list[str]) -> tuple[FakeTable, FakeTable]:
    log: list[str] = []
    return (
        FakeTable(tables.curated(PARCELS), curated, log=log),
        FakeTable(tables.quarantine(PARCELS), quarantine, log=log),
    )


def publish(curated: FakeTable, quarantine: FakeTable) -> bool:
    return publish_slot(PARCELS, SLOT, STAGED, curated, quarantine, sleep=lambda _: None).changed


def test_quarantine_is_published_before_curated() -> None:
    curated, quarantine = tables_with([], [])

    publish(curated, quarantine)

    assert curated.log == ["parcels", "parcels_v1"]


def test_publishing_twice_commits_once_and_gives_the_same_account() -> None:
    curated, quarantine = tables_with([], [])

    first = publish_slot(PARCELS, SLOT, STAGED, curated, quarantine, sleep=lambda _: None)
    second = publish_slot(PARCELS, SLOT, STAGED, curated, quarantine, sleep=lambda _: None)

    assert (first.changed, second.changed) == (True, False)
    assert (first.curated, first.quarantine) == (second.curated, second.quarantine)
    assert (len(curated.commits), len(quarantine.commits)) == (1, 1)


@pytest.mark.parametrize(
    "script",
    [
        ["answer lost"],
        ["nothing happened"],
        ["conflict"],
        ["conflict", "answer lost"],
        ["nothing happened", "conflict", "answer lost"],
    ],
)
def test_whatever_happens_to_a_commit_it_lands_once(script: list[str]) -> None:
    curated, quarantine = tables_with(list(script), list(script))

    assert publish(curated, quarantine)
    assert curated.commits == [Commit(STAGED.run_id, 1, 9, 0)]
    assert quarantine.commits == [Commit(STAGED.run_id, 1, 1, 0)]


def test_a_writer_that_is_always_slower_gives_up_with_the_conflict() -> None:
    curated, quarantine = tables_with(["conflict"] * 20, [])

    with pytest.raises(CommitConflict):
        publish(curated, quarantine)
    assert curated.asked == ATTEMPTS
    assert curated.commits == []


def test_an_older_commit_of_the_slot_by_another_run_is_replaced() -> None:
    curated, quarantine = tables_with([], [])
    curated.commits.append(Commit("parcels/2024-03-01T00:00Z/another", 7, 5, 0))

    assert publish(curated, quarantine)
    assert curated.commits[-1].run_id == STAGED.run_id
