"""A small lake for the local Athena: an emulator process with Glue and S3, the tables that checks read, and queries.

The tables are: ``obs`` (Parquet, registered partitions) and the same rows under partition projection, ``flat`` and
``probe2.dim`` (unpartitioned), and files of JSON and CSV for tables that checks declare.
"""

from __future__ import annotations

import gzip
import io
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pyarrow as pa
import pyarrow.parquet as pq

from lakeward_local.athena.errors import ApiError
from lakeward_local.athena.server import clients_at
from lakeward_local.athena.service import AthenaService

ACCOUNT, REGION = "222222222222", "us-east-1"
RESULTS = "s3://results/q/"

SCHEMA = pa.schema(
    [
        ("station_id", pa.string()),
        ("ts", pa.timestamp("us")),
        ("temp_c", pa.float64()),
        ("humidity", pa.int32()),
        ("amount", pa.decimal128(10, 2)),
        ("tags", pa.list_(pa.string())),
        ("props", pa.map_(pa.string(), pa.string())),
        ("meta", pa.struct([("source", pa.string()), ("ver", pa.int32())])),
        ("raw_json", pa.string()),
        ("flag", pa.bool_()),
        ("note", pa.string()),
    ]
)
COLUMNS = [
    ("station_id", "string"),
    ("ts", "timestamp"),
    ("temp_c", "double"),
    ("humidity", "int"),
    ("amount", "decimal(10,2)"),
    ("tags", "array<string>"),
    ("props", "map<string,string>"),
    ("meta", "struct<source:string,ver:int>"),
    ("raw_json", "string"),
    ("flag", "boolean"),
    ("note", "string"),
]


def _api(version: int) -> dict[str, Any]:
    return {"source": "api", "ver": version}


def _csv(version: int) -> dict[str, Any]:
    return {"source": "csv", "ver": version}


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


#: (dt, region) -> rows in the order of SCHEMA.
ROWS: dict[tuple[str, str], list[tuple[Any, ...]]] = {
    ("2025-01-01", "eu"): [
        (
            "s1",
            _at("2025-01-01 00:00:00.123"),
            1.5,
            40,
            Decimal("10.00"),
            ["a", "b"],
            [("k1", "v1")],
            _api(1),
            '{"a":{"b":"x"},"n":5,"arr":[1,2]}',
            True,
            None,
        ),
        (
            "s2",
            _at("2025-01-01 06:30:00"),
            -2.25,
            55,
            Decimal("20.50"),
            ["b"],
            [("k2", "v2")],
            _api(1),
            '{"a":{"b":"y"},"n":7}',
            False,
            "x",
        ),
    ],
    ("2025-01-01", "us"): [
        ("s3", _at("2025-01-01 12:00:00"), 15.0, 30, Decimal("3.33"), [], [], _csv(2), "not json", True, "y"),
    ],
    ("2025-01-02", "eu"): [
        (
            "s1",
            _at("2025-01-02 00:00:00"),
            2.5,
            41,
            Decimal("1.11"),
            ["a"],
            [("k1", "v9")],
            _api(2),
            '{"n":1}',
            True,
            None,
        ),
        ("s2", _at("2025-01-02 06:00:00"), None, 56, Decimal("2.22"), None, None, None, None, None, None),
    ],
    ("2025-01-02", "us"): [
        (
            "s3",
            _at("2025-01-02 12:00:00"),
            16.0,
            31,
            Decimal("4.44"),
            ["c", "d", "e"],
            [("k3", "v3"), ("k4", "v4")],
            _csv(2),
            '{"n":9}',
            False,
            "z",
        ),
    ],
}
PARQUET = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {
        "SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        "Parameters": {"serialization.format": "1"},
    },
}
#: As modules/log_archive keeps what CloudWatch hands over: a document a line.
_LOGGED = (
    b'{"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logGroup":"","logStream":"","subscriptionFilters":[],'
    b'"logEvents":[{"id":"","timestamp":1763607600000,"message":"CWL CONTROL MESSAGE: Checking"}]}\n'
    b'{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"/aws/lambda/f","logStream":"s","subscriptionFilters":["x"],'
    b'"logEvents":[{"id":"1","timestamp":1763607600000,"message":"START RequestId: 1\\n"},'
    b'{"id":"2","timestamp":1763607601250,"message":"{\\"level\\":\\"ERROR\\",\\"message\\":\\"it broke\\"}"}]}\n'
)
_DAILY = {"projection.enabled": "true", "projection.dt.type": "date", "projection.region.type": "enum"}
PROJECTED = {
    "obs_ph": (
        "s3://lake/hive/",
        _DAILY
        | {
            "projection.dt.range": "2025-01-01,NOW",
            "projection.dt.format": "yyyy-MM-dd",
            "projection.region.values": "eu,us",
        },
    ),
    "obs_pt": (
        "s3://lake/proj/",
        _DAILY
        | {
            "projection.dt.range": "2025/01/01,NOW",
            "projection.dt.format": "yyyy/MM/dd",
            "projection.region.values": "eu,us",
            "storage.location.template": "s3://lake/proj/${dt}/${region}/",
        },
    ),
    "obs_pn": (
        "s3://lake/hive/",
        _DAILY
        | {
            "projection.dt.range": "2025-01-02,2025-01-31",
            "projection.dt.format": "yyyy-MM-dd",
            "projection.region.values": "eu",
        },
    ),
}
INJECTED = {
    "projection.enabled": "true",
    "projection.tenant.type": "injected",
    "projection.y.type": "integer",
    "projection.y.range": "2024,2025",
}


