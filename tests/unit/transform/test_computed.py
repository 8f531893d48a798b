"""Computed columns: what an expression is worth, what cannot be represented, and what the run itself knows."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from engines import FIRST_CAME
from transform_world import contract, record, transform

from lakeward.errors import ContractInvalid

INPUTS = (
    "name: i, type: int, at: $.i",
    "name: b, type: bigint, at: $.b",
    "name: d, type: 'decimal(10,2)', at: $.d",
    "name: f, type: double, at: $.f",
    "name: s, type: string, at: $.s",
    "name: t, type: timestamp, at: $.t",
    "name: q, type: boolean, at: $.q",
)
VALUES = {"i": 7, "b": 2**62, "d": "12.34", "f": 2.5, "s": " Ab ", "t": "2024-03-01T12:34:56Z", "q": True}
WORTH: list[tuple[str, str, Any]] = [
    ("i + 1", "bigint", 8),
    ("-i * 2 - 3 % 2", "int", -15),
    ("i / 2", "double", 3.5),
    ("d * 2", "decimal(29,2)", Decimal("24.68")),
    ("d + 0.005", "decimal(12,3)", Decimal("12.345")),
    ("round(d, 1)", "decimal(10,1)", Decimal("12.3")),
    ("round(-f)", "double", -3.0),
    ("floor(d)", "bigint", 12),
    ("ceil(f)", "double", 3.0),
    ("abs(-f)", "double", 2.5),
    ("lower(trim(s)) || 'c'", "string", "abc"),
    ("concat(upper(s), 'it''s')", "string", " AB it's"),
    ("substr(s, 2, 1)", "string", "A"),
    ("length(replace(s, ' ', ''))", "bigint", 2),
    ("coalesce(null, missing, 'none')", "string", "none"),
    ("nullif(i, 7)", "bigint", None),
    ("greatest(i, 3) + least(i, 3)", "bigint", 10),
    ("case when i > 5 and not q then 'a' when q then 'b' end", "string", "b"),
    ("i between 5 and 7 and s is not null", "boolean", True),
    ("i not in (1, 2) or missing is null", "boolean", True),
    ("missing = 'x'", "boolean", None),
    ("year(t) * 10000 + month(t) * 100 + day(t)", "bigint", 20240301),
    ("hour(t) + minute(t) + second(t) + day_of_week(t)", "bigint", 107),
    ("make_date(2024, 2, 29)", "date", date(2024, 2, 29)),
    ("make_timestamp(2024, 2, 29, i, 5, 6)", "timestamp", datetime(2024, 2, 29, 7, 5, 6)),
    ("cast(t as date)", "date", date(2024, 3, 1)),
    ("cast('12' as int)", "int", 12),
    ("cast(d as string)", "string", "12.34"),
    ("cast(cast('1.50' as decimal(5,1)) as double)", "double", 1.5),
    ("case when i = 0 then 1 / i else 1 end", "double", 1.0),
]
NOT_REPRESENTED = [
    ("b * 4", "bigint"),
    ("b", "int"),
    ("1 / (i - 7)", "double"),
    ("i % (i - 7)", "bigint"),
    ("cast(s as int)", "int"),
    ("cast(f as int)", "int"),
    ("cast(d as decimal(10,1))", "decimal(10,1)"),
    ("d", "decimal(3,2)"),
    ("make_date(i, 2, 30)", "date"),
    ("cast('0.5' || s as double)", "double"),
    ("q or 1 / (i - 7) > 0", "boolean"),
    ("cast(f as decimal(5,0)) > 1", "boolean"),
    ("cast(f as decimal(5,0)) * 2", "decimal(24,0)"),
    ("coalesce(cast(f as decimal(5,0)), 0)", "decimal(19,0)"),
    ("case when f > 0 then cast(cast(f as decimal(5,0)) as bigint) end", "bigint"),
    ("cast(s as decimal(5,2)) in (1, 2)", "boolean"),
    ("cast(1 / (i - 7) as bigint)", "bigint"),
    ("cast(b as int) > 1", "boolean"),
    ("f * cast('1e200' as double) * cast('1e200' as double)", "double"),
    ("make_date(b, 1, 1)", "date"),
    ("make_timestamp(i + 9993, 1, 1, 0, 0, 0)", "timestamp"),
    ("cast('000' || cast(i - 7 as string) || '-01-01' as date)", "date"),
]
REFUSED = [
    ("i +", "bigint", "expected a value, found the end"),
    ("i + s", "bigint", "expected numbers around +, found string"),
    ("lenght(s)", "bigint", "expected a function that is known, found 'lenght'; did you mean 'length'?"),
    ("versoin + 1", "bigint", "expected the name of a column, found 'versoin'; did you mean 'version'?"),
    ("f", "bigint", "expected an expression of type bigint, found one of type double; write cast(… as bigint)"),
    ("length(s, s)", "bigint", "expected 1 argument(s) of length, found 2"),
    ("i; drop table x", "bigint", "expected numbers, 'texts', names and operators, found '; drop table x'"),
    ("(select 1)", "bigint", "expected ), found 1"),
    ("case i when 1 then 2 end", "bigint", "expected when, found i"),
    ("cast(s as boolean)", "boolean", "expected a value that can become boolean, found string"),
    ("x + 1", "bigint", "(x).compute: expected columns that are made one after the other, found x, which needs itself"),
    ("i = = 2", "boolean", "(x).compute: expected a value, found ="),
    (" + ".join(["i"] * 102), "bigint", "(x).compute: expected at most 100 operations that need one another's results"),
    ("s in (1)", "boolean", "expected values of one type, found string and bigint"),
]


def computing(expression: str, of: str, *more: str) -> Any:
    text = expression.replace('"', '\\"')
    missing = "name: missing, type: string, at: $.missing"
    return contract(*INPUTS, missing, f'name: x, type: "{of}", compute: "{text}"', *more)


@pytest.mark.parametrize(("expression", "of", "worth"), WORTH)
def test_an_expression_is_worth_what_sql_says(expression: str, of: str, worth: Any, tmp_path: Path):
    result = transform(computing(expression, of), [{"items": [record(**VALUES)]}], tmp_path)

    assert result.quarantined == []
    assert [row["x"] for row in result.accepted] == [worth]


@pytest.mark.parametrize(("expression", "of"), NOT_REPRESENTED)
def test_what_cannot_be_represented_is_quarantined_and_the_rest_is_kept(expression: str, of: str, tmp_path: Path):
    nothing = dict.fromkeys(VALUES)

    result = transform(computing(expression, of), [{"items": [record(1, **VALUES), record(2, **nothing)]}], tmp_path)

    words = f"expected a value of {of} as computed, found none that can be represented"
    assert result.reasons() == [("x", "compute", words, "page-00001", 1)]
    assert [row["id"] for row in result.accepted] == ["p2"]


@pytest.mark.parametrize(("expression", "of", "words"), REFUSED)
def test_an_expression_that_is_none_is_refused_with_the_contract(expression: str, of: str, words: str):
    with pytest.raises(ContractInvalid) as refused:
        computing(expression, of)

    assert words in refused.value.message
    assert len(refused.value.message.splitlines()) == 2, "one problem, told once"


def test_a_circle_is_told_at_a_column_of_it():
    with pytest.raises(ContractInvalid) as refused:
        computing("y + 1", "bigint", "name: y, type: bigint, compute: 'z + 1'", "name: z, type: bigint, compute: 'y'")

    words = "(y).compute: expected columns that are made one after the other, found y, which needs z, which needs y"
    assert words in refused.value.message
    assert "the contract:" not in refused.value.message


def test_computed_columns_build_on_one_another_and_keep_rules(tmp_path: Path):
    of = computing(
        "y + 1",
        "bigint",
        "name: y, type: bigint, compute: 'i * 2', maximum: 20, required: true",
        "name: at, type: timestamp, compute: 'make_timestamp(2024, 2, i, 0, 0, 0)'",
        "name: on_day, type: date, utc_day_of: at",
    )

    result = transform(of, [{"items": [record(1, i=7), record(2, i=11), record(3)]}], tmp_path)

    assert [(r["x"], r["y"], r["on_day"]) for r in result.accepted] == [(15, 14, date(2024, 2, 7))]
    assert result.reasons() == [
        ("y", "range", "expected at most 20, found more", "page-00001", 2),
        ("y", "required", "expected a value, found none", "page-00001", 3),
    ]


def test_constants_are_what_the_run_knows(tmp_path: Path):
    of = contract(
        "name: began, type: timestamp, constant: slot",
        "name: ended, type: timestamp, constant: slot_end",
        "name: page, type: string, constant: page",
        "name: place, type: bigint, constant: position",
        "name: came, type: timestamp, constant: ingested_at",
        "name: came_at, type: timestamptz, constant: ingested_at",
    )

    result = transform(of, [{"items": [record(1)]}, {"items": [record(2)]}], tmp_path)

    began, ended = datetime(2024, 3, 1), datetime(2024, 3, 2)
    first, second = (FIRST_CAME, FIRST_CAME + timedelta(minutes=1))
    names = ("began", "ended", "page", "place", "came", "came_at")
    assert [[r[name] for name in names] for r in result.accepted] == [
        [began, ended, "page-00001", 1, first.replace(tzinfo=None), first],
        [began, ended, "page-00002", 1, second.replace(tzinfo=None), second],
    ]
