"""Lambda entrypoint: ingest one slot of one dataset. The rules are in ``lakeward.ingest``."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from lakeward.adapters.http import HttpUpstream
from lakeward.adapters.http_overrides import parse_overrides
from lakeward.adapters.raw_s3 import S3RawStore, raw_client
from lakeward.contract import dataset
from lakeward.handlers.settings import setting
from lakeward.ingest import Deps, ingest_slot
from lakeward.slot import Slot

logger = Logger()


@cache
def deps() -> Deps:
    """Wire the adapters once per container; warm invocations reuse them and their connections."""
    return Deps(
        raw=S3RawStore(raw_client(), setting("RAW_BUCKET")),
        upstream=HttpUpstream(parse_overrides(setting("UPSTREAM_OVERRIDES"))),
        clock=lambda: datetime.now(UTC),
        release=setting("LAKEWARD_RELEASE"),
    )


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Ingest until complete or nearly out of time; the state machine calls again while ``complete`` is false."""
    of = dataset(event["dataset"])
    slot = Slot.parse(event["slot"], of.contract.slot)
    progress = ingest_slot(of, slot, deps(), lambda: context.get_remaining_time_in_millis() / 1000)
    logger.info("ingested", extra={"dataset": of.name, "slot": str(slot), **progress.as_event()})
    return progress.as_event()
