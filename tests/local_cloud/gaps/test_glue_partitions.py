from typing import Any

import pytest
from botocore.exceptions import ClientError
from local_cloud_world import World

VALUES = [["2018-01-31", "7", "north"], ["2018-02-01", "10", "south"], ["2018-02-10", "9", "o'hare"]]
CONDITIONS = {
    "day = '2018-02-01'": [1],
    "day >= '2018-02-01' AND day < '2018-02-10'": [1],
    "day BETWEEN '2018-01-01' AND '2018-02-01'": [0, 1],
    "n > 8": [1, 2],
    "n IN (7, 9)": [0, 2],
    "NOT (n = 7 OR region = 'south')": [2],
    "region = 'o''hare'": [2],
    "region LIKE '%th'": [0, 1],
    "region <> 'north'": [1, 2],
}


@pytest.fixture
def glue(cloud: World, name: str) -> Any:
    client = cloud.client("glue")
    keys = [{"Name": "day", "Type": "date"}, {"Name": "n", "Type": "int"}, {"Name": "region", "Type": "string"}]
    client.create_database(DatabaseInput={"Name": name})
    client.create_table(DatabaseName=name, TableInput={"Name": "t", "PartitionKeys": keys})
    client.batch_create_partition(
        DatabaseName=name, TableName="t", PartitionInputList=[{"Values": values} for values in VALUES]
    )
    return client


def values(glue: Any, database: str, **asked: Any) -> list[list[str]]:
    found = glue.get_partitions(DatabaseName=database, TableName="t", **asked)["Partitions"]
    return [partition["Values"] for partition in found]


@pytest.mark.closes("glue_partitions")
@pytest.mark.parametrize("condition", CONDITIONS)
def test_the_partitions_for_which_an_expression_holds_are_answered(cloud: World, glue: Any, name: str, condition: str):
    assert values(glue, name, Expression=condition) == [VALUES[n] for n in CONDITIONS[condition]]


@pytest.mark.closes("glue_partitions")
@pytest.mark.parametrize("condition", ["n = (SELECT 1)", "read_text('x') = 'y'", "no_such_key = 1", "day ="])
def test_an_expression_that_is_more_than_a_condition_over_the_keys_is_refused(
    cloud: World, glue: Any, name: str, condition: str
):
    with pytest.raises(ClientError, match="InvalidInputException"):
        values(glue, name, Expression=condition)


@pytest.mark.closes("glue_partitions")
def test_partitions_are_deleted_together_and_one_that_is_not_there_is_named(cloud: World, glue: Any, name: str):
    unwanted = [{"Values": VALUES[0]}, {"Values": ["2030-01-01", "1", "x"]}]

    answer = glue.batch_delete_partition(DatabaseName=name, TableName="t", PartitionsToDelete=unwanted)

    assert [error["PartitionValues"] for error in answer["Errors"]] == [["2030-01-01", "1", "x"]]
    assert values(glue, name) == VALUES[1:]


@pytest.mark.closes("glue_partitions")
def test_a_partition_is_updated_and_one_that_is_not_there_is_refused(cloud: World, glue: Any, name: str):
    changed = {"Values": VALUES[0], "Parameters": {"rows": "3"}}
    glue.update_partition(DatabaseName=name, TableName="t", PartitionValueList=VALUES[0], PartitionInput=changed)

    found = glue.get_partition(DatabaseName=name, TableName="t", PartitionValues=VALUES[0])["Partition"]
    assert found["Parameters"] == {"rows": "3"}
    with pytest.raises(ClientError, match="EntityNotFoundException"):
        glue.update_partition(
            DatabaseName=name, TableName="t", PartitionValueList=["2030-01-01", "1", "x"], PartitionInput=changed
        )
