"""Fields of records against those that a contract names: new ones, missing ones, and what is kept of the rest."""

import json
from pathlib import Path
from typing import Any

import pytest
from transform_world import contract, record, transform

from lakeward.contract import Contract
from lakeward.contract.source_drift import SourceDrift
from lakeward.measures import FieldDrift
from lakeward.transform.source_drift import SAMPLED_RECORDS, sampled_pages


def wanting(*columns: str, **drift: Any) -> Contract:
    """The contract of parcels with more columns, and what becomes of fields that it does not name."""
    return contract(*columns).model_copy(update={"drift": SourceDrift(**drift)})


NEW: list[tuple[list[str], dict[str, Any], dict[str, str]]] = [
    ([], {"alert": "red"}, {"$.alert": "string"}),
    ([], {"n": 1, "big": 2**63}, {"$.big": "bigint", "$.n": "bigint"}),
    ([], {"x": 1.5, "b": True}, {"$.b": "boolean", "$.x": "double"}),
    ([], {"place": {"lat": 1, "lon": 2}}, {"$.place": "struct"}),
    ([], {"tags": ["a"]}, {"$.tags": "list"}),
    ([], {"later": None}, {"$.later": "unknown"}),
    (["name: lat, type: double, at: $.place.lat"], {"place": {"lat": 1, "lon": 2}}, {"$.place.lon": "bigint"}),
    (["name: a, type: int, at: '$.items[0].a'"], {"items": [{"a": 1}, {"b": "x"}]}, {"$.items[].b": "string"}),
    (["name: place, type: 'struct<lat:double>', at: $.place"], {"place": {"lat": 1, "lon": 2}}, {}),
    (["name: lat, type: double, at: $.place.lat"], {"place": {"lat": 1}}, {}),
]


@pytest.mark.parametrize(("columns", "fields", "new"), NEW, ids=[json.dumps(fields) for _, fields, _ in NEW])
def test_a_field_that_no_column_is_read_from_is_told_with_the_type_that_it_would_have(
    columns: list[str], fields: dict[str, Any], new: dict[str, str], tmp_path: Path
) -> None:
    found = transform(wanting(*columns, missing="ignore"), [{"items": [record(1, **fields)]}], tmp_path)

    assert found.drift == FieldDrift(looked_at=1, new=new)


def test_the_name_of_a_new_field_is_not_told_where_columns_are_personal(tmp_path: Path) -> None:
    columns = ("name: email, type: string, at: $.contact.email, personal: drop", "name: q, type: int, at: $.contact.q")
    fields = {"contact": {"email": "a@b.test", "q": 1, "c@d.test": {"seen": 1}}, "e@f.test": 5, "x": "y"}

    found = transform(wanting(*columns, missing="ignore"), [{"items": [record(1, **fields)]}], tmp_path)

    new = {"$.contact.(hidden) 1": "struct", "$.(hidden) 2": "bigint", "$.(hidden) 3": "string"}
    assert found.drift == FieldDrift(looked_at=1, new=new)


def test_a_path_that_no_record_has_is_missing_and_one_that_is_null_is_not(tmp_path: Path) -> None:
    of = wanting(
        "name: a, type: int, at: $.place.a",
        "name: gone, type: int, at: $.gone",
        "name: deep, type: int, at: $.place.deep",
        "name: none, type: int, at: $.none",
        "name: some, type: int, at: $.some",
        "name: first, type: int, at: '$.list[0].n'",
    )
    pages = [
        {"items": [record(1, place={"a": 1}, none=None), record(2, place=None, none=None, some=1, list=[{"n": 1}])]}
    ]

    assert transform(of, pages, tmp_path).drift == FieldDrift(looked_at=2, missing=["$.gone", "$.place.deep"])


def test_nothing_is_looked_at_where_nobody_wants_to_know(tmp_path: Path) -> None:
    of = wanting(new="ignore", missing="ignore")

    assert transform(of, [{"items": [record(1, alert="red")]}], tmp_path).drift == FieldDrift()


def test_a_large_load_is_looked_at_by_the_first_records_of_its_first_and_last_page(tmp_path: Path) -> None:
    of = wanting(missing="ignore")
    page = [record(n) for n in range(SAMPLED_RECORDS)] + [record(9999, late=1)]
    pages = [{"items": page}, {"items": [record(1, second=1)]}, {"items": [record(2, third=1)]}]

    found = transform(of, pages, tmp_path).drift

    assert found == FieldDrift(looked_at=SAMPLED_RECORDS + 1, new={"$.third": "bigint"})
    assert [sampled_pages(range(n)) for n in range(5)] == [[], [0], [0, 1], [0, 2], [0, 3]]


def test_what_no_column_is_read_from_is_kept_besides_when_the_contract_says_so(tmp_path: Path) -> None:
    of = wanting("name: lat, type: double, at: $.place.lat", "name: first, type: int, at: '$.items[0]'", new="keep")
    fields: list[dict[str, Any]] = [
        {"place": {"lat": 1, "lon": 2}, "note": 'it\'s "kept": {}', "items": [1, 2]},
        {"place": {"lat": 1}},
        {},
        {"note": None},
    ]

    result = transform(of, [{"items": [record(n, **more) for n, more in enumerate(fields)]}], tmp_path)

    kept = [row["_extra"] and json.loads(row["_extra"]) for row in result.accepted]
    assert kept == [{"place": {"lon": 2}, "note": 'it\'s "kept": {}'}, None, None, {"note": None}]
