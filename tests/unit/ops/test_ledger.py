"""What the ledger keeps of a run: every raw record is written, quarantined or a duplicate."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeward.ops.ledger import counts_of, facts_of

BROKEN = [{"column": "magnitude", "rule": "range", "policy": "warn", "records": 3}]

DRIFT = {"looked_at": 100, "new": {"$.alert": "string"}, "missing": []}
CHECKS = [
    {"rule": "quality.min_records", "expected": "at least 1", "found": "100", "holds": True, "policy": "fail"},
]


def answers(accepted: int, quarantined: int, deduplicated: int, superseded: int) -> dict[str, dict[str, Any]]:
    """What the steps of a run answered, as the state machine has it when it comes to recording."""
    return {
        "ingest": {
            "complete": True,
            "certificate_key": "earthquakes/slot=20180131T0000Z/certificate.json",
            "certificate_sha256": "1" * 64,
            "pages": 3,
            "records": accepted + quarantined + deduplicated,
            "raw_bytes": 1000,
            "attempt": 1,
            "http_requests": 5,
            "s3_puts": 6,
            "route": {"engine": "lambda", "reason": "it fits", "workers": 2, "text_bytes": 1000},
            "stand_ins": ["http://127.0.0.1:8080"],
            "release": "4" * 64,
        },
        "transform": {
            "staged_key": "staging/earthquakes/slot=20180131T0000Z/2222222222222222/staged.json",
            "run_id": "earthquakes/2018-01-31T00:00Z/2222222222222222",
            "made": True,
            "seconds": 2.5,
            "engine": "duckdb",
            "contract_sha256": "3" * 64,
            "release": "4" * 64,
            "records_in": accepted + quarantined + deduplicated,
            "accepted": accepted,
            "quarantined": quarantined,
            "deduplicated": deduplicated,
            "broken_rules": BROKEN,
            "drift": DRIFT,
            "spreads": [{"column": "magnitude", "rows": 1, "nulls": 0, "deciles": [1e300], "categories": {}}],
            "raw_bytes": 1000,
            "text_bytes": 10_000,
            "staged_bytes": 500,
        },
        "audit": {"checks": CHECKS},
        "publish": {
            "changed": True,
            "snapshot_id": "7449124993265080923",
            "quarantine_snapshot_id": None,
            "rows_written": accepted - superseded,
            "rows_superseded": superseded,
        },
    }


def test_a_success_is_kept_with_its_counts_and_where_its_rows_are() -> None:
    assert facts_of(answers(accepted=90, quarantined=4, deduplicated=6, superseded=10)) == {
        "run_id": "earthquakes/2018-01-31T00:00Z/2222222222222222",
        "contract_sha256": "3" * 64,
        "release": "4" * 64,
        "engine": "duckdb",
        "engine_reason": "it fits",
        "transform_seconds": 2.5,
        "pages": 3,
        "raw_bytes": 1000,
        "certificate_sha256": "1" * 64,
        "stand_ins": ["http://127.0.0.1:8080"],
        "records_in": 100,
        "rows_in": 100,
        "written": 80,
        "quarantined": 4,
        "deduplicated": 16,
        "snapshot_id": "7449124993265080923",
        "broken_rules": BROKEN,
        "drift": DRIFT,
        "checks": CHECKS,
        "estimated_microdollars": 588,
        "spreads": '[{"column": "magnitude", "rows": 1, "nulls": 0, "deciles": [1e+300], "categories": {}}]',
        "marts": [],
    }


def test_of_a_run_that_an_older_release_began_it_is_not_known_who_served_it() -> None:
    steps = answers(accepted=90, quarantined=4, deduplicated=6, superseded=0)
    del steps["ingest"]["stand_ins"]

    assert "stand_ins" not in facts_of(steps)


def test_what_a_certificate_warns_of_is_kept() -> None:
    steps = answers(accepted=90, quarantined=4, deduplicated=6, superseded=10)
    steps["ingest"]["warnings"] = ["no answer had the place"]

    assert facts_of(steps)["ingest_warnings"] == ["no answer had the place"]


def test_a_run_that_exploded_an_array_is_kept_with_records_and_rows() -> None:
    steps = answers(accepted=6, quarantined=1, deduplicated=0, superseded=0)
    exploded = {"records": 3, "rows": 7, "skipped": 1}
    steps["transform"] |= {"records_in": 3, "exploded": exploded}

    facts = facts_of(steps)

    assert facts["exploded"] == exploded
    assert counts_of(facts) == {"records_in": 3, "rows_in": 7, "written": 6, "quarantined": 1, "deduplicated": 0}


def test_the_marts_of_a_run_are_kept_with_what_their_queries_cost() -> None:
    steps = answers(accepted=90, quarantined=4, deduplicated=6, superseded=0)
    built = {"mart": "events_by_day", "slot": "2018-01-31T00:00Z", "outcome": "built", "rows": 1, "scanned_bytes": 999}
    waits = built | {"outcome": "waiting", "waits_for": "plates", "rows": 0, "scanned_bytes": 0}
    steps["publish"]["marts"] = {"next": "none", "done": [built, waits]}

    facts = facts_of(steps)

    assert facts["marts"] == [built | {"dollars": pytest.approx(0.00005)}, waits | {"dollars": 0.0}]
    assert facts["estimated_microdollars"] == 588 + 50


counts = st.integers(0, 10_000)


@given(written=counts, quarantined=counts, deduplicated=counts, superseded=counts)
def test_records_in_are_written_quarantined_or_deduplicated(
    written: int, quarantined: int, deduplicated: int, superseded: int
) -> None:
    facts = facts_of(answers(written + superseded, quarantined, deduplicated, superseded))

    assert facts["records_in"] == facts["written"] + facts["quarantined"] + facts["deduplicated"]
    assert (facts["written"], facts["quarantined"]) == (written, quarantined)
