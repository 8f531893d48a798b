"""The transform as a whole: where records lie, which rules they break, which of one key stays."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transform_world import SLOT, contract, record, transform

PLAIN = contract()


def row(page: int = 1, position: int = 1, **record_fields: Any) -> dict[str, Any]:
    """The curated row of a parcel, whole."""
    fields = record(**record_fields)
    return {
        "id": fields["id"],
        "version": fields["version"],
        "day": date.fromisoformat(fields["day"]),
        "_slot": SLOT.start.replace(tzinfo=None),
        "_page": f"page-{page:05d}",
        "_position": position,
    }


def test_every_row_knows_the_slot_page_and_position_that_it_came_from(tmp_path: Path) -> None:
    pages = [{"items": [record(number=1), record(number=2)]}, {"items": [record(number=3)]}]

    result = transform(PLAIN, pages, tmp_path)

    assert result.accepted == [row(number=1), row(number=2, position=2), row(number=3, page=2)]


@pytest.mark.parametrize(
    ("records_at", "page"),
    [
        ("$", [record()]),
        ("$.items", {"items": [record()], "other": 1}),
        ("$.data.items", {"data": {"items": [record()]}}),
        ("$.a.b-c.items", {"a": {"b-c": {"items": [record()]}}}),
    ],
)
def test_records_are_found_where_the_contract_says(records_at: str, page: Any, tmp_path: Path) -> None:
    result = transform(contract(records_at=records_at), [page], tmp_path)

    assert result.accepted == [row()]


def test_a_page_may_be_pretty_printed(tmp_path: Path) -> None:
    result = transform(PLAIN, [json.dumps({"items": [record()]}, indent=4)], tmp_path)

    assert result.accepted == [row()]


def test_a_quarantined_record_is_kept_whole_with_every_rule_that_it_broke(tmp_path: Path) -> None:
    broken = {"version": "one", "day": "2024-03-01", "note": "kept"}

    result = transform(PLAIN, [{"items": [record(), broken]}], tmp_path)

    violations = [
        {"column": "id", "rule": "required", "reason": "expected a value, found none"},
        {
            "column": "version",
            "rule": "type",
            "reason": "expected a whole number from -9223372036854775808 to 9223372036854775807, "
            "found a string that is not one",
        },
    ]
    assert result.quarantined == [
        {
            "slot_date": date(2024, 3, 1),
            "_slot": datetime(2024, 3, 1),
            "page": "page-00001",
            "position": 2,
            "column_name": "id",
            "rule": "required",
            "reason": "expected a value, found none",
            "violations": json.dumps(violations, separators=(",", ":")),
            "record": json.dumps(broken, separators=(",", ":")),
        }
    ]


@pytest.mark.parametrize("element", [None, 5, "text", [], {}])
def test_an_element_that_is_no_parcel_is_quarantined_as_it_came(element: Any, tmp_path: Path) -> None:
    result = transform(PLAIN, [{"items": [element, record()]}], tmp_path)

    assert [q["record"] for q in result.quarantined] == [json.dumps(element)]
    assert result.accepted == [row(position=2)]


@pytest.mark.parametrize(
    ("column", "good", "bad", "rule", "reason"),
    [
        ("type: int, at: $.x, required: true", 1, None, "required", "expected a value, found none"),
        ("type: int, at: $.x, minimum: 0", 0, -1, "range", "expected at least 0, found less"),
        ("type: double, at: $.x, maximum: 9.5", 9.5, 9.75, "range", "expected at most 9.5, found more"),
        ("type: 'decimal(6,2)', at: $.x, minimum: 0.1", 0.1, 0.05, "range", "expected at least 0.1, found less"),
        (
            "type: string, at: $.x, allowed: [red, it's]",
            "it's",
            "blue",
            "allowed",
            "expected one of red, it's, found another string",
        ),
    ],
)
def test_a_rule_keeps_what_holds_and_quarantines_what_breaks_it(
    column: str, good: Any, bad: Any, rule: str, reason: str, tmp_path: Path
) -> None:
    result = transform(contract(f"name: x, {column}"), [{"items": [record(1, x=good), record(2, x=bad)]}], tmp_path)

    assert [a["id"] for a in result.accepted] == ["p1"]
    assert result.reasons() == [("x", rule, reason, "page-00001", 2)]


def test_of_one_key_the_newest_version_stays(tmp_path: Path) -> None:
    pages = [{"items": [record(version=3), record(version=5)]}, {"items": [record(version=4)]}]

    result = transform(PLAIN, pages, tmp_path)

    assert result.valid == 3
    assert result.accepted == [row(version=5, position=2)]


def test_of_equal_versions_the_one_that_came_last_stays(tmp_path: Path) -> None:
    result = transform(PLAIN, [{"items": [record()]}, {"items": [record(), record()]}], tmp_path)

    assert result.accepted == [row(page=2, position=2)]


def test_a_key_in_two_partitions_is_one_row(tmp_path: Path) -> None:
    pages = [{"items": [record(version=1, day="2024-03-01"), record(version=2, day="2024-03-02")]}]

    result = transform(PLAIN, pages, tmp_path)

    assert result.accepted == [row(version=2, day="2024-03-02", position=2)]


def test_the_utc_day_of_an_instant_is_that_of_utc(tmp_path: Path) -> None:
    late = contract(
        "name: at, type: timestamp, at: $.at",
        "name: at_day, type: date, utc_day_of: at",
    )

    result = transform(late, [{"items": [record(at="2024-03-01T23:30:00-05:00")]}], tmp_path)

    assert [r["at_day"] for r in result.accepted] == [date(2024, 3, 2)]


def test_pages_without_records_make_no_file(tmp_path: Path) -> None:
    result = transform(PLAIN, [{"items": []}], tmp_path)

    assert (result.valid, result.accepted, result.quarantined) == (0, [], [])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
any_record = st.fixed_dictionaries(
    {}, optional={"id": st.sampled_from(["a", "b", "c"]) | json_values, "version": json_values, "day": json_values}
)
typical = st.builds(
    lambda i, v, d: {"id": i, "version": v, "day": d},
    st.sampled_from("abc"),
    st.integers(-5, 5),
    st.dates().map(str),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pages=st.lists(st.lists(typical | any_record | json_values, max_size=6), min_size=1, max_size=3))
def test_no_record_is_lost_and_no_key_is_double(
    pages: list[list[Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    count = sum(len(p) for p in pages)

    result = transform(PLAIN, [{"items": p} for p in pages], tmp_path_factory.mktemp("any"))

    keys = [r["id"] for r in result.accepted]
    assert result.valid + len(result.quarantined) == count
    assert len(keys) == len(set(keys))
    assert all(q["reason"].startswith("expected ") for q in result.quarantined)
