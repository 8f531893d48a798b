"""Tables from contracts: made, evolved by what a contract gains, and refused where rows would be lost or changed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import boto3
import pytest
from lake_world import Lake, slot
from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.transforms import IdentityTransform
from transform_world import contract, record

from lakeward import tables
from lakeward.adapters.iceberg import catalog, glue_client
from lakeward.adapters.iceberg_schema import ensure_table
from lakeward.adapters.iceberg_types import contract_type, iceberg_type
from lakeward.errors import CommitConflict, SchemaConflict
from lakeward.tables import TableColumn, TableDesign

PARCELS = contract("name: note, type: string, at: $.note")
DESIGN = tables.curated(PARCELS)
WIDER = contract("name: note, type: string, at: $.note", "name: weight_kg, type: double, at: $.kg")
NEW = TableColumn("weight_kg", "double", "Weight.")


def ensure(lake: Lake, design: TableDesign) -> str:
    return ensure_table(catalog(glue_client()), lake.bucket, lake.curated_database, design)


def with_columns(*columns: TableColumn) -> TableDesign:
    """The design with other columns."""
    return replace(DESIGN, columns=columns)


def described(lake: Lake) -> list[tuple[str, str, str | None, bool]]:
    """Name, type, description and whether it is required, for every column of the table."""
    return [(f.name, str(f.field_type), f.doc, f.required) for f in lake.table().schema().fields]


def test_a_column_of_notes_stays_when_a_contract_keeps_none_any_more(lake: Lake) -> None:
    noting = replace(DESIGN, columns=(*DESIGN.columns, TableColumn(tables.NOTES, "string", "Notes.")))

    assert [ensure(lake, noting), ensure(lake, DESIGN)] == ["evolved", "unchanged"]
    assert tables.NOTES in [name for name, *_ in described(lake)]


def test_a_table_is_made_as_designed(lake: Lake) -> None:
    other = replace(DESIGN, name="parcels_v2", folder="curated/parcels_v2")

    assert ensure(lake, other) == "created"

    table = catalog(glue_client()).load_table((lake.curated_database, "parcels_v2"))
    assert [(f.field_id, f.name, str(f.field_type), f.doc, f.required) for f in table.schema().fields] == [
        (1, "id", "string", "Identifier.", False),
        (2, "version", "long", "Revision.", False),
        (3, "day", "date", "Day of the parcel.", False),
        (4, "note", "string", "Under test.", False),
        (5, "_slot", "timestamp", "Slot of the run that wrote the row, UTC.", False),
        (6, "_page", "string", "Raw page that held the record, such as page-00001.", False),
        (7, "_position", "long", "Position of the record in that page, from 1.", False),
    ]
    (partition,) = table.spec().fields
    assert (partition.name, partition.source_id, partition.transform) == ("day", 3, IdentityTransform())
    assert table.location() == f"s3://{lake.bucket}/curated/parcels_v2"
    assert table.metadata.format_version == 2
    assert table.properties == {
        "write.format.default": "parquet",
        "write.parquet.compression-codec": "zstd",
        "write.delete.mode": "copy-on-write",
        "write.update.mode": "copy-on-write",
        "write.merge.mode": "copy-on-write",
        "commit.retry.num-retries": "0",
        "comment": "Parcels on their way, one row a parcel.",
    }
    assert table.metadata.snapshots == []


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("boolean", "boolean"),
        ("int", "int"),
        ("bigint", "long"),
        ("double", "double"),
        ("decimal(12,3)", "decimal(12, 3)"),
        ("string", "string"),
        ("date", "date"),
        ("timestamp", "timestamp"),
        ("float", "float"),
        ("timestamptz", "timestamptz"),
        ("binary", "binary"),
        ("list<int>", "list<int>"),
        ("map<string,bigint>", "map<string, long>"),
        ("struct<a:int,b:list<string>>", "struct<1: a: optional int, 2: b: optional list<string>>"),
    ],
)
def test_every_type_of_a_contract_is_an_iceberg_type(declared: str, expected: str) -> None:
    assert str(iceberg_type(declared)) == expected
    assert contract_type(iceberg_type(declared)) == declared


def test_a_table_that_is_as_designed_is_left_alone(lake: Lake) -> None:
    before = lake.table().metadata_location

    assert ensure(lake, DESIGN) == "unchanged"
    assert lake.table().metadata_location == before


def test_a_new_column_is_added_and_old_rows_have_no_value_in_it(lake: Lake) -> None:
    lake.run(slot(1), [record(1, note="old")])

    assert ensure(lake, with_columns(*DESIGN.columns, NEW)) == "evolved"

    wider = replace(lake, contract=WIDER)
    wider.run(slot(2), [record(2, note="new", kg=1.5)])
    assert lake.rows("id", "day", "note", "weight_kg") == [
        ("p1", date(2024, 3, 1), "old", None),
        ("p2", date(2024, 3, 1), "new", 1.5),
    ]


def test_an_old_row_that_is_rewritten_after_a_column_was_added_stays_whole(lake: Lake) -> None:
    lake.run(slot(1), [record(1, note="old"), record(2, note="replaced")])
    ensure(lake, with_columns(*DESIGN.columns, NEW))

    wider = replace(lake, contract=WIDER)
    wider.run(slot(2), [record(2, version=2, note="new", kg=1.5)])

    assert lake.rows("id", "note", "weight_kg") == [("p1", "old", None), ("p2", "new", 1.5)]


def test_a_new_column_has_its_description_and_the_next_call_finds_nothing_to_do(lake: Lake) -> None:
    before = described(lake)
    wider = with_columns(*DESIGN.columns, NEW)

    ensure(lake, wider)

    assert described(lake) == [*before, ("weight_kg", "double", "Weight.", False)]
    assert ensure(lake, wider) == "unchanged"


def test_another_description_of_a_column_is_taken_over(lake: Lake) -> None:
    columns = [replace(c, description="Said otherwise.") if c.name == "note" else c for c in DESIGN.columns]

    assert ensure(lake, with_columns(*columns)) == "evolved"
    assert ("note", "string", "Said otherwise.", False) in described(lake)
    assert ensure(lake, with_columns(*columns)) == "unchanged"


def test_another_description_of_the_dataset_is_taken_over(lake: Lake) -> None:
    reworded = replace(DESIGN, description="Parcels, said otherwise.")
    columns, properties = described(lake), lake.table().properties

    assert ensure(lake, reworded) == "evolved"
    assert lake.table().properties == {**properties, "comment": "Parcels, said otherwise."}
    assert described(lake) == columns
    assert ensure(lake, reworded) == "unchanged"


def test_the_order_of_columns_is_no_difference(lake: Lake) -> None:
    assert ensure(lake, with_columns(*reversed(DESIGN.columns))) == "unchanged"


ADVICE = (
    "A table only gains columns and wider types; for any other change raise the major version of the contract, which "
    "makes a new table. `lakeward dataset plan` says what a change comes to"
)
WITHOUT_NOTE = [c for c in DESIGN.columns if c.name != "note"]
REFUSED = {
    "a column removed": (with_columns(*WITHOUT_NOTE), ["column note is in the table and not in the contract"]),
    "a column of another type": (
        with_columns(*WITHOUT_NOTE, TableColumn("note", "int", "Under test.")),
        ["column note is string, expected int"],
    ),
    "a type that is wider in another way": (
        with_columns(*[replace(c, type="decimal(20,0)") if c.name == "version" else c for c in DESIGN.columns]),
        ["column version is bigint, expected decimal(20,0)"],
    ),
    "a column renamed": (
        with_columns(*WITHOUT_NOTE, TableColumn("remark", "string", "Under test.")),
        ["column note is in the table and not in the contract"],
    ),
    "another partition": (replace(DESIGN, partition_by="note"), ["expected the partition note, found day"]),
    "all at once": (
        replace(
            with_columns(*[replace(c, type="int") if c.name == "version" else c for c in WITHOUT_NOTE], NEW),
            partition_by="version",
        ),
        [
            "column note is in the table and not in the contract",
            "column version is bigint, expected int",
            "expected the partition version, found day",
        ],
    ),
}


@pytest.mark.parametrize("change", REFUSED)
def test_a_change_that_rows_would_not_survive_is_refused_and_nothing_is_done(change: str, lake: Lake) -> None:
    design, problems = REFUSED[change]
    before = lake.table().metadata_location

    with pytest.raises(SchemaConflict) as problem:
        ensure(lake, design)

    name = f"{lake.curated_database}.parcels_v1"
    assert problem.value.message == f"table {name}: {'; '.join(problems)}. {ADVICE}"
    assert lake.table().metadata_location == before


def catalog_with_rival(operation: str, rival: Callable[[], Any]) -> GlueCatalog:
    """A catalog whose next write comes just after somebody else's."""
    client = glue_client()
    rivals = [rival]

    def come_first(**_: Any) -> None:
        while rivals:
            rivals.pop()()

    client.meta.events.register(f"before-send.glue.{operation}", come_first)
    return catalog(client)


