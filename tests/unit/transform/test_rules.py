"""Every rule under every policy, at its edge: one record that keeps it, one that breaks it, whole rows compared."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from rule_cases import RULES, read_as
from transform_world import SLOT, contract, record, transform

from lakeward.contract import Contract
from lakeward.contract.row_rules import RowRule

BY_NAME = [f"{rule}: {column}" for rule, column, *_ in RULES]


def row(number: int, x: Any, notes: list[dict[str, str]] | None = None, *, noting: bool) -> dict[str, Any]:
    """A curated row, whole."""
    kept = {"_notes": json.dumps(notes, separators=(",", ":"), ensure_ascii=False) if notes else None}
    return {
        "id": f"p{number}",
        "version": 1,
        "day": date(2024, 3, 1),
        "x": x,
        "_slot": SLOT.start.replace(tzinfo=None),
        "_page": "page-00001",
        "_position": number,
        **(kept if noting else {}),
    }


@pytest.mark.parametrize("policy", ["quarantine", "fail"])
@pytest.mark.parametrize(("rule", "column", "good", "value", "bad", "reason"), RULES, ids=BY_NAME)
def test_a_record_that_breaks_the_rule_is_refused_and_the_rest_is_kept(
    rule: str, column: str, good: Any, value: Any, bad: Any, reason: str, policy: str, tmp_path: Path
) -> None:
    of = contract(f"name: x, {column}, on_violation: {policy}")

    result = transform(of, [{"items": [record(1, x=good), record(2, x=bad)]}], tmp_path)

    assert result.accepted == [row(1, value, noting=False)]
    assert result.reasons() == [("x", rule, reason, "page-00001", 2)]
    assert result.broken == {("x", rule): 1}


@pytest.mark.parametrize(
    ("rule", "column", "good", "value", "bad", "reason"),
    [r for r in RULES if r[0] != "required"],
    ids=[name for name in BY_NAME if not name.startswith("required")],
)
def test_set_null_takes_the_value_away_and_notes_why(
    rule: str, column: str, good: Any, value: Any, bad: Any, reason: str, tmp_path: Path
) -> None:
    of = contract(f"name: x, {column}, on_violation: set_null")

    result = transform(of, [{"items": [record(1, x=good), record(2, x=bad)]}], tmp_path)

    note = {"column": "x", "rule": rule, "reason": reason, "policy": "set_null"}
    assert result.accepted == [row(1, value, noting=True), row(2, None, [note], noting=True)]
    assert result.quarantined == []
    assert result.broken == {("x", rule): 1}


@pytest.mark.parametrize(
    ("rule", "column", "good", "value", "bad", "reason"),
    [r for r in RULES if r[0] != "type"],
    ids=[name for name in BY_NAME if not name.startswith("type")],
)
def test_warn_keeps_the_record_as_it_is_and_notes_why(
    rule: str, column: str, good: Any, value: Any, bad: Any, reason: str, tmp_path: Path
) -> None:
    of = contract(f"name: x, {column}, on_violation: warn")

    result = transform(of, [{"items": [record(1, x=good), record(2, x=bad)]}], tmp_path)

    kept = read_as(column, bad)
    note = {"column": "x", "rule": rule, "reason": reason, "policy": "warn"}
    assert result.accepted == [row(1, value, noting=True), row(2, kept, [note], noting=True)]
    assert result.quarantined == []
    assert result.broken == {("x", rule): 1}


def test_under_a_general_warning_what_cannot_be_read_is_quarantined(tmp_path: Path) -> None:
    of = contract("name: x, type: int, at: $.x, maximum: 5, on_violation: warn")

    result = transform(of, [{"items": [record(1, x=6), record(2, x="6")]}], tmp_path)

    assert [(a["id"], a["x"]) for a in result.accepted] == [("p1", 6)]
    assert [q["rule"] for q in result.quarantined] == ["type"]
    assert result.broken == {("x", "range"): 1, ("x", "type"): 1}


def test_each_rule_of_a_column_may_have_a_policy_of_its_own(tmp_path: Path) -> None:
    of = contract("name: x, type: int, at: $.x, maximum: 5, minimum: 0, policies: {range: set_null, type: quarantine}")

    result = transform(of, [{"items": [record(1, x=6), record(2, x="6"), record(3), record(4, x=5)]}], tmp_path)

    assert [(a["id"], a["x"]) for a in result.accepted] == [("p1", None), ("p3", None), ("p4", 5)]
    assert [(q["position"], q["rule"]) for q in result.quarantined] == [(2, "type")]


def test_a_record_may_have_several_notes_and_is_quarantined_when_another_column_says_so(tmp_path: Path) -> None:
    of = contract(
        "name: x, type: string, at: $.x, allowed: [a], max_length: 1, on_violation: warn",
        "name: y, type: int, at: $.y, minimum: 0",
    )

    result = transform(of, [{"items": [record(1, x="bb", y=0), record(2, x="bb", y=-1)]}], tmp_path)

    notes = json.loads(result.accepted[0]["_notes"])
    assert [(n["rule"], n["policy"]) for n in notes] == [("allowed", "warn"), ("length", "warn")]
    assert [v["rule"] for v in json.loads(result.quarantined[0]["violations"])] == ["range"]
    assert result.broken == {("x", "allowed"): 1, ("x", "length"): 1, ("y", "range"): 1}


def test_the_day_of_an_instant_that_was_taken_away_is_away_too(tmp_path: Path) -> None:
    of = contract(
        "name: at, type: timestamp, at: $.at, minimum: '2020-01-01T00:00Z', on_violation: set_null",
        "name: at_day, type: date, utc_day_of: at",
    )
    pages = [{"items": [record(1, at="2019-12-31T23:59:59Z"), record(2, at="2020-01-01T00:00:00Z")]}]

    result = transform(of, pages, tmp_path)

    assert [(a["at"], a["at_day"]) for a in result.accepted] == [
        (None, None),
        (datetime(2020, 1, 1), date(2020, 1, 1)),
    ]


TIMES = ("name: since, type: int, at: $.since", "name: until, type: int, at: $.until")


def with_rules(*rules: dict[str, Any]) -> Contract:
    """The contract of parcels with two more columns, and rules over whole rows."""
    of = contract(*TIMES)
    return of.model_copy(update={"rules": [RowRule(**rule) for rule in rules]})


@pytest.mark.parametrize("policy", ["quarantine", "fail"])
def test_a_row_whose_values_do_not_go_together_is_refused(policy: str, tmp_path: Path) -> None:
    of = with_rules({"name": "arrives_later", "holds": "until >= since", "on_violation": policy})
    rows = [record(1, since=1, until=1), record(2, since=2, until=1), record(3, since=2), record(4)]

    result = transform(of, [{"items": rows}], tmp_path)

    assert [a["id"] for a in result.accepted] == ["p1", "p3", "p4"]
    reason = "expected until >= since, found otherwise"
    assert result.reasons() == [("*", "arrives_later", reason, "page-00001", 2)]
    assert result.broken == {("*", "arrives_later"): 1}


def test_a_row_whose_values_do_not_go_together_is_kept_with_a_note_where_that_is_only_a_warning(tmp_path: Path) -> None:
    of = with_rules({"name": "arrives_later", "holds": "until >= since", "on_violation": "warn"})

    result = transform(of, [{"items": [record(1, since=2, until=1)]}], tmp_path)

    (note,) = json.loads(result.accepted[0]["_notes"])
    assert (note["column"], note["rule"], note["policy"]) == ("*", "arrives_later", "warn")
    assert result.broken == {("*", "arrives_later"): 1}


@pytest.mark.parametrize("holds", ["until / since >= 1", "cast(until / since as decimal(5,1)) > 0"])
def test_a_rule_that_cannot_be_worked_out_is_broken(holds: str, tmp_path: Path) -> None:
    of = with_rules({"name": "steep", "holds": holds})
    rows = [record(1, since=2, until=4), record(2, since=0, until=4)]

    result = transform(of, [{"items": rows}], tmp_path)

    assert [a["id"] for a in result.accepted] == ["p1"]
