"""What a mart's query wrote: held to what is declared, and written by partition with the table's field ids."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from lakeward.adapters.mart_rows import UnloadedRows
from lakeward.contract.mart import Mart
from lakeward.errors import AuditFailed, LakewardError, SchemaConflict, StagedMissing
from lakeward.slot import Slot

SLOT = Slot(datetime(2024, 3, 2, tzinfo=UTC))
IDS = {"day": 1, "state": 2, "parcels": 3, "price": 4, "seen_at": 5, "_slot": 6}
GOOD = """SELECT DATE '2024-03-02' AS day, 'sent' AS state, 3::BIGINT AS parcels, 1.50::DECIMAL(8,2) AS price,
TIMESTAMP_MS '2024-03-02 10:00:00.125' AS seen_at"""


def mart(**changed: Any) -> Mart:
    column = {"description": "Something."}
    columns = [
        {"name": "day", "type": "date", "required": True, **column},
        {"name": "state", "type": "string", "required": True, **column},
        {"name": "parcels", "type": "bigint", **column},
        {"name": "price", "type": "decimal(8,2)", **column},
        {"name": "seen_at", "type": "timestamp", **column},
    ]
    declared = {
        "mart": 1,
        "name": "parcels_by_day",
        "owner": "team",
        "description": "Parcels by day and state.",
        "mode": "slot",
        "inputs": [{"name": "parcels", "rows": "slot"}],
        "partition_by": "day",
        "unique": ["day", "state"],
        "columns": columns,
    }
    return Mart.model_validate(declared | changed)


def write(select: str, folder: Path, declared: Mart | None = None) -> list[Any]:
    """Write the rows of a SELECT as a query would, then as a mart."""
    output = folder / "output.parquet"
    duckdb.sql(f"COPY ({select}) TO '{output}' (FORMAT parquet)")
    return UnloadedRows(Bucket({}), Bucket({})).write(declared or mart(), SLOT, [output], IDS, folder)  # type: ignore[arg-type]


class Bucket:
    """A bucket in memory."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        self.objects = objects

    def read(self, key: str) -> bytes | None:
        return self.objects.get(key)

    def download(self, key: str, to: Path) -> bool:
        if key in self.objects:
            to.write_bytes(self.objects[key])
        return key in self.objects


def test_rows_are_written_one_file_a_partition_with_field_ids_and_the_slot(tmp_path: Path):
    select = f"{GOOD} UNION ALL SELECT DATE '2024-03-01', 'lost', NULL, NULL, NULL"

    first, second = write(select, tmp_path)

    assert (first.partition, first.rows, second.partition, second.rows) == (date(2024, 3, 1), 1, date(2024, 3, 2), 1)
    table = pq.read_table(second.path)
    assert table.to_pylist() == [
        {
            "day": date(2024, 3, 2),
            "state": "sent",
            "parcels": 3,
            "price": pytest.approx(1.5),
            "seen_at": datetime(2024, 3, 2, 10, 0, 0, 125000),
            "_slot": datetime(2024, 3, 2),
        }
    ]
    assert {f.name: int(f.metadata[b"PARQUET:field_id"]) for f in table.schema} == IDS


@pytest.mark.parametrize(
    ("select", "error", "said"),
    [
        (GOOD.replace("3::BIGINT", "3::INTEGER"), SchemaConflict, "parcels is declared bigint and given as integer"),
        (GOOD.replace("DECIMAL(8,2)", "DECIMAL(9,2)"), SchemaConflict, "price is declared decimal(8,2) and given as"),
        (
            GOOD.replace(" AS state", " AS stat"),
            SchemaConflict,
            "column stat is given and not declared; column state is",
        ),
        (
            GOOD.replace("'sent'", "NULL::VARCHAR"),
            AuditFailed,
            "expected a value of state in every row, found 1 without",
        ),
        (f"{GOOD} UNION ALL {GOOD}", AuditFailed, "expected one row for each day, state, found 1 too many"),
    ],
)
def test_rows_that_are_not_what_is_declared_stop_the_build(
    select: str, error: type[LakewardError], said: str, tmp_path: Path
):
    with pytest.raises(error) as refused:
        write(select, tmp_path)

    assert said in refused.value.message
    assert "The mart stays as it was" in refused.value.message


def test_too_few_rows_stop_the_build_even_when_the_query_found_none(tmp_path: Path):
    rows = UnloadedRows(Bucket({}), Bucket({}))  # type: ignore[arg-type]

    assert rows.write(mart(), SLOT, [], IDS, tmp_path) == []
    with pytest.raises(AuditFailed, match="expected at least 1 row"):
        rows.write(mart(min_rows=1), SLOT, [], IDS, tmp_path)


def test_the_manifest_names_the_files_and_each_must_be_there(tmp_path: Path):
    lake = Bucket({"staging/marts/a": b"one"})
    manifest = Bucket({"athena/q-manifest.csv": b"s3://lake/staging/marts/a\n"})
    lost = Bucket({"athena/q-manifest.csv": b"s3://lake/staging/marts/a\ns3://lake/staging/marts/b\n"})
    query = {"QueryExecutionId": "q", "Statistics": {"DataManifestLocation": "s3://results/athena/q-manifest.csv"}}

    (path,) = UnloadedRows(lake, manifest).fetch(query, tmp_path)  # type: ignore[arg-type]

    assert path.read_bytes() == b"one"
    with pytest.raises(StagedMissing, match="expected s3://lake/staging/marts/b"):
        UnloadedRows(lake, lost).fetch(query, tmp_path)  # type: ignore[arg-type]
    with pytest.raises(StagedMissing, match="expected the manifest of query q"):
        UnloadedRows(lake, Bucket({})).fetch(query, tmp_path)  # type: ignore[arg-type]
