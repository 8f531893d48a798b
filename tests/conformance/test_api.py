"""The API around the queries: workgroups, executions, pages, result files."""

import json
import threading
import time
from typing import Any

import pytest
from athena_lake import ACCOUNT, REGION, RESULTS, Lake

from lakeward_local.athena.errors import ApiError, QueryError
from lakeward_local.athena.server import clients_at
from lakeward_local.athena.service import AthenaService
from lakeward_local.athena.syntax.queries import parse_query

ENFORCED = {
    "EnforceWorkGroupConfiguration": True,
    "PublishCloudWatchMetricsEnabled": True,
    "BytesScannedCutoffPerQuery": 10_000_000,
    "ResultConfiguration": {
        "OutputLocation": "s3://results/enforced/",
        "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"},
    },
}

WHERE = {"OutputLocation": RESULTS}


@pytest.fixture
def workgroup(lake: Lake) -> Any:
    lake.call("CreateWorkGroup", Name="enforced", Configuration=ENFORCED, Tags=[{"Key": "a", "Value": "b"}])
    yield "enforced"
    lake.call("DeleteWorkGroup", WorkGroup="enforced", RecursiveDeleteOption=True)


def text_of(lake: Lake, uri: str) -> str:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return lake.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()


def test_a_workgroup_is_shown_as_it_was_made(lake, workgroup):
    found = lake.call("GetWorkGroup", WorkGroup=workgroup)["WorkGroup"]

    assert found["State"] == "ENABLED"
    assert found["Configuration"] == ENFORCED | {
        "RequesterPaysEnabled": False,
        "EngineVersion": {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"},
    }
    arn = f"arn:aws:athena:{REGION}:{ACCOUNT}:workgroup/enforced"
    assert lake.call("ListTagsForResource", ResourceARN=arn) == {"Tags": [{"Key": "a", "Value": "b"}]}


def test_an_updated_workgroup_loses_what_is_removed(lake, workgroup):
    lake.call("UpdateWorkGroup", WorkGroup=workgroup, Description="d", ConfigurationUpdates={
        "RemoveBytesScannedCutoffPerQuery": True, "ResultConfigurationUpdates": {"RemoveEncryptionConfiguration": True}})  # fmt: skip  # noqa: E501

    found = lake.call("GetWorkGroup", WorkGroup=workgroup)["WorkGroup"]
    assert found["Description"] == "d"
    assert "BytesScannedCutoffPerQuery" not in found["Configuration"]
    assert found["Configuration"]["ResultConfiguration"] == {"OutputLocation": "s3://results/enforced/"}


def test_an_enforced_workgroup_overrides_the_clients_location_and_encrypts(lake, workgroup):
    done = lake.execute("SELECT 1 AS x", WorkGroup=workgroup)

    location = done["ResultConfiguration"]["OutputLocation"]
    assert location == f"s3://results/enforced/{done['QueryExecutionId']}.csv"
    assert done["ResultConfiguration"]["EncryptionConfiguration"] == {"EncryptionOption": "SSE_S3"}
    assert text_of(lake, location) == '"x"\n"1"\n'


def test_a_disabled_an_unknown_workgroup_and_a_missing_location_are_refused(lake, workgroup):
    lake.call("UpdateWorkGroup", WorkGroup=workgroup, State="DISABLED")

    for request, why in (
        ({"WorkGroup": workgroup}, "WorkGroup enforced is disabled"),
        ({"WorkGroup": "nowhere"}, "WorkGroup nowhere is not found"),
        ({"ResultConfiguration": {}}, "No output location provided"),
    ):
        with pytest.raises(ApiError, match=why):
            lake.call("StartQueryExecution", QueryString="SELECT 1", **request)


def test_a_query_that_scans_more_than_its_cutoff_is_stopped_before_it_reads(lake):
    engine = lake.athena.account(ACCOUNT, REGION).engine
    run, catalog = engine.start(cutoff_bytes=10), engine.catalog()
    plan = engine.plan(parse_query("SELECT * FROM flat"), "probe", catalog)

    with pytest.raises(QueryError, match="Bytes scanned limit was exceeded"):
        engine.answer(plan, run, catalog)


def test_only_the_columns_and_partitions_that_are_read_count_as_scanned(lake):
    def scanned(sql: str) -> int:
        return int(lake.execute(sql)["Statistics"]["DataScannedInBytes"])

    assert scanned("SELECT count(*) FROM obs") == 0
    one_day = scanned("SELECT humidity FROM obs WHERE dt = '2025-01-01'")
    assert 0 < one_day < scanned("SELECT humidity FROM obs") < scanned("SELECT * FROM obs")


def test_the_result_file_quotes_everything_but_null(lake):
    done = lake.execute("""SELECT 'a"b' AS "My Col", CAST(NULL AS varchar) AS n, '' AS e, 'x,y' AS c""")

    assert text_of(lake, done["ResultConfiguration"]["OutputLocation"]) == '"My Col","n","e","c"\n"a""b",,"","x,y"\n'


def test_utility_statements_write_text(lake):
    done = lake.execute("SHOW TABLES IN probe2")

    assert done["StatementType"] == "UTILITY"
    assert done["ResultConfiguration"]["OutputLocation"].endswith(".txt")
    assert text_of(lake, done["ResultConfiguration"]["OutputLocation"]) == "dim\n"


def test_describe_shows_padded_columns_and_the_partition_columns_again(lake):
    rows, _ = lake.rows("DESCRIBE obs")

    assert rows[0] == ["station_id          ", "string              ", "                    "]
    assert rows[-2:] == [["dt                  ", "string              ", " " * 20], ["region              ", "string              ", " " * 20]]  # fmt: skip  # noqa: E501


def test_results_come_in_pages_with_the_header_on_the_first(lake):
    done = lake.execute("SELECT n FROM UNNEST(sequence(1, 5)) AS t(n) ORDER BY n")
    pages, token = [], None
    while True:
        more = {"NextToken": token} if token else {}
        found = lake.call("GetQueryResults", QueryExecutionId=done["QueryExecutionId"], MaxResults=2, **more)
        pages.append([row["Data"][0]["VarCharValue"] for row in found["ResultSet"]["Rows"]])
        token = found.get("NextToken")
        if token is None:
            break

    assert pages == [["n", "1"], ["2", "3"], ["4", "5"]]


def test_the_same_client_token_starts_one_query(lake):
    request = {"ClientRequestToken": "t" * 32, "ResultConfiguration": {"OutputLocation": RESULTS}}

    first = lake.call("StartQueryExecution", QueryString="SELECT 1", **request)
    assert lake.call("StartQueryExecution", QueryString="SELECT 1", **request) == first
    with pytest.raises(ApiError, match="Idempotent parameters do not match"):
        lake.call("StartQueryExecution", QueryString="SELECT 2", **request)


def test_a_failed_query_says_its_category_and_has_no_results(lake):
    done = lake.execute("SELECT 1 / 0")

    assert done["Status"]["State"] == "FAILED"
    assert done["Status"]["AthenaError"]["ErrorCategory"] == 2
    assert done["Status"]["StateChangeReason"] == "DIVISION_BY_ZERO: Division by zero"
    with pytest.raises(ApiError, match="Final query state: FAILED"):
        lake.call("GetQueryResults", QueryExecutionId=done["QueryExecutionId"])


def test_a_syntax_error_is_refused_at_the_start(lake):
    with pytest.raises(ApiError, match=r"line 1:1: mismatched input 'SELEC'") as refused:
        lake.call("StartQueryExecution", QueryString="SELEC 1", ResultConfiguration={"OutputLocation": RESULTS})

    assert refused.value.extra == {"AthenaErrorCode": "MALFORMED_QUERY"}


def test_a_running_query_can_be_stopped(lake):
    slow = "SELECT count(*) FROM UNNEST(sequence(1, 9999)) a(x) CROSS JOIN UNNEST(sequence(1, 9999)) b(y) CROSS JOIN "
    slow += "UNNEST(sequence(1, 9999)) c(z) WHERE regexp_like(CAST(x * y * z AS varchar), '^1.*7$')"
    query_id = lake.call("StartQueryExecution", QueryString=slow, ResultConfiguration={"OutputLocation": RESULTS})[
        "QueryExecutionId"
    ]
    time.sleep(0.3)
    lake.call("StopQueryExecution", QueryExecutionId=query_id)

    assert lake.call("GetQueryExecution", QueryExecutionId=query_id)["QueryExecution"]["Status"]["State"] == "CANCELLED"
    assert lake.rows("SELECT 1") == ([["1"]], ["integer"])


def test_an_earlier_answer_is_reused_when_the_client_allows_it(lake):
    reuse = {"ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 5}}}
    first = lake.execute("SELECT humidity FROM flat", **reuse)
    second = lake.execute("SELECT humidity FROM flat", **reuse)

    assert second["Statistics"]["ResultReuseInformation"] == {"ReusedPreviousResult": True}
    assert second["Statistics"]["DataScannedInBytes"] == 0
    assert second["ResultConfiguration"]["OutputLocation"] == first["ResultConfiguration"]["OutputLocation"]


def test_execution_parameters_are_values_in_order(lake):
    assert lake.rows("SELECT ? || '-' || ?", ExecutionParameters=["'a'", "'b'"])[0] == [["a-b"]]


def test_the_metadata_actions_show_glue(lake):
    assert {d["Name"] for d in lake.call("ListDatabases", CatalogName="AwsDataCatalog")["DatabaseList"]} >= {
        "probe",
        "probe2",
    }
    found = lake.call("GetTableMetadata", CatalogName="awsdatacatalog", DatabaseName="probe2", TableName="dim")[
        "TableMetadata"
    ]
    assert found["Columns"] == [{"Name": "station_id", "Type": "string"}, {"Name": "city", "Type": "string"}]
    with pytest.raises(ApiError, match="nosuch") as refused:
        lake.call("GetTableMetadata", CatalogName="AwsDataCatalog", DatabaseName="probe2", TableName="nosuch")
    assert refused.value.code == "MetadataException"


def test_state_survives_a_restart(lake, workgroup):
    done = lake.execute("SELECT 1 AS x, CAST(NULL AS varchar) AS y")
    query = lake.call("CreateNamedQuery", Name="q", Database="probe", QueryString="SELECT 1")["NamedQueryId"]
    saved = json.loads(json.dumps(lake.athena.state()))
    after = AthenaService(clients_at(lake.endpoint))
    after.restore(saved)

    assert after.handle("GetWorkGroup", {"WorkGroup": workgroup}, ACCOUNT, REGION) == lake.call(
        "GetWorkGroup", WorkGroup=workgroup
    )
    assert after.handle("GetNamedQuery", {"NamedQueryId": query}, ACCOUNT, REGION)["NamedQuery"]["Name"] == "q"
    asked = {"QueryExecutionId": done["QueryExecutionId"]}
    assert after.handle("GetQueryResults", asked, ACCOUNT, REGION) == lake.call("GetQueryResults", **asked)
    after.close()


def test_an_unknown_action_is_refused(lake):
    with pytest.raises(ApiError, match="does not know the action CreateNotebook"):
        lake.call("CreateNotebook")


def test_eight_clients_get_four_hundred_answers_without_an_error(lake):
    wrong: list[str] = []

    def client(number: int) -> None:
        for turn in range(50):
            sql, expected = [
                (f"SELECT {number} * {turn}", [[str(number * turn)]]),
                ("SELECT count(*) FROM obs", [["6"]]),
                ("SELECT sum(humidity) FROM flat", [["95"]]),
                ("SELECT regexp_replace('a1', '\\d', 'x')", [["ax"]]),
            ][turn % 4]
            rows, _ = lake.rows(sql)
            if rows != expected:
                wrong.append(f"{sql}: {rows}")

    threads = [threading.Thread(target=client, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_readers_see_the_old_or_the_new_state_while_views_are_swapped_and_rows_replaced(lake):
    table = "TBLPROPERTIES ('table_type'='ICEBERG')"
    lake.rows(f"CREATE TABLE swap_1 (k int, v int) LOCATION 's3://lake/swap_1/' {table}")
    lake.rows("INSERT INTO swap_1 SELECT CAST(n AS integer), 0 FROM UNNEST(sequence(1, 50)) AS t(n)")
    lake.rows("CREATE VIEW swapped AS SELECT k, v, 0 AS version FROM swap_1")
    stop, seen, broken = threading.Event(), set(), []

    def reader() -> None:
        while not stop.is_set():
            rows, _ = lake.rows("SELECT count(*), min(v), max(v), min(version), max(version) FROM swapped")
            count, low, high, first, last = rows[0]
            seen.add((low, first))
            if (count, low, first) != ("50", high, last):
                broken.append(rows)

    readers = [threading.Thread(target=reader) for _ in range(2)]
    for thread in readers:
        thread.start()
    for turn in range(1, 6):
        lake.rows(f"UPDATE swap_1 SET v = {turn}")
        lake.rows(f"CREATE OR REPLACE VIEW swapped AS SELECT k, v, {turn} AS version FROM swap_1")
    stop.set()
    for thread in readers:
        thread.join()

    assert broken == []
    assert len(seen) > 1


def test_a_query_fails_when_a_file_of_its_snapshot_is_gone(lake):
    lake.rows("CREATE TABLE gone (k int) LOCATION 's3://lake/gone/' TBLPROPERTIES ('table_type'='ICEBERG')")
    lake.rows("INSERT INTO gone VALUES (1)")
    assert lake.rows("SELECT k FROM gone")[0] == [["1"]]
    path = lake.rows('SELECT "$path" FROM gone')[0][0][0] or ""
    lake.client("s3").delete_object(Bucket="lake", Key=path.removeprefix("s3://lake/"))

    done = lake.execute("SELECT k FROM gone")
    assert done["Status"]["State"] == "FAILED"
    assert "does not exist" in done["Status"]["StateChangeReason"]


def test_an_old_snapshot_is_read_by_its_id(lake):
    lake.rows("CREATE TABLE old (k int) LOCATION 's3://lake/old/' TBLPROPERTIES ('table_type'='ICEBERG')")
    lake.rows("INSERT INTO old VALUES (1)")
    snapshot = lake.rows('SELECT snapshot_id FROM "old$snapshots"')[0][0][0]
    lake.rows("INSERT INTO old VALUES (2)")

    assert lake.rows("SELECT count(*) FROM old")[0] == [["2"]]
    assert lake.rows(f"SELECT count(*) FROM old FOR VERSION AS OF {snapshot}")[0] == [["1"]]
