"""Tables over files that the lake of ``athena_lake`` has not: other compressions, escapes, names, row groups."""

import bz2
import gzip
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from athena_lake import RESULTS, Lake, parquet

from lakeward_local.athena.dml.buckets import Buckets, bucketed, hive_hash
from lakeward_local.athena.errors import ApiError

JSON = "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'"


def put(lake: Lake, key: str, body: bytes) -> None:
    lake.client("s3").put_object(Bucket="lake", Key=key, Body=body)


def updated(lake: Lake, sql: str) -> Any:
    done = lake.execute(sql)
    return lake.call("GetQueryResults", QueryExecutionId=done["QueryExecutionId"]).get("UpdateCount")


def test_text_is_decompressed_by_the_ending_of_each_file(lake):
    put(lake, "packed/a.json.gz", gzip.compress(b'{"a":1,"b":"x"}\n{"a":2}\n'))
    put(lake, "packed/b.json.bz2", bz2.compress(b'{"a":3}\n'))
    put(lake, "packed/c.json", b'{"a":4}\n')
    lake.rows(f"CREATE EXTERNAL TABLE packed (a int, b string) {JSON} LOCATION 's3://lake/packed/'")

    assert lake.rows("SELECT * FROM packed ORDER BY a")[0] == [["1", "x"], ["2", None], ["3", None], ["4", None]]


def test_a_broken_gzip_file_fails_the_query(lake):
    put(lake, "unpackable/a.json.gz", b"no gzip")
    lake.rows(f"CREATE EXTERNAL TABLE unpackable (a int) {JSON} LOCATION 's3://lake/unpackable/'")

    assert "HIVE_CURSOR_ERROR" in lake.execute("SELECT a FROM unpackable")["Status"]["StateChangeReason"]


def test_delimited_text_has_its_own_escape_and_its_own_null(lake):
    put(lake, "escaped/a.txt", b"1,a\\,b,x\n2,c\\\\d,nil\n3,,z\n4\n")
    delimited = r"ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' ESCAPED BY '\\' NULL DEFINED AS 'nil'"
    lake.rows(f"CREATE EXTERNAL TABLE escaped (a int, b string, c string) {delimited} LOCATION 's3://lake/escaped/'")

    assert lake.rows("SELECT * FROM escaped ORDER BY a")[0] == [
        ["1", "a,b", "x"], ["2", "c\\d", None], ["3", "", "z"], ["4", None, None],
    ]  # fmt: skip


def test_repair_reads_the_names_of_folders_as_hive_writes_them(lake):
    put(lake, "coded/dt=2025-01-01 00%3A00%3A00/p.parquet", parquet(pa.table({"v": ["u"]})))
    place = "PARTITIONED BY (dt string) STORED AS PARQUET LOCATION 's3://lake/coded/'"
    lake.rows(f"CREATE EXTERNAL TABLE coded (v string) {place}")
    lake.rows("MSCK REPAIR TABLE coded")

    assert lake.rows("SELECT dt, v FROM coded")[0] == [["2025-01-01 00:00:00", "u"]]


def test_timestamps_finer_than_milliseconds_are_rounded_half_up(lake):
    moments = [datetime(2025, 1, 2, 3, 4, 5, 678_500), datetime(1969, 12, 31, 23, 59, 59, 999_499)]
    put(lake, "finer/a.parquet", parquet(pa.table({"t": pa.array(moments, pa.timestamp("us"))})))
    lake.rows("CREATE EXTERNAL TABLE finer (t timestamp) STORED AS PARQUET LOCATION 's3://lake/finer/'")

    assert lake.rows("SELECT t FROM finer ORDER BY t DESC")[0] == [
        ["2025-01-02 03:04:05.679"], ["1969-12-31 23:59:59.999"],
    ]  # fmt: skip


