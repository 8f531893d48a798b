"""Spark gives the rows that DuckDB gives: accepted, quarantined with its reasons, deduplicated; any difference fails.

Rows are made by hypothesis, the same every time; pages, parts and files are small, so that each job has many of each.
"""

import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from engines import FolderBuckets, local, work_of
from made_records import COLUMNS, ELEMENT_COLUMNS, made_arrays, made_records, pages_of
from option_pairs import (
    ARRAYS,
    KEY,
    Array,
    contract_of_array,
    contract_of_pairs,
    records_of_array,
    records_of_pairs,
)
from option_verdicts import held_to_the_array, held_to_the_pairs
from spark_client import Spark
from transform_world import SLOT, UPSERT, Result, contract, read_back

from lakeward import tables
from lakeward.adapters.duckdb_engine import DuckDbEngine
from lakeward.adapters.iceberg_schema import schema_of
from lakeward.adapters.iceberg_types import field_ids
from lakeward.adapters.spark.plan import Sizes, parts, reading
from lakeward.contract import Contract
from lakeward.contract.quality import Quality
from lakeward.ports.lake import FieldIds, LocalFile, Transformed
from lakeward.ports.work import Work, received

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

RECORDS = 2500
TRIPS = 1000
QUALITY = Quality.model_validate(
    {
        "unique": [{"columns": ["note", "day"]}],
        "fresh": [{"column": "at", "hours": 1}],
        "distribution": [{"column": name, "max_psi": 0.2} for name in ("real", "colour", "birthday", "flag")],
    }
)
SMALL = Sizes(read=120_000, part=250_000, file=2_000)
LOADS = {
    "upsert": UPSERT,
    "replace_slot with a key": "{mode: replace_slot, primary_key: [id, day]}",
    "replace_slot without one": "{mode: replace_slot}",
    "append_only": "{mode: append_only, primary_key: [id]}",
}


def rows_of(files: list[LocalFile], order: str) -> list[dict[str, Any]]:
    """All rows of files, whole, in an order that is the same for both engines."""
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'")
        query = f"SELECT * FROM read_parquet(?, hive_partitioning = false) ORDER BY {order}"
        found: list[dict[str, Any]] = db.execute(query, [[str(f.path) for f in files]]).to_arrow_table().to_pylist()
        return found


def types_of(files: list[LocalFile]) -> list[tuple[Any, ...]]:
    """Names, types and field ids of the columns; the same in every file."""
    with duckdb.connect() as db:
        found = {
            tuple(
                db.execute("SELECT name, type, logical_type, field_id FROM parquet_schema(?)", [str(f.path)]).fetchall()
            )
            for f in files
        }
    (only,) = {tuple(column[:1] + column[2:] for column in schema) for schema in found}
    return list(only)


def pages_in(folder: Path, records: list[Any] | None = None) -> list[Path]:
    """Records, or else the made ones, as pages on disk."""
    folder.mkdir(parents=True)
    paths = []
    for number, text in enumerate(pages_of(records or made_records(RECORDS)), start=1):
        path = folder / f"page-{number:05d}.json"
        path.write_text(text)
        paths.append(path)
    return paths


def ids_of(of: Contract) -> tuple[FieldIds, FieldIds]:
    curated, quarantine = (field_ids(schema_of(design)) for design in (tables.curated(of), tables.quarantine(of)))
    return curated, quarantine


@pytest.mark.parametrize("load", LOADS.values(), ids=LOADS)
def test_both_engines_make_the_same_rows(load: str, spark: Spark, tmp_path: Path):
    of = contract(*COLUMNS, load=load).model_copy(update={"quality": QUALITY})
    pages, ids = pages_in(tmp_path / "raw"), ids_of(of)
    (tmp_path / "work").mkdir()
    work = work_of(of, SLOT, pages, ids)
    assert min(len(reading(work.pages, SMALL)), parts(work.pages, SMALL)) > 2

    small = DuckDbEngine().transform(of, SLOT, pages, ids, tmp_path / "work")
    large = local(spark.make(work, FolderBuckets(tmp_path / "raw", tmp_path / "lake"), SMALL), tmp_path / "lake")

    assert (large.valid, large.broken, large.measures) == (small.valid, small.broken, small.measures)
    assert rows_of(large.accepted, "_page, _position") == rows_of(small.accepted, "_page, _position")
    assert rows_of(large.quarantined, "page, position") == rows_of(small.quarantined, "page, position")
    assert types_of(large.accepted) == types_of(small.accepted)
    assert types_of(large.quarantined) == types_of(small.quarantined)
    assert is_worth_it(small)
    assert max(Counter(file.partition for file in large.accepted).values()) > 1