@dataclass
class Lake:
    """The emulator's endpoint and an Athena over it."""

    endpoint: str
    athena: AthenaService

    def client(self, service: str) -> Any:
        return clients_at(self.endpoint)(service, ACCOUNT, REGION)

    def call(self, action: str, **request: Any) -> dict[str, Any]:
        return self.athena.handle(action, request, ACCOUNT, REGION)

    def execute(self, sql: str, database: str = "probe", **request: Any) -> dict[str, Any]:
        """Run a statement to its end; the execution as GetQueryExecution shows it."""
        wanted = {
            "QueryExecutionContext": {"Database": database},
            "ResultConfiguration": {"OutputLocation": RESULTS},
        } | request
        query_id = self.call("StartQueryExecution", QueryString=sql, **wanted)["QueryExecutionId"]
        while True:
            found: dict[str, Any] = self.call("GetQueryExecution", QueryExecutionId=query_id)["QueryExecution"]
            if found["Status"]["State"] in {"SUCCEEDED", "FAILED", "CANCELLED"}:
                return found
            time.sleep(0.001)

    def rows(self, sql: str, database: str = "probe", **request: Any) -> tuple[list[list[str | None]], list[str]]:
        """The rows and column types of a statement, without the header.

        Raises:
            Failed: it did not succeed; the text is StateChangeReason.
        """
        try:
            done = self.execute(sql, database, **request)
        except ApiError as error:
            code = "SYNTAX_ERROR" if error.extra.get("AthenaErrorCode") == "MALFORMED_QUERY" else error.code
            raise Failed(f"{code}: {error.message}") from error
        if done["Status"]["State"] != "SUCCEEDED":
            raise Failed(done["Status"].get("StateChangeReason", done["Status"]["State"]))
        found = self.call("GetQueryResults", QueryExecutionId=done["QueryExecutionId"])["ResultSet"]
        rows = [[cell.get("VarCharValue") for cell in row["Data"]] for row in found["Rows"]]
        has_header = done["StatementType"] == "DML" and bool(rows)
        return rows[1:] if has_header else rows, [c["Type"] for c in found["ResultSetMetadata"]["ColumnInfo"]]


class Failed(Exception):
    """A statement that did not succeed."""


_PLAIN = "import ministack.app; ministack.app.main()"
_WITH_GAPS_CLOSED = f"from lakeward_local import gaps; gaps.close_all(); {_PLAIN}"


