"""``lakeward sql``: the answer on standard output, everything else on standard error."""

from pathlib import Path

import pytest
from athena_world import AthenaOverHttp
from typer.testing import CliRunner, Result

from lakeward.cli.app import build
from lakeward.errors import QueryFailed

SQL = "SELECT id, felt FROM quakes"


@pytest.fixture(autouse=True)
def quakes(athena: AthenaOverHttp, copy: Path) -> None:
    athena.results[SQL] = ({"id": "varchar", "felt": "integer"}, [("a", "1"), ("b", None)])


def lakeward(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(build(), ["sql", *arguments], input=given)


def test_csv_goes_to_standard_output_and_what_it_took_to_standard_error():
    ended = lakeward(SQL, "--csv")

    assert (ended.exit_code, ended.stdout) == (0, "id,felt\na,1\nb,\n")
    assert ended.stderr == "2 rows · 0.25 s · 12.3 kB scanned\n"


def test_json_goes_to_standard_output():
    assert lakeward(SQL, "--json").stdout == '[\n {"id": "a", "felt": 1},\n {"id": "b", "felt": null}\n]\n'


def test_without_an_option_a_table_is_shown():
    ended = lakeward(SQL)

    assert [line for line in ended.stdout.splitlines() if "│" in line] == ["│ a  │    1 │", "│ b  │ NULL │"]


def test_the_serving_database_and_the_workgroup_are_the_environments(athena: AthenaOverHttp):
    lakeward(SQL)

    (request,) = athena.started
    assert (request["WorkGroup"], request["QueryExecutionContext"]) == (
        "lakeward-local",
        {"Database": "lakeward_local_serving"},
    )


def test_another_database_may_be_named(athena: AthenaOverHttp):
    lakeward(SQL, "--database", "lakeward_local_curated")

    assert athena.started[0]["QueryExecutionContext"] == {"Database": "lakeward_local_curated"}


@pytest.mark.parametrize("arguments", [["--file", "quakes.sql"], ["-f", "quakes.sql"]])
def test_a_statement_is_read_from_a_file(arguments: list[str], copy: Path):
    (copy / "quakes.sql").write_text(SQL)

    assert lakeward(*arguments, "--csv").stdout == "id,felt\na,1\nb,\n"


@pytest.mark.parametrize("arguments", [["-"], ["--file", "-"]])
def test_a_statement_is_read_from_standard_input(arguments: list[str]):
    assert lakeward(*arguments, "--csv", given=SQL).stdout == "id,felt\na,1\nb,\n"


def test_a_statement_without_result_prints_nothing_but_what_it_took(athena: AthenaOverHttp):
    athena.results["DROP VIEW old"] = ({}, [])
    ended = lakeward("DROP VIEW old")

    assert (ended.stdout, ended.stderr) == ("", "0 rows · 0.25 s · 12.3 kB scanned\n")


def test_a_table_that_was_cut_says_so(athena: AthenaOverHttp):
    athena.results[SQL] = ({"n": "integer"}, [("1",)] * 1001)

    assert "the first 1,000 rows (--csv or --json give all)" in lakeward(SQL).stderr
    assert lakeward(SQL, "--csv").stdout.count("\n") == 1002


def test_a_failure_is_athenas_own_message(athena: AthenaOverHttp):
    athena.failures["SELECT idd"] = "COLUMN_NOT_FOUND: line 1:8: Column 'idd' cannot be resolved"
    ended = lakeward("SELECT idd")

    assert isinstance(ended.exception, QueryFailed)
    assert ended.exception.message == "query 0 failed: COLUMN_NOT_FOUND: line 1:8: Column 'idd' cannot be resolved"
    assert (ended.exit_code, ended.stdout) == (1, "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "expected a statement or --file"),
        ([SQL, "--file", "quakes.sql"], "expected a statement or --file"),
        ([SQL, "--csv", "--json"], "expected --csv or --json, found both"),
        (["  "], "expected a statement, found nothing"),
        (["--file", "none.sql"], "expected a statement in none.sql"),
    ],
)
def test_a_wrong_call_is_refused_before_anything_is_asked(arguments: list[str], said: str, athena: AthenaOverHttp):
    ended = lakeward(*arguments)

    assert (ended.exit_code, athena.started) == (2, [])
    assert said in " ".join(ended.stderr.replace("│", " ").split())
