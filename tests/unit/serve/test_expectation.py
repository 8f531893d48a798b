"""A dataset's query files: pairs, in their format, and such that the result does not depend on luck."""

import json
from pathlib import Path
from typing import Any

import pytest

from lakeward.errors import QueriesInvalid
from lakeward.serve.expectation import E2eQuery, Expected, e2e_queries

SQL = "SELECT day, count(*) AS parcels FROM parcels GROUP BY day ORDER BY day"
EXPECTED: dict[str, Any] = {
    "note": "counted by hand",
    "columns": [{"name": "day", "type": "date"}, {"name": "parcels", "type": "bigint"}],
    "rows": [["2024-03-01", "2"], [None, "1"]],
}


def folder(tmp_path: Path, sql: str = SQL, expected: Any = EXPECTED, **more: str) -> Path:
    """A dataset's folder with one query ``by_day``, and more files by name."""
    queries = tmp_path / "parcels" / "queries"
    queries.mkdir(parents=True)
    (queries / "by_day.sql").write_text(sql)
    (queries / "by_day.expected.json").write_text(expected if isinstance(expected, str) else json.dumps(expected))
    for name, text in more.items():
        (queries / name.replace("__", ".")).write_text(text)
    return queries.parent


def problems(of: Path) -> list[str]:
    with pytest.raises(QueriesInvalid) as refused:
        e2e_queries(of)
    return [line.strip().replace(f"{of}/queries/", "") for line in refused.value.message.splitlines()[1:]]


def test_a_query_and_its_expected_result_are_read_whole(tmp_path: Path):
    assert e2e_queries(folder(tmp_path)) == [
        E2eQuery("parcels", "by_day", SQL, Expected.model_validate(EXPECTED)),
    ]


def test_queries_come_by_name_and_a_readme_is_none(tmp_path: Path):
    of = folder(
        tmp_path, README__md="About.", a__sql="SELECT 1 AS one FROM parcels LIMIT 1", a__expected__json=one_row()
    )

    assert [query.name for query in e2e_queries(of)] == ["a", "by_day"]


def test_a_dataset_without_queries_is_refused(tmp_path: Path):
    (said,) = problems(tmp_path / "parcels")

    assert said == (
        f"{tmp_path}/parcels/queries: expected at least one query <name>.sql with its result <name>.expected.json, "
        "found none"
    )


def test_all_problems_of_all_files_are_listed(tmp_path: Path):
    of = folder(tmp_path, lonely__sql="SELECT 1", result__expected__json=one_row(), notes__txt="x", empty__sql=" -- \n",
                empty__expected__json=one_row())  # fmt: skip

    assert problems(of) == [
        "notes.txt: expected <name>.sql or <name>.expected.json",
        "empty.sql: expected one statement, found none",
        "lonely.expected.json: expected this file beside its partner, found none",
        "result.sql: expected this file beside its partner, found none",
    ]


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("", "expected one statement, found none"),
        ("/* nothing */ ;", "expected one statement, found none"),
        (f"{SQL}; DROP TABLE parcels", "expected one statement, found a semicolon between two"),
        ("SELECT day, parcels FROM parcels -- ORDER BY day", "expected ORDER BY, because the result has several rows"),
        ("SELECT day, 'ORDER BY' FROM parcels", "expected ORDER BY, because the result has several rows"),
        (SQL.replace("FROM parcels", "FROM letters"), "expected a query of parcels or parcels_quarantine"),
        (SQL.replace("FROM p", "FROM lakeward_dev_serving.p"), "found lakeward_dev_serving"),
        (SQL.replace("FROM p", 'FROM "lakeward_dev_curated".p'), "found lakeward_dev_curated"),
    ],
)
def test_a_statement_that_depends_on_luck_or_place_is_refused(sql: str, said: str, tmp_path: Path):
    assert any(said in problem for problem in problems(folder(tmp_path, sql=sql)))


@pytest.mark.parametrize(
    "sql",
    [
        f"{SQL};",
        SQL.replace("FROM parcels", "FROM Parcels_Quarantine"),
        f"-- a comment; with a semicolon\n{SQL}",
        SQL.replace("day,", "';' AS semicolon,"),
        SQL.replace("day,", '"a;b",'),
        SQL.replace("ORDER BY", "order\n  by"),
        SQL.replace("day,", "'lakeward_dev_serving' AS name,"),
    ],
)
def test_a_statement_may_look_like_trouble(sql: str, tmp_path: Path):
    assert len(e2e_queries(folder(tmp_path, sql=sql))) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"rows": [["2024-03-01", 2], [None, "1"]]},
            "rows.0.1: expected text as Athena renders it, in quotes; found 2",
        ),
        ({"rows": [["2024-03-01"], [None, "1"]]}, "row 1: expected 2 values, one a column; found 1"),
        ({"columns": []}, "columns: List should have at least 1 item"),
        (
            {"columns": [{"name": "day", "type": "string"}, {"name": "n", "type": "bigint"}]},
            "columns.0.type: expected a type as Athena names it in results, found 'string'; types are boolean",
        ),
        (
            {"columns": [{"name": "day", "type": "date"}, {"name": "n", "type": "bigintt"}]},
            "columns.1.type: expected a type as Athena names it in results, found 'bigintt'; did you mean 'bigint'?",
        ),
        ({"row": []}, "row: Extra inputs are not permitted"),
    ],
)
def test_an_expected_result_out_of_format_is_refused(change: dict[str, Any], said: str, tmp_path: Path):
    assert any(said in problem for problem in problems(folder(tmp_path, expected=EXPECTED | change)))


@pytest.mark.parametrize("text", ["", "{", "[]", "null"])
def test_an_expected_file_that_is_no_object_is_refused(text: str, tmp_path: Path):
    assert problems(folder(tmp_path, expected=text))[0].startswith("by_day.expected.json: the file: ")


def test_a_query_that_is_not_utf_8_is_refused(tmp_path: Path):
    of = folder(tmp_path)
    (of / "queries" / "by_day.sql").write_bytes(SQL.encode() + b" -- \xe9")

    assert problems(of) == ["by_day.sql: expected UTF-8, found other bytes"]


def one_row() -> str:
    return json.dumps({"columns": [{"name": "one", "type": "integer"}], "rows": [["1"]]})
