"""The rules over a whole load, each at its edge: against limits, against slots before, against other tables."""

from typing import Any

import pytest
from stage_world import MemoryBucket
from transform_world import contract

from lakeward.audit import audit_slot
from lakeward.audit.check import Check
from lakeward.audit.drift import psi
from lakeward.contract import Contract
from lakeward.contract.quality import Distribution, Fresh, Quality, Reference, Unique, Volume
from lakeward.errors import AuditFailed
from lakeward.measures import Measures, Spread
from lakeward.ports.history import FormerSlot, Lookup
from lakeward.staged import Staged, StagedFile

HUNDRED = Spread(column="x", rows=100, nulls=0, deciles=[float(d) for d in range(0, 101, 10)])


def judged(
    former: list[FormerSlot] | None = None, missing: int = 0, records: int = 100, **quality: Any
) -> list[tuple[str, str, str, bool]]:
    """How a load is judged under rules: rule, expected, found, whether it holds, without the checks of every load."""
    measures = quality.pop("measures", Measures())
    checks = audit(Quality(**quality), measures, former or [], Lookup(100, missing), records)
    return [(c.rule, c.expected, c.found, c.holds) for c in checks if c.rule not in EVERY]


EVERY = (
    "records_in = accepted + quarantined + deduplicated",
    "quality.min_records",
    "quality.max_quarantined_fraction",
)


def audit(
    quality: Quality, measures: Measures, former: list[FormerSlot], found: Lookup, records: int = 100
) -> list[Check]:
    of: Contract = contract("name: x, type: int, at: $.x").model_copy(update={"quality": quality})
    load = Staged(
        dataset="parcels",
        slot="2024-03-01T00:00Z",
        fingerprint="f" * 64,
        engine="duckdb",
        records_in=records,
        accepted=records,
        quarantined=0,
        deduplicated=0,
        accepted_files=[StagedFile(uri="s3://lake/good", partition="2024-03-01", rows=records, bytes=1)],  # type: ignore[arg-type]
        quarantined_files=[],
        measures=measures,
    )
    return audit_slot(of, load, MemoryBucket("lake", {"good": b"x"}), former, lambda _files, _rule: found)


def slots(*records: int, spread: Spread | None = None) -> list[FormerSlot]:
    return [FormerSlot(count, {"x": spread} if spread else {}) for count in records]


@pytest.mark.parametrize(("most", "holds"), [(100, True), (99, False)])
def test_records_are_counted_against_the_most(most: int, holds: bool) -> None:
    rule = {"max_records": most, "min_records": 1}
    try:
        found = judged(**rule)
    except AuditFailed as problem:
        found = [(name, "", "", False) for name in problem.facts["failed"]]

    assert [(name, ok) for name, _, _, ok in found] == [("quality.max_records", holds)]


@pytest.mark.parametrize(("records", "holds"), [(50, True), (49, False), (200, True), (201, False)], ids=str)
def test_records_are_counted_against_the_median_of_the_slots_before(records: int, holds: bool) -> None:
    rule = Volume(slots=4, at_least=0.5, at_most=2, on_violation="warn")

    found = judged(slots(100, 90, 110, 100, 1_000_000), records=records, volume=rule)

    expected = "at least 0.5 and at most 2 times the median of up to 4 slots before"
    assert found == [("quality.volume", expected, f"{records}, the median is 100", holds)]


def test_two_slots_before_are_too_few_to_judge_by() -> None:
    ((_, _, found, holds),) = judged(slots(100, 100), records=1, volume=Volume(slots=4, at_least=0.5))

    assert (found, holds) == ("not judged: 2 of 3 slots before it", True)


@pytest.mark.parametrize(("repeated", "holds"), [(0, True), (1, False)])
def test_what_occurs_once_must_not_be_repeated(repeated: int, holds: bool) -> None:
    rule = Unique(columns=["id", "x"], on_violation="warn")

    found = judged(unique=[rule], measures=Measures(repeated={"id,x": repeated}))

    assert found == [("quality.unique (id, x)", "0 repeated rows", str(repeated), holds)]


@pytest.mark.parametrize(
    ("newest", "told", "holds"),
    [
        ("2024-03-01 18:00:00", "6.0 h before", True),
        ("2024-03-01 17:59:59.999", "6.0 h before", False),
        ("2024-03-02 07:00:00", "0.0 h before", True),
        ("2024-03-01", "0.0 h before", True),
        ("2024-02-29", "24.0 h before", False),
        (None, "no value", False),
    ],
)
def test_the_newest_value_lies_near_the_slots_end(newest: str | None, told: str, holds: bool) -> None:
    rule = Fresh(column="day", hours=6, on_violation="warn")

    found = judged(fresh=[rule], measures=Measures(newest={"day": newest}))

    assert found == [("quality.fresh (day)", "newest at most 6 h before 2024-03-02T00:00Z", told, holds)]


