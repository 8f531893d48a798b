"""What readers see, on a real catalog: views moved by compare-and-set, tables brought back, plans kept."""

import uuid
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from lake_world import Lake, slot
from transform_world import contract, record

from lakeward import tables
from lakeward.adapters.dynamodb_journal import DynamoDbJournal
from lakeward.adapters.glue_views import GlueViews, ensure_view
from lakeward.adapters.iceberg import catalog, glue_client
from lakeward.adapters.iceberg_schema import ensure_table
from lakeward.adapters.iceberg_states import IcebergStates
from lakeward.errors import CommitConflict, SchemaConflict
from lakeward.ports.catalog import Move, SwitchPlan, TableState
from lakeward.release.restore import look, restore
from lakeward.tables import TableColumn
from lakeward.views import View, table_input, view_of

FIRST, SECOND = record(1, note="first"), record(2, note="first", day="2024-03-02")


@pytest.fixture
def states(lake: Lake) -> IcebergStates:
    names = [f"curated.{lake.contract.table}", f"quarantine.{lake.contract.dataset}"]
    databases = {"curated": lake.curated_database, "quarantine": lake.quarantine_database}
    return IcebergStates(catalog(glue_client()), databases, names)


@pytest.fixture
def serving(cloud: str) -> str:
    name = f"serving_{uuid.uuid4().hex[:8]}"
    boto3.client("glue").create_database(DatabaseInput={"Name": name})
    return name


@pytest.fixture
def views(serving: str) -> GlueViews:
    return GlueViews(glue_client(), serving)


def showing(table: str, *columns: str) -> View:
    shown = tuple(TableColumn(name, "string", f"The {name}.") for name in columns or ("id",))
    return View("parcels", shown, "curated", table, "Parcels.")


def name_of(lake: Lake) -> str:
    return f"curated.{lake.contract.table}"


def test_a_table_goes_back_to_the_rows_it_had_and_only_once(lake: Lake, states: IcebergStates):
    lake.run(slot(1), [FIRST])
    before = states.state(name_of(lake))
    assert before is not None
    lake.run(slot(1), [FIRST | {"note": "worse", "version": 2}], release="bad")
    lake.run(slot(2), [SECOND], release="bad")

    done = states.restore(name_of(lake), before)

    assert (done, states.restore(name_of(lake), before)) == (True, False)
    assert lake.rows("id", "note") == [("p1", "first")]
    assert states.slots(name_of(lake)) == {"2024-03-01T00:00Z"}


def test_what_was_taken_back_can_be_published_again(lake: Lake, states: IcebergStates):
    lake.run(slot(1), [FIRST])
    before = states.state(name_of(lake))
    assert before is not None
    staged = lake.stage(slot(2), [SECOND])
    lake.publish(slot(2), staged)
    states.restore(name_of(lake), before)

    lake.publish(slot(2), staged)

    assert lake.rows("id") == [("p1",), ("p2",)]


def test_a_table_that_had_nothing_has_nothing_again(lake: Lake, states: IcebergStates):
    before = states.state(name_of(lake))
    assert before is not None
    assert before.snapshot_id is None
    lake.run(slot(1), [FIRST])

    done = states.restore(name_of(lake), before)

    assert (done, states.restore(name_of(lake), before), lake.rows("id")) == (True, False, [])
    assert states.slots(name_of(lake)) == set()


def test_what_was_taken_from_a_table_that_had_nothing_can_be_published_again(lake: Lake, states: IcebergStates):
    before = states.state(name_of(lake))
    assert before is not None
    staged = lake.stage(slot(1), [FIRST])
    lake.publish(slot(1), staged)
    states.restore(name_of(lake), before)

    lake.publish(slot(1), staged)

    assert lake.rows("id") == [("p1",)]


def test_a_column_that_came_later_goes_so_that_the_former_contract_can_write_again(lake: Lake, states: IcebergStates):
    lake.run(slot(1), [FIRST])
    before = states.state(name_of(lake))
    assert before is not None
    wider = contract("name: note, type: string, at: $.note", "name: weight, type: int, at: $.weight")
    ensure_table(catalog(glue_client()), lake.bucket, lake.curated_database, tables.curated(wider))

    states.restore(name_of(lake), before)
    lake.run(slot(2), [SECOND])

    assert states.state(name_of(lake)).columns == before.columns  # type: ignore[union-attr]
    assert lake.rows("id", "note") == [("p1", "first"), ("p2", "first")]