@pytest.mark.parametrize("load", LOADS.values(), ids=LOADS)
def test_both_engines_make_the_same_rows_of_elements(load: str, spark: Spark, tmp_path: Path):
    at = "$.items, explode: {at: $.way.legs, empty: keep, missing: skip}"
    of = contract(*ELEMENT_COLUMNS, load=load, records_at=at)
    pages, ids = pages_in(tmp_path / "raw", made_arrays(TRIPS)), ids_of(of)
    (tmp_path / "work").mkdir()
    work = replace(work_of(of, SLOT, pages, ids), records=TRIPS)

    small = DuckDbEngine().transform(of, SLOT, pages, ids, tmp_path / "work", received=received(work.pages))
    large = local(spark.make(work, FolderBuckets(tmp_path / "raw", tmp_path / "lake"), SMALL), tmp_path / "lake")

    assert (large.valid, large.broken, large.exploded) == (small.valid, small.broken, small.exploded)
    place = "_page, _position, _element"
    assert rows_of(large.accepted, place) == rows_of(small.accepted, place)
    assert rows_of(large.quarantined, "page, position, element") == rows_of(
        small.quarantined, "page, position, element"
    )
    assert types_of(large.accepted) == types_of(small.accepted)
    assert types_of(large.quarantined) == types_of(small.quarantined)
    assert is_worth_it(small)
    assert small.exploded is not None
    assert (small.exploded.records, small.exploded.skipped > 20) == (TRIPS, True)


def test_spark_holds_every_option_to_its_pair(spark: Spark, tmp_path: Path):
    made = by_spark(spark, contract_of_pairs(), records_of_pairs(), tmp_path)

    held_to_the_pairs(made)


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: array.explode)
def test_spark_holds_every_way_to_explode_to_its_pair(array: Array, spark: Spark, tmp_path: Path):
    held_to_the_array(array, by_spark(spark, contract_of_array(array), records_of_array(array), tmp_path))


def by_spark(spark: Spark, of: Contract, records: list[dict[str, Any]], folder: Path) -> Result:
    """What Spark makes of one page, read back."""
    raw, lake = folder / "raw", folder / "lake"
    raw.mkdir()
    page = raw / "page-00001.json"
    page.write_text(json.dumps({"items": records}))
    work = replace(work_of(of, SLOT, [page], ids_of(of), KEY), records=len(records))
    return read_back(local(spark.make(work, FolderBuckets(raw, lake), SMALL), lake))


def is_worth_it(made: Transformed) -> bool:
    """Whether the made records were of every kind: many valid, many not, and keys that meet."""
    return min(made.valid, sum(file.rows for file in made.quarantined)) > 300


def test_the_same_work_done_again_puts_the_same_files(spark: Spark, tmp_path: Path):
    of = contract(*COLUMNS)
    work = work_of(of, SLOT, pages_in(tmp_path / "raw"), ids_of(of))
    buckets = FolderBuckets(tmp_path / "raw", tmp_path / "lake")
    first = spark.make(work, buckets, SMALL)
    there = set((tmp_path / "lake").rglob("*.parquet"))

    assert spark.make(work, buckets, SMALL) == first
    assert set((tmp_path / "lake").rglob("*.parquet")) == there


def test_a_page_that_is_not_as_certified_fails_the_job_by_our_errors_name(spark: Spark, tmp_path: Path):
    of = contract(*COLUMNS)
    pages = pages_in(tmp_path / "raw")
    work = work_of(of, SLOT, pages, ids_of(of))
    pages[3].write_text(pages[3].read_text() + " ")

    with pytest.raises(
        RuntimeError, match=r"^RawConflict: page-00004\.json: expected sha256 [0-9a-f]{64} as certified"
    ):
        spark.make(work, FolderBuckets(tmp_path / "raw", tmp_path / "lake"), SMALL)

    assert not (tmp_path / "lake").exists()


def test_records_that_do_not_add_up_are_told_before_a_file_is_written(spark: Spark, tmp_path: Path):
    of = contract(*COLUMNS)
    unproved = work_of(of, SLOT, pages_in(tmp_path / "raw"), ids_of(of))
    work = Work(**{name: getattr(unproved, name) for name in Work.__dataclass_fields__})

    with pytest.raises(RuntimeError, match=r"^IncompleteRun: parcels 2024-03-01T00:00Z: expected 0 records"):
        spark.make(replace(work, records=0), FolderBuckets(tmp_path / "raw", tmp_path / "lake"), SMALL)

    shutil.rmtree(tmp_path / "raw")
    assert not (tmp_path / "lake").exists()
