"""Serving views: the text that Athena reads, and the types that it compares with it."""

import base64
import json
import re
from typing import Any

import botocore.session
import pytest
import sqlglot
from sqlglot import exp
from transform_world import HEAD, TOMBSTONES, contract

from lakeward import tables
from lakeward.contract import Contract, dataset, default_root, names, parse_contract
from lakeward.errors import ContractInvalid
from lakeward.tables import TableColumn
from lakeward.views import View, presto_type, shown_table, table_input, view_of, view_sql

PRESTO = {
    "boolean": "boolean",
    "int": "integer",
    "bigint": "bigint",
    "double": "double",
    "decimal(12,3)": "decimal(12,3)",
    "string": "varchar",
    "date": "date",
    "timestamp": "timestamp(3)",
}
PARCELS = contract("name: price, type: 'decimal(12,3)', at: $.price", "name: seen_at, type: timestamp, at: $.seen")
VIEW = view_of("parcels", tables.curated(PARCELS), "lakeward_dev_curated")


def document(of: dict[str, Any]) -> dict[str, Any]:
    """The JSON behind a view's text, read as Athena reads it."""
    match = re.fullmatch(r"/\* Presto View: ([A-Za-z0-9+/]+=*) \*/", of["ViewOriginalText"])
    assert match is not None
    return json.loads(base64.b64decode(match[1], validate=True))  # type: ignore[no-any-return]


def casts(sql: str) -> list[tuple[str, str, str]]:
    """Column read, type it is cast to, and name it is given, for every column of a query."""
    query = sqlglot.parse_one(sql, dialect="athena")
    found = []
    for column in query.selects:
        assert isinstance(column, exp.Alias)
        assert isinstance(column.this, exp.Cast)
        found.append(
            (column.this.this.name, column.this.to.sql(dialect="trino").lower().replace(" ", ""), column.alias)
        )
    return found


@pytest.mark.parametrize("declared", PRESTO)
def test_every_type_of_a_contract_has_its_presto_name(declared: str) -> None:
    assert presto_type(declared) == PRESTO[declared]


def test_the_query_casts_every_column_to_its_declared_type_and_keeps_its_name() -> None:
    assert view_sql(VIEW) == (
        "SELECT\n"
        '  CAST("id" AS varchar) AS "id",\n'
        '  CAST("version" AS bigint) AS "version",\n'
        '  CAST("day" AS date) AS "day",\n'
        '  CAST("price" AS decimal(12,3)) AS "price",\n'
        '  CAST("seen_at" AS timestamp(3)) AS "seen_at"\n'
        'FROM "lakeward_dev_curated"."parcels_v1"'
    )


def test_a_view_in_glue_is_whole() -> None:
    made = table_input(VIEW, "lakeward_dev_serving")

    assert document(made) == {
        "originalSql": view_sql(VIEW),
        "catalog": "awsdatacatalog",
        "schema": "lakeward_dev_serving",
        "columns": [
            {"name": "id", "type": "varchar"},
            {"name": "version", "type": "bigint"},
            {"name": "day", "type": "date"},
            {"name": "price", "type": "decimal(12,3)"},
            {"name": "seen_at", "type": "timestamp(3)"},
        ],
    }
    assert made == {
        "Name": "parcels",
        "Description": "Parcels on their way, one row a parcel.",
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"presto_view": "true", "comment": "Presto View"},
        "ViewOriginalText": made["ViewOriginalText"],
        "ViewExpandedText": "/* Presto View */",
        "PartitionKeys": [],
        "StorageDescriptor": {
            "Columns": [
                {"Name": "id", "Type": "string", "Comment": "Identifier."},
                {"Name": "version", "Type": "bigint", "Comment": "Revision."},
                {"Name": "day", "Type": "date", "Comment": "Day of the parcel."},
                {"Name": "price", "Type": "decimal(12,3)", "Comment": "Under test."},
                {"Name": "seen_at", "Type": "timestamp", "Comment": "Under test."},
            ],
            "Location": "",
            "NumberOfBuckets": 0,
            "SerdeInfo": {},
        },
    }


