"""What stands on the way to a value: an object, nothing at all, or something that makes the value unfindable."""

from pathlib import Path
from typing import Any

import pytest
from transform_world import contract, record, transform

STRING = "expected a string, found"
ASTRAY = f"{STRING} another value where an object or array should hold it"
TWICE = f"{STRING} its field twice in one object"
WAYS = [pytest.param("", id="quick"), pytest.param("drift: {new: keep}\n", id="exact")]
SHAPES: list[tuple[str, str, Any]] = [
    ("$.x.y", '{"y": "v"}', "v"),
    ("$.x.y", "{}", None),
    ("$.x.y", "null", None),
    ("$.x.y", '"text"', ASTRAY),
    ("$.x.y", '"{\\"y\\": 1}"', ASTRAY),
    ("$.x.y", "5", ASTRAY),
    ("$.x.y", "true", ASTRAY),
    ("$.x.y", '[{"y": "v"}]', ASTRAY),
    ("$.x.y.z", '{"y": "v"}', ASTRAY),
    ("$.x[0]", '["v"]', "v"),
    ("$.x[1]", '["v"]', None),
    ("$.x[0]", '{"0": "v"}', ASTRAY),
    ("$.x[0].y", '["v"]', ASTRAY),
    ("$.x.y", '{"y": "v", "y": "w"}', TWICE),
    ("$.x.y", '{"y": null, "y": "w"}', TWICE),
    ("$.x.y", '{"z": 1, "y": "v", "z": 2}', "v"),
    ("$.x.y", '{"y": "v"}, "x": {"y": "w"}', TWICE),
]


@pytest.mark.parametrize("more", WAYS)
@pytest.mark.parametrize(("path", "shape", "found"), SHAPES)
def test_a_value_that_has_lost_its_place_is_told(path: str, shape: str, found: Any, more: str, tmp_path: Path) -> None:
    of = contract(f"name: a, type: string, at: '{path}'", more=more)
    page = '{"items": [{"id": "p1", "version": 1, "day": "2024-03-01", "x": ' + shape + "}]}"

    result = transform(of, [page], tmp_path)

    if found in (ASTRAY, TWICE):
        assert result.reasons() == [("a", "type", found, "page-00001", 1)]
    else:
        assert [row["a"] for row in result.accepted] == [found]


def test_the_policy_of_the_column_says_what_becomes_of_it(tmp_path: Path) -> None:
    of = contract("name: a, type: string, at: $.x.y, on_violation: set_null")

    result = transform(of, [{"items": [record(1, x="text"), record(2, x={"y": "v"})]}], tmp_path)

    assert [row["a"] for row in result.accepted] == [None, "v"]
    assert result.broken == {("a", "type"): 1}


def test_other_columns_of_an_object_that_has_a_name_twice_are_read(tmp_path: Path) -> None:
    of = contract("name: a, type: string, at: $.a, on_violation: set_null", "name: b, type: 'struct<c:int>', at: $.b")
    head = '"version": 1, "day": "2024-03-01"'
    first, second = '"a": "1", "a": "2", "b": {"c": 1}', '"b": {"c": 1, "c": 2}'
    page = f'{{"items": [{{"id": "p1", {head}, {first}}}, {{"id": "p2", {head}, {second}}}]}}'

    result = transform(of, [page], tmp_path)

    assert [(row["id"], row["a"], row["b"]) for row in result.accepted] == [("p1", None, {"c": 1})]
    assert [(q["position"], q["column_name"]) for q in result.quarantined] == [(2, "b")]


def test_an_element_that_is_no_object_is_told(tmp_path: Path) -> None:
    of = contract(
        "name: a, type: string, at: '$.legs[*].a'",
        load="{mode: replace_slot}",
        records_at="$.items, explode: {at: $.legs}",
    )

    result = transform(of, [{"items": [record(1, legs=[{"a": "v"}, 5, None, ["v"]])]}], tmp_path)

    assert [row["a"] for row in result.accepted] == ["v", None]
    assert [(q["element"], q["reason"]) for q in result.quarantined] == [(2, ASTRAY), (4, ASTRAY)]
