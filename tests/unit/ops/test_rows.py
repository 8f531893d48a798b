"""The rows of the ops tables: one for each attempt, under a key that the attempt alone decides."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from lakeward.ops.rows import objects, quality_rows, run_row
from lakeward.ports.ledger import Entry
from lakeward.slot import Slot

OPS = (Path(__file__).parents[3] / "terraform/platform/ops.tf").read_text()
SLOT = Slot.parse("2018-01-31", "day")
FACTS: dict[str, Any] = {
    "run_id": "earthquakes/2018-01-31T00:00Z/2222222222222222",
    "contract_sha256": "3" * 64,
    "release": "4" * 64,
    "engine": "duckdb",
    "engine_reason": "it fits",
    "transform_seconds": 2.5,
    "pages": 3,
    "raw_bytes": 1000,
    "certificate_sha256": "1" * 64,
    "records_in": 100,
    "rows_in": 100,
    "written": 94,
    "quarantined": 4,
    "deduplicated": 2,
    "snapshot_id": "7449124993265080923",
    "broken_rules": [{"column": "magnitude", "rule": "type", "policy": "quarantine", "records": 4}],
    "drift": {"looked_at": 100, "new": {}, "missing": []},
    "checks": [
        {"rule": "quality.min_records", "expected": "at least 1", "found": "100", "holds": True, "policy": "fail"},
        {"rule": "quality.psi", "expected": "at most 0.2", "found": "0.3", "holds": False, "policy": "warn"},
    ],
    "estimated_microdollars": 512,
    "spreads": "[]",
    "marts": [],
}
SUCCEEDED = Entry(
    "earthquakes",
    SLOT,
    "earthquakes-20180131T0000Z",
    "2018-02-01T23:59:58.250Z",
    "SUCCEEDED",
    "2018-02-02T00:00:06.750+00:00",
    FACTS,
)
FAILED = replace(
    SUCCEEDED, status="FAILED", facts={"step": "audit", "error": "AuditFailed", "cause": "found 'Ada Lovelace'"}
)


def declared(table: str) -> set[str]:
    """The columns that Terraform gives a table."""
    block = re.search(rf"^    {table} = \{{\n(.*?)^    \}}$", OPS, re.MULTILINE | re.DOTALL)
    assert block
    return set(re.findall(r"\{ name = \"(\w+)\"", block[1]))


def test_a_success_is_a_row_with_its_counts_its_cost_and_its_seconds() -> None:
    assert run_row(SUCCEEDED) == {
        "slot": "2018-01-31T00:00Z",
        "execution": "earthquakes-20180131T0000Z",
        "status": "SUCCEEDED",
        "failed_step": None,
        "error": None,
        "started_at": "2018-02-01 23:59:58.250",
        "recorded_at": "2018-02-02 00:00:06.750",
        "seconds": 8.5,
        "run_id": "earthquakes/2018-01-31T00:00Z/2222222222222222",
        "release": "4" * 64,
        "contract_sha256": "3" * 64,
        "certificate_sha256": "1" * 64,
        "snapshot_id": "7449124993265080923",
        "engine": "duckdb",
        "engine_reason": "it fits",
        "transform_seconds": 2.5,
        "pages": 3,
        "raw_bytes": 1000,
        "records_in": 100,
        "rows_in": 100,
        "written": 94,
        "quarantined": 4,
        "deduplicated": 2,
        "estimated_microdollars": 512,
    }


def test_a_failure_says_where_and_its_errors_name_and_nothing_that_a_record_may_have_said() -> None:
    row = run_row(FAILED)

    assert {name: value for name, value in row.items() if value is not None} == {
        "slot": "2018-01-31T00:00Z",
        "execution": "earthquakes-20180131T0000Z",
        "status": "FAILED",
        "failed_step": "audit",
        "error": "AuditFailed",
        "started_at": "2018-02-01 23:59:58.250",
        "recorded_at": "2018-02-02 00:00:06.750",
        "seconds": 8.5,
    }
    assert "Lovelace" not in json.dumps(row)
    assert quality_rows(FAILED) == []


def test_each_broken_rule_and_each_warning_is_a_row_of_quality() -> None:
    run = {
        "slot": "2018-01-31T00:00Z",
        "execution": "earthquakes-20180131T0000Z",
        "started_at": "2018-02-01 23:59:58.250",
        "records_in": 100,
    }

    assert quality_rows(SUCCEEDED) == [
        run | {"column_name": "magnitude", "rule": "type", "policy": "quarantine", "records": 4},
        run | {"column_name": None, "rule": "quality.psi", "policy": "warn", "records": None},
    ]


def test_an_attempts_objects_lie_under_the_day_on_which_it_began_and_the_runs_own_comes_last() -> None:
    name = "dataset=earthquakes/day=2018-02-01/earthquakes-20180131T0000Z"

    assert [key for key, _ in objects(SUCCEEDED)] == [
        f"ops/quality/{name}.succeeded.json",
        f"ops/runs/{name}.succeeded.json",
    ]
    assert [key for key, _ in objects(FAILED)] == [f"ops/runs/{name}.failed-audit.json"]


def test_a_key_does_not_depend_on_when_the_attempt_was_recorded() -> None:
    later = replace(SUCCEEDED, recorded_at="2018-02-05T00:00:00.000+00:00")

    assert [key for key, _ in objects(later)] == [key for key, _ in objects(SUCCEEDED)]


def test_a_run_without_a_broken_rule_has_no_object_of_quality() -> None:
    clean = replace(SUCCEEDED, facts=FACTS | {"broken_rules": [], "checks": []})

    assert [key.split("/")[1] for key, _ in objects(clean)] == ["runs"]


def test_each_line_is_one_object() -> None:
    (_, quality), (_, runs) = objects(SUCCEEDED)

    assert [json.loads(line) for line in quality.splitlines()] == quality_rows(SUCCEEDED)
    assert [json.loads(line) for line in runs.splitlines()] == [run_row(SUCCEEDED)]


def test_terraform_declares_the_columns_that_rows_have() -> None:
    assert declared("runs") == set(run_row(SUCCEEDED))
    assert declared("quality") == set(quality_rows(SUCCEEDED)[0])
