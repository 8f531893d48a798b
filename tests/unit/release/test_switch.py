"""Switching: in order, one view at a time, taken up where it stopped; refused whole when one table is not ready."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from release_world import FakeJournal, FakeViews

from lakeward.errors import CommitConflict, SwitchRefused
from lakeward.release.comparison import Readiness
from lakeward.release.switch import Goal, Moved, abandon, asked_versions, switch
from lakeward.tables import TableColumn
from lakeward.views import View, table_input

NOW = datetime(2024, 3, 10, tzinfo=UTC)


def showing(name: str, table: str) -> dict[str, Any]:
    """A view's definition."""
    return table_input(View(name, (TableColumn("id", "string", "Identifier."),), "curated", table, name), "serving")


def goal(name: str, version: int = 2, problems: Sequence[str] = (), known: bool = True) -> Goal:
    table = f"{name}_v{version}"
    return Goal(name, table, showing(name, table) if known else None, lambda _shown: Readiness(list(problems)), 7)


@pytest.fixture
def views() -> FakeViews:
    return FakeViews({name: showing(name, f"{name}_v1") for name in ("parcels", "routes", "depots")})


def tables(views: FakeViews) -> list[str | None]:
    return [state.table if (state := views.find(name)) else None for name in ("parcels", "routes", "depots")]


def test_each_dataset_may_name_its_version_in_the_order_given():
    assert list(asked_versions(["routes=1", "parcels", "depots=12"]).items()) == [
        ("routes", 1),
        ("parcels", None),
        ("depots", 12),
    ]
    assert asked_versions(["routes=1", "parcels"], otherwise=3) == {"routes": 1, "parcels": 3}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["parcels="], "expected DATASET or DATASET=VERSION, such as parcels=1, found 'parcels='"),
        (["parcels=0"], "found 'parcels=0'"),
        (["parcels=v1"], "found 'parcels=v1'"),
        (["=1"], "found '=1'"),
        (["parcels routes"], "found 'parcels routes'"),
        (["parcels", "routes", "parcels=1"], "expected every dataset once, found parcels again"),
    ],
)
def test_a_word_that_is_no_dataset_with_a_version_is_refused(words: list[str], found: str):
    with pytest.raises(SwitchRefused, match=found):
        asked_versions(words)


def test_datasets_move_to_different_versions_in_one_plan(views: FakeViews):
    journal = FakeJournal()
    switch([goal("parcels"), goal("routes")], views, journal, NOW)

    switch([goal("parcels", version=1, known=False), goal("depots")], views, journal, NOW)

    assert tables(views) == ["parcels_v1", "routes_v2", "depots_v2"]


def test_views_move_in_the_order_given(views: FakeViews):
    moved = switch([goal("routes"), goal("parcels")], views, FakeJournal(), NOW)

    assert moved == [
        Moved("routes", "routes_v1", "routes_v2", "moved", "2024-03-17"),
        Moved("parcels", "parcels_v1", "parcels_v2", "moved", "2024-03-17"),
    ]
    assert (views.writes, tables(views)) == (["routes", "parcels"], ["parcels_v2", "routes_v2", "depots_v1"])


def test_what_was_found_of_a_table_is_told_with_its_move(views: FakeViews):
    def found(shown: str) -> Readiness:
        return Readiness(told=[f"3 rows, 4 in {shown}"])

    wanted = Goal("parcels", "parcels_v2", showing("parcels", "parcels_v2"), found, 7)

    assert [switch([wanted], views, FakeJournal(), NOW), switch([wanted], views, FakeJournal(), NOW)] == [
        [Moved("parcels", "parcels_v1", "parcels_v2", "moved", "2024-03-17", ("3 rows, 4 in parcels_v1",))],
        [Moved("parcels", "parcels_v2", "parcels_v2", "unchanged", None)],
    ]


def test_a_second_call_writes_nothing(views: FakeViews):
    journal = FakeJournal()
    switch([goal("parcels")], views, journal, NOW)
    plan, writes = journal.plan, views.writes.copy()

    (again,) = switch([goal("parcels")], views, journal, NOW)

    assert (again.outcome, journal.plan, views.writes) == ("unchanged", plan, writes)


