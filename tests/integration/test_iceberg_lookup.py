"""Values of staged files looked up in another dataset's table: what its readers see counts, and nothing else."""

import pytest
from lake_world import Lake, slot
from transform_world import contract, record

from lakeward import tables
from lakeward.adapters.iceberg import catalog, glue_client
from lakeward.adapters.iceberg_lookup import look_up
from lakeward.errors import SchemaConflict
from lakeward.ports.history import Lookup
from lakeward.staged import Staged


def looked_up(lake: Lake, staged: Staged) -> Lookup:
    """The notes of a staged load among the ids of the published parcels."""
    design = tables.curated(lake.contract)
    return look_up(catalog(glue_client()), lake.curated_database, staged.accepted_files, "note", design, "id")


def test_rows_whose_value_was_never_published_are_missing_and_rows_without_one_do_not_count(lake: Lake) -> None:
    lake.run(slot(1), [record(1), record(2, day="2024-03-02")])
    staged = lake.stage(slot(2), [record(n, note=note) for n, note in enumerate(["p1", "p2", "p2", "p3", None], 4)])

    assert looked_up(lake, staged) == Lookup(rows=4, missing=1)


def test_in_a_table_without_rows_every_value_is_missing(lake: Lake) -> None:
    staged = lake.stage(slot(2), [record(1, note="p1")])

    assert looked_up(lake, staged) == Lookup(rows=1, missing=1)


def test_what_is_only_staged_is_not_there_to_be_found(lake: Lake) -> None:
    lake.stage(slot(1), [record(1)])

    assert looked_up(lake, lake.stage(slot(2), [record(2, note="p1")], release="r2")) == Lookup(rows=1, missing=1)


def test_a_table_that_is_not_there_is_told_by_name(lake: Lake) -> None:
    staged, other = lake.stage(slot(2), [record(1, note="p1")]), contract().model_copy(update={"dataset": "depots"})

    with pytest.raises(SchemaConflict, match=r"expected table \S+depots_v1, found none"):
        look_up(
            catalog(glue_client()), lake.curated_database, staged.accepted_files, "note", tables.curated(other), "id"
        )
