"""The functions in a row, as the state machine calls them: a cloud behind them, a replayed service before them."""

import hashlib
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import boto3
import pytest
from pipeline_world import RELEASE, Pipeline, context, events, pipeline

from lakeward.contract import dataset
from lakeward.handlers import record
from lakeward.staged import Staged

EARLIER, LATER = "2018-02-06T00:00Z", "2018-02-07T00:00Z"
FIRST = ("earthquakes-20180206T0000Z", "2018-02-08T03:00:00.000Z")
SECOND = ("earthquakes-20180206T0000Z-2", "2018-02-08T04:00:00.000Z")
GOING_WELL = ["Ingest", "IsComplete", "Route", "Transform", "Audit", "Publish", "NextMart", "Record", "Done"]


@pytest.fixture
def lake(cloud: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pipeline]:
    """An environment that is built and migrated."""
    with pipeline(monkeypatch) as made:
        yield made


def stored(lake: Pipeline, role: str, key: str) -> bytes:
    """An object's bytes."""
    body = boto3.client("s3").get_object(Bucket=lake.settings[f"{role}_BUCKET"], Key=key)["Body"].read()
    assert isinstance(body, bytes)
    return body


def break_three_records(lake: Pipeline) -> set[str]:
    """Let one record of the earlier day be unreadable, one be another's duplicate, and one an older version of a later
    day's; gives the ids of the day that must be in the table."""
    unreadable, doubled, older, *good = events("2018-02-06")
    lake.break_service(
        {"kind": "change_record", "id": unreadable, "set": {"properties.mag": "strong"}},
        {"kind": "change_record", "id": doubled, "set": {"id": good[0], "properties.updated": 1}},
        {"kind": "change_record", "id": older, "set": {"id": events("2018-02-07")[0], "properties.updated": 1}},
    )
    return set(good)


def test_a_slot_goes_through_every_function_and_its_whole_account_is_in_the_ledger(lake: Pipeline) -> None:
    lake.run(LATER, "earthquakes-20180207T0000Z", "2018-02-08T02:00:00.000Z")
    good = break_three_records(lake)

    walked = lake.run(EARLIER, *FIRST)

    assert (walked.status, walked.states) == ("SUCCEEDED", GOING_WELL)
    certificate = stored(lake, "RAW", walked.data["ingest"]["certificate_key"])
    pages = json.loads(certificate)["pages"]
    staged = Staged.from_bytes(stored(lake, "CURATED", walked.data["transform"]["staged_key"]))
    drift = walked.data["transform"]["drift"]
    looked = drift | {"looked_at": Decimal(drift["looked_at"])}
    item = lake.item(EARLIER)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", item.pop("recorded_at"))
    assert 0 < (seconds := item["facts"].pop("transform_seconds")) < 900
    assert item == {
        "dataset": "earthquakes",
        "slot": EARLIER,
        "execution": FIRST[0],
        "started_at": FIRST[1],
        "status": "SUCCEEDED",
        "facts": {
            "run_id": f"earthquakes/{EARLIER}/{staged.fingerprint[:16]}",
            "contract_sha256": dataset("earthquakes").contract_sha256,
            "release": RELEASE,
            "engine": "duckdb",
            "engine_reason": "0 s (by measurement) of 450 and 0 MB of disk of 5,369 MB expected in Lambda",
            "pages": Decimal(3),
            "raw_bytes": Decimal(sum(len(stored(lake, "RAW", page["key"])) for page in pages)),
            "certificate_sha256": hashlib.sha256(certificate).hexdigest(),
            "stand_ins": [f"http://127.0.0.1:{lake.service.server_address[1]}"],
            "records_in": Decimal(213),
            "rows_in": Decimal(213),
            "written": Decimal(210),
            "quarantined": Decimal(1),
            "deduplicated": Decimal(2),
            "snapshot_id": str(lake.table().metadata.current_snapshot_id),
            "broken_rules": [
                {"column": "magnitude", "rule": "type", "policy": "quarantine", "records": Decimal(1)},
            ],
            "drift": looked,
            "marts": [],
            "checks": walked.data["audit"]["checks"],
            "estimated_microdollars": item["facts"]["estimated_microdollars"],
            "spreads": "[]",
        },
    }
    assert walked.data["record"] == {
        "status": "SUCCEEDED",
        "kept": True,
        "transform_seconds": float(seconds),
        **{name: int(v) if isinstance(v, Decimal) else v for name, v in item["facts"].items()},
    }
    assert lake.rows("curated", "id") == sorted((event,) for event in good | set(events("2018-02-07")))
    assert lake.rows("quarantine", "column_name", "rule", "reason") == [
        ("magnitude", "type", "expected a number, found a string that is not one")
    ]
    key = f"dataset=earthquakes/day=2018-02-08/{FIRST[0]}.succeeded.json"
    (run,), (broken,) = lake.ops("runs")[key], lake.ops("quality")[key]
    assert run.items() >= {"slot": EARLIER, "started_at": "2018-02-08 03:00:00.000", "rows_in": 213}.items()
    assert [run["written"], run["quarantined"], run["deduplicated"]] == [210, 1, 2]
    assert [broken["column_name"], broken["rule"], broken["records"]] == ["magnitude", "type", 1]


