"""An array in a record becomes one row an element: whole rows, reasons and the account, by every engine."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from transform_world import SLOT, contract, record, transform

from lakeward.contract import Contract
from lakeward.measures import Exploded

LEGS = "name: leg, type: string, at: '$.legs[*].to', required: true"
NUMBER = "name: number, type: bigint, constant: element"
KEY = "{mode: replace_slot, primary_key: [id, number]}"


def trips(*columns: str, load: str = KEY, explode: str = "at: $.legs", more: str = "") -> Contract:
    """The contract of parcels, which travel in legs: a row is a leg."""
    at = f"$.items, explode: {{{explode}}}"
    return contract(LEGS, NUMBER, *columns, records_at=at, load=load, more=more)


def trip(number: int, *legs: Any, **fields: Any) -> dict[str, Any]:
    return record(number, legs=list(legs), **fields)


def to(place: Any, **fields: Any) -> dict[str, Any]:
    return {"to": place, **fields}


def row(number: int, position: int, element: int, leg: str | None, **others: Any) -> dict[str, Any]:
    """A curated row, whole."""
    return {
        "id": f"p{number}",
        "version": 1,
        "day": date(2024, 3, 1),
        "leg": leg,
        "number": element,
        **others,
        "_slot": SLOT.start.replace(tzinfo=None),
        "_page": "page-00001",
        "_position": position,
        "_element": element,
    }


def test_each_element_is_a_row_with_what_its_record_says(tmp_path: Path):
    items = [trip(1, to("Bonn"), to("Köln")), trip(2, to("Ulm"))]

    result = transform(trips(), [{"items": items}], tmp_path)

    assert by_place(result.accepted) == [row(1, 1, 1, "Bonn"), row(1, 1, 2, "Köln"), row(2, 2, 1, "Ulm")]
    assert result.quarantined == []
    assert (result.valid, result.exploded) == (3, Exploded(records=2, rows=3, skipped=0))


def test_an_element_that_breaks_a_rule_is_quarantined_with_its_record_and_without_the_others(tmp_path: Path):
    items = [trip(1, to("Bonn"), to(5), to("Ulm"), x={"y": None}), trip(2, to("Ulm"), version="1")]

    result = transform(trips(), [{"items": items}], tmp_path)

    assert [r["leg"] for r in by_place(result.accepted)] == ["Bonn", "Ulm"]
    refused = [(q["position"], q["element"], q["column_name"], q["reason"]) for q in result.quarantined]
    whole = "expected a whole number from -9223372036854775808 to 9223372036854775807, found a string that is not one"
    assert refused == [(1, 2, "leg", "expected a string, found a number"), (2, 1, "version", whole)]
    assert [json.loads(q["record"]) for q in result.quarantined] == [items[0] | {"legs": [to(5)]}, items[1]]
    assert result.exploded == Exploded(records=2, rows=4, skipped=0)


WITHOUT: list[tuple[str, Any, str]] = [
    ("an empty array", {"legs": []}, "expected an element in the array at $.legs, found none"),
    ("null", {"legs": None}, "expected an array at $.legs, found none"),
    ("nothing", {}, "expected an array at $.legs, found none"),
    ("an object", {"legs": {"to": "Ulm"}}, "expected an array at $.legs, found an object"),
    ("a text", {"legs": "Ulm"}, "expected an array at $.legs, found another string"),
    ("a number", {"legs": 0}, "expected an array at $.legs, found a number"),
]


@pytest.mark.parametrize("policy", ["quarantine", "fail"])
@pytest.mark.parametrize(("fields", "reason"), [w[1:] for w in WITHOUT], ids=[w[0] for w in WITHOUT])
def test_a_record_without_elements_is_quarantined_for_that_alone(
    fields: dict[str, Any], reason: str, policy: str, tmp_path: Path
):
    items = [record(1, **fields), trip(2, to("Ulm"))]

    result = transform(trips(explode=f"at: $.legs, on_violation: {policy}"), [{"items": items}], tmp_path)

    (refused,) = result.quarantined
    assert result.reasons() == [("*", "explode", reason, "page-00001", 1)]
    assert json.loads(refused["violations"]) == [{"column": "*", "rule": "explode", "reason": reason}]
    assert (json.loads(refused["record"]), refused["element"]) == (items[0], 0)
    assert result.broken == {("*", "explode"): 1}
    assert by_place(result.accepted) == [row(2, 2, 1, "Ulm")]
    assert result.exploded == Exploded(records=2, rows=2, skipped=0)


@pytest.mark.parametrize(("key", "fields"), [("empty", {"legs": []}), ("missing", {"legs": None}), ("missing", {})])
def test_a_record_without_elements_is_kept_as_one_row_where_the_contract_says_so(
    key: str, fields: dict[str, Any], tmp_path: Path
):
    optional = "name: by, type: string, at: '$.legs[*].by'"
    of = contract(
        optional, NUMBER, records_at=f"$.items, explode: {{at: $.legs, {key}: keep}}", load="{mode: replace_slot}"
    )
    items = [record(1, **fields), trip(2, {"by": "rail"})]

    result = transform(of, [{"items": items}], tmp_path)

    assert [(r["id"], r["by"], r["number"]) for r in by_place(result.accepted)] == [("p1", None, 0), ("p2", "rail", 1)]
    assert (result.quarantined, result.exploded) == ([], Exploded(records=2, rows=2, skipped=0))


@pytest.mark.parametrize(("key", "fields"), [("empty", {"legs": []}), ("missing", {"legs": None}), ("missing", {})])
def test_a_record_without_elements_is_skipped_and_counted_where_the_contract_says_so(
    key: str, fields: dict[str, Any], tmp_path: Path
):
    items = [record(1, **fields), trip(2, to("Ulm")), record(3, legs=7), 5]

    result = transform(trips(explode=f"at: $.legs, {key}: skip"), [{"items": items}], tmp_path)

    assert by_place(result.accepted) == [row(2, 2, 1, "Ulm")]
    other = "expected an object with an array at $.legs, found another record"
    assert [r[2] for r in result.reasons()] == ["expected an array at $.legs, found a number", other]
    assert result.exploded == Exploded(records=4, rows=3, skipped=1)


def test_what_stands_in_the_way_of_an_array_is_no_missing_one(tmp_path: Path):
    at = "$.items, explode: {at: $.a.legs, missing: skip}"
    of = contract("name: leg, type: int, at: '$.a.legs[*]'", records_at=at, load="{mode: replace_slot}")
    items = [record(1), record(2, a=None), record(3, a={}), record(4, a=[{"legs": [1]}]), record(5, a={"legs": [1]})]

    result = transform(of, [{"items": items}], tmp_path)

    reason = "expected an object with an array at $.a.legs, found another record"
    assert result.reasons() == [("*", "explode", reason, "page-00001", 4)]
    assert [r["id"] for r in result.accepted] == ["p5"]
    assert result.exploded == Exploded(records=5, rows=2, skipped=3)


def test_a_load_of_which_every_record_is_skipped_is_accounted_for(tmp_path: Path):
    result = transform(trips(explode="at: $.legs, empty: skip"), [{"items": [trip(1), trip(2)]}], tmp_path)

    assert (result.accepted, result.quarantined) == ([], [])
    assert result.exploded == Exploded(records=2, rows=0, skipped=2)


def test_elements_of_one_record_with_the_same_key_leave_the_last_one(tmp_path: Path):
    of = trips(load="{mode: upsert, primary_key: [id, leg], newest_by: version}")
    items = [trip(1, to("Ulm"), to("Bonn"), to("Ulm"))]

    result = transform(of, [{"items": items}], tmp_path)

    assert by_place(result.accepted) == [row(1, 1, 2, "Bonn"), row(1, 1, 3, "Ulm")]
    assert result.valid == 3


def test_elements_need_not_be_objects_and_arrays_may_lie_deep(tmp_path: Path):
    of = contract(
        "name: tag, type: string, at: '$.a.tags[*]'",
        "name: b, type: int, at: $.a.b",
        records_at="$.items, explode: {at: $.a.tags}",
        load="{mode: replace_slot}",
    )
    items = [record(1, a={"b": 1, "tags": ["x", None, 5]})]

    result = transform(of, [{"items": items}], tmp_path)

    assert [(r["tag"], r["b"], r["_element"]) for r in by_place(result.accepted)] == [("x", 1, 1), (None, 1, 2)]
    assert [(q["element"], json.loads(q["record"])["a"]) for q in result.quarantined] == [(3, {"b": 1, "tags": [5]})]


def test_new_fields_of_records_and_elements_are_kept_with_their_row(tmp_path: Path):
    items = [trip(1, to("Bonn", by={"rail": 1}), to("Ulm"), x=1), trip(2, to("Köln", gate="B"))]

    result = transform(trips(more="drift: {new: keep}\n"), [{"items": items}], tmp_path)

    kept = [json.loads(r["_extra"]) if r["_extra"] else None for r in by_place(result.accepted)]
    assert kept == [{"x": 1, "legs": [{"by": {"rail": 1}}]}, {"x": 1}, {"legs": [{"gate": "B"}]}]
    assert result.drift.new == {"$.legs[].by": "struct", "$.legs[].gate": "string", "$.x": "bigint"}


def test_a_personal_value_of_an_element_is_in_no_row_and_in_no_quarantined_record(tmp_path: Path):
    driver = "name: driver, type: string, at: '$.legs[*].driver', personal: redact, max_length: 3"
    of = trips(driver, "name: note, type: string, at: $.note")
    items = [trip(1, to("Bonn", driver="Ann"), to("Ulm", driver="Canary"), note="n")]

    result = transform(of, [{"items": items}], tmp_path)

    assert [r["driver"] for r in by_place(result.accepted)] == ["REDACTED"]
    (refused,) = result.quarantined
    assert (refused["column_name"], refused["rule"], refused["element"]) == ("driver", "length", 2)
    shown = {"$.id": "p1", "$.version": 1, "$.day": "2024-03-01", "$.note": "n"}
    assert json.loads(refused["record"]) == shown | {"$.legs[*].to": "Ulm", "$.legs[*].driver": "REDACTED"}


def by_place(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda r: (r["_page"], r["_position"], r["_element"]))
