"""Commit after commit, a table is described by few manifests, and says the same rows."""

from lake_world import Lake, slot
from transform_world import record

from lakeward.adapters.iceberg_commit import MOST_MANIFESTS, OneCommit

DAYS = range(1, MOST_MANIFESTS + 4)


def manifests(lake: Lake) -> int:
    """Of the current state."""
    table = lake.table()
    snapshot = table.current_snapshot()
    assert snapshot is not None
    return len(snapshot.manifests(table.io))


def test_manifests_are_gathered_and_every_state_keeps_its_rows(lake: Lake) -> None:
    counted = []
    for day in DAYS:
        lake.run(slot(day), [record(day), record(day + 100, version="bad")])
        counted.append(manifests(lake))

    assert max(counted) < MOST_MANIFESTS
    assert counted[-1] == counted[0] + len(DAYS) - MOST_MANIFESTS
    assert lake.rows("id") == sorted((f"p{day}",) for day in DAYS)
    table = lake.table()
    states = [len(table.scan(snapshot_id=s.snapshot_id).to_arrow()) for s in table.metadata.snapshots]
    assert states == list(DAYS)

    lake.run(slot(3), [record(3, version=9)], release="r2")
    assert lake.rows("id") == sorted((f"p{day}",) for day in DAYS)
    assert lake.shown("count(*)", "count(DISTINCT id)") == [(str(len(DAYS)), str(len(DAYS)))]
    lake.maintain(days=400, keep_snapshots=1)
    assert lake.rows("id") == sorted((f"p{day}",) for day in DAYS)


def test_a_transaction_copies_the_metadata_once_for_each_change(lake: Lake) -> None:
    lake.run(slot(1), [record(1)])
    transaction = OneCommit(lake.table())

    first, again = transaction.table_metadata, transaction.table_metadata
    transaction.set_properties({"changed": "yes"})

    assert again is first
    assert transaction.table_metadata.properties["changed"] == "yes"
    assert "changed" not in first.properties
