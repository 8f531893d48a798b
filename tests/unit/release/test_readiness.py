"""A table is ready when it holds what raw holds, by the deployed contract, and answers as it should.

A recorded sample has results to compare with; live data is held against its account and what readers see now.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from contract_world import edited
from release_world import FIRST, SECOND

from lakeward.contract import Dataset, parse_contract
from lakeward.errors import QueryFailed
from lakeward.ports.query import Answer, ResultColumn, Row
from lakeward.release.comparison import Asked, Held, Readiness
from lakeward.release.readiness import readiness
from lakeward.slot import Slot

THIRD = Slot(SECOND.end)
REPLAYED = ("http://127.0.0.1:8080",)
GREEN, OTHERWISE = Asked("by_day", 0), Asked("by_city", 4)
FAILED = Asked("by_depot", 1, "query 7 failed: COLUMN_NOT_FOUND")
SAME = "parcels_v2 has 16 rows, parcels_v1 has 16"


def version_2(*edits: tuple[str, str]) -> Dataset:
    """The new major version; upsert by id unless edited."""
    contract = parse_contract(edited(("version: 1.", "version: 2."), *edits), "datasets/parcels/contract.yaml")
    return Dataset(Path("datasets/parcels"), contract, "c" * 64)


UPSERT = version_2()
KEYED = version_2(("mode: upsert", "mode: replace_slot"))
KEYLESS = version_2(("mode: upsert\n  primary_key: [id]\n  newest_by: changed_at", "mode: replace_slot"))


def held(slot: Slot, stand_ins: tuple[str, ...] | None = (), **counts: int) -> Held:
    """Ten rows in: eight written, one quarantined, one a duplicate."""
    return Held(
        slot, **{"rows_in": 10, "written": 8, "quarantined": 1, "deduplicated": 1} | counts, stand_ins=stand_ins
    )


LIVE = [held(FIRST), held(SECOND)]
RECORDED = [held(FIRST, REPLAYED), held(SECOND, REPLAYED)]


@dataclass
class Lake:
    """Both tables: rows by slot, and how many keys the new one has more than once."""

    shown: dict[Slot, int] = field(default_factory=lambda: {FIRST: 8, SECOND: 8})
    new: dict[Slot, int] = field(default_factory=lambda: {FIRST: 8, SECOND: 8})
    repeated: int = 0
    fails: str | None = None
    asked: list[str] = field(default_factory=list)

    def run(self, sql: str, database: str) -> Answer:
        self.asked.append(f"{database}: {sql}")
        if self.fails:
            raise QueryFailed(self.fails)
        if "HAVING" in sql:
            return answer([(str(self.repeated),)], 1)
        table = self.new if '"parcels_v2"' in sql else self.shown
        return answer([(f"{slot.start:%Y-%m-%d %H:%M:%S.%f}", str(rows)) for slot, rows in table.items()], 2)


def answer(rows: list[Row], width: int) -> Answer:
    return Answer(tuple(ResultColumn(f"_col{i}", "bigint") for i in range(width)), iter(rows), "query", 0, 1, 0)


def asked(
    slots: Sequence[Held],
    lake: Lake | None = None,
    queries: Sequence[Asked] = (GREEN,),
    of: Dataset = KEYED,
    certified: Sequence[Slot] = (FIRST, SECOND),
) -> Readiness:
    return readiness(of, "parcels_v1", certified, slots, queries, lake or Lake(), "curated")


@pytest.mark.parametrize("slots", [LIVE, RECORDED], ids=["live", "recorded"])
def test_slots_that_no_run_by_this_contract_held_are_missing_whatever_they_are(slots: list[Held]):
    found = asked(slots[:1], certified=[FIRST, SECOND, THIRD])

    assert found.problems == [
        (
            "expected all 3 certified slots in parcels_v2 by the deployed contract, found 2 missing "
            "(2024-03-02T00:00Z, 2024-03-03T00:00Z); run: lakeward replay parcels"
        )
    ]


def test_an_empty_raw_is_not_ready():
    assert asked([], certified=[]).problems == [
        "expected slots in parcels_v2, found none in raw; run some: lakeward run parcels"
    ]


@pytest.mark.parametrize("slots", [LIVE, RECORDED], ids=["live", "recorded"])
def test_no_query_is_no_proof_and_one_that_fails_is_named(slots: list[Held]):
    assert [asked(slots, queries=queries).problems for queries in ([], [GREEN, FAILED])] == [
        ["expected end-to-end queries for parcels_v2, found none; write datasets/parcels/queries/"],
        ["queries/by_depot.sql over parcels_v2: expected an answer, found query 7 failed: COLUMN_NOT_FOUND"],
    ]


def test_a_recorded_sample_is_held_to_the_result_of_every_query_and_not_counted():
    lake = Lake()

    assert asked(RECORDED, lake) == Readiness()
    assert asked(RECORDED, lake, [GREEN, OTHERWISE]) == Readiness(
        ["queries/by_city.sql over parcels_v2: expected its result, found 4 difference(s)"]
    )
    assert lake.asked == []


def test_one_recorded_slot_among_live_ones_asks_for_the_results():
    assert asked([held(FIRST, REPLAYED), held(SECOND)], queries=[OTHERWISE]).problems == [
        "queries/by_city.sql over parcels_v2: expected its result, found 4 difference(s)"
    ]


def test_live_data_has_other_results_and_is_counted_in_both_tables():
    lake = Lake()

    assert asked(LIVE, lake, [OTHERWISE]) == Readiness(told=[SAME])
    assert lake.asked == [
        'curated: SELECT "_slot", count(*) FROM "parcels_v1" GROUP BY "_slot"',
        'curated: SELECT "_slot", count(*) FROM "parcels_v2" GROUP BY "_slot"',
        (
            'curated: SELECT count(*) FROM (SELECT "_slot", "id" FROM "parcels_v2" GROUP BY "_slot", "id" '
            'HAVING count(*) > 1) AS "repeated"'
        ),
    ]


@pytest.mark.parametrize(
    ("of", "keys"), [(UPSERT, '"id"'), (KEYED, '"_slot", "id"'), (KEYLESS, '"_slot", "_page", "_position"')]
)
def test_a_key_is_looked_for_where_its_load_mode_makes_it_one(of: Dataset, keys: str):
    lake = Lake(repeated=3)

    assert asked(LIVE, lake, of=of).problems == ["expected every key once in parcels_v2, found 3 more than once"]
    assert f'(SELECT {keys} FROM "parcels_v2" GROUP BY {keys} HAVING' in lake.asked[-1]


def test_of_slots_that_an_older_release_ran_it_must_be_said_first_what_they_are():
    lake = Lake()

    assert asked([held(FIRST, None), held(SECOND)], lake, [OTHERWISE]) == Readiness(
        [
            (
                "expected the ledger to say of every slot in parcels_v2 who answered for its service, found 1 that an "
                "older release ran (2024-03-01T00:00Z); run: lakeward replay parcels"
            )
        ]
    )
    assert lake.asked == []


def test_a_slot_that_readers_see_is_in_the_new_table_too():
    found = asked(LIVE, Lake(shown={FIRST: 8, SECOND: 8, THIRD: 5}))

    assert found.problems == [
        (
            "expected every slot that parcels_v1 shows in parcels_v2 too, found 1 missing (2024-03-03T00:00Z); "
            "run: lakeward replay parcels"
        )
    ]


def test_rows_that_no_account_explains_are_refused():
    assert asked([held(FIRST, rows_in=11), held(SECOND)]).problems == [
        (
            "expected rows in = written + quarantined + deduplicated of every slot in parcels_v2, found 1 otherwise "
            "(2024-03-01T00:00Z); run: lakeward run parcels --slot SLOT --again"
        )
    ]


OTHER_ROWS = {
    "a part of a slot": {FIRST: 8, SECOND: 3},
    "nothing of a slot": {FIRST: 8},
    "more than was written": {FIRST: 8, SECOND: 9},
}


@pytest.mark.parametrize("name", OTHER_ROWS)
def test_a_slot_whose_rows_are_not_those_that_its_run_wrote_is_refused(name: str):
    assert asked(LIVE, Lake(new=OTHER_ROWS[name])).problems == [
        (
            "expected the rows of every slot in parcels_v2 that its run wrote, found 1 slot(s) otherwise "
            "(2024-03-02T00:00Z); when no run is under way: lakeward run parcels --slot SLOT --again"
        )
    ]


def test_rows_of_a_slot_that_no_run_accounts_for_are_refused():
    assert asked(LIVE, Lake(new={FIRST: 8, SECOND: 8, THIRD: 1})).problems == [
        (
            "expected the rows of every slot in parcels_v2 that its run wrote, found 1 slot(s) otherwise "
            "(2024-03-03T00:00Z); when no run is under way: lakeward run parcels --slot SLOT --again"
        )
    ]


def test_where_slots_meet_another_may_have_taken_rows_over_but_added_none():
    fewer, more = Lake(shown={FIRST: 2, SECOND: 8}, new={FIRST: 2, SECOND: 8}), Lake(new={FIRST: 9, SECOND: 8})

    assert asked(LIVE, fewer, of=UPSERT) == Readiness(told=["parcels_v2 has 10 rows, parcels_v1 has 10"])
    assert asked(LIVE, more, of=UPSERT).problems == [
        (
            "expected at most the rows of every slot in parcels_v2 that its run wrote, found 1 slot(s) otherwise "
            "(2024-03-01T00:00Z); when no run is under way: lakeward run parcels --slot SLOT --again"
        )
    ]


def test_other_numbers_of_rows_than_readers_see_are_told_with_what_explains_them():
    lake = Lake(shown={FIRST: 10, SECOND: 11})

    assert asked(LIVE, lake) == Readiness(
        told=[
            "parcels_v2 has 16 rows, parcels_v1 has 21",
            (
                "2024-03-02T00:00Z: 8 rows, 11 in parcels_v1; its run quarantined 1 and left out 1 as duplicates, "
                "which does not explain it"
            ),
            "2024-03-01T00:00Z: 8 rows, 10 in parcels_v1; its run quarantined 1 and left out 1 as duplicates",
        ]
    )


def test_of_many_slots_that_differ_the_first_are_told():
    slots = [FIRST]
    while len(slots) < 7:
        slots.append(Slot(slots[-1].end))
    lake = Lake(dict.fromkeys(slots, 9), dict.fromkeys(slots, 8))

    told = asked([held(slot) for slot in slots], lake, certified=slots).told

    assert [text.partition(":")[0] for text in told[1:6]] == [str(slot).partition(":")[0] for slot in slots[:5]]
    assert told[6:] == ["and 2 more slots have other numbers of rows than in parcels_v1"]


def test_tables_that_cannot_be_counted_are_not_ready():
    assert asked(LIVE, Lake(fails="query 9 failed: TABLE_NOT_FOUND")) == Readiness(
        ["expected to count the rows of parcels_v1 and parcels_v2, found query 9 failed: TABLE_NOT_FOUND"]
    )
