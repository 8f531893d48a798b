"""Personal values through a whole deployment: records that are kept and refused, runs that fail in every way; and not
one value anywhere but in raw.
"""

import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deployed_world import Deployed, day_of, recorded
from everywhere import found_in, places

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

DATASET = "witnesses"
DAY, FATAL_DAY, CUT_DAY, TAMPERED_DAY = "2018-02-07", "2018-02-06", "2018-02-04", "2018-02-07"
PLACES = {"place": "properties.place", "title": "properties.title", "url": "properties.url", "code": "properties.code"}
CANARIES = [
    f"{kind}-{name}-canary-7f3a" for kind in ("kept", "refused", "spoilt", "nested", "new", "fatal") for name in PLACES
]


def of_day(day: str) -> list[dict[str, Any]]:
    """The recorded events of a day, the earliest first."""
    return sorted((e for e in recorded() if day_of(e) == day), key=lambda e: e["properties"]["time"])


def change(event: dict[str, Any], members: dict[str, Any]) -> dict[str, Any]:
    return {"fault": {"kind": "change_record", "id": event["id"], "set": members}}


def canaries(kind: str) -> dict[str, Any]:
    """One in each personal place."""
    return {path: f"{kind}-{name}-canary-7f3a" for name, path in PLACES.items()}


def bad_ones() -> list[dict[str, Any]]:
    """A record that is kept, one that another column spoils, one whose own values are too long, one with objects in the
    place of texts, and one with personal values in fields that nobody named."""
    kept, refused, spoilt, nested, new = of_day(DAY)[:5]
    long = {path: f"{value} {'x' * 300}" for path, value in canaries("spoilt").items() if path != PLACES["url"]}
    inside = {path: {"of": [value]} for path, value in canaries("nested").items() if path != PLACES["url"]}
    renamed = {f"properties.{name}_now": value for name, value in zip(PLACES, canaries("new").values(), strict=True)}
    return [
        change(kept, canaries("kept")),
        change(refused, {**canaries("refused"), "properties.mag": "strong"}),
        change(spoilt, long),
        change(nested, inside),
        change(new, renamed),
    ]


@pytest.fixture(scope="module")
def said(started: tuple[Deployed, Any]) -> list[tuple[str, bytes]]:
    """What commands and alerts said of all runs: one that goes through, and four that fail, each in its own way."""
    deployed, _ = started
    deployed.alerts()
    heard: list[tuple[str, bytes]] = []

    def run(name: str, ends: int, *words: str) -> None:
        done = deployed.lakeward(*words)
        heard.append((f"command {name}", (done.stdout + done.stderr).encode()))
        assert done.returncode == ends, done.stdout + done.stderr

    deployed.lie(*bad_ones())
    run("run", 0, "run", DATASET, "--slot", DAY)
    fatal = of_day(FATAL_DAY)[0]
    deployed.lie(change(fatal, {path: f"{value} {'x' * 300}" for path, value in canaries("fatal").items()}))
    run("run that a rule stops", 1, "run", DATASET, "--slot", FATAL_DAY)
    cut = {"match": {"path": "*/query"}, "fault": {"kind": "truncate_json", "keep_bytes": 60_000}}
    deployed.lie(change(of_day(CUT_DAY)[0], canaries("kept")), cut)
    run("run of half a page", 1, "run", DATASET, "--slot", CUT_DAY)
    deployed.lie()
    tamper(deployed)
    run("run of a page that was changed", 1, "run", DATASET, "--slot", TAMPERED_DAY, "--again")
    heard.append(("alerts", json.dumps(deployed.alerts()).encode()))
    run("runs", 0, "runs", DATASET)
    for view in (DATASET, f"{DATASET}_quarantine"):
        run(f"sql of {view}", 0, "sql", "--json", f"SELECT * FROM {view}")
    run("demo", 1, "demo", "--dataset", DATASET, "--from", DAY, "--to", DAY)
    return heard