@pytest.mark.parametrize(("missing", "holds"), [(0, True), (5, True), (6, False)])
def test_values_are_there_in_the_other_table_but_for_a_fraction(missing: int, holds: bool) -> None:
    rule = Reference(column="x", dataset="things", to="id", max_missing_fraction=0.05, on_violation="warn")

    found = judged(missing=missing, references=[rule])

    told = f"{missing / 100:.4f}: {missing} of 100 rows"
    told += " (where things is behind: run that first)" if missing else ""
    assert found == [("quality.references (x in things.id)", "at most 0.05 missing", told, holds)]


@pytest.mark.parametrize(("nulls", "holds"), [(0, True), (30, True), (31, False)])
def test_the_fraction_of_nulls_stays_near_that_of_the_slots_before(nulls: int, holds: bool) -> None:
    rule = Distribution(column="x", max_null_change=0.2, on_violation="warn")
    before = [FormerSlot(100, {"x": HUNDRED.model_copy(update={"nulls": n})}) for n in (0, 10, 90)]
    now = HUNDRED.model_copy(update={"nulls": nulls})

    ((_, _, found, ok),) = judged(before, distribution=[rule], measures=Measures(spreads=[now]))

    assert (found, ok) == (f"{abs(nulls / 100 - 0.1):.4f} against 3 slots", holds)


@pytest.mark.parametrize(("shift", "holds"), [(0, True), (5, True), (40, False)])
def test_a_column_that_is_spread_otherwise_is_told_by_its_index(shift: int, holds: bool) -> None:
    rule = Distribution(column="x", max_psi=0.25, on_violation="warn")
    now = HUNDRED.model_copy(update={"deciles": [d + shift for d in HUNDRED.deciles]})

    checks = judged(slots(1, 1, 1, spread=HUNDRED), distribution=[rule], measures=Measures(spreads=[now]))

    assert [(name, ok) for name, _, _, ok in checks] == [("quality.distribution (x).max_psi", holds)]


def test_a_column_with_few_values_is_not_judged() -> None:
    rule, now = Distribution(column="x", max_psi=0.25), HUNDRED.model_copy(update={"rows": 99})

    ((_, _, found, holds),) = judged(
        slots(1, 1, 1, spread=HUNDRED), distribution=[rule], measures=Measures(spreads=[now])
    )

    assert (found, holds) == ("not judged: 99 values in this load", True)


def test_the_index_of_known_shares_is_what_the_formula_says() -> None:
    before = Spread(column="x", rows=100, nulls=0, categories={"a": 50, "b": 50})
    now = Spread(column="x", rows=100, nulls=0, categories={"a": 60, "b": 40})

    # (0.6 - 0.5) ln(0.6 / 0.5) + (0.4 - 0.5) ln(0.4 / 0.5)
    assert psi(now, [before]) == pytest.approx(0.0405465108, abs=1e-9)


def test_a_category_that_was_never_seen_counts_to_the_rest() -> None:
    before = Spread(column="x", rows=100, nulls=0, categories={"a": 100})
    now = Spread(column="x", rows=100, nulls=0, categories={"a": 90, "z": 10})

    # (0.9 - 1) ln(0.9 / 1) + (0.1 - 0.0001) ln(0.1 / 0.0001)
    assert psi(now, [before]) == pytest.approx(0.7006208039, abs=1e-9)


def test_a_column_that_always_has_one_value_has_not_changed() -> None:
    constant = HUNDRED.model_copy(update={"deciles": [7.0] * 11})

    assert psi(constant, [constant, constant]) == 0.0


def test_a_rule_that_fails_stops_the_publish_and_one_that_warns_does_not() -> None:
    measures = Measures(repeated={"x": 1, "id": 2})
    warned = audit(Quality(unique=[Unique(columns=["id"], on_violation="warn")]), measures, [], Lookup(0, 0))

    with pytest.raises(AuditFailed) as stopped:
        audit(Quality(unique=[Unique(columns=["x"])]), measures, [], Lookup(0, 0))

    assert [c.rule for c in warned if not c.holds] == ["quality.unique (id)"]
    assert "quality.unique (x): expected 0 repeated rows, found 1" in stopped.value.message
    assert stopped.value.facts == {"failed": ["quality.unique (x)"]}
