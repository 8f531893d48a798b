"""Whole results are compared: names, types, every value, every row; what differs is named."""

import pytest
from athena_world import FakeQueries, answer

from lakeward.ports.query import Answer, Row
from lakeward.serve.difference import MOST_SURPLUS_ROWS, differences
from lakeward.serve.e2e import judge
from lakeward.serve.expectation import E2eQuery, Expected

COLUMNS = {"day": "date", "events": "bigint"}
ROWS: list[Row] = [("2018-01-31", "198"), ("2018-02-01", "231"), (None, "NULL")]


def expected(columns: dict[str, str] = COLUMNS, rows: list[Row] = ROWS) -> Expected:
    return Expected.model_validate(
        {"columns": [{"name": n, "type": t} for n, t in columns.items()], "rows": [list(row) for row in rows]}
    )


def found(rows: list[Row]) -> list[str]:
    return differences(expected(), answer(COLUMNS, rows))


def test_the_same_result_has_no_difference():
    assert found(ROWS) == []


def test_a_value_that_differs_is_named_by_row_and_column():
    assert found([ROWS[0], ("2018-02-01", "230"), ROWS[2]]) == ["row 2, events: expected '231', found '230'"]


def test_null_is_not_the_text_null():
    assert found([*ROWS[:2], ("NULL", None)]) == [
        "row 3, day: expected NULL, found 'NULL'",
        "row 3, events: expected 'NULL', found NULL",
    ]


def test_a_missing_row_is_shown_and_later_rows_still_match():
    assert found(ROWS[1:]) == ["row 1 is missing: ('2018-01-31', '198')"]


def test_a_surplus_row_is_shown():
    assert found([ROWS[0], ROWS[0], *ROWS[1:]]) == ["row 1 of the found ones is not expected: ('2018-01-31', '198')"]


def test_rows_in_another_order_differ():
    assert found([ROWS[1], ROWS[0], ROWS[2]]) != []


def test_no_row_where_some_are_expected_differs():
    assert len(found([])) == 3


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"day": "date"}, "columns: expected day, events; found day"),
        ({"events": "bigint", "day": "date"}, "columns: expected day, events; found events, day"),
        ({}, "columns: expected day, events; found none"),
    ],
)
def test_other_columns_differ(columns: dict[str, str], said: str):
    assert differences(expected(), answer(columns, [])) == [said]


def test_another_type_differs_even_when_the_values_look_alike():
    assert differences(expected(), answer({"day": "varchar", "events": "bigint"}, ROWS)) == [
        "column day: expected type date, found varchar"
    ]


def test_an_empty_result_has_its_columns_compared():
    assert differences(expected(rows=[]), answer(COLUMNS, [])) == []
    assert differences(expected(rows=[]), answer({"day": "date", "n": "bigint"}, [])) != []


def test_of_a_result_without_end_only_so_many_rows_are_read():
    endless = answer(COLUMNS, [])
    rows = iter(lambda: ("2018-01-31", "198"), None)
    lines = differences(expected(rows=[]), Answer(endless.columns, rows, "id", 0, 0, 0))

    assert (len(lines), lines[-1]) == (MOST_SURPLUS_ROWS + 1, "further rows were not read")


def test_every_query_gets_its_verdict_also_after_one_that_failed():
    queries = [E2eQuery("quakes", name, sql, expected()) for name, sql in (("a", "A"), ("b", "B"), ("c", "C"))]
    engine = FakeQueries({"A": answer(COLUMNS, ROWS), "B": "TABLE_NOT_FOUND", "C": answer(COLUMNS, ROWS[:2])})

    verdicts = list(judge(queries, engine, "lakeward_local_serving"))

    assert [(v.query.name, v.holds, v.milliseconds, v.scanned_bytes) for v in verdicts] == [
        ("a", True, 250, 12_345),
        ("b", False, 0, 0),
        ("c", False, 250, 12_345),
    ]
    assert [v.differences for v in verdicts[1:]] == [
        ["query 11111111-2222-3333-4444-555555555555 failed: TABLE_NOT_FOUND"],
        ["row 3 is missing: (NULL, 'NULL')"],
    ]
    assert engine.asked == [(sql, "lakeward_local_serving") for sql in "ABC"]
