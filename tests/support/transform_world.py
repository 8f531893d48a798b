"""A world for transforms: a contract with one column under test, pages on disk, an engine, whole rows out."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from engines import Chosen

from lakeward import tables
from lakeward.adapters.iceberg_schema import schema_of
from lakeward.adapters.iceberg_types import field_ids
from lakeward.contract import Contract, parse_contract
from lakeward.measures import Exploded, FieldDrift, Measures
from lakeward.ports.lake import Engine, Transformed
from lakeward.slot import Slot

SLOT = Slot(datetime(2024, 3, 1, tzinfo=UTC))
HEAD = """
contract: 1
dataset: parcels
version: 1.0.0
owner: tests
description: Parcels on their way, one row a parcel.
source:
  kind: http
  url: https://service.test/parcels
  paging: {kind: offset_limit, offset_param: offset, limit_param: limit, first_offset: 0, page_records: 100}
  total: {url: "https://service.test/count", at: $.count}
  records: {format: json, at: RECORDS_AT}
slot: day
schedule: {cron: "cron(0 3 * * ? *)"}
freshness: {hours: 30}
load: {mode: upsert, primary_key: [id], newest_by: version}
partition_by: day
columns:
  - {name: id, type: string, at: $.id, required: true, description: Identifier.}
  - {name: version, type: bigint, at: $.version, required: true, description: Revision.}
  - {name: day, type: date, at: $.day, required: true, description: Day of the parcel.}
"""


UPSERT = "{mode: upsert, primary_key: [id], newest_by: version}"
TOMBSTONES = "{mode: upsert, primary_key: [id], newest_by: version, deleted_when: {column: note, equals: gone}}"
"""For a contract with a column named note."""


def contract(*columns: str, records_at: str = "$.items", load: str = UPSERT, more: str = "") -> Contract:
    """The contract above, with more columns, each as a YAML flow mapping without its description."""
    lines = "".join(f"  - {{{column}, description: Under test.}}\n" for column in columns)
    return parse_contract(HEAD.replace("RECORDS_AT", records_at).replace(UPSERT, load) + lines + more, "test")


def record(number: int = 1, **fields: Any) -> dict[str, Any]:
    """A parcel that keeps every rule of the head, with more fields."""
    return {"id": f"p{number}", "version": 1, "day": "2024-03-01", **fields}


@dataclass(frozen=True)
class Result:
    """What a transform made: valid records, accepted rows, quarantined rows, each row whole."""

    valid: int
    accepted: list[dict[str, Any]]
    quarantined: list[dict[str, Any]]
    broken: dict[tuple[str, str], int]
    measures: Measures
    drift: FieldDrift
    exploded: Exploded | None = None

    def reasons(self) -> list[tuple[str, str, str, str, int]]:
        """Column, rule, reason, page and position of every quarantined record."""
        return [(q["column_name"], q["rule"], q["reason"], q["page"], q["position"]) for q in self.quarantined]


def transform(of: Contract, pages: list[Any], folder: Path, engine: Engine | None = None) -> Result:
    """Run an engine (DuckDB's) over pages (JSON values, or texts that are JSON) and read its files back."""
    paths = []
    for number, page in enumerate(pages, start=1):
        path = folder / f"page-{number:05d}.json"
        path.write_text(page if isinstance(page, str) else json.dumps(page))
        paths.append(path)
    work = folder / "work"
    work.mkdir()
    ids = tuple(field_ids(schema_of(design)) for design in (tables.curated(of), tables.quarantine(of)))
    return read_back((engine or Chosen()).transform(of, SLOT, paths, ids, work))  # type: ignore[arg-type]


def read_back(made: Transformed) -> Result:
    """What an engine made, with the rows of its files."""
    return Result(
        made.valid,
        _read([f.path for f in made.accepted], "_page, _position"),
        _read([f.path for f in made.quarantined], "page, position"),
        dict(made.broken),
        made.measures,
        made.drift,
        made.exploded,
    )


def _read(paths: list[Path], order: str) -> list[dict[str, Any]]:
    if not paths:
        return []
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'")
        query = f"SELECT * FROM read_parquet(?, hive_partitioning = false) ORDER BY {order}"
        rows: list[dict[str, Any]] = db.execute(query, [[str(p) for p in paths]]).to_arrow_table().to_pylist()
        return rows
