import json

import pytest
from local_cloud_world import World


def machine(cloud: World, name: str, sql: str, resource: str) -> str:
    cloud.client("s3").create_bucket(Bucket=name.lower())
    parameters = {
        "QueryString": sql,
        "WorkGroup": "primary",
        "ResultConfiguration": {"OutputLocation": f"s3://{name.lower()}/results/"},
    }
    query = {"Type": "Task", "Resource": f"arn:aws:states:::athena:{resource}", "Parameters": parameters, "End": True}
    return cloud.machine(name, {"Query": query})


@pytest.mark.closes("sfn_athena")
def test_a_query_is_waited_for_and_its_execution_is_the_answer(cloud: World, name: str):
    ended = cloud.run(machine(cloud, name, "SELECT 1", "startQueryExecution.sync"))

    assert ended["status"] == "SUCCEEDED"
    execution = ended["output"]["QueryExecution"]
    assert (execution["Query"], execution["Status"]["State"]) == ("SELECT 1", "SUCCEEDED")


@pytest.mark.closes("sfn_athena")
def test_a_query_that_fails_fails_the_task_with_the_execution_as_cause(cloud: World, name: str):
    ended = cloud.run(machine(cloud, name, "SELECT * FROM default.no_such_table", "startQueryExecution.sync"))

    assert (ended["status"], ended["error"]) == ("FAILED", "States.TaskFailed")
    assert json.loads(ended["cause"])["Status"]["State"] == "FAILED"


@pytest.mark.closes("sfn_athena")
def test_without_sync_the_id_of_the_query_is_the_answer(cloud: World, name: str):
    ended = cloud.run(machine(cloud, name, "SELECT 1", "startQueryExecution"))

    assert (ended["status"], list(ended["output"])) == ("SUCCEEDED", ["QueryExecutionId"])
