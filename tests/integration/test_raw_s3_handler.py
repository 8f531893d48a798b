"""The ingest function as Lambda calls it: event in, event out, S3 of the local cloud behind it, HTTP before it."""

import hashlib
import io
import json
import logging
import uuid
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from lying_server import LyingServer, Say, lying_server, whole

from lakeward.adapters.http import HttpUpstream
from lakeward.adapters.raw_s3 import raw_client
from lakeward.certificate import Certificate
from lakeward.errors import ConfigurationMissing, SlotInvalid, UnknownDataset
from lakeward.handlers import ingest

ASKED = {"dataset": "earthquakes", "slot": "2018-01-31T00:00Z"}
EVENT = ASKED | {"execution": "earthquakes-20180131T0000Z", "asked": ASKED}
PAGE = json.dumps({"metadata": {"count": 2}, "features": [{"id": "ci1", "secret": "4711"}, {"id": "ci2"}]}).encode()
TOTAL = b'{"count": 2, "maxAllowed": 20000}'
CONTEXT = SimpleNamespace(
    function_name="ingest",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:us-east-1:111111111111:function:ingest",
    aws_request_id="1",
    get_remaining_time_in_millis=lambda: 900_000,
)


@pytest.fixture
def service() -> Iterator[LyingServer]:
    def script(target: str, _number: int) -> Say:
        return whole(TOTAL if target.startswith("/fdsnws/event/1/count?") else PAGE)

    with lying_server(script) as server:
        yield server


@pytest.fixture
def bucket(cloud: str, service: LyingServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket, and the function's environment as Terraform would set it."""
    name = f"raw-{uuid.uuid4()}"
    raw_client().create_bucket(Bucket=name)
    monkeypatch.setenv("RAW_BUCKET", name)
    monkeypatch.setenv("UPSTREAM_OVERRIDES", json.dumps({"https://earthquake.usgs.gov": service.origin}))
    monkeypatch.setenv("LAKEWARD_RELEASE", "e" * 64)
    monkeypatch.setenv("LAKEWARD_ENVIRONMENT", "local")
    monkeypatch.setenv("LEDGER_TABLE", f"ledger-{name}")
    boto3.client("dynamodb").create_table(
        TableName=f"ledger-{name}",
        KeySchema=[{"AttributeName": "dataset", "KeyType": "HASH"}, {"AttributeName": "slot", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": of, "AttributeType": "S"} for of in ("dataset", "slot")],
        BillingMode="PAY_PER_REQUEST",
    )
    ingest.deps.cache_clear()
    ingest.ledger.cache_clear()
    yield name
    upstream = ingest.deps("earthquakes", "111111111111").upstream
    assert isinstance(upstream, HttpUpstream)
    upstream.close()
    ingest.deps.cache_clear()


def call(event: dict[str, Any]) -> dict[str, Any]:
    return ingest.handler(event, CONTEXT)


def test_a_call_answers_what_the_state_machine_passes_on(bucket: str, service: LyingServer):
    answer = call(EVENT)

    key = "earthquakes/slot=20180131T0000Z/certificate.json"
    certificate = raw_client().get_object(Bucket=bucket, Key=key)["Body"].read()
    assert answer == {
        "complete": True,
        "certificate_key": key,
        "certificate_sha256": hashlib.sha256(certificate).hexdigest(),
        "pages": 1,
        "records": 2,
        "raw_bytes": len(PAGE),
        "attempt": 1,
        "http_requests": 3,
        "s3_puts": 4,
        "warnings": [],
        "route": {
            "engine": "lambda",
            "reason": "0 s (by measurement) of 450 and 0 MB of disk of 5,369 MB expected in Lambda",
            "workers": 2,
            "text_bytes": len(PAGE),
        },
        "stand_ins": [service.origin],
        "release": "e" * 64,
    }
    assert Certificate.from_bytes(certificate).release == "e" * 64


def test_a_second_call_asks_and_writes_nothing(bucket: str, service: LyingServer):
    first = call(EVENT)
    asked = len(service.targets)

    assert call(EVENT) == first | {"http_requests": 0, "s3_puts": 0}
    assert len(service.targets) == asked


def test_the_log_is_json_and_holds_no_record_values(bucket: str):
    (handler,) = ingest.logger.handlers
    assert isinstance(handler, logging.StreamHandler)
    log = io.StringIO()
    before = handler.setStream(log)
    try:
        call(EVENT)
    finally:
        handler.setStream(before)

    line = json.loads(log.getvalue())
    assert (line["message"], line["dataset"], line["slot"]) == ("ingested", "earthquakes", "2018-01-31T00:00Z")
    assert (line["complete"], line["pages"], line["records"]) == (True, 1, 2)
    assert "4711" not in log.getvalue()


@pytest.mark.parametrize(
    ("change", "error"),
    [({"dataset": "earthquake"}, UnknownDataset), ({"slot": "2018-01-31T01:00Z"}, SlotInvalid)],
)
def test_an_event_that_names_nothing_is_refused(bucket: str, change: dict[str, str], error: type[Exception]):
    with pytest.raises(error):
        call(EVENT | change)


def test_a_function_without_its_settings_says_which(bucket: str, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as without:
        without.delenv("UPSTREAM_OVERRIDES")
        with pytest.raises(ConfigurationMissing, match="UPSTREAM_OVERRIDES"):
            call(EVENT)
