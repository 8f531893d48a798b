"""Lambda entrypoint: one step of building marts. The rules are in ``lakeward.publish.mart_build``."""

from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lakeward.adapters.iceberg import catalog, glue_client
from lakeward.adapters.mart_rows import UnloadedRows
from lakeward.adapters.mart_tables import IcebergMarts
from lakeward.adapters.s3_files import S3Files
from lakeward.contract import dataset
from lakeward.contract.marts import marts
from lakeward.handlers.settings import WORKDIR, setting
from lakeward.publish.mart_build import Deps, Progress, advance
from lakeward.slot import Slot

logger = Logger()


@cache
def deps() -> Deps:
    """Wire the adapters once per container."""
    s3, bucket = boto3.client("s3"), setting("CURATED_BUCKET")
    databases = {role: setting(f"{role.upper()}_DATABASE") for role in ("curated", "marts")}
    tables = IcebergMarts(catalog(glue_client()), s3, databases, marts(), WORKDIR)
    lake = S3Files(s3, bucket)
    rows = UnloadedRows(lake, S3Files(s3, setting("RESULTS_BUCKET")))
    return Deps(marts(), tables, tables, rows, lake, f"s3://{bucket}/staging/marts", WORKDIR)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Commit what was queried, when something was, and find the next query to run."""
    of = dataset(event["dataset"])
    slot = Slot.parse(event["slot"], of.contract.slot)
    given = dict(event["marts"])
    query = given.pop("query", None)
    progress = advance(Progress.model_validate(given), of.name, slot, query and query["QueryExecution"], deps())
    newest = [done.model_dump() for done in progress.done[-1:]]
    left = len(progress.todo)
    logger.info(
        "marts", extra={"dataset": of.name, "slot": str(slot), "next": progress.next, "left": left, "newest": newest}
    )
    return progress.model_dump(exclude_none=True)
