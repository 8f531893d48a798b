"""The contract of the generated orders, in either format: what Lakeward holds every record to."""

import hashlib
from pathlib import Path

from lakeward.contract import Dataset, parse_contract

HEAD = """
contract: 1
dataset: orders
version: 1.0.0
owner: benchmarks
description: Generated orders of a shop, one row an order.
source:
  kind: http
  url: https://orders.test/orders
  paging: {kind: offset_limit, offset_param: offset, limit_param: limit, first_offset: 0, page_records: 10000}
  total: {url: "https://orders.test/count", at: $.count}
  records: RECORDS
slot: day
schedule: {cron: "cron(0 3 * * ? *)"}
freshness: {hours: 30}
load: {mode: upsert, primary_key: [id], newest_by: version}
partition_by: day
columns:
"""
RECORDS = {"json": "{format: json, at: $.items}", "csv": "{format: csv}"}
COLUMNS = (
    ("id", "string", "id", "id", "required: true"),
    ("version", "bigint", "version", "version", "required: true"),
    ("occurred_at", "timestamp", "occurred_at", "occurred_at", "required: true"),
    ("kind", "string", "kind", "kind", "allowed: [sale, return, exchange, gift]"),
    ("customer_id", "bigint", "customer.id", "customer_id", "required: true"),
    ("country", "string", "customer.address.country", "country", ""),
    ("city", "string", "customer.address.city", "city", ""),
    ("postcode", "string", "customer.address.postcode", "postcode", ""),
    ("loyal", "boolean", "customer.loyal", "loyal", ""),
    ("device", "string", "device", "device", ""),
    ("net", "double", "amounts.net", "net", "minimum: 0"),
    ("tax", "double", "amounts.tax", "tax", "minimum: 0"),
    ("currency", "string", "amounts.currency", "currency", "allowed: [EUR]"),
    ("longitude", "double", "geo.coordinates[0]", "longitude", "minimum: -180, maximum: 180"),
    ("latitude", "double", "geo.coordinates[1]", "latitude", "minimum: -90, maximum: 90"),
    ("quantity", "int", "quantity", "quantity", "minimum: 1"),
    ("updated_at", "timestamp", "updated", "updated_ms", "parse: epoch_milliseconds"),
    ("note", "string", "note", "note", "required: true"),
)
"""Name, type, place in JSON, field in CSV, rules."""


def dataset(format_name: str) -> Dataset:
    """The contract as a dataset that lies in no folder."""
    at = 2 if format_name == "json" else 3
    lines = [
        f'  - {{name: {c[0]}, type: {c[1]}, at: "$.{c[at]}", {c[4] + ", " if c[4] else ""}description: Generated.}}'
        for c in COLUMNS
    ]
    lines.append("  - {name: day, type: date, utc_day_of: occurred_at, description: The partition.}")
    text = HEAD.replace("RECORDS", RECORDS[format_name]) + "\n".join(lines) + "\n"
    return Dataset(Path("orders"), parse_contract(text, "benchmark"), hashlib.sha256(text.encode()).hexdigest())
