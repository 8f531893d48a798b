"""Readers are moved to a new major version: over a sample when its results hold, over live data when it is whole."""

import pytest
from promotion_world import STAGING_SLOTS, World

from lakeward_local.promote_demo.breaking import DATASET, breaking_copy

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

OLD, NEW = f"{DATASET}_v1", f"{DATASET}_v2"
ROWS = f"SELECT count(*) AS rows FROM {DATASET}"


def as_if_live(world: World) -> None:
    """Let staging's ledger say that the service itself answered, which it never does on this machine."""
    client, table = world.clients("staging").client("dynamodb"), "lakeward-staging-ledger"
    items = [item for item in client.scan(TableName=table)["Items"] if item["dataset"] == {"S": DATASET}]
    assert [len(item["facts"]["M"]["stand_ins"]["L"]) for item in items] == [1] * 7
    for item in items:
        client.update_item(
            TableName=table,
            Key={name: item[name] for name in ("dataset", "slot")},
            UpdateExpression="SET facts.stand_ins = :none",
            ExpressionAttributeValues={":none": {"L": []}},
        )


def test_results_of_the_sample_are_asked_of_the_sample_alone(world: World):
    tree = breaking_copy(world.root, world.root.parent / "second-version")
    query = tree / "datasets" / DATASET / "queries" / "keys_are_unique.sql"
    query.write_text(query.read_text().replace("count(*) > 1", "count(*) >= 1"))  # answers, but not as expected
    world.must("release", "build", "--without-layer", at=tree)
    world.must("run", DATASET, *STAGING_SLOTS, "-e", "staging")
    (rows,) = world.sql("staging", ROWS)
    world.must("deploy", "-e", "staging", "--yes", at=tree)

    empty = world.lakeward("switch", DATASET, "-e", "staging", at=tree)
    world.must("replay", DATASET, "-e", "staging", at=tree)
    recorded = world.lakeward("switch", DATASET, "-e", "staging", at=tree)
    as_if_live(world)
    live = world.must("switch", DATASET, "-e", "staging", at=tree)

    assert (empty.status, recorded.status) == (1, 1)
    assert f"expected all 7 certified slots in {NEW} by the deployed contract, found 7 missing" in empty.text
    assert f"queries/keys_are_unique.sql over {NEW}: expected its result, found" in recorded.text
    count = f"{int(rows['rows']):,}"
    assert f"{DATASET}: {NEW} has {count} rows, {OLD} has {count}" in live
    assert world.sql("staging", ROWS) == [rows]
    world.must("rollback", "-e", "staging")
