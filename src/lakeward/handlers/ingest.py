"""Lambda entrypoint: ingest one slot of one dataset, and say where it is to be transformed.

The rules are in ``lakeward.ingest`` and ``lakeward.ops.route``.
"""

import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from lakeward.adapters.dynamodb_ledger import DynamoDbLedger
from lakeward.adapters.http import HttpUpstream
from lakeward.adapters.http_auth import Place, credentials_of
from lakeward.adapters.http_overrides import parse_overrides
from lakeward.adapters.http_pace import Breaker
from lakeward.adapters.raw_s3 import S3RawStore, raw_client
from lakeward.adapters.secrets_manager import RawLeases, SecretsManager, secrets_client
from lakeward.certificate import Certificate, CertifiedPage
from lakeward.contract import Dataset, dataset
from lakeward.handlers.settings import setting
from lakeward.ingest import Deps, ingest_slot
from lakeward.ops.cost import Engine, Size
from lakeward.ops.cost_limit import hold_to_limit, marts_dollars
from lakeward.ops.route import route
from lakeward.slot import Slot

logger = Logger()
breaker = Breaker()


@cache
def deps(name: str, account_id: str) -> Deps:
    """Wire the adapters once for each dataset that this container meets; warm invocations reuse their connections."""
    raw = S3RawStore(raw_client(), setting("RAW_BUCKET"))
    overrides = parse_overrides(setting("UPSTREAM_OVERRIDES"))
    place = Place(os.environ.get("AWS_REGION", ""), account_id, setting("LAKEWARD_ENVIRONMENT"))
    secrets, auth = SecretsManager(secrets_client()), dataset(name).contract.source.auth
    credentials = credentials_of(auth, place, secrets, RawLeases(raw), HttpUpstream(overrides, breaker=breaker))
    return Deps(
        raw=raw,
        upstream=HttpUpstream(overrides, credentials=credentials, breaker=breaker),
        clock=lambda: datetime.now(UTC),
        release=setting("LAKEWARD_RELEASE"),
    )


@cache
def ledger() -> DynamoDbLedger:
    """Wire the adapter once per container."""
    return DynamoDbLedger(boto3.resource("dynamodb").Table(setting("LEDGER_TABLE")))


def certified(of: Dataset, slot: Slot, wired: Deps, certificate_key: str, asked: dict[str, Any]) -> dict[str, Any]:
    """What the certificate says to later steps: where the slot is to be transformed, and whether others answered in the
    service's place."""
    stored = wired.raw.get(certificate_key)
    certificate = Certificate.from_bytes(stored.body) if stored else None
    return {
        "route": routed(of, slot, certificate.pages if certificate else [], asked),
        "stand_ins": certificate.stand_ins(of.contract.source.hosts) if certificate else [],
        "release": wired.release,
    }


def routed(of: Dataset, slot: Slot, pages: list[CertifiedPage], asked: dict[str, Any]) -> dict[str, Any]:
    """Where the slot is to be transformed, and why; what that is expected to cost is held to the contract's limit."""
    has_glue = os.environ.get("GLUE_JOB", "") != ""
    use, past = of.contract.engine.use, ledger().entries(of)
    found = route(use, asked.get("engine", "auto"), pages, past, has_glue=has_glue)
    size = Size(len(pages), sum(page.bytes for page in pages), found.text_bytes)
    engine: Engine = "spark" if found.engine == "glue" else "duckdb"
    accepted = asked.get("accept_cost", False) is True
    hold_to_limit(of.contract, slot, size, engine, accepted=accepted, reason=found.reason, marts=marts_dollars(past))
    return found.as_event()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Ingest until complete or nearly out of time; the state machine calls again while ``complete`` is false."""
    of = dataset(event["dataset"])
    slot = Slot.parse(event["slot"], of.contract.slot)
    wired = deps(of.name, context.invoked_function_arn.split(":")[4])
    progress = ingest_slot(of, slot, wired, lambda: context.get_remaining_time_in_millis() / 1000)
    answer = progress.as_event()
    if progress.certificate_key is not None:
        answer |= certified(of, slot, wired, progress.certificate_key, event["asked"])
    logger.info("ingested", extra={"dataset": of.name, "slot": str(slot), **answer})
    return answer