def test_a_slot_of_long_ago_is_published_and_says_nothing_of_today(
    lake: Pipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    lake.run(EARLIER, *FIRST)

    said = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"SlotPublished"' in line]
    assert [(line["SlotPublished"], line["RecordsIn"]) for line in said] == [([0.0], [213.0])]


def test_running_a_slot_again_changes_nothing_but_what_is_known_of_its_runs(lake: Pipeline) -> None:
    lake.run(LATER, "earthquakes-20180207T0000Z", "2018-02-08T02:00:00.000Z")
    break_three_records(lake)
    lake.run(EARLIER, *FIRST)
    before, there, entries = lake.item(EARLIER), lake.versions(), lake.catalog_versions()
    requests = len(lake.service.journal.read())
    lake.deploy()

    walked = lake.run(EARLIER, *SECOND)

    assert (walked.status, walked.states) == ("SUCCEEDED", GOING_WELL)
    assert lake.mutations == ["dynamodb PutItem", "s3 PutObject", "s3 PutObject"]
    assert lake.versions() == there
    assert lake.catalog_versions() == entries
    assert len(lake.service.journal.read()) == requests
    assert (walked.data["transform"]["made"], walked.data["publish"]["changed"]) == (False, False)
    again = {"execution": SECOND[0], "started_at": SECOND[1], "recorded_at": lake.item(EARLIER)["recorded_at"]}
    assert lake.item(EARLIER) == before | again
    assert again["recorded_at"] > before["recorded_at"]
    of_slot = [key.rpartition("/")[2] for key in lake.ops("runs") if key.rpartition("/")[2].startswith(FIRST[0])]
    assert of_slot == [f"{SECOND[0]}.succeeded.json", f"{FIRST[0]}.succeeded.json"]


def test_a_run_that_is_recorded_again_keeps_the_rows_that_it_has(lake: Pipeline) -> None:
    break_three_records(lake)
    walked = lake.run(EARLIER, *FIRST)
    before = lake.ops("runs"), lake.ops("quality")
    steps = {step: walked.data[step] for step in ("ingest", "transform", "audit", "publish")}
    event = {"dataset": "earthquakes", "slot": EARLIER, "execution": FIRST[0], "started_at": FIRST[1], **steps}

    record.handler(event, context())

    assert (lake.ops("runs"), lake.ops("quality")) == before


def test_a_first_run_changes_what_the_second_does_not(lake: Pipeline) -> None:
    """The list of changes is no gate unless it sees a first run's."""
    lake.deploy()

    lake.run(LATER, *FIRST)

    assert {name: lake.mutations.count(name) for name in set(lake.mutations)} == {
        # Total, page, total again and certificate; one file of rows; the list of them; the run's line.
        "s3 PutObject": 4 + 1 + 1 + 1,
        "glue UpdateTable": 1,
        "dynamodb PutItem": 1,
    }


def test_an_ingest_that_runs_short_of_time_is_called_until_it_is_complete(lake: Pipeline) -> None:
    lake.ingest_seconds = 1

    walked = lake.run(EARLIER, *FIRST)

    assert walked.status == "SUCCEEDED"
    assert walked.states == ["Ingest", "IsComplete"] * 5 + GOING_WELL[2:]
    assert lake.item(EARLIER)["facts"]["records_in"] == 213


def failed(lake: Pipeline, step: str, error: str) -> dict[str, Any]:
    """Run the earlier day, expect it to fail in that step, and look at all that says so; gives the cause."""
    walked = lake.run(EARLIER, *FIRST)

    state = f"{step.capitalize()}Failed"
    assert walked.status == "FAILED"
    assert walked.states[-4:] == [state, "RecordFailure", "Alert", "Failed"]
    item = lake.item(EARLIER)
    cause = item["facts"].pop("cause")
    assert item.pop("recorded_at")
    assert item == {
        "dataset": "earthquakes",
        "slot": EARLIER,
        "execution": FIRST[0],
        "started_at": FIRST[1],
        "status": "FAILED",
        "facts": {"step": step, "error": error},
    }
    (alert,) = walked.published
    assert alert["Subject"] == f"Lakeward ${{environment}}: a run failed at {step}"
    assert alert["Message"] == {
        "dataset": "earthquakes",
        "slot": EARLIER,
        "execution": FIRST[0],
        "step": step,
        "error": error,
        "cause": cause,
    }
    assert lake.rows("curated", "id") == []
    assert lake.rows("quarantine", "position") == []
    return json.loads(cause)  # type: ignore[no-any-return]


def test_an_upstream_that_refuses_fails_the_run_at_ingest_and_the_next_run_succeeds(lake: Pipeline) -> None:
    lake.break_service({"kind": "status", "status": 404})

    cause = failed(lake, "ingest", "UpstreamRefused")

    assert "expected status 200, found 404" in cause["errorMessage"]
    lake.break_service()
    assert lake.run(EARLIER, *SECOND).status == "SUCCEEDED"
    assert lake.item(EARLIER)["facts"]["written"] == 213


def test_a_load_with_too_many_broken_records_fails_at_the_audit_and_nothing_of_it_is_seen(lake: Pipeline) -> None:
    broken = events("2018-02-06")[:11]
    lake.break_service(*({"kind": "change_record", "id": e, "set": {"properties.mag": "strong"}} for e in broken))

    cause = failed(lake, "audit", "AuditFailed")

    assert "quality.max_quarantined_fraction: expected at most 0.05, found 0.0516" in cause["errorMessage"]


def test_a_raw_page_that_is_gone_fails_the_run_at_the_transform(lake: Pipeline) -> None:
    ingested = lake.run(EARLIER, *FIRST).data["ingest"]
    page = json.loads(stored(lake, "RAW", ingested["certificate_key"]))["pages"][0]["key"]
    boto3.client("s3").delete_object(Bucket=lake.settings["RAW_BUCKET"], Key=page)
    lake.deploy()
    with pytest.MonkeyPatch.context() as newer:
        newer.setenv("LAKEWARD_RELEASE", "f" * 64)
        walked = lake.run(EARLIER, *SECOND)

    assert walked.status == "FAILED"
    facts = lake.item(EARLIER)["facts"]
    assert (facts["step"], facts["error"]) == ("transform", "RawConflict")
    (run,) = lake.ops("runs")[f"dataset=earthquakes/day=2018-02-08/{SECOND[0]}.failed-transform.json"]
    assert [run["status"], run["failed_step"], run["error"]] == ["FAILED", "transform", "RawConflict"]
    assert len(lake.rows("curated", "id")) == 213


def test_a_table_that_was_never_migrated_fails_the_run_with_what_to_do(lake: Pipeline) -> None:
    table = lake.table()
    boto3.client("glue").delete_table(DatabaseName=table.name()[0], Name=table.name()[1])

    walked = lake.run(EARLIER, *FIRST)

    facts = lake.item(EARLIER)["facts"]
    assert (walked.status, facts["step"], facts["error"]) == ("FAILED", "transform", "SchemaConflict")
    assert "call the migrate function" in json.loads(facts["cause"])["errorMessage"]


def test_migrating_twice_makes_everything_once(lake: Pipeline) -> None:
    entries, there = lake.catalog_versions(), lake.versions()
    lake.deploy()

    done = lake.migrate()

    assert done == {
        "datasets": {
            name: {
                "table": "unchanged",
                "quarantine_table": "unchanged",
                "view": "unchanged",
                "quarantine_view": "unchanged",
            }
            for name in done["datasets"]
        },
        "marts": {name: {"table": "unchanged", "view": "unchanged"} for name in done["marts"]},
    }
    assert "earthquakes" in done["datasets"]
    assert (lake.catalog_versions(), lake.versions(), lake.mutations) == (entries, there, [])
