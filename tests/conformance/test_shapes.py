"""What the given checks name besides rows: column order, approximations, names, UNLOAD, and Athena's own shapes."""

import pytest
from athena_lake import Failed, Lake


def names(lake: Lake, sql: str) -> list[str]:
    done = lake.execute(sql)
    found = lake.call("GetQueryResults", QueryExecutionId=done["QueryExecutionId"])["ResultSet"]
    return [column["Name"] for column in found["ResultSetMetadata"]["ColumnInfo"]]


def lines(lake: Lake, sql: str) -> list[str]:
    return [row[0] or "" for row in lake.rows(sql)[0]]


def test_star_gives_the_data_columns_before_the_partition_columns(lake):
    found = names(lake, "SELECT * FROM obs LIMIT 1")

    assert found[:2] == ["station_id", "ts"]
    assert found[-3:] == ["note", "dt", "region"]


def test_approx_percentile_answers_a_value_next_to_the_middle(lake):
    assert lake.rows("SELECT approx_percentile(humidity, 0.5) FROM obs")[0][0][0] in {"40", "41"}


def test_a_quoted_alias_keeps_its_case_and_space(lake):
    assert names(lake, 'SELECT 1 AS "My Col"') == ["My Col"]


def test_unload_writes_objects_and_answers_no_rows(lake):
    rows, _ = lake.rows("UNLOAD (SELECT station_id FROM flat) TO 's3://lake/shapes_unload/' WITH (format = 'PARQUET')")
    listed = lake.client("s3").list_objects_v2(Bucket="lake", Prefix="shapes_unload/")

    assert rows == []
    assert listed["KeyCount"] > 0


def test_show_databases_lists_names(lake):
    assert {"probe", "probe2"} <= set(lines(lake, "SHOW DATABASES"))
    assert lines(lake, "SHOW DATABASES LIKE 'probe2'") == ["probe2"]


def test_describe_gives_padded_columns(lake):
    assert lake.rows("DESCRIBE probe2.dim")[0] == [
        ["station_id          ", "string              ", " " * 20],
        ["city                ", "string              ", " " * 20],
    ]


def test_show_columns_gives_padded_names(lake):
    assert lines(lake, "SHOW COLUMNS IN probe2.dim") == ["station_id          ", "city                "]


def test_show_create_table_gives_hives_text(lake):
    found = lines(lake, "SHOW CREATE TABLE obs")

    assert found[0] == "CREATE EXTERNAL TABLE `probe.obs`("
    assert "  `station_id` string, " in found
    assert found[found.index("PARTITIONED BY ( ") + 1 :][:2] == ["  `dt` string, ", "  `region` string)"]
    assert found[found.index("LOCATION") + 1] == "  's3://lake/hive/'"


def test_show_create_table_gives_an_iceberg_tables_transforms(lake):
    lake.rows(
        "CREATE TABLE shapes_ice (id int, d date) PARTITIONED BY (month(d), bucket(4, id), id) "
        "LOCATION 's3://lake/shapes_ice/' TBLPROPERTIES ('table_type'='ICEBERG')"
    )

    assert lines(lake, "SHOW CREATE TABLE shapes_ice")[:7] == [
        "CREATE TABLE `probe.shapes_ice`(", "  `id` int, ", "  `d` date)",
        "PARTITIONED BY ( ", "  month(`d`), ", "  bucket(4, `id`), ", "  `id`)",
    ]  # fmt: skip


def test_create_database_makes_it_and_makes_it_once(lake):
    assert lake.rows("CREATE DATABASE shapes_db")[0] == []
    assert "shapes_db" in lines(lake, "SHOW DATABASES")
    assert lake.rows("CREATE DATABASE IF NOT EXISTS shapes_db")[0] == []
    with pytest.raises(Failed, match="already exists"):
        lake.rows("CREATE DATABASE shapes_db")


def test_explain_answers_one_column_of_plan_text(lake):
    done = lake.execute("EXPLAIN SELECT count(*) FROM obs WHERE dt = '2025-01-01'")

    assert (done["StatementType"], done["Status"]["State"]) == ("UTILITY", "SUCCEEDED")
    assert lines(lake, "EXPLAIN SELECT 1")[0] == "Query Plan"
    assert names(lake, "EXPLAIN SELECT 1") == ["Query Plan"]
    with pytest.raises(Failed, match="COLUMN_NOT_FOUND"):
        lake.rows("EXPLAIN SELECT nosuch FROM obs")
