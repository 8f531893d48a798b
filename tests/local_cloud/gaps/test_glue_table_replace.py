from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError
from local_cloud_world import World

FULL: dict[str, Any] = {
    "Description": "all of it",
    "Owner": "somebody",
    "TableType": "EXTERNAL_TABLE",
    "Parameters": {"a": "1", "b": "2"},
    "PartitionKeys": [{"Name": "day", "Type": "date"}],
    "StorageDescriptor": {"Columns": [{"Name": "id", "Type": "string"}], "Location": "s3://somewhere/"},
    "ViewOriginalText": "original",
    "ViewExpandedText": "expanded",
}
OF_THE_CATALOG = {"DatabaseName", "CatalogId", "CreateTime", "UpdateTime", "VersionId", "IsRegisteredWithLakeFormation"}


@pytest.fixture
def glue(cloud: World, name: str) -> Any:
    client = cloud.client("glue")
    client.create_database(DatabaseInput={"Name": name})
    client.create_table(DatabaseName=name, TableInput={"Name": "t", **FULL})
    return client


def table(glue: Any, database: str) -> dict[str, Any]:
    found = glue.get_table(DatabaseName=database, Name="t")["Table"]
    return {key: value for key, value in found.items() if key not in OF_THE_CATALOG}


def version(glue: Any, database: str) -> str:
    return glue.get_table(DatabaseName=database, Name="t")["Table"]["VersionId"]


@pytest.mark.closes("glue_table_replace")
def test_a_table_is_what_was_put(cloud: World, glue: Any, name: str):
    assert table(glue, name) == {"Name": "t", "Retention": 0, **FULL}


@pytest.mark.closes("glue_table_replace")
def test_what_a_table_input_leaves_out_is_gone(cloud: World, glue: Any, name: str):
    glue.update_table(DatabaseName=name, TableInput={"Name": "t", "Parameters": {"b": "3"}})

    empty = {"Retention": 0, "StorageDescriptor": {}, "PartitionKeys": []}
    assert table(glue, name) == {"Name": "t", "Parameters": {"b": "3"}, **empty}


@pytest.mark.closes("glue_table_replace")
def test_a_table_that_was_replaced_is_kept_as_a_version_unless_that_is_skipped(cloud: World, glue: Any, name: str):
    first = version(glue, name)
    glue.update_table(DatabaseName=name, TableInput={"Name": "t", "Parameters": {"n": "2"}})
    second = version(glue, name)
    glue.update_table(DatabaseName=name, TableInput={"Name": "t", "Parameters": {"n": "3"}}, SkipArchive=True)
    third = version(glue, name)

    found = glue.get_table_versions(DatabaseName=name, TableName="t")["TableVersions"]

    assert [(v["VersionId"], v["Table"]["Parameters"]) for v in found] == [
        (third, {"n": "3"}),
        (first, FULL["Parameters"]),
    ]
    assert len({first, second, third}) == 3


@pytest.mark.closes("glue_table_replace")
def test_one_version_can_be_read_and_deleted(cloud: World, glue: Any, name: str):
    first = version(glue, name)
    glue.update_table(DatabaseName=name, TableInput={"Name": "t"})

    read = glue.get_table_version(DatabaseName=name, TableName="t", VersionId=first)["TableVersion"]
    left = glue.batch_delete_table_version(DatabaseName=name, TableName="t", VersionIds=[first, "99"])["Errors"]

    assert read["Table"]["Parameters"] == FULL["Parameters"]
    assert [(error["VersionId"], error["ErrorDetail"]["ErrorCode"]) for error in left] == [
        ("99", "EntityNotFoundException")
    ]
    assert len(glue.get_table_versions(DatabaseName=name, TableName="t")["TableVersions"]) == 1


def test_a_version_that_is_no_longer_the_tables_is_refused(cloud: World, glue: Any, name: str):
    first = version(glue, name)
    glue.update_table(DatabaseName=name, TableInput={"Name": "t"}, VersionId=first)

    with pytest.raises(ClientError, match="ConcurrentModificationException"):
        glue.update_table(DatabaseName=name, TableInput={"Name": "t"}, VersionId=first)


def test_of_many_writers_that_read_the_same_version_one_wins(cloud: World, glue: Any, name: str):
    def outcome(writer: int) -> str:
        change = {"Name": "t", "Parameters": {"writer": str(writer)}}
        try:
            glue.update_table(DatabaseName=name, TableInput=change, VersionId=before)
        except ClientError as error:
            return error.response["Error"]["Code"]
        return "won"

    for _ in range(5):
        before = version(glue, name)
        with ThreadPoolExecutor(8) as pool:
            outcomes = list(pool.map(outcome, range(24)))
        assert sorted(outcomes) == ["ConcurrentModificationException"] * 23 + ["won"]
        assert table(glue, name)["Parameters"] == {"writer": str(outcomes.index("won"))}
