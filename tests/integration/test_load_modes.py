"""Load modes over real Iceberg tables, against a model in plain Python: any order and any repetition, the same rows."""

import random
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lake_world import Lake, few_snapshots, slot
from transform_world import TOMBSTONES, UPSERT, contract, record

from lakeward.adapters.iceberg import catalog, glue_client
from lakeward.adapters.iceberg_states import IcebergStates
from lakeward.ports.catalog import TableState

NOTE = "name: note, type: string, at: $.note"
MODES = {
    "replace_slot": "{mode: replace_slot}",
    "replace_slot by key": "{mode: replace_slot, primary_key: [id]}",
    "replace_slot by version": "{mode: replace_slot, primary_key: [id], newest_by: version}",
    "upsert": UPSERT,
    "upsert with tombstones": TOMBSTONES,
    "append_only": "{mode: append_only}",
    "append_only by key": "{mode: append_only, primary_key: [id]}",
}


@dataclass(frozen=True)
class Given:
    """One record as a test makes it: where it came from, and what it says."""

    slot: int
    position: int
    key: int
    version: int
    day: str
    note: str

    def row(self) -> tuple[int, str, int, date, str]:
        return (self.slot, f"p{self.key}", self.version, date.fromisoformat(self.day), self.note)


def expected(mode: str, slots: list[list[Given]]) -> list[tuple[Any, ...]]:
    """The table that a mode's words promise, by looking at all records at once."""
    everything = [r for of_slot in slots for r in of_slot]
    if mode in ("replace_slot", "append_only"):
        return sorted(r.row() for r in everything)
    if mode.startswith("replace_slot"):
        groups = {(r.slot, r.key): [q for q in everything if (q.slot, q.key) == (r.slot, r.key)] for r in everything}
        by_version = mode == "replace_slot by version"
        rank = (lambda r: (r.version, r.position)) if by_version else (lambda r: (0, r.position))
        return sorted(max(group, key=rank).row() for group in groups.values())
    of_key = {r.key: [q for q in everything if q.key == r.key] for r in everything}
    if mode == "append_only by key":
        return sorted(min(group, key=lambda r: (r.slot, r.position)).row() for group in of_key.values())
    return sorted(max(group, key=lambda r: (r.version, r.slot, r.position)).row() for group in of_key.values())


def found(lake: Lake) -> list[tuple[Any, ...]]:
    rows = lake.rows("_slot", "id", "version", "day", "note")
    return sorted((at.day, *rest) for at, *rest in rows)


records = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(0, 2),
        st.sampled_from(["2024-03-01", "2024-03-02"]),
        st.sampled_from(["here", "gone"]),
    ),
    max_size=4,
)


FEW = [
    [(0, 0, "2024-03-01", "here"), (1, 1, "2024-03-01", "here"), (1, 0, "2024-03-02", "here")],
    [(0, 2, "2024-03-02", "gone"), (2, 0, "2024-03-01", "gone"), (1, 1, "2024-03-02", "here")],
    [(0, 1, "2024-03-01", "here"), (2, 0, "2024-03-02", "here")],
]


def converges(mode: str, drawn: list[list[tuple[int, int, str, str]]], order: list[int], folder: Path) -> None:
    """Run the slots in an order and compare the table with the model."""
    slots = [
        [Given(number, position, *fields) for position, fields in enumerate(of_slot, start=1)]
        for number, of_slot in enumerate(drawn, start=1)
    ]
    lake = Lake.make(contract(NOTE, load=MODES[mode]), folder)
    for number in order:
        pages = [record(r.key, version=r.version, day=r.day, note=r.note) for r in slots[number - 1]]
        lake.run(slot(number), pages)
    assert found(lake) == expected(mode, slots)


@pytest.mark.parametrize("mode", MODES)
def test_late_slots_and_repeated_ones_give_the_rows_that_the_mode_promises(
    mode: str, cloud: str, tmp_path: Path
) -> None:
    converges(mode, FEW, [2, 1, 3, 2], tmp_path)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(records, min_size=1, max_size=4), seed=st.integers(0, 999))
def test_any_order_and_repetition_of_slots_gives_the_rows_that_the_mode_promises(
    mode: str, drawn: list[list[tuple[int, int, str, str]]], seed: int, cloud: str, tmp_path_factory: Any
) -> None:
    order = [*range(1, len(drawn) + 1)] * 2
    random.Random(seed).shuffle(order)  # noqa: S311 -- an order, not a secret
    converges(mode, drawn, order, tmp_path_factory.mktemp("modes"))


def test_a_row_that_was_deleted_does_not_come_back_with_a_late_version_but_with_a_newer_one(
    cloud: str, tmp_path: Path
) -> None:
    lake = Lake.make(contract(NOTE, load=TOMBSTONES), tmp_path)
    lake.run(slot(1), [record(1, version=1), record(2)])
    lake.run(slot(3), [record(1, version=3, note="gone")])
    assert lake.shown("id", "version") == [("p2", "1")]

    lake.run(slot(2), [record(1, version=2, note="late")])
    assert lake.shown("id", "version") == [("p2", "1")]

    lake.run(slot(4), [record(1, version=4, note="again")])
    assert lake.shown("id", "version") == [("p1", "4"), ("p2", "1")]


