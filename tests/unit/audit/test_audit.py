"""The audit: each rule at its edge, files that are not whole, and a message that names all that failed."""

from datetime import date
from typing import Any

import pytest
from stage_world import MemoryBucket
from transform_world import contract

from lakeward.audit import audit_slot
from lakeward.audit.check import Check
from lakeward.contract import Contract
from lakeward.contract.source_drift import SourceDrift
from lakeward.errors import AuditFailed, StagedMissing
from lakeward.measures import FieldDrift
from lakeward.staged import BrokenRule, Staged, StagedFile

ADDS_UP = "records_in = accepted + quarantined + deduplicated"
DAY = date(2024, 3, 1)


def file(name: str, rows: int) -> StagedFile:
    """A staged file of 100 bytes."""
    return StagedFile(uri=f"s3://lake/{name}.parquet", partition=DAY, rows=rows, bytes=100)


def staged(accepted: int = 9, quarantined: int = 1, **others: Any) -> Staged:
    """A staged load that adds up; ``others`` are fields that are not as they should be."""
    facts: dict[str, Any] = {
        "dataset": "parcels",
        "slot": "2024-03-01T00:00Z",
        "fingerprint": "f" * 64,
        "engine": "duckdb",
        "records_in": accepted + quarantined,
        "accepted": accepted,
        "quarantined": quarantined,
        "deduplicated": 0,
        "accepted_files": [file("good", accepted)] if accepted else [],
        "quarantined_files": [file("bad", quarantined)] if quarantined else [],
    }
    return Staged(**facts | others)


def wanting(**quality: Any) -> Contract:
    """The contract of parcels with rules over the whole load."""
    parcels = contract()
    return parcels.model_copy(update={"quality": parcels.quality.model_copy(update=quality)})


@pytest.fixture
def lake() -> MemoryBucket:
    """The bucket with the staged files in it, whole."""
    return MemoryBucket("lake", {"good.parquet": b"x" * 100, "bad.parquet": b"x" * 100})


def failed(of: Contract, load: Staged, lake: MemoryBucket) -> list[str]:
    """The rules that a load breaks."""
    with pytest.raises(AuditFailed) as problem:
        audit_slot(of, load, lake)
    return list(problem.value.facts["failed"])


def test_a_load_that_holds_gives_every_check_with_what_it_expected_and_found(lake: MemoryBucket) -> None:
    checks = audit_slot(wanting(max_quarantined_fraction=0.25, min_records=5), staged(), lake)

    assert checks == [
        Check(ADDS_UP, "10", "10", holds=True),
        Check("quality.min_records", "at least 5", "10", holds=True),
        Check("quality.max_quarantined_fraction", "at most 0.25", "0.1000", holds=True),
    ]


def test_the_audit_only_looks(lake: MemoryBucket) -> None:
    audit_slot(contract(), staged(), lake)

    assert lake.asked == [("size", "good.parquet"), ("size", "bad.parquet")]


@pytest.mark.parametrize("least", [0, 9, 10])
def test_as_many_records_as_the_contract_asks_for_are_enough(least: int, lake: MemoryBucket) -> None:
    assert all(check.holds for check in audit_slot(wanting(min_records=least), staged(), lake))


def test_one_record_less_is_not_enough(lake: MemoryBucket) -> None:
    assert failed(wanting(min_records=11), staged(), lake) == ["quality.min_records"]


@pytest.mark.parametrize(("most", "accepted", "quarantined"), [(0.1, 9, 1), (0.0, 10, 0), (1.0, 0, 10), (0.3, 7, 3)])
def test_as_many_quarantined_as_the_contract_allows_are_not_too_many(
    most: float, accepted: int, quarantined: int, lake: MemoryBucket
) -> None:
    assert audit_slot(wanting(max_quarantined_fraction=most), staged(accepted, quarantined), lake)[2].holds


@pytest.mark.parametrize(("most", "accepted", "quarantined"), [(0.1, 8, 2), (0.0, 9999, 1), (0.999, 0, 10)])
def test_one_quarantined_record_more_is_too_many(
    most: float, accepted: int, quarantined: int, lake: MemoryBucket
) -> None:
    broken = failed(wanting(max_quarantined_fraction=most), staged(accepted, quarantined), lake)

    assert broken == ["quality.max_quarantined_fraction"]