def test_only_row_groups_that_may_hold_a_row_count_as_scanned(lake):
    rows = pa.table({"k": list(range(30_000)), "v": [str(n) for n in range(30_000)]})
    sink = pa.BufferOutputStream()
    pq.write_table(rows, sink, row_group_size=10_000)
    put(lake, "grouped/a.parquet", sink.getvalue().to_pybytes())
    lake.rows("CREATE EXTERNAL TABLE grouped (k bigint, v string) STORED AS PARQUET LOCATION 's3://lake/grouped/'")

    def scanned(where: str) -> int:
        return int(lake.execute(f"SELECT v FROM grouped WHERE {where}")["Statistics"]["DataScannedInBytes"])

    one, all_of_them = scanned("k < 100"), scanned("k >= 0")
    assert 0 < one < all_of_them / 2
    assert scanned("k BETWEEN 9999 AND 10000") > one
    assert scanned("k = 15000") < all_of_them / 2
    assert scanned("k IN (1, 29999)") < all_of_them
    assert scanned("k > 30000") == 0
    assert scanned("k + 1 = 5") == all_of_them


def test_rows_that_were_written_are_counted(lake):
    lake.rows(
        "CREATE TABLE counted (id int, v string) LOCATION 's3://lake/counted/' TBLPROPERTIES ('table_type'='ICEBERG')"
    )
    source = "USING (VALUES (2, 'q'), (9, 'n')) s(id, v) ON t.id = s.id"

    change = "WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, s.v)"

    assert updated(lake, "INSERT INTO counted VALUES (1, 'a'), (2, 'b'), (3, 'c')") == 3
    assert updated(lake, "UPDATE counted SET v = 'z' WHERE id > 1") == 2
    assert updated(lake, f"MERGE INTO counted t {source} {change}") == 2
    assert updated(lake, f"MERGE INTO counted t {source} WHEN MATCHED AND s.v = 'q' THEN DELETE") == 1
    assert updated(lake, "DELETE FROM counted WHERE id = 1") == 1
    assert updated(lake, "CREATE TABLE counted_too AS SELECT * FROM counted") == 2
    assert updated(lake, "SELECT 1") == 0


def test_a_client_token_stands_for_the_whole_request(lake):
    request = {
        "QueryString": "SELECT 7",
        "ClientRequestToken": "w" * 32,
        "ResultConfiguration": {"OutputLocation": RESULTS},
    }
    lake.call("StartQueryExecution", **request, QueryExecutionContext={"Database": "probe"})

    with pytest.raises(ApiError, match="Idempotent parameters do not match"):
        lake.call("StartQueryExecution", **request, QueryExecutionContext={"Database": "probe2"})


def test_a_failed_statement_says_what_kind_it_was(lake):
    assert lake.execute("SELECT 1 / 0")["SubstatementType"] == "SELECT"
    assert lake.execute("INSERT INTO nosuch VALUES 1")["SubstatementType"] == "INSERT"


def test_describe_formatted_shows_where_and_how_a_table_is_stored(lake):
    rows, _ = lake.rows("DESCRIBE FORMATTED obs")
    shown = {row[0].strip(): (row[1] or "").strip() for row in rows if row[0]}

    assert shown["Location:"] == "s3://lake/hive/"
    assert shown["SerDe Library:"] == "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    assert ["# Partition Information", None, None] in rows


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (7, pa.int32(), 7),
        (-1, pa.int32(), 0xFFFFFFFF),
        (-1, pa.int64(), 0),
        (2**32 + 5, pa.int64(), 4),
        ("abc", pa.string(), 96354),
        (True, pa.bool_(), 1),
        (None, pa.string(), 0),
    ],
)
def test_hives_hash_of_a_value(value, kind, expected):
    assert hive_hash(value, kind) == expected


def test_equal_values_share_a_bucket():
    rows = pa.table({"k": ["a", "b", "a", "c"], "n": [1, 2, 3, 4]})
    parts = bucketed(rows, Buckets(("k",), 3))

    assert sorted(n for _, part in parts for n in part["n"].to_pylist()) == [1, 2, 3, 4]
    assert sum({1, 3} <= set(part["n"].to_pylist()) for _, part in parts) == 1
