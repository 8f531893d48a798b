"""Publishing into real Iceberg tables: slots replace themselves, keys stay single, readers see whole states."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from lake_world import Lake, slot
from transform_world import record

from lakeward.errors import SchemaConflict


def test_a_published_row_is_read_back_whole(lake: Lake) -> None:
    lake.run(slot(1), [record(1, note="naïve 😀")])

    assert lake.rows("id", "version", "day", "note", "_page", "_position") == [
        ("p1", 1, date(2024, 3, 1), "naïve 😀", "page-00001", 1)
    ]


def test_the_same_run_twice_makes_one_snapshot(lake: Lake) -> None:
    staged = lake.stage(slot(1), [record(1), record(2, version="bad")])

    first, second = lake.publish(slot(1), staged), lake.publish(slot(1), staged)

    assert (first.changed, second.changed) == (True, False)
    assert first.curated == second.curated
    assert len(lake.table().metadata.snapshots) == 1
    assert lake.quarantined("page", "position", "column_name", "rule") == [("page-00001", 2, "version", "type")]


def test_a_slot_that_runs_under_another_release_replaces_its_own_rows_only(lake: Lake) -> None:
    lake.run(slot(1), [record(1), record(2), record(3, version="bad")])
    lake.run(slot(2), [record(4)])

    lake.run(slot(1), [record(1), record(3)], release="r2")

    assert lake.rows("id") == [("p1",), ("p3",), ("p4",)]
    assert lake.quarantined("position") == []


def test_of_one_key_in_two_slots_the_newest_version_stays_and_the_loser_is_counted(lake: Lake) -> None:
    lake.run(slot(1), [record(1, version=1), record(2, version=5)])
    second = lake.run(slot(2), [record(1, version=2), record(2, version=4)])

    assert lake.rows("id", "version") == [("p1", 2), ("p2", 5)]
    assert (second.curated.rows_written, second.curated.rows_superseded) == (1, 1)


def test_of_equal_versions_the_later_slot_wins_whichever_runs_first(lake: Lake) -> None:
    lake.run(slot(2), [record(1, note="later")])
    lake.run(slot(1), [record(1, note="earlier")])

    assert lake.rows("id", "note") == [("p1", "later")]


def test_a_key_that_moves_to_another_partition_is_one_row(lake: Lake) -> None:
    lake.run(slot(1), [record(1, version=1, day="2024-03-01"), record(2)])
    lake.run(slot(2), [record(1, version=2, day="2024-03-02")])

    assert lake.rows("id", "day") == [("p1", date(2024, 3, 2)), ("p2", date(2024, 3, 1))]


def test_an_empty_slot_makes_no_snapshot(lake: Lake) -> None:
    published = lake.run(slot(1), [])

    assert not published.changed
    assert lake.table().metadata.snapshots == []


def test_after_a_change_of_rule_and_back_the_first_rows_are_there_again(lake: Lake) -> None:
    lake.run(slot(1), [record(1), record(2)], release="r1")
    lake.run(slot(1), [record(1), record(2, version="bad")], release="r2")

    lake.run(slot(1), [record(1), record(2)], release="r1")

    assert lake.rows("id") == [("p1",), ("p2",)]
    assert lake.quarantined() == []


def test_a_commit_that_was_rolled_back_is_made_again(lake: Lake) -> None:
    lake.run(slot(1), [record(1)])
    before = lake.table().metadata.current_snapshot_id
    staged = lake.stage(slot(2), [record(2)])
    lake.publish(slot(2), staged)
    assert before is not None
    lake.table().manage_snapshots().rollback_to_snapshot(before).commit()

    assert lake.publish(slot(2), staged).changed
    assert lake.rows("id") == [("p1",), ("p2",)]


def test_two_writers_at_once_both_land_and_no_key_is_double(lake: Lake) -> None:
    days = range(1, 5)
    staged = {d: lake.stage(slot(d), [record(0, version=d), record(d)]) for d in days}

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda d: lake.publish(slot(d), staged[d]), days))

    assert lake.rows("id", "version") == [("p0", 4), ("p1", 1), ("p2", 1), ("p3", 1), ("p4", 1)]


def test_a_reader_sees_the_state_before_or_after_and_nothing_between(lake: Lake) -> None:
    lake.run(slot(1), [record(n, version=0, day=f"2024-03-0{1 + n % 3}") for n in range(9)])
    stop, seen = threading.Event(), list[list[Any]]()

    def read() -> None:
        while not stop.is_set():
            seen.append(lake.rows("id", "version"))

    reader = threading.Thread(target=read)
    reader.start()
    for version in range(1, 6):
        lake.run(slot(1 + version), [record(n, version=version, day=f"2024-03-0{1 + n % 3}") for n in range(9)])
    stop.set()
    reader.join()

    whole = [[(f"p{n}", version) for n in range(9)] for version in range(6)]
    assert len(seen) > 5
    assert [state for state in seen if state not in whole] == []


def test_merge_on_read_deletes_on_a_touched_file_are_refused_with_what_to_do(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.run(slot(1), [record(1)])
    curated, _ = lake.tables()
    scan = curated.state.scan

    class Task:
        def __init__(self, task: Any) -> None:
            self.file, self.delete_files = task.file, ["a position delete file"]

    class Scan:
        def __init__(self, **options: Any) -> None:
            self._scan = scan(**options)

        def plan_files(self) -> list[Task]:
            return [Task(t) for t in self._scan.plan_files()]

    monkeypatch.setattr(type(curated.state), "scan", lambda _self, **options: Scan(**options))

    with pytest.raises(SchemaConflict, match="run OPTIMIZE on the table"):
        lake.run(slot(1), [record(1)], release="r2")
