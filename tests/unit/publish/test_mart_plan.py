"""What follows from a published slot: which marts, which of their slots, and when nothing has to be done."""

from collections.abc import Callable

import pytest
from mart_world import Tables, by_name, day, model

from lakeward.contract.marts import MartModel
from lakeward.publish.mart_plan import EVERYTHING, MOST_MISSING, Build, State, affected, missing_slots, state_of
from lakeward.slot import Slot


def nothing_missing(_: MartModel) -> list[Slot]:
    return []


def test_the_same_slot_of_a_mart_follows_and_then_what_reads_the_mart():
    models = by_name(
        model("enriched", {"name": "flights", "rows": "slot"}, {"name": "planes", "rows": "all"}),
        model("daily", {"name": "enriched", "rows": "slot"}),
        model("months", {"name": "daily", "rows": "all"}, mode="full"),
        model("other", {"name": "ships", "rows": "slot"}),
    )

    assert affected(models, "flights", day(3), nothing_missing) == [
        Build("enriched", day(3)),
        Build("daily", day(3)),
        Build("months", EVERYTHING),
    ]


def test_late_data_builds_every_slot_that_looks_back_at_it():
    models = by_name(
        model("week", {"name": "flights", "rows": "slot", "back": 2}),
        model("daily", {"name": "week", "rows": "slot", "back": 1}),
    )

    assert affected(models, "flights", day(3), nothing_missing) == [
        *(Build("week", day(n)) for n in (3, 4, 5)),
        *(Build("daily", day(n)) for n in (3, 4, 5, 6)),
    ]


def test_what_is_read_as_a_whole_builds_only_what_waited_for_it():
    waited: Callable[[MartModel], list[Slot]] = lambda _: [day(n) for n in range(1, 60)]  # noqa: E731
    needed = model("enriched", {"name": "flights", "rows": "slot"}, {"name": "planes", "rows": "all"})
    optional = model("guessed", {"name": "flights", "rows": "slot"}, {"name": "planes", "rows": "all", "needed": False})

    found = affected(by_name(needed, optional), "planes", day(9), waited)

    assert found == [Build("enriched", day(n)) for n in range(1, MOST_MISSING + 1)]


def test_slots_that_were_never_built_are_those_that_all_needed_input_has():
    mart = model("enriched", {"name": "flights", "rows": "slot"}, {"name": "crews", "rows": "slot"})
    tables = Tables(
        flights=dict.fromkeys(map(day, (1, 2, 3, 4)), "run"),
        crews=dict.fromkeys(map(day, (2, 3, 4, 5)), "run"),
        enriched={day(3): "run"},
    )

    assert missing_slots(mart, tables) == [day(2), day(4)]


@pytest.fixture
def mart() -> MartModel:
    return model(
        "enriched",
        {"name": "flights", "rows": "slot", "back": 1},
        {"name": "weather", "rows": "slot", "needed": False},
        {"name": "planes", "rows": "all"},
    )


def tables(**changed: dict[Slot, str]) -> Tables:
    runs = {"flights": {day(1): "f1", day(2): "f2", day(3): "f3"}, "planes": {day(9): "p9"}}
    return Tables(**(runs | changed))


def test_the_same_state_is_the_same_run(mart: MartModel):
    assert state_of(mart, day(2), tables()) == state_of(mart, day(2), tables())
    assert state_of(mart, day(2), tables()).waits_for is None


@pytest.mark.parametrize(
    ("changed", "run_id", "watched"),
    [
        ({"flights": {day(1): "f1", day(2): "again", day(3): "f3"}}, True, True),
        ({"flights": {day(1): "again", day(2): "f2", day(3): "f3"}}, True, True),
        ({"flights": {day(1): "f1", day(2): "f2", day(3): "again"}}, False, False),
        ({"weather": {day(2): "w2"}}, True, True),
        ({"planes": {day(10): "p10"}}, True, False),
    ],
    ids=["its slot", "the slot before", "another slot", "weather that came late", "another list of planes"],
)
def test_what_changes_a_build_and_what_calls_for_a_new_one(
    mart: MartModel, changed: dict[str, dict[Slot, str]], run_id: bool, watched: bool
):
    before, after = state_of(mart, day(2), tables()), state_of(mart, day(2), tables(**changed))

    assert (before.run_id != after.run_id, before.watched != after.watched) == (run_id, watched)


@pytest.mark.parametrize(("missing", "name"), [({"flights": {day(1): "f1"}}, "flights"), ({"planes": {}}, "planes")])
def test_a_mart_waits_for_what_it_needs(mart: MartModel, missing: dict[str, dict[Slot, str]], name: str):
    assert state_of(mart, day(2), tables(**missing)).waits_for == name


def test_a_full_mart_watches_everything_that_it_reads():
    months = model("months", {"name": "daily", "rows": "all"}, mode="full")

    before = state_of(months, EVERYTHING, Tables(daily={day(1): "d1"}))
    after = state_of(months, EVERYTHING, Tables(daily={day(1): "d1", day(2): "d2"}))

    assert isinstance(before, State)
    assert before.watched != after.watched
