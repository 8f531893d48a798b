"""A key that says who asks through a whole deployment: runs that go through and runs that fail; and the key nowhere but
in its secret and in what the service was asked.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from deployed_world import Deployed
from everywhere import found_in, places
from safeguards_world import LOGIN_CANARY

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]

DAY, BUSY_DAY, CUT_DAY = "2018-02-07", "2018-02-06", "2018-02-04"
BY_HEADER, BY_PARAM = "visitors", "strangers"
NO = {"fault": {"kind": "status", "status": 403, "body": "no"}}
CUT = {"match": {"path": "*/query"}, "fault": {"kind": "truncate_json", "keep_bytes": 60_000}}


@pytest.fixture(scope="module")
def said(started: tuple[Deployed, Any]) -> list[tuple[str, bytes]]:
    """What commands and alerts said of all runs: one that goes through, and others that fail, each in its own way."""
    deployed, _ = started
    deployed.alerts()
    deployed.forget_sent()
    heard: list[tuple[str, bytes]] = []

    def run(name: str, ends: int, *words: str) -> None:
        done = deployed.lakeward(*words)
        heard.append((f"command {name}", (done.stdout + done.stderr).encode()))
        assert done.returncode == ends, done.stdout + done.stderr

    deployed.lie()
    run("run", 0, "run", BY_HEADER, "--slot", DAY)
    run("certificate", 0, "certificate", "verify", BY_HEADER, "--slot", DAY, "--json")
    deployed.lie(NO)
    run("run that is refused", 1, "run", BY_HEADER, "--slot", BUSY_DAY)
    deployed.lie(CUT)
    run("run of half a page", 1, "run", BY_HEADER, "--slot", CUT_DAY)
    deployed.lie()
    run("run by a parameter that the service does not know", 1, "run", BY_PARAM, "--slot", DAY)
    heard.append(("alerts", json.dumps(deployed.alerts()).encode()))
    for name in (BY_HEADER, BY_PARAM):
        run(f"runs of {name}", 0, "runs", name)
    return heard


def raw(deployed: Deployed) -> Iterator[tuple[str, bytes]]:
    """Every object of raw in every version, its key and what is kept beside it."""
    s3, bucket = deployed.clients.client("s3"), deployed.bucket("raw")
    for version in deployed.versions("raw"):
        which = {"Bucket": bucket, "Key": version["Key"], "VersionId": version["VersionId"]}
        found = s3.get_object(**which)
        yield f"s3 raw {version['Key']}", found["Body"].read()
        yield f"s3 raw {version['Key']}: beside it", repr((version["Key"], found["Metadata"])).encode()


def without_the_services_own(everything: Iterator[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """The service that was asked runs in the same cloud, and logs what it was asked: that is its own to know."""
    for place, body in everything:
        lines = body.splitlines() if place.startswith("file logs/") else [body]
        yield place, b"\n".join(line for line in lines if b'"GET /fdsnws/' not in line)


def test_every_run_came_to_what_it_was_meant_to(said: list[tuple[str, bytes]], deployed: Deployed) -> None:
    told = dict(said)

    assert b"UpstreamRefused" in told["command run that is refused"]
    assert b"IncompleteRun" in told["command run of half a page"]
    assert b"UpstreamRefused" in told["command run by a parameter that the service does not know"]
    assert {alert["step"] for alert in json.loads(told["alerts"])} == {"ingest"}
    assert json.loads(told["command certificate"])["proved"] is True


def test_the_service_was_told_the_key(said: list[tuple[str, bytes]], deployed: Deployed) -> None:
    assert LOGIN_CANARY in [asked["query"].get("visitor") for asked in deployed.sent()]


def test_the_key_is_nowhere_else(said: list[tuple[str, bytes]], deployed: Deployed) -> None:
    kept = [entry for name in (BY_HEADER, BY_PARAM) for entry in places(deployed, name)]
    everything = [*kept, *raw(deployed), *said]

    assert found_in([LOGIN_CANARY], without_the_services_own(iter(everything))) == []
    kinds = {place.split(" ")[0] for place, _ in everything}
    assert kinds >= {"s3", "dynamodb", "logs", "history", "glue", "file", "command", "alerts"}
    assert {place for place, _ in everything if place.startswith("history")} != set()
    certificates = [body for place, body in everything if place.endswith("/certificate.json") and BY_HEADER in place]
    assert b'"x-visitor": "redacted"' in b"".join(certificates)