def test_of_two_that_evolve_a_table_at_once_the_slower_is_told_and_its_next_call_succeeds(lake: Lake) -> None:
    theirs, ours = (with_columns(*DESIGN.columns, *more) for more in ([NEW], [NEW, replace(NEW, name="height_m")]))
    raced = catalog_with_rival("UpdateTable", lambda: ensure(lake, theirs))

    with pytest.raises(CommitConflict, match=rf"table {lake.curated_database}\.parcels_v1: expected the version"):
        ensure_table(raced, lake.bucket, lake.curated_database, ours)

    assert [name for name, *_ in described(lake)][-1] == "weight_kg"
    assert ensure_table(raced, lake.bucket, lake.curated_database, ours) == "evolved"
    assert [name for name, *_ in described(lake)][-2:] == ["weight_kg", "height_m"]


def test_of_two_that_make_a_table_at_once_the_slower_finds_it_made(lake: Lake) -> None:
    other = replace(DESIGN, name="parcels_v3", folder="curated/parcels_v3")
    raced = catalog_with_rival("CreateTable", lambda: ensure(lake, other))

    assert ensure_table(raced, lake.bucket, lake.curated_database, other) == "unchanged"
    tables_there = boto3.client("glue").get_tables(DatabaseName=lake.curated_database)["TableList"]
    assert [t["Name"] for t in tables_there] == ["parcels_v1", "parcels_v3"]