def test_a_deleted_row_stays_deleted_when_its_tombstone_is_no_row_any_more(cloud: str, tmp_path: Path) -> None:
    lake = Lake.make(few_snapshots(TOMBSTONES), tmp_path)
    lake.run(slot(1), [record(1, version=1), record(2), record(3)])
    lake.run(slot(3), [record(1, version=3, note="gone"), record(2, version=1, note="gone")])

    (kept, _) = lake.maintain(days=4000)
    assert (kept.tombstones_forgotten, lake.rows("id", "version")) == (2, [("p3", 1)])
    lake.maintain(days=4000)  # what the first left behind goes, too
    (again, _) = lake.maintain(days=4000)
    assert (again.tombstones_forgotten, again.changed) == (0, False)

    late = lake.run(slot(2), [record(1, version=2, note="late"), record(4)])
    repeated = lake.run(slot(1), [record(1, version=1), record(2), record(3)], release="r2")
    assert lake.shown("id", "version") == [("p3", "1"), ("p4", "1")]
    assert (late.curated.rows_superseded, repeated.curated.rows_superseded) == (1, 2)

    lake.run(slot(3), [record(1, version=3, note="gone")], release="r2")
    (third, _) = lake.maintain(days=4000)
    assert third.tombstones_forgotten == 1
    lake.run(slot(4), [record(2, version=2, note="again"), record(1, version=2, note="late")])
    assert lake.shown("id", "version") == [("p2", "2"), ("p3", "1"), ("p4", "1")]


def test_a_tombstone_is_a_row_as_long_as_a_state_from_before_it_can_be_come_back_to(cloud: str, tmp_path: Path) -> None:
    lake = Lake.make(contract(NOTE, load=TOMBSTONES), tmp_path)
    lake.run(slot(1), [record(1, version=1)])
    before = lake.table().metadata.current_snapshot_id
    lake.run(slot(3), [record(1, version=3, note="gone")])

    (kept, _) = lake.maintain(days=4000)  # the newest ten states stay
    lake.table().manage_snapshots().rollback_to_snapshot(before).commit()
    lake.run(slot(1), [record(1, version=1)], release="r2")

    assert kept.tombstones_forgotten == 0
    assert lake.shown("id", "version") == [("p1", "1")]


def test_a_table_that_is_taken_back_to_having_nothing_remembers_nothing(cloud: str, tmp_path: Path) -> None:
    lake = Lake.make(few_snapshots(TOMBSTONES), tmp_path)
    lake.run(slot(3), [record(1, version=3, note="gone"), record(2)])
    (kept, _) = lake.maintain(days=4000)
    curated = f"curated.{lake.contract.table}"
    states = IcebergStates(catalog(glue_client()), {"curated": lake.curated_database}, [curated])
    columns = [field.name for field in lake.table().schema().fields]

    states.restore(curated, TableState(snapshot_id=None, columns=columns))
    lake.run(slot(1), [record(1, version=1)])

    assert kept.tombstones_forgotten == 1
    assert lake.shown("id", "version") == [("p1", "1")]


def test_a_tombstone_stays_a_row_for_the_days_that_the_contract_says(cloud: str, tmp_path: Path) -> None:
    lake = Lake.make(contract(NOTE, load=TOMBSTONES.replace("gone}", "gone, keep_days: 3650}")), tmp_path)
    lake.run(slot(1), [record(1, version=3, note="gone")])

    (young, _) = lake.maintain(days=1)
    told, _ = lake.maintain(days=3650, dry_run=True)

    assert (young.tombstones_forgotten, told.tombstones_forgotten) == (0, 1)
    assert lake.rows("id") == [("p1",)]


def shown(slots: list[list[Given]]) -> list[tuple[str, str]]:
    """Key and version of what readers see, by looking at all records at once."""
    rows = expected("upsert with tombstones", slots)
    return sorted((key, str(version)) for _, key, version, _, note in rows if note != "gone")


@pytest.mark.long
@pytest.mark.timeout(900)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(records, min_size=2, max_size=4), seed=st.integers(0, 999))
def test_any_order_and_repetition_shows_the_same_rows_however_often_tombstones_are_taken_out(
    drawn: list[list[tuple[int, int, str, str]]], seed: int, cloud: str, tmp_path_factory: Any
) -> None:
    order = [*range(1, len(drawn) + 1)] * 2
    random.Random(seed).shuffle(order)  # noqa: S311 -- an order, not a secret
    slots = [
        [Given(number, position, *fields) for position, fields in enumerate(of_slot, start=1)]
        for number, of_slot in enumerate(drawn, start=1)
    ]
    lake = Lake.make(few_snapshots(TOMBSTONES), tmp_path_factory.mktemp("taken_out"))
    for run, number in enumerate(order):
        pages = [record(r.key, version=r.version, day=r.day, note=r.note) for r in slots[number - 1]]
        lake.run(slot(number), pages, release=f"r{run}")
        lake.maintain(days=4000)

    assert lake.shown("id", "version") == shown(slots)


def test_an_event_that_is_delivered_again_keeps_the_place_of_its_first_delivery(cloud: str, tmp_path: Path) -> None:
    lake = Lake.make(contract(NOTE, load=MODES["append_only by key"]), tmp_path)
    lake.run(slot(2), [record(1, note="again", day="2024-03-02"), record(2)])

    first = lake.run(slot(1), [record(1, note="first")])
    third = lake.run(slot(3), [record(1, note="third"), record(3)])

    assert lake.rows("id", "note", "day") == [
        ("p1", "first", date(2024, 3, 1)),
        ("p2", None, date(2024, 3, 1)),
        ("p3", None, date(2024, 3, 1)),
    ]
    assert (first.curated.rows_written, third.curated.rows_superseded) == (1, 1)
