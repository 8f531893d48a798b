"""The Athena adapter, against botocore's stub: every request and every answer has the shape of the real API."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from lakeward.adapters.athena import AthenaQueries
from lakeward.errors import QueryFailed
from lakeward.ports.query import ResultColumn

ID = "11111111-2222-3333-4444-555555555555"
SQL = "SELECT id, felt FROM quakes"


class Script:
    """Athena's answers in the order in which they are given, and how long was waited between them."""

    def __init__(self) -> None:
        client = boto3.client("athena", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
        self.stub = Stubber(client)
        self.waits: list[float] = []
        self.queries = AthenaQueries(client, "lakeward-test", sleep=self.waits.append)

    def start(self) -> "Script":
        wanted = {
            "QueryString": SQL,
            "WorkGroup": "lakeward-test",
            "QueryExecutionContext": {"Database": "lakeward_test_serving"},
        }
        self.stub.add_response("start_query_execution", {"QueryExecutionId": ID}, wanted)
        return self

    def state(self, state: str, reason: str | None = None, kind: str = "DML", times: int = 1) -> "Script":
        status = {"State": state, **({"StateChangeReason": reason} if reason else {})}
        statistics = {"DataScannedInBytes": 4096, "TotalExecutionTimeInMillis": 321}
        execution = {"QueryExecutionId": ID, "Status": status, "Statistics": statistics, "StatementType": kind}
        for _ in range(times):
            self.stub.add_response("get_query_execution", {"QueryExecution": execution}, {"QueryExecutionId": ID})
        return self

    def page(
        self,
        columns: dict[str, str],
        rows: list[list[str | None]],
        token: str | None = None,
        following: str | None = None,
        updated: int = 0,
    ) -> "Script":
        shown = [{"Name": name, "Type": kind} for name, kind in columns.items()]
        data = [{"Data": [{} if v is None else {"VarCharValue": v} for v in row]} for row in rows]
        page: dict[str, Any] = {
            "UpdateCount": updated,
            "ResultSet": {"Rows": data, "ResultSetMetadata": {"ColumnInfo": shown}},
        }
        wanted = {"QueryExecutionId": ID} | ({"NextToken": token} if token else {})
        self.stub.add_response("get_query_results", page | ({"NextToken": following} if following else {}), wanted)
        return self


@pytest.fixture
def script() -> Iterator[Script]:
    made = Script()
    with made.stub:
        yield made
        made.stub.assert_no_pending_responses()


def rows_of(script: Script) -> list[tuple[str | None, ...]]:
    return list(script.queries.run(SQL, "lakeward_test_serving").rows)


def test_an_answer_is_whole_and_the_header_is_no_row_of_it(script: Script):
    columns = {"id": "varchar", "felt": "integer"}
    script.start().state("SUCCEEDED").page(columns, [["id", "felt"], ["a", "1"], ["", None]])

    answer = script.queries.run(SQL, "lakeward_test_serving")

    assert answer.columns == (ResultColumn("id", "varchar"), ResultColumn("felt", "integer"))
    assert list(answer.rows) == [("a", "1"), ("", None)]
    assert (answer.query_id, answer.scanned_bytes, answer.milliseconds, answer.written_rows) == (ID, 4096, 321, 0)


def test_only_the_first_page_has_a_header(script: Script):
    columns = {"id": "varchar"}
    script.start().state("SUCCEEDED").page(columns, [["id"], ["a"]], following="2")
    script.page(columns, [["id"], ["b"]], token="2", following="3").page(columns, [["c"]], token="3")

    assert rows_of(script) == [("a",), ("id",), ("b",), ("c",)]


def test_pages_are_read_only_when_their_rows_are_asked_for(script: Script):
    script.start().state("SUCCEEDED").page({"id": "varchar"}, [["id"], ["a"]], following="2")

    assert next(script.queries.run(SQL, "lakeward_test_serving").rows) == ("a",)


def test_a_first_row_that_is_not_the_header_is_a_row(script: Script):
    script.start().state("SUCCEEDED").page({"id": "varchar"}, [["a"], ["id"]])

    assert rows_of(script) == [("a",), ("id",)]


def test_show_has_no_header_even_when_a_table_is_called_like_the_column(script: Script):
    script.start().state("SUCCEEDED", kind="UTILITY").page({"tab_name": "string"}, [["tab_name"], ["quakes"]])

    assert rows_of(script) == [("tab_name",), ("quakes",)]


def test_the_header_of_explain_goes(script: Script):
    script.start().state("SUCCEEDED", kind="UTILITY").page({"Query Plan": "varchar"}, [["Query Plan"], ["Scan"]])

    assert rows_of(script) == [("Scan",)]


def test_describe_gives_columns_where_athena_gives_tabs(script: Script):
    columns = {"col_name": "string", "data_type": "string", "comment": "string"}
    rows: list[list[str | None]] = [
        ["id                  \tstring              \tIts key.            "],
        ["felt\tint\t"],
        ["# Partition"],
    ]
    script.start().state("SUCCEEDED", kind="UTILITY").page(columns, rows)

    assert rows_of(script) == [("id", "string", "Its key."), ("felt", "int", ""), ("# Partition", "", "")]


def test_a_statement_without_result_has_neither_columns_nor_rows(script: Script):
    script.start().state("SUCCEEDED", kind="DDL").page({}, [])

    answer = script.queries.run(SQL, "lakeward_test_serving")

    assert (answer.columns, list(answer.rows)) == ((), [])


def test_a_statement_that_writes_says_how_many_rows(script: Script):
    script.start().state("SUCCEEDED").page({"rows": "bigint"}, [], updated=8)

    answer = script.queries.run(SQL, "lakeward_test_serving")

    assert (answer.written_rows, list(answer.rows)) == (8, [])


def test_waits_grow_up_to_two_seconds(script: Script):
    script.start().state("QUEUED", times=3).state("RUNNING", times=5).state("SUCCEEDED").page({}, [])

    script.queries.run(SQL, "lakeward_test_serving")

    assert script.waits == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED"])
def test_a_query_that_does_not_succeed_says_so_in_athenas_words(script: Script, state: str):
    script.start().state("RUNNING").state(state, "COLUMN_NOT_FOUND: line 1:8: Column 'idd' cannot be resolved")

    with pytest.raises(QueryFailed) as failed:
        script.queries.run(SQL, "lakeward_test_serving")

    assert failed.value.message == (
        f"query {ID} {state.lower()}: COLUMN_NOT_FOUND: line 1:8: Column 'idd' cannot be resolved"
    )
    assert failed.value.facts == {"query_id": ID, "state": state}


def test_a_failure_without_a_reason_says_that_there_is_none(script: Script):
    script.start().state("FAILED")

    with pytest.raises(QueryFailed, match="failed: Athena gave no reason"):
        script.queries.run(SQL, "lakeward_test_serving")


def test_a_statement_that_is_refused_at_the_start_has_athenas_words_and_the_workgroup(script: Script):
    script.stub.add_client_error(
        "start_query_execution", "InvalidRequestException", "line 1:1: mismatched input 'SELCT'"
    )

    with pytest.raises(QueryFailed) as failed:
        script.queries.run(SQL, "lakeward_test_serving")

    assert failed.value.message == (
        "Athena refused the query in workgroup lakeward-test: line 1:1: mismatched input 'SELCT'"
    )


def test_a_result_that_cannot_be_read_is_told_from_a_query_that_failed(script: Script):
    script.start().state("SUCCEEDED")
    script.stub.add_client_error("get_query_results", "InvalidRequestException", "Could not find results")

    with pytest.raises(QueryFailed, match=f"query {ID} succeeded, but its result cannot be read: Could not find"):
        script.queries.run(SQL, "lakeward_test_serving")


def test_interrupted_while_it_waits_the_query_is_stopped(script: Script):
    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    script.queries = AthenaQueries(script.stub.client, "lakeward-test", sleep=interrupt)
    script.start().state("RUNNING").stub.add_response("stop_query_execution", {}, {"QueryExecutionId": ID})

    with pytest.raises(KeyboardInterrupt):
        script.queries.run(SQL, "lakeward_test_serving")
