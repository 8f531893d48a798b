from typing import Any

import pytest
from botocore.exceptions import ClientError
from iam_world import allow, assumed
from local_cloud_world import World

CATALOG = "arn:aws:glue:us-east-1:111111111111:catalog"


def arn(resource: str) -> str:
    return CATALOG.replace(":catalog", f":{resource}")


@pytest.fixture
def database(cloud: World, name: str) -> str:
    """A database with the tables ``mine`` and ``theirs``."""
    glue, database = cloud.client("glue"), name.replace("-", "_").lower()
    glue.create_database(DatabaseInput={"Name": database})
    for table in ("mine", "theirs"):
        glue.create_table(DatabaseName=database, TableInput={"Name": table})
    return database


def glue_of(cloud: World, name: str, action: str, *resources: str) -> Any:
    return assumed(cloud, name, allow(f"glue:{action}", *resources)).client("glue")


@pytest.mark.closes("iam_glue_resources")
def test_a_table_is_read_by_who_may_read_it_its_database_and_the_catalog(cloud: World, name: str, database: str):
    glue = glue_of(cloud, name, "GetTable", CATALOG, arn(f"database/{database}"), arn(f"table/{database}/mine"))

    assert glue.get_table(DatabaseName=database, Name="mine")["Table"]["Name"] == "mine"
    with pytest.raises(ClientError, match="AccessDenied"):
        glue.get_table(DatabaseName=database, Name="theirs")


@pytest.mark.closes("iam_glue_resources")
@pytest.mark.parametrize("left_out", ["catalog", "table"])
def test_the_catalog_and_the_table_must_be_named(cloud: World, name: str, database: str, left_out: str):
    named = {"catalog": CATALOG, "database": arn(f"database/{database}"), "table": arn(f"table/{database}/mine")}
    del named[left_out]

    with pytest.raises(ClientError, match="AccessDenied"):
        glue_of(cloud, name, "GetTable", *named.values()).get_table(DatabaseName=database, Name="mine")


def test_the_database_must_be_named(cloud: World, name: str, database: str):
    with pytest.raises(ClientError, match="AccessDenied"):
        glue_of(cloud, name, "GetTable", CATALOG, arn(f"table/{database}/mine")).get_table(
            DatabaseName=database, Name="mine"
        )


@pytest.mark.closes("iam_glue_resources")
def test_a_database_is_read_by_who_may_read_it_and_the_catalog(cloud: World, name: str, database: str):
    glue = glue_of(cloud, name, "GetDatabase", CATALOG, arn(f"database/{database}"))

    assert glue.get_database(Name=database)["Database"]["Name"] == database
    with pytest.raises(ClientError, match="AccessDenied"):
        glue.get_database(Name="another")


def test_tables_are_listed_by_who_may_read_all_of_them(cloud: World, name: str, database: str):
    glue = glue_of(cloud, name, "GetTables", CATALOG, arn(f"database/{database}"), arn(f"table/{database}/*"))

    assert [table["Name"] for table in glue.get_tables(DatabaseName=database)["TableList"]] == ["mine", "theirs"]


@pytest.mark.closes("iam_glue_resources")
def test_a_table_is_made_and_replaced_under_its_own_name(cloud: World, name: str, database: str):
    resources = CATALOG, arn(f"database/{database}"), arn(f"table/{database}/made")
    glue = assumed(cloud, name, allow(["glue:CreateTable", "glue:UpdateTable"], *resources)).client("glue")

    glue.create_table(DatabaseName=database, TableInput={"Name": "made"})
    glue.update_table(DatabaseName=database, TableInput={"Name": "made"})
    with pytest.raises(ClientError, match="AccessDenied"):
        glue.create_table(DatabaseName=database, TableInput={"Name": "other"})