@pytest.mark.parametrize(
    ("column", "written", "literal"),
    [
        ("type: string", "it's gone", "'it''s gone'"),
        ("type: boolean", "true", "true"),
        ("type: int", "-1", "-1"),
    ],
)
def test_tombstones_are_left_out_and_a_mark_that_is_null_is_none(column: str, written: str, literal: str) -> None:
    load = TOMBSTONES.replace("equals: gone", f'equals: "{written}"' if "string" in column else f"equals: {written}")
    view = view_of("parcels", tables.curated(contract(f"name: note, {column}, at: $.note", load=load)), "curated")

    sql = view_sql(view)

    assert sql.endswith(f'\nFROM "curated"."parcels_v1"\nWHERE "note" IS DISTINCT FROM {literal}')
    assert sqlglot.parse_one(sql, dialect="athena").find(exp.NullSafeNEQ) is not None
    assert shown_table(table_input(view, "serving")) == "parcels_v1"


def test_lineage_columns_are_hidden_and_all_others_are_shown_in_order() -> None:
    design = tables.curated(PARCELS)

    hidden = [c.name for c in design.columns if c not in VIEW.columns]

    assert hidden == ["_slot", "_page", "_position"]
    assert [c.name for c in VIEW.columns] == [c.name for c in PARCELS.columns]


def test_the_view_of_a_quarantine_table_shows_where_each_record_came_from() -> None:
    view = view_of("parcels_quarantine", tables.quarantine(PARCELS), "lakeward_dev_quarantine")

    assert (view.name, view.database, view.table) == ("parcels_quarantine", "lakeward_dev_quarantine", "parcels")
    assert [(c.name, c.type) for c in view.columns] == [
        ("slot_date", "date"),
        ("page", "string"),
        ("position", "bigint"),
        ("column_name", "string"),
        ("rule", "string"),
        ("reason", "string"),
        ("violations", "string"),
        ("record", "string"),
    ]


def test_text_beyond_ascii_survives_the_encoding() -> None:
    view = View("v", (TableColumn("größe", "int", "Größe in ångström 😀"),), "db", "t", "Größe")

    made = table_input(view, "serving")

    assert document(made)["columns"] == [{"name": "größe", "type": "integer"}]
    assert made["StorageDescriptor"]["Columns"][0]["Comment"] == "Größe in ångström 😀"


@pytest.mark.parametrize("name", names(default_root()))
@pytest.mark.parametrize("design_of", [tables.curated, tables.quarantine])
def test_what_is_cast_is_what_is_declared_for_every_dataset(name: str, design_of: Any) -> None:
    view = view_of(name, design_of(dataset(name).contract), "curated")
    made = document(table_input(view, "serving"))

    declared = [(c["name"], c["type"], c["name"]) for c in made["columns"]]

    assert casts(made["originalSql"]) == declared
    assert [t for _, t, _ in declared] == [presto_type(c.type) for c in view.columns]


GLUE = botocore.session.get_session().get_service_model("glue")


def fits(text: str, shape: str, member: str) -> bool:
    """Whether Glue takes a text there, by the model of its API (which the local cloud does not hold anybody to)."""
    limits = GLUE.shape_for(shape).members[member].metadata  # type: ignore[attr-defined]
    return len(text) <= limits["max"] and ("\n" not in text or r"\n" in limits["pattern"])


@pytest.mark.parametrize("name", names(default_root()))
@pytest.mark.parametrize("design_of", [tables.curated, tables.quarantine])
def test_glue_takes_the_names_and_descriptions_of_every_dataset(name: str, design_of: Any) -> None:
    design = design_of(dataset(name).contract)

    assert fits(design.description, "TableInput", "Description")
    assert [c.name for c in design.columns if not fits(c.description, "Column", "Comment")] == []
    assert [c.name for c in design.columns if not fits(c.name, "Column", "Name")] == []


def saying(of_a_column: str = "Under test.", of_the_dataset: str = "Parcels on their way.") -> Contract:
    """The contract of parcels with other descriptions."""
    text = json.dumps(of_a_column)
    return parse_contract(
        HEAD.replace("RECORDS_AT", "$.items").replace("Parcels on their way, one row a parcel.", of_the_dataset)
        + f"  - {{name: note, type: string, at: $.note, description: {text}}}\n",
        "test",
    )


def test_descriptions_as_long_as_glue_takes_them_are_taken() -> None:
    design = tables.curated(saying("x" * 255, "y" * 2048))

    assert fits(design.description, "TableInput", "Description")
    assert all(fits(c.description, "Column", "Comment") for c in design.columns)


@pytest.mark.parametrize(
    "too_much", [{"of_a_column": "x" * 256}, {"of_a_column": "two\nlines"}, {"of_the_dataset": "y" * 2049}]
)
def test_descriptions_that_glue_would_refuse_are_refused_when_the_contract_is_read(too_much: dict[str, str]) -> None:
    with pytest.raises(ContractInvalid, match="description: expected text"):
        saying(**too_much)
