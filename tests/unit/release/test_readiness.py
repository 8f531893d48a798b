"""A table is ready when it holds what raw holds, by the deployed contract, and answers as it should."""

from pathlib import Path

from release_world import FIRST, PARCELS, SECOND

from lakeward.contract import Dataset
from lakeward.ports.deployment import SlotRecord
from lakeward.release.evidence import Judged
from lakeward.release.readiness import why_not_ready

OF = Dataset(Path("datasets/parcels"), PARCELS, "c" * 64)
GREEN = Judged(dataset="parcels", name="by_day", differences=0, milliseconds=1, scanned_bytes=1)


def record(slot=FIRST, succeeded=True, contract="c" * 64) -> SlotRecord:
    return SlotRecord(slot, succeeded, "2024-03-09", "r" * 64, contract)


def test_all_slots_by_this_contract_and_green_queries_are_enough():
    assert why_not_ready(OF, [FIRST, SECOND], [record(), record(SECOND)], [GREEN]) == []


def test_slots_that_failed_or_are_of_another_contract_or_were_not_run_are_missing():
    third = type(FIRST)(SECOND.end)
    records = [record(succeeded=False), record(SECOND, contract="d" * 64)]

    (problem,) = why_not_ready(OF, [FIRST, SECOND, third], records, [GREEN])

    assert problem == (
        "expected all 3 certified slots in parcels_v1 by the deployed contract, found 3 missing "
        "(2024-03-01T00:00Z, 2024-03-02T00:00Z, 2024-03-03T00:00Z); run: lakeward replay parcels"
    )


def test_an_empty_raw_is_not_ready():
    (problem,) = why_not_ready(OF, [], [], [GREEN])

    assert problem.startswith("expected slots in parcels_v1, found none in raw")


def test_each_query_that_differs_is_named():
    red = GREEN.model_copy(update={"name": "by_city", "differences": 4})

    assert why_not_ready(OF, [FIRST], [record()], [GREEN, red]) == [
        "queries/by_city.sql over parcels_v1: expected its result, found 4 difference(s)"
    ]


def test_no_query_is_no_proof():
    (problem,) = why_not_ready(OF, [FIRST], [record()], [])

    assert problem.startswith("expected end-to-end queries for parcels_v1, found none")
