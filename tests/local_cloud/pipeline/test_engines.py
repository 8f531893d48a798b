"""The same slot by either engine, through the real state machine: the same rows, and the ledger says which and why."""

import json
from typing import Any

import pytest
from deployed_world import Deployed

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

SLOT = "2018-02-04"


def rows(published: Deployed, dataset: str) -> list[dict[str, Any]]:
    """All rows of the slot, whole."""
    return published.sql(f"SELECT * FROM {dataset} WHERE event_date = DATE '{SLOT}' ORDER BY id")


def facts(published: Deployed, dataset: str) -> dict[str, Any]:
    """What the ledger says of the slot, as DynamoDB has it."""
    key = {"dataset": {"S": dataset}, "slot": {"S": f"{SLOT}T00:00Z"}}
    item = published.clients.client("dynamodb").get_item(TableName="lakeward-local-ledger", Key=key)["Item"]
    return {name: next(iter(value.values())) for name, value in item["facts"]["M"].items()}


def test_a_slot_forced_to_glue_gives_the_rows_that_lambda_gives(published: Deployed) -> None:
    by_lambda = published.lakeward("run", "earthquakes", "--slot", SLOT)
    assert by_lambda.returncode == 0, by_lambda.stderr

    by_glue = published.lakeward("run", "trial", "--slot", SLOT, "--engine", "glue")

    assert by_glue.returncode == 0, by_glue.stdout + by_glue.stderr
    assert rows(published, "trial") == rows(published, "earthquakes") != []
    small, large = facts(published, "earthquakes"), facts(published, "trial")
    assert (small["engine"], small["engine_reason"].partition(" (")[2][:14]) == ("duckdb", "by measurement")
    assert (large["engine"], large["engine_reason"]) == ("spark", "forced by the run")
    assert [large[name] == small[name] for name in ("records_in", "written", "quarantined", "deduplicated")] == [
        True
    ] * 4
    assert "spark  forced by the run" in " ".join(published.lakeward("runs", "trial").stdout.split(" ")).replace(
        "   ", "  "
    )


def test_a_slot_that_a_job_has_staged_is_found_and_not_made_again(published: Deployed) -> None:
    before = published.lake_versions()

    again = published.lakeward("run", "trial", "--slot", SLOT, "--engine", "glue", "--again")

    assert again.returncode == 0, again.stderr
    assert published.lake_versions() == before


def test_a_job_that_fails_is_the_failure_of_the_transform_with_its_own_words(published: Deployed) -> None:
    s3, bucket = published.clients.client("s3"), published.bucket("raw")
    slot = "2018-02-05"
    ingested = published.lakeward("run", "trial", "--slot", slot)
    assert ingested.returncode == 0, ingested.stderr
    (key,) = (k for k in published.objects("raw", f"trial/slot={slot.replace('-', '')}") if "/page-00001." in k)
    whole = published.objects("raw", key)[key]
    s3.put_object(Bucket=bucket, Key=key, Body=whole + b" ")
    for staged in published.objects("curated", f"staging/trial/slot={slot.replace('-', '')}"):
        s3.delete_object(Bucket=published.bucket("curated"), Key=staged)

    failed = published.lakeward("run", "trial", "--slot", slot, "--engine", "glue", "--again")

    s3.put_object(Bucket=bucket, Key=key, Body=whole)
    assert failed.returncode == 1
    assert "RawConflict: " in failed.stderr
    (alert,) = published.alerts()
    assert (alert["step"], alert["error"]) == ("transform", "States.TaskFailed")
    assert json.loads(alert["cause"])["JobName"] == "lakeward-local-transform"
