"""Looking at what readers see, and bringing it back."""

from typing import Any

import pytest
from release_world import FakeTables, FakeViews

from lakeward.errors import CommitConflict
from lakeward.ports.catalog import TableState
from lakeward.release.restore import look, restore
from lakeward.tables import TableColumn
from lakeward.views import View, table_input

OLD, NEW = TableState(snapshot_id="1", columns=["id"]), TableState(snapshot_id="2", columns=["id", "weight"])


def showing(table: str, *columns: str) -> dict[str, Any]:
    shown = tuple(TableColumn(name, "string", name) for name in columns or ("id",))
    return table_input(View("parcels", shown, "curated", table, "Parcels."), "serving")


def test_what_was_looked_at_is_brought_back_views_before_tables_and_only_once():
    views, tables = FakeViews({"parcels": showing("parcels_v1")}), FakeTables({"curated.parcels_v1": OLD})
    point = look(views, tables)
    views.replace(showing("parcels_v2"), "0")
    tables.states["curated.parcels_v1"] = NEW

    done = restore(point, views, tables)

    assert done == ["view parcels", "table curated.parcels_v1"]
    assert look(views, tables) == point
    assert restore(point, views, tables) == []


def test_a_view_that_shows_more_columns_of_the_same_table_is_brought_back_too():
    views = FakeViews({"parcels": showing("parcels_v1")})
    point = look(views, FakeTables())
    views.replace(showing("parcels_v1", "id", "weight"), "0")

    assert restore(point, views, FakeTables()) == ["view parcels"]


def test_what_came_later_is_left_alone():
    views, tables = FakeViews({"parcels": showing("parcels_v1")}), FakeTables({"curated.parcels_v1": OLD})
    point = look(views, tables)
    views.views["routes"] = showing("routes_v1")
    tables.states["curated.parcels_v2"] = NEW

    assert restore(point, views, tables) == []
    assert "routes" in views.views


def test_a_view_that_is_gone_is_made_again():
    views = FakeViews({"parcels": showing("parcels_v1")})
    point = look(views, FakeTables())
    del views.views["parcels"]

    assert restore(point, views, FakeTables()) == ["view parcels"]


def test_keys_that_the_catalog_adds_make_no_difference():
    views = FakeViews({"parcels": showing("parcels_v1")})
    point = look(views, FakeTables())
    views.views["parcels"] = {**views.views["parcels"], "Retention": 0}

    assert restore(point, views, FakeTables()) == []


def test_another_writer_is_met_again_and_given_up_on_at_last():
    views = FakeViews({"parcels": showing("parcels_v1")})
    point = look(views, FakeTables())
    views.replace(showing("parcels_v2"), "0")

    views.conflicts = 2
    assert restore(point, views, FakeTables()) == ["view parcels"]
    views.replace(showing("parcels_v2"), "2")
    views.conflicts = 99
    with pytest.raises(CommitConflict, match="expected to be the one that changes it"):
        restore(point, views, FakeTables())
