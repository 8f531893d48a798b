"""A slot whose records are exploded: records and rows are both proved, and both are in what the run keeps."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from stage_world import DATASET, MemoryBucket, StageWorld
from transform_world import contract, record

from lakeward.adapters.duckdb_engine import DuckDbEngine
from lakeward.audit.run import audit_slot
from lakeward.contract import Dataset
from lakeward.errors import AuditFailed, IncompleteRun
from lakeward.measures import Exploded
from lakeward.ports.lake import Transformed
from lakeward.staged import Staged

LEGS = "name: leg, type: string, at: '$.legs[*]'"
OF = contract(LEGS, records_at="$.items, explode: {at: $.legs, empty: skip}", load="{mode: replace_slot}")
TRIPS = Dataset(Path("parcels"), OF, DATASET.contract_sha256)
ITEMS = [record(1, legs=["Ulm", 5, "Bonn"]), record(2, legs=[]), record(3, legs=["Ulm"]), record(4)]


class Lossy(DuckDbEngine):
    """Says that there was one more than there was."""

    def __init__(self, **more: int) -> None:
        self._more = Exploded(**more)

    def transform(self, *given: Any, **named: Any) -> Transformed:
        """The same, with another account."""
        made = super().transform(*given, **named)
        assert made.exploded is not None
        return replace(made, exploded=made.exploded + self._more)


def staged(tmp_path: Path, engine: DuckDbEngine | None = None) -> tuple[Staged, MemoryBucket]:
    world = StageWorld(tmp_path, engine=engine or DuckDbEngine())  # type: ignore[arg-type]
    world.certify(ITEMS)
    return world.stage(TRIPS).staged, world.lake


def test_records_skipped_ones_and_rows_are_kept_and_the_audit_agrees(tmp_path: Path):
    made, lake = staged(tmp_path)

    assert (made.records_in, made.rows_in, made.exploded) == (4, 5, Exploded(records=4, rows=5, skipped=1))
    assert (made.accepted, made.quarantined, made.deduplicated) == (3, 2, 0)
    assert [(check.rule, check.expected, check.found) for check in audit_slot(OF, made, lake)][:2] == [
        ("rows of exploded records = accepted + quarantined + deduplicated", "5", "5"),
        ("records_in = records exploded", "4", "4"),
    ]


def test_a_slot_without_a_page_has_no_rows_of_records(tmp_path: Path):
    world = StageWorld(tmp_path)
    world.certify()

    assert world.stage(TRIPS).staged.exploded == Exploded()


@pytest.mark.parametrize(
    ("engine", "said"),
    [
        (Lossy(rows=1), "expected 6 rows from 4 records, the transform made 3 valid and 2 quarantined"),
        (Lossy(records=1), "expected 4 records as certified, the transform read 5"),
    ],
)
def test_a_row_or_a_record_that_is_lost_stops_the_run(engine: DuckDbEngine, said: str, tmp_path: Path):
    with pytest.raises(IncompleteRun) as problem:
        staged(tmp_path, engine)

    assert problem.value.message == f"parcels 2024-03-01T00:00Z: {said}; nothing was staged"


@pytest.mark.parametrize(
    ("others", "rule"),
    [
        ({"exploded": Exploded(records=4, rows=6)}, "rows of exploded records = accepted + quarantined + deduplicated"),
        ({"exploded": Exploded(records=3, rows=5)}, "records_in = records exploded"),
    ],
)
def test_counts_that_do_not_add_up_stop_the_publish(others: dict[str, Any], rule: str, tmp_path: Path):
    made, lake = staged(tmp_path)

    with pytest.raises(AuditFailed) as problem:
        audit_slot(OF, made.model_copy(update=others), lake)

    assert problem.value.facts["failed"] == [rule]


def test_the_share_of_quarantined_rows_is_one_of_rows(tmp_path: Path):
    made, lake = staged(tmp_path)
    of = OF.model_copy(update={"quality": OF.quality.model_copy(update={"max_quarantined_fraction": 0.39})})

    with pytest.raises(AuditFailed, match=r"max_quarantined_fraction: expected at most 0\.39, found 0\.4000"):
        audit_slot(of, made, lake)
