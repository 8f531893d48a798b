"""An upstream that lies to the deployed pipeline: the run fails in its step, says why, alerts, publishes nothing."""

from typing import Any

import pytest
from deployed_world import Deployed, day_of, recorded

COUNT = {"path": "*/count"}
SECOND_PAGE = {"path": "*/query", "query": {"offset": "101"}}
EVENTS = {day: [e for e in recorded() if day_of(e) == day] for day in {day_of(e) for e in recorded()}}

LIES = [
    pytest.param(
        "2018-02-01",
        {"match": COUNT, "fault": {"kind": "declare", "by": 1}},
        "IncompleteRun",
        ["232", "231"],
        id="the total is one more than comes",
    ),
    pytest.param(
        "2018-02-03",
        {"match": SECOND_PAGE, "fault": {"kind": "withhold", "records": 1}},
        "IncompleteRun",
        ["page-00002", "100", "99"],
        id="a page declares 100 and sends 99",
    ),
    pytest.param(
        "2018-02-04",
        {"match": SECOND_PAGE, "fault": {"kind": "answer_as", "query": {"offset": "1"}}},
        "IncompleteRun",
        ["page-00002", "page 1"],
        id="a page repeats",
    ),
    pytest.param(
        "2018-02-05",
        {"match": SECOND_PAGE, "fault": {"kind": "truncate_json", "keep_bytes": 5000}},
        "IncompleteRun",
        ["page-00002", "JSON"],
        id="a page is half a JSON",
    ),
]


@pytest.mark.parametrize(("day", "lie", "error", "words"), LIES)
def test_a_lie_fails_the_run_with_its_page_and_publishes_nothing(
    day: str, lie: dict[str, Any], error: str, words: list[str], lying: Deployed
) -> None:
    key = f"trial-{day.replace('-', '')}T0000Z"
    lying.lie(lie)

    done = lying.lakeward("run", "trial", "--slot", day)

    assert done.returncode == 1
    assert [w for w in (error, "found", *words) if w not in done.stderr] == []
    assert lying.states(key) == ["Ingest", "IngestFailed", "RecordFailure", "Alert", "Failed"]
    (alert,) = lying.alerts()
    assert (alert["dataset"], alert["slot"], alert["execution"], alert["step"], alert["error"]) == (
        "trial",
        f"{day}T00:00Z",
        key,
        "ingest",
        error,
    )
    assert lying.sql(f"SELECT count(*) AS n FROM trial WHERE event_date = DATE '{day}'") == [{"n": 0}]
    assert "failed: ingest" in lying.lakeward("runs", "trial").stdout

    lying.lie()
    again = lying.lakeward("run", "trial", "--slot", day)

    assert again.returncode == 0, again.stderr
    assert lying.sql(f"SELECT count(*) AS n FROM trial WHERE event_date = DATE '{day}'") == [{"n": len(EVENTS[day])}]


def test_an_upstream_that_is_down_for_a_while_is_asked_again(lying: Deployed) -> None:
    lying.lie({"times": 2, "fault": {"kind": "status", "status": 503, "headers": {"Retry-After": "0"}}})

    done = lying.lakeward("run", "trial", "--slot", "2018-02-07")

    assert done.returncode == 0, done.stderr
    assert lying.sql("SELECT count(*) AS n FROM trial WHERE event_date = DATE '2018-02-07'") == [{"n": 14}]


def test_records_that_break_a_rule_are_quarantined_and_the_rest_is_published(lying: Deployed) -> None:
    day = "2018-02-02"
    in_order = sorted(EVENTS[day], key=lambda e: e["properties"]["time"])
    strong, nameless, timeless = in_order[3], in_order[104], in_order[206]
    lying.lie(
        {"fault": {"kind": "change_record", "id": strong["id"], "set": {"properties.mag": "strong"}}},
        {"fault": {"kind": "change_record", "id": nameless["id"], "drop": ["id"]}},
        {"fault": {"kind": "change_record", "id": timeless["id"], "set": {"properties.time": 9 * 10**18}}},
    )

    done = lying.lakeward("run", "trial", "--slot", day)

    assert done.returncode == 0, done.stderr
    assert lying.sql("SELECT column_name, rule, reason, page, position FROM trial_quarantine ORDER BY page") == [
        {
            "column_name": "magnitude",
            "rule": "type",
            "reason": "expected a number, found a string that is not one",
            "page": "page-00001",
            "position": 4,
        },
        {
            "column_name": "id",
            "rule": "required",
            "reason": "expected a value, found none",
            "page": "page-00002",
            "position": 5,
        },
        {
            "column_name": "occurred_at",
            "rule": "type",
            "reason": "expected milliseconds since 1970 within the years 1 to 9999, found another number",
            "page": "page-00003",
            "position": 7,
        },
    ]
    kept = lying.sql(f"SELECT id FROM trial WHERE event_date = DATE '{day}'")
    assert {r["id"] for r in kept} == {e["id"] for e in EVENTS[day]} - {strong["id"], nameless["id"], timeless["id"]}


def test_too_many_quarantined_records_stop_the_run_at_the_audit(lying: Deployed) -> None:
    day = "2018-02-06"
    lying.lie(
        *[
            {"fault": {"kind": "change_record", "id": event["id"], "set": {"properties.mag": "strong"}}}
            for event in EVENTS[day][:12]
        ]
    )

    done = lying.lakeward("run", "trial", "--slot", day)

    assert done.returncode == 1
    assert "quality.max_quarantined_fraction: expected at most 0.05, found 0.0563" in done.stderr
    assert lying.states("trial-20180206T0000Z")[-4:] == ["AuditFailed", "RecordFailure", "Alert", "Failed"]
    assert lying.sql(f"SELECT count(*) AS n FROM trial WHERE event_date = DATE '{day}'") == [{"n": 0}]