def test_one_table_that_is_not_ready_keeps_every_view_where_it_is(views: FakeViews):
    with pytest.raises(SwitchRefused, match="readers see what they saw; not ready:\n  routes: 3 slots missing"):
        switch([goal("parcels"), goal("routes", problems=["3 slots missing"])], views, FakeJournal(), NOW)

    assert (views.writes, tables(views)) == ([], ["parcels_v1", "routes_v1", "depots_v1"])


@pytest.mark.parametrize("dies_at", [2, 3, 4])
def test_a_switch_that_died_goes_on_where_it_stopped(dies_at: int, views: FakeViews):
    goals = [goal("parcels"), goal("routes"), goal("depots")]
    journal = FakeJournal(dies_at_write=dies_at)
    with pytest.raises(KeyboardInterrupt):
        switch(goals, views, journal, NOW)
    assert len(views.writes) == dies_at - 1

    again = switch(goals, views, journal, NOW)

    assert [moved.outcome for moved in again] == ["unchanged"] * (dies_at - 2) + ["moved"] * (5 - dies_at)
    assert (views.writes, tables(views)) == (
        ["parcels", "routes", "depots"],
        ["parcels_v2", "routes_v2", "depots_v2"],
    )


def test_another_switch_is_refused_while_one_is_open_and_may_be_given_up(views: FakeViews):
    journal = FakeJournal(dies_at_write=2)
    with pytest.raises(KeyboardInterrupt):
        switch([goal("parcels"), goal("routes")], views, journal, NOW)

    with pytest.raises(SwitchRefused, match=r"found plan 1 with 2 of 2 moves left; .*switch parcels=2 routes=2, or"):
        switch([goal("depots")], views, journal, NOW)
    given_up = abandon(journal)
    switch([goal("depots")], views, journal, NOW)

    assert given_up is not None
    assert tables(views) == ["parcels_v2", "routes_v1", "depots_v2"]
    assert abandon(journal) is None


def test_the_way_back_is_the_definition_that_was_read_before(views: FakeViews):
    journal, before = FakeJournal(), views.views["parcels"]
    switch([goal("parcels")], views, journal, NOW)

    switch([goal("parcels", version=1, known=False)], views, journal, NOW)

    assert views.views["parcels"] == before


def test_a_version_that_was_never_read_here_is_refused(views: FakeViews):
    with pytest.raises(SwitchRefused, match="found parcels_v7; deploy the release that makes it"):
        switch([goal("parcels", version=7, known=False)], views, FakeJournal(), NOW)


def test_a_writer_who_was_faster_without_moving_the_view_is_met_again(views: FakeViews):
    views.conflicts = 2

    switch([goal("parcels")], views, FakeJournal(), NOW)

    assert tables(views)[0] == "parcels_v2"


def test_a_view_that_somebody_else_moved_is_a_conflict_and_what_was_moved_stays(views: FakeViews):
    journal = FakeJournal(dies_at_write=3)
    with pytest.raises(KeyboardInterrupt):
        switch([goal("parcels"), goal("routes")], views, journal, NOW)
    views.views["routes"] = showing("routes", "routes_v9")
    journal.plan = journal.plan and journal.plan.model_copy(update={"done": 1})

    with pytest.raises(CommitConflict, match="view routes: expected one over routes_v1, found routes_v9"):
        switch([goal("parcels"), goal("routes")], views, journal, NOW)

    assert tables(views)[:2] == ["parcels_v2", "routes_v9"]


def test_a_view_that_is_missing_or_not_ours_is_refused(views: FakeViews):
    views.views["routes"] = {**showing("routes", "routes_v1"), "ViewOriginalText": "/* Presto View: bm9uZQ== */"}
    del views.views["depots"]

    with pytest.raises(SwitchRefused) as refused:
        switch([goal("routes"), goal("depots")], views, FakeJournal(), NOW)

    assert [line.strip() for line in refused.value.message.splitlines()[1:]] == [
        "routes: expected a view that Lakeward made, found one that somebody else made; call the migrate function",
        "depots: expected a view that Lakeward made, found none; call the migrate function",
    ]
