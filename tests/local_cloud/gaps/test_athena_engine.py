import time
from typing import Any

import pytest
from botocore.exceptions import ClientError
from local_cloud_world import World


def query(cloud: World, name: str, sql: str, **asked: Any) -> dict[str, Any]:
    """Run a query to its end and answer its execution."""
    athena, s3 = cloud.client("athena"), cloud.client("s3")
    bucket = f"{name.lower()}-results"
    s3.create_bucket(Bucket=bucket)
    where = {"ResultConfiguration": {"OutputLocation": f"s3://{bucket}/"}}
    query_id = athena.start_query_execution(QueryString=sql, **where, **asked)["QueryExecutionId"]
    while True:
        execution = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
        if execution["Status"]["State"] not in {"QUEUED", "RUNNING"}:
            return execution
        time.sleep(0.02)


def rows(cloud: World, execution: dict[str, Any]) -> list[list[str | None]]:
    found = cloud.client("athena").get_query_results(QueryExecutionId=execution["QueryExecutionId"])
    return [[value.get("VarCharValue") for value in row["Data"]] for row in found["ResultSet"]["Rows"]]


@pytest.mark.closes("athena_engine")
def test_a_query_means_what_trino_means(cloud: World, name: str):
    sql = "SELECT 7 / 2 AS half, CAST(DATE '2018-01-31' + INTERVAL '1' DAY AS varchar) AS next"
    execution = query(cloud, name, sql)  # a text, because a plain emulator cannot save the date of its answer

    assert rows(cloud, execution) == [["half", "next"], ["3", "2018-02-01"]]


@pytest.mark.closes("athena_engine")
def test_what_trino_refuses_is_refused_by_its_name(cloud: World, name: str):
    execution = query(cloud, name, "SELECT no_such_function(1)")

    assert execution["Status"]["State"] == "FAILED"
    assert execution["Status"]["StateChangeReason"].startswith("FUNCTION_NOT_FOUND: ")


def test_a_table_is_read_from_the_catalog_of_the_callers_account(cloud: World, name: str):
    cloud.client("s3").create_bucket(Bucket=f"{name.lower()}-lake")
    cloud.client("s3").put_object(Bucket=f"{name.lower()}-lake", Key="t/1.csv", Body=b"1,one\n2,two\n")
    database = name.lower().replace("-", "_")
    cloud.client("glue").create_database(DatabaseInput={"Name": database})
    query(
        cloud,
        name,
        f"CREATE EXTERNAL TABLE {database}.t (n int, word string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
        f"LOCATION 's3://{name.lower()}-lake/t/'",
    )

    execution = query(cloud, name, f"SELECT sum(n) AS s, max(word) AS w FROM {database}.t")

    assert rows(cloud, execution) == [["s", "w"], ["3", "two"]]


def test_a_workgroup_that_is_not_there_is_refused(cloud: World, name: str):
    with pytest.raises(ClientError, match="InvalidRequestException"):
        query(cloud, name, "SELECT 1", WorkGroup="none")
