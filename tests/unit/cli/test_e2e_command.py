"""``lakeward e2e``: all queries of all datasets, and a clear account of what differs."""

from pathlib import Path

import pytest
from athena_world import AthenaOverHttp
from earthquakes_by_hand import expected_files
from typer.testing import CliRunner, Result

from lakeward.cli.app import build
from lakeward.errors import QueriesInvalid, UnknownDataset

SQL = "SELECT day, count(*) AS parcels FROM parcels GROUP BY day ORDER BY day"
COUNTS = {"day": "date", "parcels": "bigint"}


@pytest.fixture(autouse=True)
def parcels(athena: AthenaOverHttp, copy: Path) -> None:
    athena.results[SQL] = (COUNTS, [("2024-03-01", "2"), ("2024-03-02", "1")])


def lakeward(*arguments: str) -> Result:
    return CliRunner().invoke(build(), ["e2e", *arguments])


def cells(ended: Result) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("│").split("│")] for line in ended.stdout.splitlines() if "│" in line]


def test_results_as_expected_end_with_zero():
    ended = lakeward()

    assert (ended.exit_code, ended.stdout.splitlines()[0].strip()) == (0, "1 of 1 end-to-end queries hold in local")
    assert cells(ended) == [["parcels", "by_day", "2", "0.25", "12.3 kB", "as expected"]]


def test_a_difference_is_named_and_ends_with_one(athena: AthenaOverHttp):
    athena.results[SQL] = (COUNTS, [("2024-03-01", "3")])
    ended = lakeward("parcels")

    assert ended.exit_code == 1
    assert cells(ended) == [["parcels", "by_day", "2", "0.25", "12.3 kB", "2 differences"]]
    assert ended.stderr.split("\n")[-5:] == [
        "",
        "parcels/queries/by_day.sql",
        "  row 1, parcels: expected '2', found '3'",
        "  row 2 is missing: ('2024-03-02', '1')",
        "",
    ]


def test_of_many_differences_the_first_are_shown(athena: AthenaOverHttp):
    athena.results[SQL] = (COUNTS, [(f"2024-04-{day:02}", "1") for day in range(1, 31)])
    ended = lakeward()

    assert ended.stderr.count("\n  row ") == 20
    assert "  and 11 more differences\n" in ended.stderr


def test_a_query_that_fails_is_a_difference_with_athenas_words(athena: AthenaOverHttp):
    athena.failures[SQL] = "TABLE_NOT_FOUND: line 1:39: Table 'parcels' does not exist"
    ended = lakeward()

    assert ended.exit_code == 1
    assert "  query 0 failed: TABLE_NOT_FOUND: line 1:39: Table 'parcels' does not exist\n" in ended.stderr


def test_a_dataset_without_queries_is_an_error_before_anything_is_asked(copy: Path, athena: AthenaOverHttp):
    for file in (copy / "datasets" / "parcels" / "queries").iterdir():
        file.unlink()
    ended = lakeward()

    assert isinstance(ended.exception, QueriesInvalid)
    assert "datasets/parcels/queries: expected at least one query" in ended.exception.message
    assert athena.started == []


def test_an_unknown_dataset_is_refused():
    assert isinstance(lakeward("parcel").exception, UnknownDataset)


def test_all_datasets_are_asked_in_the_environments_serving_database(earthquakes: Path, athena: AthenaOverHttp):
    for name, expected in expected_files().items():
        sql = (earthquakes / "queries" / name.replace(".expected.json", ".sql")).read_text()
        columns = {column["name"]: column["type"] for column in expected["columns"]}
        athena.results[sql] = (columns, [tuple(row) for row in expected["rows"]])
    ended = lakeward()

    assert (ended.exit_code, ended.stdout.splitlines()[0].strip()) == (0, "14 of 14 end-to-end queries hold in local")
    assert {request["QueryExecutionContext"]["Database"] for request in athena.started} == {"lakeward_local_serving"}