def test_an_empty_slot_holds_where_nothing_else_is_asked_for(lake: MemoryBucket) -> None:
    empty = staged(0, 0)

    assert audit_slot(wanting(max_quarantined_fraction=0.0), empty, lake)[2].found == "0.0000"
    assert failed(wanting(min_records=1), empty, lake) == ["quality.min_records"]


@pytest.mark.parametrize(
    "others",
    [
        pytest.param({"records_in": 11}, id="a record lost"),
        pytest.param({"records_in": 9}, id="a record too many"),
        pytest.param({"deduplicated": 1}, id="a duplicate that is counted and kept"),
        pytest.param({"accepted_files": []}, id="accepted rows in no file"),
        pytest.param({"accepted_files": [file("good", 8)]}, id="a file with fewer rows"),
        pytest.param({"quarantined_files": [file("bad", 2)]}, id="a quarantine file with more rows"),
        pytest.param({"accepted_files": [file("good", 9), file("good", 9)]}, id="a file twice"),
    ],
)
def test_counts_that_do_not_add_up_stop_the_run(others: dict[str, Any], lake: MemoryBucket) -> None:
    assert failed(contract(), staged(**others), lake) == [ADDS_UP]


def test_the_message_names_every_rule_that_failed_and_where_the_quarantined_rows_are(lake: MemoryBucket) -> None:
    of = wanting(max_quarantined_fraction=0.05, min_records=100)

    with pytest.raises(AuditFailed) as problem:
        audit_slot(of, staged(deduplicated=1), lake)

    assert problem.value.message == (
        f"parcels 2024-03-01T00:00Z: {ADDS_UP}: expected 10, found 11; "
        "quality.min_records: expected at least 100, found 10; "
        "quality.max_quarantined_fraction: expected at most 0.05, found 0.1000. "
        "Nothing was published. The quarantined rows are staged at s3://lake/bad.parquet; "
        "mend the contract and run the slot again"
    )
    assert problem.value.facts == {"failed": [ADDS_UP, "quality.min_records", "quality.max_quarantined_fraction"]}


@pytest.mark.parametrize("name", ["good", "bad"])
@pytest.mark.parametrize(("body", "found"), [(None, "no object"), (b"x" * 99, "99"), (b"", "0"), (b"x" * 101, "101")])
def test_a_staged_file_that_is_not_whole_stops_the_run_before_any_rule(
    body: bytes | None, found: str, name: str, lake: MemoryBucket
) -> None:
    lake.objects.pop(f"{name}.parquet")
    if body is not None:
        lake.objects[f"{name}.parquet"] = body

    with pytest.raises(StagedMissing) as problem:
        audit_slot(wanting(min_records=100), staged(), lake)

    assert problem.value.message == (
        f"s3://lake/{name}.parquet: expected 100 bytes as staged, found {found}; "
        "run the slot again, the transform makes it anew"
    )


def test_a_rule_that_no_record_may_break_stops_the_publish(lake: MemoryBucket) -> None:
    of = contract("name: x, type: int, at: $.x, minimum: 0, policies: {range: fail}")
    broken = BrokenRule(column="x", rule="range", policy="fail", records=1)

    assert failed(of, staged(broken_rules=[broken]), lake) == ["columns.x.range"]
    assert audit_slot(of, staged(), lake)[3:] == [Check("columns.x.range", "0 records that break it", "0", holds=True)]


def test_rules_whose_records_are_quarantined_or_noted_stop_nothing(lake: MemoryBucket) -> None:
    of = contract("name: x, type: int, at: $.x, minimum: 0, policies: {range: warn}")
    broken = [
        BrokenRule(column="x", rule="type", policy="quarantine", records=1),
        BrokenRule(column="x", rule="range", policy="warn", records=1),
    ]

    assert all(check.holds for check in audit_slot(of, staged(broken_rules=broken), lake))


@pytest.mark.parametrize(("key", "drift"), [("new", {"new": {"$.alert": "string"}}), ("missing", {"missing": ["$.x"]})])
def test_fields_that_may_not_come_or_go_stop_the_publish(key: str, drift: dict[str, Any], lake: MemoryBucket) -> None:
    reporting, load = contract(), staged(drift=FieldDrift(looked_at=10, **drift))
    failing = reporting.model_copy(update={"drift": SourceDrift(**{key: "fail"})})

    assert failed(failing, load, lake) == [f"drift.{key}"]
    assert all(check.holds for check in audit_slot(reporting, load, lake))
    assert audit_slot(failing, staged(), lake)[-1].holds
