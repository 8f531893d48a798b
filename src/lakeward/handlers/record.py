"""Lambda entrypoint: write the run's entry in the ledger, its rows in the ops tables, and its metrics.

The rules are in ``lakeward.ops.ledger`` and ``lakeward.ops.rows``.
"""

from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from lakeward.adapters.dynamodb_ledger import DynamoDbLedger
from lakeward.adapters.s3_ops import S3OpsTables
from lakeward.contract import dataset
from lakeward.handlers.settings import setting
from lakeward.ops import rows
from lakeward.ops.freshness import is_news
from lakeward.ops.ledger import facts_of
from lakeward.ports.ledger import Entry
from lakeward.slot import Slot

logger = Logger()


@cache
def ledger() -> DynamoDbLedger:
    """Wire the adapter once per container."""
    return DynamoDbLedger(boto3.resource("dynamodb").Table(setting("LEDGER_TABLE")))


@cache
def ops_tables() -> S3OpsTables:
    """Wire the adapter once per container."""
    return S3OpsTables(boto3.client("s3"), setting("CURATED_BUCKET"))


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Record a success, or the step that failed and its error."""
    of = dataset(event["dataset"])
    failed_step = event.get("failed_step")
    facts = failure_of(failed_step, event["error"]) if failed_step else facts_of(event)
    now = datetime.now(UTC)
    entry = Entry(
        dataset=of.name,
        slot=Slot.parse(event["slot"], of.contract.slot),
        execution=event["execution"],
        started_at=event["started_at"],
        status="FAILED" if failed_step else "SUCCEEDED",
        recorded_at=now.isoformat(timespec="milliseconds"),
        facts=facts,
    )
    kept = ledger().write(entry)
    for key, body in rows.objects(entry):
        ops_tables().add(key, body)
    count(entry, news=is_news(entry.slot, of.contract.freshness.hours, now))
    logger.info("recorded", extra={"slot": str(entry.slot), "status": entry.status, "kept": kept})
    return {"status": entry.status, "kept": kept, **facts}


def failure_of(step: str, error: dict[str, str]) -> dict[str, Any]:
    """The step, the error's name, and what the state machine knows of its cause."""
    return {"step": step, "error": error["Error"], "cause": error.get("Cause", "")}


def count(entry: Entry, *, news: bool) -> None:
    """Print the run's metrics in embedded metric format, which CloudWatch reads from the log.

    Their dimensions are those that the alarm on missing freshness names, so the service is not one of them.

    Args:
        news: whether the slot is new enough to say that the dataset is up to date, see ``lakeward.ops.freshness``.
    """
    metrics = EphemeralMetrics(service="")
    metrics.add_dimension("Environment", setting("LAKEWARD_ENVIRONMENT"))
    metrics.add_dimension("Dataset", entry.dataset)
    metrics.add_metric("SlotPublished", MetricUnit.Count, 1 if news and entry.status == "SUCCEEDED" else 0)
    for name in ("records_in", "written", "quarantined", "deduplicated") if entry.status == "SUCCEEDED" else ():
        metrics.add_metric(name.title().replace("_", ""), MetricUnit.Count, entry.facts[name])
    metrics.flush_metrics()
