"""Every type from a record to what a reader of the view gets, also when a file is rewritten around its rows."""

from pathlib import Path

import pytest
from lake_world import Lake, slot
from transform_world import contract, record

from lakeward import tables
from lakeward.adapters.iceberg import catalog, glue_client
from lakeward.adapters.iceberg_schema import ensure_table

COLUMNS = (
    "name: f, type: float, at: $.f",
    "name: z, type: timestamptz, at: $.z",
    "name: b, type: binary, at: $.b",
    "name: l, type: list<bigint>, at: $.l",
    "name: m, type: 'map<string,decimal(6,2)>', at: $.m",
    "name: s, type: 'struct<a:int,tags:list<string>>', at: $.s",
    "name: n, type: 'list<struct<sku:string,sent:timestamp>>', at: $.n",
)
FULL = {
    "f": 0.5,
    "z": "2024-03-01T12:00:00+01:00",
    "b": "aGk=",
    "l": [1, None],
    "m": {"x": 1.5},
    "s": {"a": 7, "tags": ["t"]},
    "n": [{"sku": "k", "sent": "2024-03-01T00:00:00Z"}],
}
READ = (
    "id",
    "f",
    "z",
    "b",
    "cardinality(l)",
    "element_at(m, 'x')",
    "s.a",
    "s.tags[1]",
    "n[1].sku",
)


@pytest.fixture
def typed(cloud: str, tmp_path: Path) -> Lake:
    return Lake.make(contract(*COLUMNS), tmp_path)


def test_every_type_reaches_the_readers_of_the_view(typed: Lake):
    typed.run(slot(1), [record(1, **FULL), record(2)])

    assert typed.shown(*READ) == [
        ("p1", "0.5", "2024-03-01 11:00:00.000 UTC", "68 69", "2", "1.50", "7", "t", "k"),
        ("p2", None, None, None, None, None, None, None, None),
    ]


def test_a_file_that_is_rewritten_keeps_its_nested_values(typed: Lake):
    typed.run(slot(1), [record(1, **FULL), record(2, **FULL)])
    typed.run(slot(2), [record(2, version=2)])

    assert typed.shown("id", "l is null", "m is null", "s is null", "n is null", "n[1].sku", "s.a", "m['x']") == [
        ("p1", "false", "false", "false", "false", "k", "7", "1.50"),
        ("p2", "true", "true", "true", "true", None, None, None),
    ]


def test_a_table_with_nested_columns_is_left_alone_by_the_next_migration(typed: Lake):
    found = ensure_table(catalog(glue_client()), typed.bucket, typed.curated_database, tables.curated(typed.contract))

    assert found == "unchanged"
