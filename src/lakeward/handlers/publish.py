"""Lambda entrypoint: publish one audited slot. The rules are in ``lakeward.publish``."""

from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lakeward import tables
from lakeward.adapters.iceberg import IcebergTable, catalog, glue_client
from lakeward.adapters.s3_files import S3Files
from lakeward.contract import dataset
from lakeward.contract.marts import marts
from lakeward.handlers.settings import WORKDIR, setting
from lakeward.handlers.staged import read_staged
from lakeward.publish import publish_slot
from lakeward.publish.mart_build import first
from lakeward.slot import Slot

logger = Logger()


@cache
def lake() -> S3Files:
    """Wire the bucket once per container."""
    return S3Files(boto3.client("s3"), setting("CURATED_BUCKET"))


@cache
def wired_tables(name: str) -> tuple[IcebergTable, IcebergTable]:
    """Wire the curated and the quarantine table once for each dataset that this container meets."""
    s3, glue, contract = boto3.client("s3"), catalog(glue_client()), dataset(name).contract
    return (
        IcebergTable(glue, s3, setting("CURATED_DATABASE"), tables.curated(contract), WORKDIR),
        IcebergTable(glue, s3, setting("QUARANTINE_DATABASE"), tables.quarantine(contract), WORKDIR),
    )


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Commit the staged files, or find them committed."""
    of = dataset(event["dataset"])
    slot = Slot.parse(event["slot"], of.contract.slot)
    staged = read_staged(lake(), event["transform"])
    done = publish_slot(of.contract, slot, staged, *wired_tables(of.name))
    answer = {
        "changed": done.changed,
        "snapshot_id": as_text(done.curated.snapshot_id),
        "quarantine_snapshot_id": as_text(done.quarantine.snapshot_id),
        "rows_written": done.curated.rows_written,
        "rows_superseded": done.curated.rows_superseded,
        "marts": first(marts(), of.name).model_dump(exclude_none=True),
    }
    logger.info("published", extra={"dataset": of.name, "slot": str(slot), "run_id": staged.run_id, **answer})
    return answer


def as_text(snapshot_id: int | None) -> str | None:
    """Snapshot ids are 63 bits wide; JSON readers that use doubles would round them."""
    return None if snapshot_id is None else str(snapshot_id)
