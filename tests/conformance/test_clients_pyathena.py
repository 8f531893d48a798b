"""PyAthena as it is, against the local Athena: its cursors and its SQLAlchemy dialect."""

import threading
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pyarrow.fs
import pyathena
import pytest
from athena_lake import ACCOUNT, REGION, Lake
from pyathena.arrow.cursor import ArrowCursor
from pyathena.pandas.cursor import PandasCursor

from lakeward_local.athena.server import serve

pytestmark = pytest.mark.filterwarnings("ignore::Warning:pyathena", "ignore::Warning:pandas", "ignore::Warning:fsspec")


@pytest.fixture
def connect(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Connects PyAthena; its Athena is ours, its S3 the emulator's, both by AWS's own environment variables."""
    server = serve(lake.athena)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name, value in {
        "AWS_ENDPOINT_URL": lake.endpoint, "AWS_ENDPOINT_URL_ATHENA": f"http://127.0.0.1:{server.server_address[1]}",
        "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION,
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)

    def made(**options: Any) -> Any:
        return pyathena.connect(
            s3_staging_dir="s3://results/pa/", region_name=REGION, schema_name="probe", poll_interval=0.01, **options
        )

    yield made
    server.shutdown()
    server.server_close()


def test_the_cursor_converts_every_type(connect):
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1, BIGINT '2', 1.50, 2.5e0, 'x', true, DATE '2024-01-02', TIMESTAMP '2024-01-02 03:04:05.678', "
            "CAST(NULL AS varchar), X'6162'"
        )
        row = cursor.fetchone()

    assert row == (
        1,
        2,
        Decimal("1.50"),
        2.5,
        "x",
        True,
        date(2024, 1, 2),
        datetime(2024, 1, 2, 3, 4, 5, 678000),
        None,
        b"ab",
    )


def test_the_cursor_pages_through_more_rows_than_one_answer_holds(connect):
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT n FROM UNNEST(sequence(1, 2500)) AS t(n) ORDER BY n")
        rows = cursor.fetchall()

    assert [n for (n,) in rows] == list(range(1, 2501))


def test_the_cursor_takes_parameters(connect):
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT station_id FROM obs WHERE dt = ? AND region = ?", ["'2025-01-01'", "'us'"], paramstyle="qmark"
        )

        assert cursor.fetchall() == [("s3",)]


def test_a_failing_query_raises_with_athenas_reason(connect):
    with (
        connect() as connection,
        connection.cursor() as cursor,
        pytest.raises(pyathena.error.OperationalError, match="DIVISION_BY_ZERO"),
    ):
        cursor.execute("SELECT 1 / (humidity - humidity) FROM obs")


def test_the_pandas_cursor_reads_the_result_file(connect):
    with connect(cursor_class=PandasCursor) as connection, connection.cursor() as cursor:
        frame = cursor.execute("SELECT station_id, humidity FROM flat ORDER BY 1").as_pandas()

    assert frame.to_dict("list") == {"station_id": ["s1", "s2"], "humidity": [40, 55]}


@pytest.mark.parametrize("unload", [False, True])
def test_the_arrow_cursor_reads_csv_and_unloaded_parquet(connect, unload, lake, monkeypatch):
    # PyArrow's own S3 client has no setting outside of code for an endpoint whose buckets are paths.
    monkeypatch.setattr(pyarrow.fs, "S3FileSystem", partial(pyarrow.fs.S3FileSystem, endpoint_override=lake.endpoint))
    with (
        connect(cursor_class=ArrowCursor, cursor_kwargs={"unload": unload}) as connection,
        connection.cursor() as cursor,
    ):
        table = cursor.execute("SELECT station_id, humidity FROM flat ORDER BY 1").as_arrow()

    assert table.to_pydict() == {"station_id": ["s1", "s2"], "humidity": [40, 55]}


def test_sqlalchemy_reflects_tables_and_runs_statements(connect, lake):
    from sqlalchemy import MetaData, Table, create_engine, func, select

    engine = create_engine(
        f"awsathena+rest://@athena.{REGION}.amazonaws.com:443/probe?s3_staging_dir=s3://results/pa/&poll_interval=0.01"
    )
    with engine.connect() as connection:
        table = Table("obs", MetaData(), autoload_with=connection)
        found = connection.execute(
            select(table.c.region, func.count()).group_by(table.c.region).order_by(table.c.region)
        ).all()
    engine.dispose()

    assert [tuple(row) for row in found] == [("eu", 4), ("us", 2)]
