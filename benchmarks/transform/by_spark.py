"""The same by PySpark on this machine: ``python by_spark.py FORMAT PAGES FOLDER``. Runs in .venv-bench; needs Java 17.

Records flat and typed, those that break a rule left out, the newest of each key, Parquet by day. The session's own
start does not count.
"""

import json
import sys
import time
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as f

SHAPE = (
    "items ARRAY<STRUCT<id: STRING, version: BIGINT, occurred_at: STRING, kind: STRING, customer: STRUCT<id: BIGINT, "
    "loyal: BOOLEAN, address: STRUCT<country: STRING, city: STRING, postcode: STRING>>, device: STRING, amounts: "
    "STRUCT<net: DOUBLE, tax: DOUBLE, currency: STRING>, geo: STRUCT<coordinates: ARRAY<DOUBLE>>, quantity: BIGINT, "
    "updated: BIGINT, note: STRING>>"
)
FLAT_JSON = [
    "o.id",
    "o.version",
    "o.occurred_at",
    "o.kind",
    "o.customer.id AS customer_id",
    "o.customer.address.country",
    "o.customer.address.city",
    "o.customer.address.postcode",
    "o.customer.loyal",
    "o.device",
    "o.amounts.net",
    "o.amounts.tax",
    "o.amounts.currency",
    "o.geo.coordinates[0] AS longitude",
    "o.geo.coordinates[1] AS latitude",
    "o.quantity",
    "o.updated",
    "o.note",
]
CSV_SHAPE = (
    "id STRING, version BIGINT, occurred_at STRING, kind STRING, customer_id BIGINT, country STRING, city STRING, "
    "postcode STRING, loyal BOOLEAN, device STRING, net DOUBLE, tax DOUBLE, currency STRING, longitude DOUBLE, "
    "latitude DOUBLE, quantity BIGINT, updated BIGINT, note STRING"
)


def read(spark: SparkSession, format_name: str, pages: str) -> DataFrame:
    """The records, flat."""
    if format_name == "csv":
        return spark.read.schema(CSV_SHAPE).option("header", True).csv(pages)
    whole = spark.read.schema(SHAPE).option("multiLine", True).json(pages)
    return whole.select(f.explode("items").alias("o")).selectExpr(*FLAT_JSON)


def main() -> None:
    """Run and time."""
    format_name, pages, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.memory", "3g")
        .config("spark.ui.enabled", False)
        .config("spark.sql.shuffle.partitions", 4)
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.parquet.compression.codec", "zstd")
        .config("spark.local.dir", str(folder))
        .getOrCreate()
    )
    started = time.perf_counter()
    rows = read(spark, format_name, pages)
    rows = rows.withColumn("occurred_at", f.to_timestamp("occurred_at")).withColumn("day", f.to_date("occurred_at"))
    rows = rows.withColumn("updated_at", (f.col("updated") / 1000).cast("timestamp")).drop("updated")
    for name in ("id", "version", "occurred_at", "customer_id", "net", "loyal", "note"):
        rows = rows.where(f.col(name).isNotNull())
    good = rows.where(
        "kind IN ('sale', 'return', 'exchange', 'gift') AND latitude BETWEEN -90 AND 90 AND quantity >= 1"
    )
    newest = f.row_number().over(Window.partitionBy("id").orderBy(f.col("version").desc()))
    kept = good.withColumn("n", newest).where("n = 1").drop("n")
    kept.write.partitionBy("day").parquet(str(folder / "out"))
    seconds = time.perf_counter() - started
    spark.stop()
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
