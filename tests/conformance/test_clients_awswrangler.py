"""awswrangler as it is, against the local Athena."""

from collections.abc import Iterator

import awswrangler as wr
import boto3
import pandas as pd
import pytest
from athena_lake import ACCOUNT, REGION, Lake
from athena_lake import lake as open_lake

from lakeward_local.athena.server import serve

# awswrangler asks pandas for what pandas 3 deprecates; its warnings are its own.
pytestmark = pytest.mark.filterwarnings(
    "ignore::Warning:awswrangler", "ignore::Warning:pandas", "ignore::FutureWarning"
)


@pytest.fixture(scope="module")
def lake() -> Iterator[Lake]:
    """A lake in the local cloud: awswrangler deletes partitions by an action of Glue's that plain MiniStack lacks."""
    with open_lake(gaps_closed=True) as found:
        yield found


@pytest.fixture(scope="module")
def session(lake: Lake) -> Iterator[boto3.Session]:
    """A session of awswrangler's whose Athena is ours and whose Glue and S3 are the emulator's."""
    import threading

    server = serve(lake.athena)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    wr.config.athena_endpoint_url = f"http://127.0.0.1:{server.server_address[1]}"
    wr.config.s3_endpoint_url = wr.config.glue_endpoint_url = wr.config.sts_endpoint_url = lake.endpoint
    yield boto3.Session(aws_access_key_id=ACCOUNT, aws_secret_access_key="test", region_name=REGION)
    wr.config.reset()
    server.shutdown()
    server.server_close()


FRAME = pd.DataFrame({"id": [1, 2, 3], "name": ["a", "b", "c"], "day": ["x", "x", "y"]})


@pytest.mark.parametrize(
    "how", [{"ctas_approach": True}, {"ctas_approach": False}, {"ctas_approach": False, "unload_approach": True}]
)
def test_read_sql_query_reads_by_ctas_by_csv_and_by_unload(session, how):
    if how.get("unload_approach"):
        how = how | {"s3_output": "s3://results/wr-unload/"}
    found = wr.athena.read_sql_query(
        "SELECT station_id, humidity, temp_c, flag FROM flat ORDER BY station_id",
        database="probe", s3_output=how.pop("s3_output", "s3://results/wr/"), boto3_session=session, **how,
    )  # fmt: skip

    assert found.to_dict("list") == {
        "station_id": ["s1", "s2"], "humidity": [40, 55], "temp_c": [1.5, -2.25], "flag": [True, False]}  # fmt: skip


def test_read_sql_query_takes_parameters(session):
    found = wr.athena.read_sql_query(
        "SELECT city FROM dim WHERE station_id = ?",
        database="probe2",
        params=["'s2'"],
        paramstyle="qmark",
        ctas_approach=False,
        s3_output="s3://results/wr/",
        boto3_session=session,
    )

    assert found.city.to_list() == ["Berlin"]


def test_to_parquet_overwrites_appends_and_overwrites_only_the_partitions_it_brings(session):
    def write(frame: pd.DataFrame, mode: str) -> list[list[object]]:
        wr.s3.to_parquet(
            frame, path="s3://lake/wr_modes/", dataset=True, database="probe", table="wr_modes", partition_cols=["day"],
            mode=mode, boto3_session=session,
        )  # fmt: skip
        found = wr.athena.read_sql_query(
            "SELECT id, name, day FROM wr_modes ORDER BY id", database="probe", ctas_approach=False,
            s3_output="s3://results/wr/", boto3_session=session,
        )  # fmt: skip
        return found.to_numpy().tolist()

    one = pd.DataFrame({"id": [7], "name": ["new"], "day": ["x"]})
    assert write(FRAME, "overwrite") == [[1, "a", "x"], [2, "b", "x"], [3, "c", "y"]]
    assert write(one, "append") == [[1, "a", "x"], [2, "b", "x"], [3, "c", "y"], [7, "new", "x"]]
    assert write(one, "overwrite_partitions") == [[3, "c", "y"], [7, "new", "x"]]
    assert write(one, "overwrite") == [[7, "new", "x"]]


def test_to_iceberg_appends_overwrites_and_merges(session):
    def write(frame: pd.DataFrame, **options) -> list[list[object]]:
        wr.athena.to_iceberg(
            frame, database="probe", table="wr_ice", table_location="s3://lake/wr_ice/", temp_path="s3://results/wr-temp/",
            s3_output="s3://results/wr/", boto3_session=session, keep_files=False, **options,
        )  # fmt: skip
        found = wr.athena.read_sql_query(
            "SELECT id, name FROM wr_ice ORDER BY id", database="probe", ctas_approach=False, s3_output="s3://results/wr/",
            boto3_session=session,
        )  # fmt: skip
        return found.to_numpy().tolist()

    assert write(FRAME) == [[1, "a"], [2, "b"], [3, "c"]]
    assert write(FRAME.assign(id=[4, 5, 6])) == [[1, "a"], [2, "b"], [3, "c"], [4, "a"], [5, "b"], [6, "c"]]
    merged = write(FRAME.assign(name=["A", "B", "C"]), merge_cols=["id"])
    assert merged == [[1, "A"], [2, "B"], [3, "C"], [4, "a"], [5, "b"], [6, "c"]]
    assert write(FRAME.head(1), mode="overwrite") == [[1, "a"]]


def test_to_iceberg_overwrites_only_the_partitions_it_brings(session):
    def write(frame: pd.DataFrame, **options) -> list[list[object]]:
        wr.athena.to_iceberg(
            frame, database="probe", table="wr_parts", table_location="s3://lake/wr_parts/", partition_cols=["day"],
            temp_path="s3://results/wr-temp2/", s3_output="s3://results/wr/", boto3_session=session, keep_files=False,
            **options,
        )  # fmt: skip
        found = wr.athena.read_sql_query(
            "SELECT id, name, day FROM wr_parts ORDER BY id", database="probe", ctas_approach=False,
            s3_output="s3://results/wr/", boto3_session=session,
        )  # fmt: skip
        return found.to_numpy().tolist()

    assert write(FRAME) == [[1, "a", "x"], [2, "b", "x"], [3, "c", "y"]]
    brought = pd.DataFrame({"id": [7], "name": ["new"], "day": ["x"]})
    assert write(brought, mode="overwrite_partitions") == [[3, "c", "y"], [7, "new", "x"]]


def test_metadata_of_databases_and_tables(session):
    assert wr.athena.describe_table("dim", "probe2", s3_output="s3://results/wr/", boto3_session=session)[
        "Column Name"
    ].to_list() == ["station_id", "city"]
    assert "dim" in wr.catalog.tables(database="probe2", boto3_session=session)["Table"].to_list()
