"""A first contract from a sample: the recorded responses of this repository, and odd ones."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from transform_world import transform

from lakeward.contract import Contract, parse_contract
from lakeward.contract.source_paging import OffsetLimitPaging
from lakeward.draft import Drafted, draft_contract, read_sample
from lakeward.errors import ContractInvalid

DATASETS = Path(__file__).parents[3] / "datasets"
DAY = "2024-01-02"


def drafted(body: Any, url: str | None = None, headers: dict[str, str] | None = None) -> Drafted:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return draft_contract("things", read_sample(text, headers or {}), url, "tests")


def contract(body: Any, url: str | None = None, headers: dict[str, str] | None = None) -> Contract:
    return parse_contract(drafted(body, url, headers).text, "test")


def rows(count: int = 3, **more: Any) -> list[dict[str, Any]]:
    return [{"id": f"a{n}", "day": DAY, **more} for n in range(count)]


def types(made: Contract) -> dict[str, tuple[str, str | None]]:
    """Type and parse by name, without those of ``rows``."""
    return {c.name: (c.type, c.parse) for c in made.columns if c.name not in ("id", "day")}


RECORDED = {
    "earthquakes": ("json", "$.features", ["id"], "updated", "time_day"),
    "clinical_trials": (
        "ndjson",
        "$",
        ["nct_id"],
        "last_update_post_date_struct_date",
        "study_first_post_date_struct_date",
    ),
    "terraform_releases": ("json", "$", ["id"], "updated_at", "created_day"),
    "exchange_rates": ("csv", "$", ["key", "time_period"], "time_period", "time_period"),
    "airlines": ("csv", "$", ["carrier"], "slot_start", "slot_day"),
    "flights": ("csv", "$", [], None, "time_hour_day"),
    "weather": ("csv", "$", ["time_hour", "origin"], "time_hour", "time_hour_day"),
}


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_responses_make_contracts(name: str):
    body = next((DATASETS / name / "sample").glob("*.gz")).read_bytes()

    made = contract(body)

    found = (
        made.source.records.format,
        made.source.records.at,
        made.load.primary_key,
        made.load.newest_by,
        made.partition_by,
    )
    assert found == RECORDED[name]


def test_types_of_the_recorded_earthquakes_are_those_of_their_contract():
    body = next((DATASETS / "earthquakes" / "sample").glob("*.gz")).read_bytes()
    real = parse_contract((DATASETS / "earthquakes" / "contract.yaml").read_text(), "earthquakes")
    kin = {"int": "bigint"}
    expected = {c.at: (kin.get(c.type, c.type), c.reading) for c in real.columns if c.at}

    guessed = {c.at: (c.type, c.reading) for c in contract(body).columns if c.at in expected}

    assert guessed == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2], ("bigint", None)),
        ([1, 2.5], ("double", None)),
        ([True, None], ("boolean", None)),
        (["2024-01-02T03:04:05Z", "2024-01-02T03:04:05.6+01:00"], ("timestamp", None)),
        (["2024-01-02T03:04:05", "2024-01-02 03:04"], ("string", None)),
        (["2024-01-02", "2024-02-30"], ("string", None)),
        (["12.50", "3"], ("decimal(8,2)", None)),
        (["0012", "0013"], ("string", None)),
        (["12", "13"], ("string", None)),
        ([1_517_966_773_840, None], ("timestamp", "epoch_milliseconds")),
        ([2**63, 1], ("decimal(38,0)", None)),
        ([None, None], ("string", None)),
        (["a", 1], ("string", None)),
        (["0.12345678901", "1"], ("double", "text")),
        ([["a", "b"], []], ("list<string>", None)),
        ([[1], [2, 3]], ("list<bigint>", None)),
        ([[1, 2, 3, 4, 5], None], ("list<bigint>", None)),
        ([[1, 2.5, 3, 4, 5], [0.5]], ("list<double>", None)),
    ],
)
def test_types_by_their_values(values: list[Any], expected: tuple[str, str | None]):
    records = [row | {"v": value} for row, value in zip(rows(len(values)), values, strict=True)]

    assert types(contract(records)) == {"v": expected}


def test_seconds_are_an_instant_where_the_name_says_so():
    made = contract(rows(2, updated_at=1_517_966_773, population=1_517_966_773, order_id=1_517_966_773_840))

    assert types(made) == {
        "updated_at": ("timestamp", "epoch_seconds"),
        "population": ("bigint", None),
        "order_id": ("bigint", None),
    }


def test_nested_values_have_names_of_their_own_and_what_no_column_holds_is_named():
    record = {
        "id": "a",
        "day": DAY,
        "from": {"name": "x", "point": [1.5, 2.5]},
        "to": {"name": "y"},
        "tags": [{"tag": "a"}, [1]],
    }

    found = drafted([record, record | {"odd name": 1}])

    made = parse_contract(found.text, "test")
    assert [(c.name, c.at) for c in made.columns][2:] == [
        ("from_name", "$.from.name"),
        ("point_0", "$.from.point[0]"),
        ("point_1", "$.from.point[1]"),
        ("to_name", "$.to.name"),
    ]
    assert "# left out: $.tags: an array of objects or arrays\n" in found.text
    assert "# left out: $.odd name: a path cannot hold this name\n" in found.text


def test_an_array_of_objects_is_told_with_what_makes_rows_of_them():
    found = drafted([{"id": "a", "day": DAY, "legs": [{"to": "Ulm"}, {"to": "Bonn", "by rail": 1, "gate": 2}, None]}])

    (told,) = [line for line in found.text.splitlines() if "$.legs" in line]
    told_paths = "columns have at: $.legs[*].to, $.legs[*].gate"
    why = "an array of objects; for a row each, source.records has"
    assert told == f"# left out: $.legs: {why} explode: {{at: $.legs}}, {told_paths}"
    leg = "  - {name: to, type: string, at: '$.legs[*].to', description: Where the leg ends.}\n"
    exploded = found.text.replace("    at: $\n", "    at: $\n    explode: {at: $.legs}\n") + leg
    assert parse_contract(exploded, "test").explode is not None


PAGES = {
    "a Link header": ({}, {"link": '<https://x.test/?page=2>; rel="next"'}, {"kind": "link_header"}, "no_next"),
    "a next URL": (
        {"next": "https://x.test/?page=2"},
        {},
        {"kind": "next_url_in_body", "at": "$.next"},
        "no_next",
    ),
    "a next URL that is null": (
        {"links": {"next": None}},
        {},
        {"kind": "next_url_in_body", "at": "$.links.next"},
        "no_next",
    ),
    "a cursor": (
        {"meta": {"next_cursor": "c2"}},
        {},
        {"kind": "cursor_in_body", "cursor_param": "cursor", "at": "$.meta.next_cursor"},
        "no_next",
    ),
    "a page token": (
        {"nextPageToken": "t"},
        {},
        {"kind": "cursor_in_body", "cursor_param": "pageToken", "at": "$.nextPageToken"},
        "no_next",
    ),
    "what the answer repeats": (
        {"offset": 0, "limit": 50, "total": 99},
        {},
        {
            "kind": "offset_limit",
            "offset_param": "offset",
            "limit_param": "limit",
            "first_offset": 0,
            "page_records": 50,
        },
        "declared_total",
    ),
    "nothing": ({"made": 1}, {}, {"kind": "none"}, "only_page"),
    "a total alone": ({"total": 3}, {}, {"kind": "none"}, "declared_total"),
}


@pytest.mark.parametrize("name", PAGES)
def test_paging_by_the_shape_of_the_answer(name: str):
    around, headers, paging, stop = PAGES[name]

    source = contract({"items": rows(), **around}, headers=headers).source

    assert (source.paging.model_dump(), source.stop.when, source.records.at) == (paging, stop, "$.items")


def test_paging_by_the_request_and_the_slot_in_it():
    url = f"https://api.test/v1/things?from={DAY}&until={DAY}T00:00:00Z&limit=100&offset=0&sort=asc"

    found = drafted({"items": rows(), "totalCount": 7}, url)

    source = parse_contract(found.text, "test").source
    assert source.url == "https://api.test/v1/things"
    assert source.params == {"from": "{slot.start|date}", "until": "{slot.end|iso_z}", "sort": "asc"}
    assert isinstance(source.paging, OffsetLimitPaging)
    assert (source.paging.page_records, source.total.at if source.total else None) == (100, "$.totalCount")


def test_page_numbers_of_the_request():
    source = contract(rows(), "https://api.test/things?page=1&per_page=30").source

    assert source.paging.model_dump() == {
        "kind": "page_number",
        "page_param": "page",
        "size_param": "per_page",
        "first_page": 1,
        "page_records": 30,
    }
    assert (source.stop.when, source.params) == ("short_page", {})


def test_what_may_be_secret_is_not_in_the_contract():
    found = drafted(rows(), "https://api.test/things?api_key=canary-1&access_token=canary-2&zone=a")

    assert "canary" not in found.text
    assert "api_key, access_token may be secret and was left out" in found.text
    assert parse_contract(found.text, "test").source.params == {"zone": "a"}


def test_every_guess_says_what_to_check_and_they_are_counted():
    found = drafted({"items": rows(), "next": None})

    assert found.to_check == len(re.findall("# check: ", found.text)) >= 8


def test_separated_values_with_their_delimiter_and_their_word_for_nothing():
    made = contract(b"id;day;amount;note\n1;2024-01-02;1.50;NA\n2;2024-01-02;NA;x\n")

    assert made.source.records.model_dump(include={"format", "delimiter", "null_text"}) == {
        "format": "csv",
        "delimiter": ";",
        "null_text": "NA",
    }
    assert {c.name: c.type for c in made.columns} == {
        "id": "bigint",
        "day": "date",
        "amount": "decimal(7,2)",
        "note": "string",
    }


def test_a_file_that_the_service_compresses_is_told_from_a_sample_that_somebody_did():
    body = gzip.compress(json.dumps(rows()).encode())

    assert contract(body).source.records.compression == "none"
    assert contract(body, headers={"content-encoding": "gzip"}).source.records.compression == "none"
    assert contract(body, headers={"content-type": "application/gzip"}).source.records.compression == "gzip"


def test_records_without_a_key_replace_those_of_their_slot():
    load = contract([{"day": DAY, "n": 1}, {"day": DAY, "n": 1}]).load

    assert (load.mode, load.primary_key, load.newest_by) == ("replace_slot", [], None)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "at least one record"),
        (b"[]", "at least one record"),
        (b'{"items": []}', "at least one record"),
        (b"<html></html>", "at least one record"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"\x1f\x8bbroken", "UTF-8"),
    ],
)
def test_what_no_contract_can_be_made_of_is_refused(body: bytes, reason: str):
    with pytest.raises(ContractInvalid, match=reason):
        drafted(body)


def test_records_without_a_day_have_that_of_their_slot():
    made = contract([{"id": "a", "slot_day": "x"}, {"id": "b", "slot_day": "y"}])

    assert (made.load.primary_key, made.load.newest_by, made.partition_by) == (["id"], "slot_start", "slot_day_2")
    assert [(c.name, c.type, c.constant, c.utc_day_of) for c in made.columns][2:] == [
        ("slot_start", "timestamp", "slot", None),
        ("slot_day_2", "date", None, "slot_start"),
    ]


def test_a_day_in_the_path_is_the_slots():
    found = drafted(rows(), f"https://api.test/data/{DAY}.json")

    assert parse_contract(found.text, "test").source.url == "https://api.test/data/{slot.start|date}.json"
    assert "the slot's day, as a guess" in found.text


@pytest.mark.parametrize("path", [f"data/{DAY}..{DAY}", f"data/1{DAY}", f"data/{DAY}-1"])
def test_what_may_be_no_day_in_the_path_stays(path: str):
    assert parse_contract(drafted(rows(), f"https://api.test/{path}").text, "test").source.url.endswith(path)


@pytest.mark.parametrize("url", ["http://api.test/things", "https://user:pw@api.test/things"])
def test_only_https_without_a_user(url: str):
    with pytest.raises(ContractInvalid, match="expected an https URL without a user"):
        drafted(rows(), url)


ODD = {
    "2024-01-01T00:00:00Z": "timestamp",
    "2024-01-01 00:00:00.123456+00:00": "timestamp",
    "2024-01-01T00:00Z": "timestamp",
    "2024-01-01T00:00:00+01": "timestamp",
    "2024-01-01T00:00:00+0130": "timestamp",
    "2024-01-01T00:00:00.1234567Z": "string",
    "2024-01-01T00:00:00,5Z": "string",
    "2024-01-01T24:00:00Z": "string",
    "2024-02-30T00:00:00Z": "string",
    "2024-01-01T00:00:00+19:00": "string",
    "0001-01-01T00:00:00+01:00": "string",
    "2024-01-01T00:00:00z": "string",
    "20240101T000000Z": "string",
    "2024-W01-1T00:00:00Z": "string",
    "2024-01-01T00:00:00": "string",
    "2024-01-01": "date",
    "0000-01-01": "string",
    "2024-02-30": "string",
    "2024-001": "string",
    "\u0662024-01-01": "string",
    2**62: "bigint",
    2**63: "decimal(38,0)",
    1700000000.25: "double",
    "0.12345678901": "double",
    "12.50": "decimal(8,2)",
}


@pytest.mark.parametrize(("value", "of"), ODD.items())
def test_a_draft_takes_what_it_was_made_from(value: Any, of: str, tmp_path: Path):
    made = contract(rows(seen_time=value))

    result = transform(made, [rows(seen_time=value)], tmp_path)

    assert types(made)["seen_time"][0] == of
    assert result.quarantined == []
    assert len(result.accepted) == 3


def test_a_draft_says_why_instants_are_texts():
    finer, odd = drafted(rows(seen="2024-01-01T00:00:00.1234567Z")).text, drafted(rows(seen_at=1700000000.25)).text

    assert "check: instants with more than 6 decimals of a second, which no timestamp holds" in finer
    assert "check: seconds since 1970 with decimals?" in odd
