"""Serving views in a Glue catalog: made, changed, left alone, and never moved over somebody else's change."""

import uuid
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from transform_world import contract

from lakeward import tables
from lakeward.adapters.glue_views import GlueViews, ensure_view
from lakeward.errors import CommitConflict, ConfigurationMissing
from lakeward.ports.catalog import ViewState
from lakeward.views import View, table_input, view_of

ASKED = ("Name", "Description", "TableType", "Parameters", "ViewOriginalText", "ViewExpandedText", "PartitionKeys")
DATABASE = "curated"
VIEW = view_of("parcels", tables.curated(contract()), DATABASE)
WIDER = view_of("parcels", tables.curated(contract("name: note, type: string, at: $.note")), DATABASE)
REWORDED = View(VIEW.name, VIEW.columns, VIEW.database, VIEW.table, "Parcels, said otherwise.")
OF_THE_NEXT_MAJOR = View(VIEW.name, VIEW.columns, VIEW.database, "parcels_v2", VIEW.description)


@pytest.fixture
def serving(cloud: str) -> str:
    """A new, empty database."""
    name = f"serving_{uuid.uuid4().hex[:8]}"
    boto3.client("glue").create_database(DatabaseInput={"Name": name})
    return name


def in_glue(serving: str, name: str = "parcels") -> dict[str, Any]:
    """The view as any client of Glue finds it."""
    return dict(boto3.client("glue").get_table(DatabaseName=serving, Name=name)["Table"])


def ensure(serving: str, view: View) -> str:
    return ensure_view(GlueViews(boto3.client("glue"), serving), serving, view)


def test_a_view_that_is_not_there_is_made_as_athena_keeps_it(serving: str) -> None:
    assert ensure(serving, VIEW) == "created"

    found, wanted = in_glue(serving), table_input(VIEW, serving)
    assert {name: found[name] for name in ASKED} == {name: wanted[name] for name in ASKED}
    assert found["StorageDescriptor"]["Columns"] == wanted["StorageDescriptor"]["Columns"]


def test_a_view_that_is_as_it_should_be_is_left_alone(serving: str) -> None:
    ensure(serving, VIEW)
    before = in_glue(serving)

    assert ensure(serving, VIEW) == "unchanged"
    assert in_glue(serving) == before


@pytest.mark.parametrize("wanted", [WIDER, REWORDED], ids=["a new column", "another description"])
def test_a_view_is_brought_to_what_its_table_is_now(wanted: View, serving: str) -> None:
    ensure(serving, VIEW)

    assert ensure(serving, wanted) == "changed"

    found, asked = in_glue(serving), table_input(wanted, serving)
    assert {name: found[name] for name in ASKED} == {name: asked[name] for name in ASKED}
    assert found["StorageDescriptor"]["Columns"] == asked["StorageDescriptor"]["Columns"]
    assert ensure(serving, wanted) == "unchanged"


def test_a_column_whose_description_alone_was_changed_by_hand_is_mended(serving: str) -> None:
    ensure(serving, VIEW)
    by_hand = table_input(VIEW, serving)
    by_hand["StorageDescriptor"]["Columns"][0]["Comment"] = "Changed by hand."
    boto3.client("glue").update_table(DatabaseName=serving, TableInput=by_hand)

    assert ensure(serving, VIEW) == "changed"
    assert in_glue(serving)["StorageDescriptor"]["Columns"][0]["Comment"] == "Identifier."


def test_a_view_that_shows_another_table_is_left_to_the_switch(serving: str) -> None:
    ensure(serving, VIEW)
    before = in_glue(serving)

    assert ensure(serving, OF_THE_NEXT_MAJOR) == "kept"
    assert in_glue(serving) == before


def with_rival(serving: str, operation: str, rival: Callable[[], Any]) -> GlueViews:
    """Views whose next write comes just after somebody else's."""
    client = boto3.client("glue")
    rivals = [rival]

    def come_first(**_: Any) -> None:
        while rivals:
            rivals.pop()()

    client.meta.events.register(f"before-send.glue.{operation}", come_first)
    return GlueViews(client, serving)


def test_whoever_changes_a_view_between_our_read_and_our_write_wins(serving: str) -> None:
    ensure(serving, VIEW)
    raced = with_rival(serving, "UpdateTable", lambda: ensure(serving, REWORDED))
    version = in_glue(serving)["VersionId"]

    with pytest.raises(CommitConflict) as problem:
        ensure_view(raced, serving, WIDER)

    assert problem.value.message == f"view {serving}.parcels: expected version {version}, found a newer one"
    assert in_glue(serving)["Description"] == "Parcels, said otherwise."
    assert ensure_view(raced, serving, WIDER) == "changed"


def test_whoever_makes_a_view_first_wins(serving: str) -> None:
    raced = with_rival(serving, "CreateTable", lambda: ensure(serving, REWORDED))

    with pytest.raises(CommitConflict) as problem:
        ensure_view(raced, serving, VIEW)

    assert problem.value.message == f"view {serving}.parcels: expected none, found one just made"
    assert in_glue(serving)["Description"] == "Parcels, said otherwise."


def test_a_view_is_found_with_the_table_that_it_shows_and_a_version_to_compare(serving: str) -> None:
    views = GlueViews(boto3.client("glue"), serving)
    assert views.find("parcels") is None
    ensure(serving, VIEW)

    found = views.find("parcels")

    assert found == ViewState(
        definition=found.definition if found else {}, table="parcels_v1", version_id=in_glue(serving)["VersionId"]
    )


def test_all_views_can_be_put_back_as_they_were(serving: str) -> None:
    views = GlueViews(boto3.client("glue"), serving)
    ensure(serving, VIEW)
    before = views.all()
    ensure(serving, WIDER)

    views.replace(before["parcels"], in_glue(serving)["VersionId"])

    assert views.all() == before
    assert list(before) == ["parcels"]


def test_a_table_in_the_serving_database_is_no_view(serving: str) -> None:
    boto3.client("glue").create_table(
        DatabaseName=serving, TableInput={"Name": "landed", "TableType": "EXTERNAL_TABLE", "StorageDescriptor": {}}
    )

    assert GlueViews(boto3.client("glue"), serving).all() == {}


def test_a_serving_database_that_is_not_there_is_named(cloud: str) -> None:
    with pytest.raises(
        ConfigurationMissing, match=r"view nowhere\.parcels: expected to write it, found EntityNotFound"
    ):
        ensure("nowhere", VIEW)
