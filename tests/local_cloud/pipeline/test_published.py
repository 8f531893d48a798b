"""Eight real days, from a server's bytes to Athena's answers, and once more without a change."""

import hashlib
import json
from collections import Counter
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from deployed_world import SLOTS, Deployed, day_of, recorded

COUNTS = Counter(day_of(event) for event in recorded())


def test_every_record_of_every_slot_is_accounted_for(published: Deployed) -> None:
    table = published.clients.client("dynamodb").scan(TableName="lakeward-local-ledger")
    facts = {
        item["slot"]["S"][:10]: {k: int(item["facts"]["M"][k]["N"]) for k in ("records_in", "written", "quarantined")}
        for item in table["Items"]
        if item["dataset"]["S"] == "earthquakes"
    }

    assert facts == {day: {"records_in": COUNTS[day], "written": COUNTS[day], "quarantined": 0} for day in SLOTS}


def test_the_pipelines_own_runs_are_a_table(published: Deployed) -> None:
    table = published.clients.client("dynamodb").scan(TableName="lakeward-local-ledger")
    cost = {
        item["slot"]["S"]: int(item["facts"]["M"]["estimated_microdollars"]["N"])
        for item in table["Items"]
        if item["dataset"]["S"] == "earthquakes"
    }

    rows = published.sql(
        "SELECT slot, status, rows_in, written + quarantined + deduplicated AS accounted_for, estimated_microdollars, "
        "seconds > 0 AND day = CAST(CAST(started_at AS date) AS varchar) AS is_dated "
        "FROM lakeward_local_ops.runs "
        "WHERE dataset = 'earthquakes' AND day >= CAST(current_date - INTERVAL '1' DAY AS varchar)"
    )

    assert {row["slot"]: [*row.values()][1:] for row in rows} == {
        slot: ["SUCCEEDED", COUNTS[slot[:10]], COUNTS[slot[:10]], dollars, True] for slot, dollars in cost.items()
    }


def test_every_query_that_is_saved_about_the_pipeline_answers(published: Deployed) -> None:
    athena = published.clients.client("athena")
    pages = athena.get_paginator("list_named_queries").paginate(WorkGroup="lakeward-local")
    ids = [which for page in pages for which in page["NamedQueryIds"]]
    saved = [athena.get_named_query(NamedQueryId=which)["NamedQuery"] for which in ids]
    own = {query["Name"]: query for query in saved if query["Name"].startswith("ops: ")}

    assert sorted(own) == ["ops: cost_by_day", "ops: ran_yesterday"]
    assert {query["Database"] for query in own.values()} == {"lakeward_local_ops"}
    answers = {
        name: published.sql(
            query["QueryString"].partition("\n")[2].replace("FROM runs", "FROM lakeward_local_ops.runs")
        )
        for name, query in own.items()
    }
    (day,) = (row for row in answers["ops: cost_by_day"] if row["dataset"] == "earthquakes")
    assert (day["slots"], day["quarantined_percent"]) == (len(SLOTS), 0.0)


def test_raw_holds_the_bytes_that_the_server_sent(published: Deployed) -> None:
    sent: dict[str, set[str]] = {}
    for entry in published.sent():
        request = urlencode({"path": entry["path"], **dict(sorted(entry["query"].items()))})
        sent.setdefault(request, set()).add(entry["sha256"])
    raw = published.objects("raw", "earthquakes/")
    certificates = [json.loads(body) for key, body in raw.items() if key.endswith("certificate.json")]
    pages = [page for certificate in certificates for page in certificate["pages"]]

    assert len(certificates) == len(SLOTS)
    assert len(pages) == sum(-(-COUNTS[day] // 100) for day in SLOTS)
    for page in pages:
        url = urlsplit(page["request"].removeprefix("GET "))
        request = urlencode({"path": url.path, **dict(sorted(parse_qsl(url.query)))})
        assert hashlib.sha256(raw[page["key"]]).hexdigest() == page["sha256"]
        assert page["sha256"] in sent[request]


def test_running_every_slot_again_changes_nothing_but_what_is_known_of_runs(published: Deployed) -> None:
    before = (
        published.versions("raw", "earthquakes/"),
        published.lake_versions(),
        published.table_version("curated", "earthquakes_v1"),
        published.table_version("quarantine", "earthquakes"),
    )
    asked = len(published.sent())

    done = published.lakeward("run", "earthquakes", "--from", SLOTS[0], "--to", SLOTS[-1], "--again")

    assert done.returncode == 0, done.stderr
    assert len(published.sent()) == asked
    assert before == (
        published.versions("raw", "earthquakes/"),
        published.lake_versions(),
        published.table_version("curated", "earthquakes_v1"),
        published.table_version("quarantine", "earthquakes"),
    )


def test_running_slots_that_are_done_starts_nothing(published: Deployed) -> None:
    done = published.lakeward("run", "earthquakes", "--slot", SLOTS[0])

    assert done.returncode == 0, done.stderr
    assert "already done" in done.stdout


def test_the_datasets_queries_answer_as_expected(published: Deployed) -> None:
    done = published.lakeward("e2e", "earthquakes")

    assert done.returncode == 0, done.stdout + done.stderr
    queries = list((Path(published.root) / "datasets" / "earthquakes" / "queries").glob("*.sql"))
    assert len(queries) >= 4


def test_athena_counts_what_plain_python_counts(published: Deployed) -> None:
    by_day_and_type = Counter((day_of(e), e["properties"]["type"]) for e in recorded())

    rows = published.sql("SELECT event_date, event_type, count(*) AS events FROM earthquakes GROUP BY 1, 2")

    assert {(r["event_date"], r["event_type"]): r["events"] for r in rows} == by_day_and_type


def test_a_tick_of_the_schedule_runs_the_day_that_is_over_once(published: Deployed) -> None:
    tick = {"dataset": "strong_earthquakes", "scheduled_at": "2018-02-03T03:00:00Z"}
    client = published.clients.client("lambda")

    outcomes = [
        json.loads(client.invoke(FunctionName="lakeward-local-dispatch", Payload=json.dumps(tick))["Payload"].read())
        for _ in range(2)
    ]

    assert [o["execution"] for o in outcomes] == ["strong_earthquakes-20180202T0000Z"] * 2
    assert outcomes[0]["outcome"] == "started"
    assert outcomes[1]["outcome"] in {"joined", "done"}
