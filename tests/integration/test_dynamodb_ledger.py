"""The ledger in DynamoDB: one item a slot, of the execution that started last, with the numbers that it was given."""

import json
import uuid
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from transform_world import contract

from lakeward.adapters.dynamodb_ledger import DynamoDbLedger
from lakeward.contract import Dataset
from lakeward.errors import ConfigurationMissing, StoreUnavailable
from lakeward.measures import Spread
from lakeward.ports.history import FormerSlot
from lakeward.ports.ledger import Entry
from lakeward.slot import Slot

PARCELS = Dataset(Path("parcels"), contract(), "c" * 64)
FACTS = {"records_in": 10, "written": 9, "quarantined": 1, "deduplicated": 0, "snapshot_id": "7449124993265080923"}
ENTRY = Entry(
    dataset="parcels",
    slot=Slot.parse("2024-03-01", "day"),
    execution="parcels-20240301T0000Z",
    started_at="2024-03-02T03:00:00.000Z",
    status="SUCCEEDED",
    recorded_at="2024-03-02T03:00:09.123+00:00",
    facts=FACTS,
)
LATER = replace(
    ENTRY,
    execution="parcels-20240301T0000Z-2",
    started_at="2024-03-02T03:00:00.001Z",
    status="FAILED",
    recorded_at="2024-03-02T03:10:00.000+00:00",
    facts={"step": "audit", "error": "AuditFailed", "cause": "{}"},
)


@pytest.fixture
def table(cloud: str) -> Any:
    """A new, empty table."""
    return boto3.resource("dynamodb").create_table(
        TableName=f"ledger-{uuid.uuid4().hex[:8]}",
        KeySchema=[{"AttributeName": "dataset", "KeyType": "HASH"}, {"AttributeName": "slot", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("dataset", "slot")],
        BillingMode="PAY_PER_REQUEST",
    )


def test_an_entry_is_kept_as_one_item(table: Any) -> None:
    assert DynamoDbLedger(table).write(ENTRY)

    assert table.scan()["Items"] == [
        {
            "dataset": "parcels",
            "slot": "2024-03-01T00:00Z",
            "execution": "parcels-20240301T0000Z",
            "started_at": "2024-03-02T03:00:00.000Z",
            "status": "SUCCEEDED",
            "recorded_at": "2024-03-02T03:00:09.123+00:00",
            "facts": {**FACTS, "records_in": Decimal(10), "written": Decimal(9), "quarantined": 1, "deduplicated": 0},
        }
    ]


def test_a_run_that_started_later_takes_the_slots_place(table: Any) -> None:
    ledger = DynamoDbLedger(table)

    assert (ledger.write(ENTRY), ledger.write(LATER)) == (True, True)
    assert ledger.entries(PARCELS) == [LATER]


def test_a_run_that_started_earlier_and_ends_later_never_replaces_it(table: Any) -> None:
    ledger = DynamoDbLedger(table)

    assert (ledger.write(LATER), ledger.write(ENTRY)) == (True, False)
    assert ledger.entries(PARCELS) == [LATER]


def test_a_run_that_records_twice_keeps_what_it_said_last(table: Any) -> None:
    ledger = DynamoDbLedger(table)
    again = replace(ENTRY, recorded_at="2024-03-02T03:00:30.000+00:00")

    assert (ledger.write(ENTRY), ledger.write(again)) == (True, True)
    assert ledger.entries(PARCELS) == [again]


def test_every_slot_has_its_own_item_and_the_oldest_comes_first(table: Any) -> None:
    ledger = DynamoDbLedger(table)
    days = [replace(ENTRY, slot=Slot.parse(f"2024-03-{day:02d}", "day")) for day in range(1, 6)]
    for entry in reversed(days):
        ledger.write(entry)
    ledger.write(replace(ENTRY, dataset="letters"))

    assert ledger.entries(PARCELS) == days


def test_an_account_of_many_pages_is_read_to_its_end(table: Any) -> None:
    ledger = DynamoDbLedger(table)
    long = "x" * 300_000
    days = [replace(ENTRY, slot=Slot.parse(f"2024-03-{day:02d}", "day"), facts={"cause": long}) for day in range(1, 8)]
    for entry in days:
        ledger.write(entry)
    first = table.query(KeyConditionExpression="dataset = :d", ExpressionAttributeValues={":d": "parcels"})
    assert len(first["Items"]) < len(days)

    assert ledger.entries(PARCELS) == days


@pytest.mark.parametrize(
    "value",
    [0, -1, 2**63, 0.1, 1.5, 1e-7, -3.25, 123456789.123456, True, None, "text", "", [1, 2.5], {"a": {"b": 0.25}}],
)
def test_a_value_comes_back_as_it_was_given(value: Any, table: Any) -> None:
    ledger = DynamoDbLedger(table)
    ledger.write(replace(ENTRY, facts={"value": value}))

    (found,) = ledger.entries(PARCELS)

    assert (found.facts, type(found.facts["value"])) == ({"value": value}, type(value))


def test_a_ledger_that_is_not_there_is_named(cloud: str) -> None:
    with pytest.raises(ConfigurationMissing, match="ledger nowhere: expected to write it, found ResourceNotFound"):
        DynamoDbLedger(boto3.resource("dynamodb").Table("nowhere")).write(ENTRY)


def test_a_ledger_that_does_not_answer_is_to_be_tried_again() -> None:
    once = Config(retries={"total_max_attempts": 1}, connect_timeout=1)
    silent = boto3.resource("dynamodb", endpoint_url="http://127.0.0.1:9", region_name="us-east-1", config=once)

    with pytest.raises(StoreUnavailable, match="ledger ledger: expected to write it, found EndpointConnectionError"):
        DynamoDbLedger(silent.Table("ledger")).write(ENTRY)


def test_published_slots_before_one_are_told_newest_first_with_what_was_measured(table: Any) -> None:
    ledger = DynamoDbLedger(table)
    spread = Spread(column="x", rows=3, nulls=1, deciles=[1e300] * 11)
    for day, status, facts in (
        (1, "SUCCEEDED", {"records_in": 1}),
        (2, "SUCCEEDED", {"records_in": 2, "spreads": json.dumps([spread.model_dump()])}),
        (3, "FAILED", {"step": "audit", "error": "AuditFailed", "cause": "{}"}),
        (4, "SUCCEEDED", {"records_in": 4, "spreads": "[]"}),
        (5, "SUCCEEDED", {"records_in": 5, "spreads": "[]"}),
    ):
        ledger.write(replace(ENTRY, slot=Slot.parse(f"2024-03-0{day}", "day"), status=status, facts=facts))  # type: ignore[arg-type]

    fifth = Slot.parse("2024-03-05", "day")
    assert ledger.published_before(PARCELS, fifth, 2) == [FormerSlot(4), FormerSlot(2, {"x": spread})]
    assert [found.records_in for found in ledger.published_before(PARCELS, fifth, 9)] == [4, 2, 1]