def test_a_column_becomes_wider_and_rows_from_before_are_read_as_that(cloud: str, tmp_path: Path) -> None:
    narrow = contract("name: pieces, type: int, at: $.n", "name: price, type: 'decimal(4,2)', at: $.p")
    wide = contract("name: pieces, type: bigint, at: $.n", "name: price, type: 'decimal(12,2)', at: $.p")
    lake = Lake.make(narrow, tmp_path)
    lake.run(slot(1), [record(1, n=7, p=1.5), record(2, n=8, p=2.5)])

    assert [ensure(lake, tables.curated(wide)) for _ in range(2)] == ["evolved", "unchanged"]
    wider = replace(lake, contract=wide)
    wider.run(slot(2), [record(2, version=2, n=2**40, p=1234567.25), record(3, n=9)])

    assert wider.shown("id", "pieces", "price") == [
        ("p1", "7", "1.50"),
        ("p2", str(2**40), "1234567.25"),
        ("p3", "9", None),
    ]


def test_a_table_that_is_wider_than_its_contract_is_left_so(cloud: str, tmp_path: Path) -> None:
    lake = Lake.make(contract("name: pieces, type: bigint, at: $.n"), tmp_path)

    assert ensure(lake, tables.curated(contract("name: pieces, type: int, at: $.n"))) == "unchanged"
