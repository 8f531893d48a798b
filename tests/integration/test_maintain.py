"""Maintenance over real Iceberg tables: fewer files, fewer snapshots, no orphans, and the same rows for everybody."""

from dataclasses import replace
from pathlib import Path

import boto3
import duckdb
import pytest
from lake_world import Lake, few_snapshots, slot
from transform_world import TOMBSTONES, contract, record

from lakeward import tables
from lakeward.adapters.iceberg import catalog, glue_client
from lakeward.adapters.iceberg_schema import ensure_table
from lakeward.adapters.iceberg_states import IcebergStates
from lakeward.ports.catalog import TableState

NOTE = "name: note, type: string, at: $.note"
DAYS = range(1, 7)


@pytest.fixture
def loaded(lake: Lake) -> Lake:
    """Six slots, one small file each, all in one partition."""
    for day in DAYS:
        lake.run(slot(day), [record(day), record(day + 10, version="bad")])
    return lake


def snapshots(lake: Lake) -> int:
    return len(lake.table().metadata.snapshots)


def test_small_files_of_a_partition_become_one_with_the_same_rows_sorted(loaded: Lake) -> None:
    rows = loaded.rows()

    kept, _ = loaded.maintain(days=0)

    (key,) = loaded.data_keys()
    assert (kept.files_compacted, kept.files_made) == (6, 1)
    assert loaded.rows() == rows
    local = loaded.folder / "one.parquet"
    boto3.client("s3").download_file(loaded.bucket, key, str(local))
    assert [r for (r,) in duckdb.sql(f"SELECT id FROM '{local}'").fetchall()] == [f"p{day}" for day in DAYS]


def test_nested_values_and_columns_that_came_later_are_compacted_whole(cloud: str, tmp_path: Path) -> None:
    tags = "name: tags, type: 'list<string>', at: $.tags"
    lake = Lake.make(contract(tags), tmp_path)
    for day in DAYS:
        lake.run(slot(day), [record(day, tags=[f"t{day}", None])])
    later = contract(tags, NOTE)
    ensure_table(catalog(glue_client()), lake.bucket, lake.curated_database, tables.curated(later))
    lake = replace(lake, contract=later)
    lake.run(slot(7), [record(7, tags=[], note="late")])
    rows = lake.rows()

    kept, _ = lake.maintain(days=0)

    assert (kept.files_compacted, kept.files_made) == (7, 1)
    assert lake.rows() == rows
    assert lake.rows("id", "tags", "note")[0] == ("p1", ["t1", None], None)
    assert lake.rows("id", "tags", "note")[6] == ("p7", [], "late")


def test_a_second_call_changes_nothing(loaded: Lake) -> None:
    loaded.maintain(days=40)
    loaded.maintain(days=40)
    objects, state = loaded.objects(), loaded.table().metadata_location

    kept = loaded.maintain(days=40)

    assert [k.changed for k in kept] == [False, False]
    assert (loaded.objects(), loaded.table().metadata_location) == (objects, state)


def test_a_dry_run_says_what_would_be_done_and_does_nothing(loaded: Lake) -> None:
    objects = loaded.objects()

    told = loaded.maintain(days=40, dry_run=True)

    assert (told[0].files_compacted, told[0].files_made) == (6, 1)
    assert loaded.objects() == objects


def test_a_state_is_kept_until_it_was_left_so_many_days_ago(loaded: Lake) -> None:
    before = snapshots(loaded)

    young, _ = loaded.maintain(days=6.9)
    (old, _) = loaded.maintain(days=7.1)

    assert (before, young.snapshots_expired) == (6, 0)
    assert old.snapshots_expired == 0  # the newest ten stay anyway


def test_a_run_after_expiry_finds_its_commit_and_makes_none(cloud: str, tmp_path: Path) -> None:
    lake = Lake.make(few_snapshots(), tmp_path)
    staged = {day: lake.stage(slot(day), [record(day), record(day + 10, version="bad")]) for day in DAYS}
    first = {day: lake.publish(slot(day), staged[day]) for day in DAYS}
    lake.maintain(days=8)
    state = lake.table().metadata_location

    again = {day: lake.publish(slot(day), staged[day]) for day in DAYS}

    assert snapshots(lake) == 1
    assert [p.changed for p in again.values()] == [False] * 6
    assert [p.curated for p in again.values()] == [p.curated for p in first.values()]
    assert lake.table().metadata_location == state
    curated = f"curated.{lake.contract.table}"
    states = IcebergStates(catalog(glue_client()), {"curated": lake.curated_database}, [curated])
    assert states.slots(curated) == {str(slot(day)) for day in DAYS}


