"""What readiness takes from the ledger: slots that ended well by the deployed contract, and who answered for them."""

from pathlib import Path
from typing import Any

from release_world import FIRST, PARCELS, SECOND

from lakeward.contract import Dataset
from lakeward.handlers.readiness import held_by
from lakeward.ports.ledger import Entry, Status
from lakeward.release.comparison import Held
from lakeward.slot import Slot

OF = Dataset(Path("datasets/parcels"), PARCELS, "c" * 64)
FACTS = {"contract_sha256": "c" * 64, "records_in": 3, "written": 7, "quarantined": 1, "deduplicated": 2}


def entry(slot: Slot, status: Status = "SUCCEEDED", **facts: Any) -> Entry:
    return Entry("parcels", slot, "execution", "2024-03-09", status, "2024-03-09", FACTS | facts)


def test_the_account_of_a_slot_is_taken_with_who_answered_for_it():
    entries = [entry(FIRST, rows_in=10, stand_ins=[]), entry(SECOND, rows_in=10, stand_ins=["http://127.0.0.1:8080"])]

    assert held_by(OF, entries) == [
        Held(FIRST, rows_in=10, written=7, quarantined=1, deduplicated=2, stand_ins=()),
        Held(SECOND, rows_in=10, written=7, quarantined=1, deduplicated=2, stand_ins=("http://127.0.0.1:8080",)),
    ]


def test_an_older_release_said_nothing_of_that_nor_of_rows():
    assert held_by(OF, [entry(FIRST)]) == [
        Held(FIRST, rows_in=3, written=7, quarantined=1, deduplicated=2, stand_ins=None)
    ]


def test_slots_that_failed_or_are_of_another_contract_are_not_held():
    failed = Entry("parcels", FIRST, "execution", "2024-03-09", "FAILED", "2024-03-09", {"step": "audit"})

    assert held_by(OF, [failed, entry(SECOND, contract_sha256="d" * 64)]) == []
