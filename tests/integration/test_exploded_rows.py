"""Rows of elements from a record to what a reader of the view gets, and tables whose contract explodes no more."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lake_world import Lake, slot
from transform_world import contract, record

from lakeward import tables
from lakeward.adapters.iceberg import catalog, glue_client
from lakeward.adapters.iceberg_schema import ensure_table

COLUMNS = ("name: leg, type: bigint, constant: element", "name: to, type: string, at: '$.legs[*].to', required: true")
LOAD = "{mode: upsert, primary_key: [id, leg], newest_by: version}"


@pytest.fixture
def trips(cloud: str, tmp_path: Path) -> Lake:
    of = contract(*COLUMNS, records_at="$.items, explode: {at: $.legs, empty: skip}", load=LOAD)
    return Lake.make(of, tmp_path)


def trip(number: int, *places: Any, **fields: Any) -> dict[str, Any]:
    return record(number, legs=[{"to": place} for place in places], **fields)


def test_every_element_reaches_the_readers_and_newer_ones_take_the_place_of_older_ones(trips: Lake):
    trips.run(slot(1), [trip(1, "Bonn", "Ulm"), trip(2, "Köln"), trip(3)])
    trips.run(slot(2), [trip(1, "Mainz", 5, version=2)])

    assert trips.shown("id", "leg", "to", "version") == [
        ("p1", "1", "Mainz", "2"),
        ("p1", "2", "Ulm", "1"),
        ("p2", "1", "Köln", "1"),
    ]
    assert trips.rows("id", "_position", "_element") == [("p1", 1, 1), ("p1", 1, 2), ("p2", 2, 1)]
    assert trips.quarantined("position", "element", "rule") == [(1, 2, "type")]


def test_a_run_again_changes_nothing_and_maintenance_keeps_the_rows(trips: Lake):
    trips.run(slot(1), [trip(1, "Bonn", "Ulm")])
    before = trips.rows()

    again = trips.run(slot(1), [trip(1, "Bonn", "Ulm")])
    trips.maintain(30)

    assert not again.changed
    assert trips.rows() == before


def test_the_quarantine_table_of_a_dataset_that_explodes_no_more_is_written_on(trips: Lake):
    trips.run(slot(1), [trip(1, 5)])
    plain = contract()
    plain = plain.model_copy(update={"version": "2.0.0"})
    glue = catalog(glue_client())
    made = [
        ensure_table(glue, trips.bucket, database, design(plain))
        for database, design in (
            (trips.curated_database, tables.curated),
            (trips.quarantine_database, tables.quarantine),
        )
    ]
    after = replace(trips, contract=plain)

    after.run(slot(2), [record(1), record(2, version="1")])

    assert made == ["created", "unchanged"]
    assert after.quarantined("position", "element", "column_name") == [(1, 1, "to"), (2, None, "version")]
