"""Lambda entrypoint: judge a staged slot. The rules are in ``lakeward.audit``."""

from dataclasses import asdict
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lakeward.adapters.s3_files import S3Files
from lakeward.audit import audit_slot
from lakeward.contract import dataset
from lakeward.handlers.settings import setting
from lakeward.handlers.staged import read_staged

logger = Logger()


@cache
def lake() -> S3Files:
    """Wire the adapter once per container."""
    return S3Files(boto3.client("s3"), setting("CURATED_BUCKET"))


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Check the staged load; an error stops the run before anything is visible."""
    of = dataset(event["dataset"])
    checks = audit_slot(of.contract, read_staged(lake(), event["transform"]), lake())
    logger.info("audited", extra={"dataset": of.name, "slot": event["slot"], "checks": len(checks)})
    return {"checks": [asdict(c) for c in checks]}