def test_the_memory_of_runs_outlives_a_second_expiry_and_follows_a_rollback(cloud: str, tmp_path: Path) -> None:
    lake = Lake.make(few_snapshots(), tmp_path)
    staged = {day: lake.stage(slot(day), [record(day)]) for day in (1, 2)}
    lake.publish(slot(1), staged[1])
    lake.publish(slot(2), staged[2])
    lake.maintain(days=8)
    held = lake.table().metadata.current_snapshot_id
    staged[3] = lake.stage(slot(3), [record(3)])
    lake.publish(slot(3), staged[3])
    lake.maintain(days=8)
    assert [lake.publish(slot(day), staged[day]).changed for day in (1, 2, 3)] == [False, False, False]

    lake.run(slot(4), [record(4)])
    before = lake.table().metadata.snapshots[-2].snapshot_id
    assert held != before
    lake.table().manage_snapshots().rollback_to_snapshot(before).commit()

    assert [lake.publish(slot(day), staged[day]).changed for day in (1, 2, 3)] == [False, False, False]
    assert lake.rows("id") == [("p1",), ("p2",), ("p3",)]


def test_files_go_when_no_snapshot_and_no_staged_list_names_them(cloud: str, tmp_path: Path) -> None:
    lake = Lake.make(few_snapshots(), tmp_path)
    for day in DAYS:
        lake.run(slot(day), [record(day)])
    orphan = f"curated/{lake.contract.table}/data/day=2024-03-01/left-by-a-lost-commit.parquet"
    boto3.client("s3").put_object(Bucket=lake.bucket, Key=orphan, Body=b"x")

    young, _ = lake.maintain(days=2)
    old, _ = lake.maintain(days=8)

    assert (young.files_removed, orphan in lake.objects()) == (0, False)
    assert {key for key in lake.objects() if "/data/" in key and key.startswith("curated/")} == lake.data_keys()
    assert old.files_removed > 6
    assert lake.rows("id") == [(f"p{day}",) for day in DAYS]


def test_a_file_that_a_staged_list_names_stays_until_the_list_had_its_time(cloud: str, tmp_path: Path) -> None:
    lake = Lake.make(few_snapshots(), tmp_path)
    staged = lake.stage(slot(1), [record(1)])
    (file,) = staged.accepted_files
    listed = f"staging/parcels/slot={slot(1).key}/{staged.fingerprint[:16]}/staged.json"
    boto3.client("s3").put_object(Bucket=lake.bucket, Key=listed, Body=staged.to_bytes())
    key = file.uri.removeprefix(f"s3://{lake.bucket}/")

    lake.maintain(days=29)
    assert {key, listed} <= lake.objects()
    lake.maintain(days=31)
    retired = listed.replace("staged.json", "retired.json")
    assert {key, retired} <= lake.objects()
    assert listed not in lake.objects()
    lake.maintain(days=33)
    assert {key, retired} & lake.objects() == set()


def test_a_release_point_of_less_days_than_are_kept_can_be_come_back_to(cloud: str, tmp_path: Path) -> None:
    lake = Lake.make(few_snapshots(), tmp_path)
    for day in DAYS:
        lake.run(slot(day), [record(day)])
    point = lake.table().metadata.snapshots[2].snapshot_id
    lake.maintain(days=6.9)
    curated = f"curated.{lake.contract.table}"
    states = IcebergStates(catalog(glue_client()), {"curated": lake.curated_database}, [curated])
    columns = [field.name for field in lake.table().schema().fields]

    states.restore(curated, TableState(snapshot_id=str(point), columns=columns))

    assert lake.rows("id") == [("p1",), ("p2",), ("p3",)]


def test_a_state_that_a_tag_names_stays_however_old(cloud: str, tmp_path: Path) -> None:
    lake = Lake.make(few_snapshots(), tmp_path)
    for day in DAYS:
        lake.run(slot(day), [record(day)])
    tagged = lake.table().metadata.snapshots[1].snapshot_id
    lake.table().manage_snapshots().create_tag(tagged, "audit-2024").commit()

    lake.maintain(days=400)

    found = lake.table().scan(snapshot_id=tagged, selected_fields=("id",)).to_arrow().to_pylist()
    assert sorted(row["id"] for row in found) == ["p1", "p2"]
    assert snapshots(lake) == 2


def test_a_query_that_was_planned_finds_its_files_as_long_as_the_state_is_kept(cloud: str, tmp_path: Path) -> None:
    lake = Lake.make(few_snapshots(), tmp_path)
    for day in DAYS:
        lake.run(slot(day), [record(day)])
    planned = lake.table().scan()
    files = {task.file.file_path.removeprefix(f"s3://{lake.bucket}/") for task in planned.plan_files()}
    lake.maintain(days=0)  # compacted: the state that was planned is a former one from now on

    lake.maintain(days=6.9)
    assert files <= lake.objects()
    assert planned.to_arrow().num_rows == 6
    lake.maintain(days=7.1)
    assert files & lake.objects() == set()


def test_a_tombstone_is_still_there_after_compaction(cloud: str, tmp_path: Path) -> None:
    lake = Lake.make(contract(NOTE, load=TOMBSTONES), tmp_path)
    lake.run(slot(6), [record(0, version=2, note="gone")])
    for day in range(1, 6):
        lake.run(slot(day), [record(day)])
    lake.maintain(days=40)

    lake.run(slot(7), [record(0, version=1)])

    assert ("p0", "1") not in lake.shown("id", "version")
    assert len(lake.shown("id")) == 5