def test_a_snapshot_that_has_expired_is_named_with_what_to_do(lake: Lake, states: IcebergStates):
    lake.run(slot(1), [FIRST])
    gone = TableState(snapshot_id="12345", columns=states.state(name_of(lake)).columns)  # type: ignore[union-attr]

    with pytest.raises(SchemaConflict, match=r"expected snapshot 12345 .* expired; run the slots again"):
        states.restore(name_of(lake), gone)


def test_a_table_that_is_not_there_has_no_state_and_cannot_be_restored(lake: Lake, states: IcebergStates):
    assert states.state("curated.none") is None
    assert states.slots("curated.none") == set()
    with pytest.raises(SchemaConflict, match="found none"):
        states.restore("curated.none", TableState(snapshot_id=None, columns=[]))


def test_look_and_restore_meet_the_real_catalog(lake: Lake, states: IcebergStates, views: GlueViews, serving: str):
    ensure_view(views, serving, view_of("parcels", tables.curated(lake.contract), lake.curated_database))
    point = look(views, states)
    lake.run(slot(1), [FIRST])
    found = views.find("parcels")
    assert found is not None
    views.replace(table_input(showing("parcels_v2"), serving), found.version_id)

    done = restore(point, views, states)

    assert done == ["view parcels", f"table {name_of(lake)}"]
    assert restore(point, views, states) == []
    assert views.find("parcels").table == lake.contract.table  # type: ignore[union-attr]


def made_meanwhile(views: GlueViews, serving: str) -> None:
    views.replace(table_input(showing("parcels_v1"), serving), None)


def changed_meanwhile(views: GlueViews, serving: str) -> None:
    found = views.find("parcels")
    assert found is not None
    views.replace(table_input(showing("parcels_v2"), serving), found.version_id)
    views.replace(table_input(showing("parcels_v3"), serving), found.version_id)


@pytest.mark.parametrize("meanwhile", [made_meanwhile, changed_meanwhile])
def test_a_view_that_changed_meanwhile_is_a_conflict(
    meanwhile: Callable[[GlueViews, str], Any], views: GlueViews, serving: str
):
    made_meanwhile(views, serving)

    with pytest.raises(CommitConflict):
        meanwhile(views, serving)


def test_migration_makes_a_view_widens_it_and_leaves_readers_on_the_table_that_they_see(views: GlueViews, serving: str):
    steps = [
        ensure_view(views, serving, view)
        for view in (
            showing("parcels_v1"),
            showing("parcels_v1"),
            showing("parcels_v1", "id", "note"),
            showing("parcels_v2", "id", "note"),
        )
    ]

    assert steps == ["created", "unchanged", "changed", "kept"]
    assert views.find("parcels").table == "parcels_v1"  # type: ignore[union-attr]
    assert list(views.all()) == ["parcels"]


@pytest.fixture
def journal(cloud: str) -> DynamoDbJournal:
    name = f"ledger-{uuid.uuid4().hex[:8]}"
    keys = [("dataset", "HASH"), ("slot", "RANGE")]
    table = boto3.resource("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys],  # type: ignore[misc]
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in keys],
        BillingMode="PAY_PER_REQUEST",
    )
    return DynamoDbJournal(table)


def plan(number: int, done: int = 0) -> SwitchPlan:
    move = Move(dataset="parcels", from_table="parcels_v1", to_table="parcels_v2", definition={}, keep_until=None)
    return SwitchPlan(number=number, moves=[move], done=done, made_at="2024-03-10T00:00:00+00:00")


def test_a_plan_and_its_progress_are_kept_by_compare_and_set(journal: DynamoDbJournal):
    assert journal.newest() is None
    journal.write(plan(1), None)
    journal.write(plan(1, done=1), plan(1))

    with pytest.raises(CommitConflict):
        journal.write(plan(2), plan(1))
    with pytest.raises(CommitConflict):
        journal.write(plan(1), None)

    assert journal.newest() == plan(1, done=1)


def test_definitions_are_kept_by_view_and_table(journal: DynamoDbJournal):
    journal.keep_definition("parcels", "parcels_v1", {"Name": "parcels"})

    assert journal.definition("parcels", "parcels_v1") == {"Name": "parcels"}
    assert journal.definition("parcels", "parcels_v2") is None
