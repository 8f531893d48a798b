"""What is measured of the rows of a load, as rules over the whole load ask: on every engine the same."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from transform_world import HEAD, contract, record, transform

from lakeward.contract import Contract
from lakeward.contract.quality import Distribution, Fresh, Quality, Unique
from lakeward.measures import Measures, Spread


def asking(*columns: str, **quality: Any) -> Contract:
    """The contract of parcels with more columns, and rules over the whole load."""
    return contract(*columns).model_copy(update={"quality": Quality(**quality)})


def digest(value: str) -> str:
    return hashlib.md5(value.encode(), usedforsecurity=False).hexdigest()[:12]


def test_a_contract_without_such_rules_has_nothing_measured(tmp_path: Path) -> None:
    assert "quality" not in HEAD
    assert transform(contract(), [{"items": [record()]}], tmp_path).measures == Measures()


def test_repeated_values_are_counted_beyond_the_first_and_without_the_rows_that_lack_one(tmp_path: Path) -> None:
    of = asking(
        "name: a, type: string, at: $.a",
        "name: b, type: int, at: $.b",
        unique=[Unique(columns=["a", "b"]), Unique(columns=["a"])],
    )
    values = [("x", 1), ("x", 1), ("x", 1), ("x", 2), ("y", None), ("y", None)]
    pages = [{"items": [record(n, a=a, b=b) for n, (a, b) in enumerate(values)]}]

    assert transform(of, pages, tmp_path).measures == Measures(repeated={"a,b": 2, "a": 4})


def test_a_record_that_a_newer_one_of_its_key_replaces_repeats_nothing(tmp_path: Path) -> None:
    of = asking("name: a, type: string, at: $.a", unique=[Unique(columns=["a"])])
    pages = [{"items": [record(1, a="x"), record(1, a="x"), record(2)]}]

    assert transform(of, pages, tmp_path).measures.repeated == {"a": 0}


@pytest.mark.parametrize(
    ("column", "values", "newest"),
    [
        ("type: timestamp", ["2024-03-01T12:00:00.5+02:00", None], "2024-03-01 10:00:00.5"),
        ("type: date", ["2024-02-29", "2024-02-28"], "2024-02-29"),
        ("type: date", [None], None),
    ],
)
def test_the_newest_value_is_an_instant_in_utc_or_a_day(
    column: str, values: list[Any], newest: str | None, tmp_path: Path
) -> None:
    of = asking(f"name: x, {column}, at: $.x", fresh=[Fresh(column="x", hours=1)])
    pages = [{"items": [record(n, x=value) for n, value in enumerate(values)]}]

    assert transform(of, pages, tmp_path).measures == Measures(newest={"x": newest})


@pytest.mark.parametrize(
    ("column", "values", "spread"),
    [
        ("type: int", list(range(101)), {"deciles": [float(d) for d in range(0, 101, 10)]}),
        ("type: 'decimal(4,1)'", [1.5, None], {"nulls": 1, "deciles": [1.5] * 11}),
        ("type: date", ["1970-01-02"], {"deciles": [86_400.0] * 11}),
        ("type: timestamp", ["1970-01-01T00:00:01.5Z"], {"deciles": [1.5] * 11}),
        ("type: string", ["a", "b", "a", None], {"nulls": 1, "categories": {digest("a"): 2, digest("b"): 1}}),
        ("type: boolean", [True], {"categories": {digest("true"): 1}}),
        ("type: int", [None], {"nulls": 1}),
    ],
)
def test_how_a_column_is_spread_is_told_by_deciles_or_by_digests_of_categories(
    column: str, values: list[Any], spread: dict[str, Any], tmp_path: Path
) -> None:
    of = asking(f"name: x, {column}, at: $.x", distribution=[Distribution(column="x", max_psi=0.25)])
    pages = [{"items": [record(n, x=value) for n, value in enumerate(values)]}]

    found = transform(of, pages, tmp_path).measures.spreads

    assert found == [Spread(**{"column": "x", "rows": len(values), "nulls": 0} | spread)]


def test_of_many_categories_the_most_frequent_are_told(tmp_path: Path) -> None:
    of = asking("name: x, type: string, at: $.x", distribution=[Distribution(column="x", max_psi=0.25)])
    values = [f"v{n % 30}" for n in range(60)] + ["v29"]
    pages = [{"items": [record(n, x=value) for n, value in enumerate(values)]}]

    (spread,) = transform(of, pages, tmp_path).measures.spreads

    assert (len(spread.categories), spread.categories[digest("v29")]) == (20, 3)


def test_a_load_of_which_everything_was_refused_has_measures_too(tmp_path: Path) -> None:
    of = asking(
        "name: x, type: timestamp, at: $.x, required: true",
        unique=[Unique(columns=["x"])],
        fresh=[Fresh(column="x", hours=1)],
        distribution=[Distribution(column="x", max_null_change=0.1)],
    )

    measured = transform(of, [{"items": [record()]}], tmp_path).measures

    nothing = Spread(column="x", rows=0, nulls=0)
    assert measured == Measures(repeated={"x": 0}, newest={"x": None}, spreads=[nothing])