def tamper(deployed: Deployed) -> None:
    """Somebody puts other bytes in the place of a page of raw, and what was staged of it is lost."""
    s3, slot = deployed.clients.client("s3"), f"slot={TAMPERED_DAY.replace('-', '')}"
    (key,) = (key for key in deployed.objects("raw", f"{DATASET}/{slot}") if "/page-00001." in key)
    page = deployed.newest("raw", key)[key]
    s3.put_object(Bucket=deployed.bucket("raw"), Key=key, Body=page + b" ")
    for staged in deployed.newest("curated", f"staging/{DATASET}/{slot}"):
        s3.delete_object(Bucket=deployed.bucket("curated"), Key=staged)


def test_every_run_came_to_what_it_was_meant_to(said: list[tuple[str, bytes]], deployed: Deployed) -> None:
    told = dict(said)

    assert b"AuditFailed" in told["command run that a rule stops"]
    assert b"IncompleteRun" in told["command run of half a page"]
    assert b"RawConflict" in told["command run of a page that was changed"]
    assert [alert["step"] for alert in json.loads(told["alerts"])] == ["audit", "ingest", "transform"]
    (row,) = deployed.sql(f"SELECT count(*) AS n FROM {DATASET}")
    (refused,) = deployed.sql(f"SELECT count(*) AS n FROM {DATASET}_quarantine")
    assert (row["n"], refused["n"]) == (11, 3)


def test_raw_has_every_value_as_it_came(said: list[tuple[str, bytes]], deployed: Deployed) -> None:
    raw = ((key, body) for key, body in deployed.objects("raw", DATASET).items())

    wanted = {canary for canary in CANARIES if not canary.startswith(("spoilt-url", "nested-url"))}
    assert {canary for canary, _ in found_in(CANARIES, raw)} == wanted


def test_no_value_is_anywhere_else(said: list[tuple[str, bytes]], deployed: Deployed) -> None:
    everything = [*places(deployed, DATASET), *said]

    assert found_in(CANARIES, iter(everything)) == []
    kinds = {place.split(" ")[0] for place, _ in everything}
    assert kinds == {"s3", "dynamodb", "logs", "history", "glue", "file", "command", "alerts"}
    assert sum(place.startswith("logs") and bool(body) for place, body in everything) >= 4


def test_the_search_finds_what_is_planted_in_each_kind_of_place(
    said: list[tuple[str, bytes]], deployed: Deployed
) -> None:
    planted, bucket = "Planted-Canary-7f3a", deployed.bucket("curated")
    s3, logs, ledger = (deployed.clients.client(name) for name in ("s3", "logs", "dynamodb"))
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"x": [planted]}), sink, compression="zstd", write_statistics=False)
    s3.put_object(Bucket=bucket, Key="planted.parquet", Body=sink.getvalue().to_pybytes())
    group = "/aws/lambda/lakeward-local-transform"
    logs.create_log_stream(logGroupName=group, logStreamName="planted")
    event = {"timestamp": 1_800_000_000_000, "message": planted}
    logs.put_log_events(logGroupName=group, logStreamName="planted", logEvents=[event])
    item = {"dataset": {"S": "planted"}, "slot": {"S": planted}}
    ledger.put_item(TableName="lakeward-local-ledger", Item=item)

    found = found_in([planted], places(deployed, DATASET))

    s3.delete_object(Bucket=bucket, Key="planted.parquet")
    logs.delete_log_stream(logGroupName=group, logStreamName="planted")
    ledger.delete_item(TableName="lakeward-local-ledger", Key=item)
    where = ["dynamodb lakeward-local-ledger", f"logs {group}", "s3 curated planted.parquet"]
    assert found == [(planted, place) for place in where]


def test_the_search_reads_what_iceberg_keeps_of_columns_in_its_manifests(
    said: list[tuple[str, bytes]], deployed: Deployed
) -> None:
    (least,) = deployed.sql(f"SELECT min(id) AS id FROM {DATASET}")

    found = {place for _, place in found_in([least["id"]], places(deployed, DATASET))}

    assert any(place.startswith(f"s3 curated curated/{DATASET}_v1/") and place.endswith(".avro") for place in found)
    assert any(place.startswith(f"s3 curated curated/{DATASET}_v1/") and place.endswith(".parquet") for place in found)
