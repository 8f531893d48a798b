"""Lambda entrypoint: keep one dataset's tables in shape. The rules are in ``lakeward.maintain``."""

import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from lakeward import tables
from lakeward.adapters.former_tables import GlueFormerTables
from lakeward.adapters.glue_views import GlueViews
from lakeward.adapters.iceberg import IcebergTable, catalog, glue_client
from lakeward.adapters.iceberg_deleted import Mark
from lakeward.adapters.iceberg_upkeep import IcebergUpkeep
from lakeward.adapters.s3_shelf import S3Shelf
from lakeward.contract import Contract, dataset
from lakeward.contract.marts import MartModel, marts_beside
from lakeward.handlers.settings import WORKDIR, setting
from lakeward.maintain import Work, drop_former, maintain_table, mart_rules, remove_queried, retire_lists, rules_of

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Do what is due, or say it when ``dry_run`` is given. A second call finds nothing left to do."""
    began = time.monotonic()
    of, dry_run = dataset(event["dataset"]), bool(event.get("dry_run", False))
    shelf, now = S3Shelf(boto3.client("s3"), setting("CURATED_BUCKET")), datetime.now(UTC)

    def seconds_left() -> float:
        return context.get_remaining_time_in_millis() / 1000

    done, models = [], marts_beside(of.name)
    rules_of_all = (*rules_of(of.contract), *(mart_rules(model.declared) for model in models))
    for table, rules in zip(upkeep_tables(of.contract, models), rules_of_all, strict=True):
        kept = maintain_table(Work(table, shelf, now, seconds_left, dry_run), rules)
        logger.info("maintained", extra={"dataset": of.name, "dry_run": dry_run, **asdict(kept)})
        done.append(asdict(kept))
    lists = 0 if dry_run else retire_lists(of.name, shelf, now)
    queried = remove_queried([model.name for model in models], shelf, now, seconds_left, dry_run=dry_run)
    former = drop_former(of.contract, former_tables(), shelf, now, dry_run=dry_run, seconds_left=seconds_left)
    for left in former:
        logger.info("former table", extra={"dataset": of.name, "dry_run": dry_run, **asdict(left)})
    return {
        "dataset": of.name,
        "dry_run": dry_run,
        "tables": done,
        "former": [asdict(left) for left in former],
        "lists_changed": lists,
        "queried_removed": queried,
        "seconds": round(time.monotonic() - began, 3),
    }


def upkeep_tables(contract: Contract, models: list[MartModel]) -> list[IcebergUpkeep]:
    """The curated and the quarantine table of a dataset, and the tables of the marts in its folder."""
    s3, glue, of = boto3.client("s3"), catalog(glue_client()), contract.dataset
    designs = [("CURATED", tables.curated(contract)), ("QUARANTINE", tables.quarantine(contract))]
    designs += [("MARTS", tables.mart(model.declared)) for model in models]
    kept = [IcebergTable(glue, s3, setting(f"{role}_DATABASE"), design, WORKDIR) for role, design in designs]
    marks = [Mark.of(contract), *[None] * (len(kept) - 1)]
    return [IcebergUpkeep(table, of, s3, WORKDIR, mark) for table, mark in zip(kept, marks, strict=True)]


def former_tables() -> GlueFormerTables:
    """Tables of former major versions, and the views that may show them."""
    client = glue_client()
    views = GlueViews(client, setting("SERVING_DATABASE"))
    return GlueFormerTables(client, catalog(client), setting("CURATED_DATABASE"), views)