@contextmanager
def emulator(*, gaps_closed: bool = False) -> Iterator[str]:
    """A MiniStack in a process of its own, plain or with the local cloud's gaps closed; gives its endpoint."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0",
                "PERSIST_STATE": "0", "S3_PERSIST": "0"}  # fmt: skip
    environment = {k: v for k, v in os.environ.items() if k not in {"AWS_CA_BUNDLE", "AWS_ENDPOINT_URL"}} | settings
    process = subprocess.Popen(
        [sys.executable, "-c", _WITH_GAPS_CLOSED if gaps_closed else _PLAIN], env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    endpoint = f"http://127.0.0.1:{port}"
    try:
        _wait_for(endpoint, process)
        yield endpoint
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(endpoint: str, process: subprocess.Popen[bytes], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the emulator ended with {process.returncode} before it answered")
        try:
            urlopen(f"{endpoint}/_ministack/health", timeout=1).close()  # noqa: S310 - our own loopback port
        except (URLError, OSError):
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"the emulator did not answer at {endpoint} within {seconds} s")


@contextmanager
def lake(*, gaps_closed: bool = False) -> Iterator[Lake]:
    """An emulator with the tables, and an Athena over it."""
    with emulator(gaps_closed=gaps_closed) as endpoint:
        found = Lake(endpoint, AthenaService(clients_at(endpoint)))
        try:
            fill(found)
            yield found
        finally:
            found.athena.close()


def fill(found: Lake) -> None:
    """Make the buckets, objects and tables."""
    s3, glue = found.client("s3"), found.client("glue")
    for bucket in ("lake", "results"):
        s3.create_bucket(Bucket=bucket)
    for database in ("probe", "probe2"):
        glue.create_database(DatabaseInput={"Name": database})
    for (day, region), rows in ROWS.items():
        put_parquet(s3, f"hive/dt={day}/region={region}/part-0.parquet", rows)
        put_parquet(s3, f"proj/{day.replace('-', '/')}/{region}/part-0.parquet", rows)
    first = ROWS["2025-01-01", "eu"]
    for tenant in ("acme", "umbrella"):
        put_parquet(s3, f"inj/tenant={tenant}/y=2024/p.parquet", first[:1])
        put_parquet(s3, f"inj/tenant={tenant}/y=2025/p.parquet", first)
    put_parquet(s3, "flat/a.parquet", first)
    s3.put_object(Bucket="lake", Key="dim/a.parquet", Body=parquet(pa.table(
        {"station_id": ["s1", "s2", "s4"], "city": ["Paris", "Berlin", "Rome"]})))  # fmt: skip
    s3.put_object(
        Bucket="lake",
        Key="json/a.json",
        Body=(b'{"id":1,"name":"a","nested":{"x":1},"arr":[1,2]}\n{"id":2,"name":"b","nested":{"x":2},"arr":[]}\n'),
    )
    s3.put_object(Bucket="lake", Key="logs/day=2026-11-20/hour=03/a.gz", Body=gzip.compress(_LOGGED))
    s3.put_object(Bucket="lake", Key="gzipped/a.csv.gz", Body=gzip.compress(b"1,a\n2,b\n"))
    s3.put_object(Bucket="lake", Key="broken/a.json.gz", Body=b'{"id":1}')
    s3.put_object(Bucket="lake", Key="csv/a.csv", Body=b'id,name,v\n1,"a,1",1.5\n2,b,\n')
    make_table(glue, "obs", "s3://lake/hive/", _DAY_AND_REGION)
    for day, region in ROWS:
        storage = {"Columns": _columns(COLUMNS), "Location": f"s3://lake/hive/dt={day}/region={region}/", **PARQUET}
        glue.create_partition(
            DatabaseName="probe",
            TableName="obs",
            PartitionInput={"Values": [day, region], "StorageDescriptor": storage},
        )
    make_table(glue, "obs_unreg", "s3://lake/hive/", _DAY_AND_REGION)
    for name, (location, parameters) in PROJECTED.items():
        make_table(glue, name, location, _DAY_AND_REGION, parameters)
    make_table(glue, "obs_inj", "s3://lake/inj/", [("tenant", "string"), ("y", "int")], INJECTED)
    make_table(glue, "flat", "s3://lake/flat/", [])
    make_table(
        glue, "dim", "s3://lake/dim/", [], database="probe2", columns=[("station_id", "string"), ("city", "string")]
    )


_DAY_AND_REGION = [("dt", "string"), ("region", "string")]


def parquet(rows: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(rows, buffer)
    return buffer.getvalue()


def put_parquet(s3: Any, key: str, rows: list[tuple[Any, ...]]) -> None:
    table = pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in rows], schema=SCHEMA)
    s3.put_object(Bucket="lake", Key=key, Body=parquet(table))


def _columns(pairs: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"Name": name, "Type": kind} for name, kind in pairs]


def make_table(
    glue: Any,
    name: str,
    location: str,
    keys: list[tuple[str, str]],
    parameters: dict[str, str] | None = None,
    database: str = "probe",
    columns: list[tuple[str, str]] | None = None,
) -> None:
    """A Parquet table in Glue."""
    glue.create_table(
        DatabaseName=database,
        TableInput={
            "Name": name,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"EXTERNAL": "TRUE", "classification": "parquet", **(parameters or {})},
            "StorageDescriptor": {"Columns": _columns(columns or COLUMNS), "Location": location, **PARQUET},
            "PartitionKeys": _columns(keys),
        },
    )
