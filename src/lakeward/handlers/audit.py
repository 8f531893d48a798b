"""Lambda entrypoint: judge a staged slot. The rules are in ``lakeward.audit``."""

from dataclasses import asdict
from functools import cache, partial
from typing import Any

import boto3
from aws_lambda_powertools import Logger

from lakeward import tables
from lakeward.adapters.dynamodb_ledger import DynamoDbLedger
from lakeward.adapters.iceberg import catalog, glue_client
from lakeward.adapters.iceberg_lookup import look_up
from lakeward.adapters.s3_files import S3Files
from lakeward.audit import audit_slot
from lakeward.contract import Contract, dataset
from lakeward.contract.quality import Reference
from lakeward.contract.references import reference_problem
from lakeward.errors import ContractInvalid
from lakeward.handlers.settings import setting
from lakeward.handlers.staged import read_staged
from lakeward.ports.history import Lookup
from lakeward.slot import Slot
from lakeward.staged import StagedFile

logger = Logger()


@cache
def lake() -> S3Files:
    """Wire the adapter once per container."""
    return S3Files(boto3.client("s3"), setting("CURATED_BUCKET"))


@cache
def ledger() -> DynamoDbLedger:
    """Wire the ledger once per container, when a rule looks back."""
    return DynamoDbLedger(boto3.resource("dynamodb").Table(setting("LEDGER_TABLE")))


def look(contract: Contract, files: list[StagedFile], rule: Reference) -> Lookup:
    """Look values up in another dataset's table.

    Raises:
        ContractInvalid: the other contract has no such column.
    """
    other = dataset(rule.dataset).contract
    problem = reference_problem(contract, rule, other)
    if problem:
        raise ContractInvalid(f"{contract.dataset}: {problem}")
    lake = catalog(glue_client())
    return look_up(lake, setting("CURATED_DATABASE"), files, rule.column, tables.curated(other), rule.to)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Check the staged load; an error stops the run before anything is visible."""
    of = dataset(event["dataset"])
    staged, back = read_staged(lake(), event["transform"]), of.contract.quality.looks_back
    former = ledger().published_before(of, Slot.parse(event["slot"], of.contract.slot), back) if back else []
    checks = audit_slot(of.contract, staged, lake(), former, partial(look, of.contract))
    warned = [c.rule for c in checks if not c.holds]
    logger.info("audited", extra={"dataset": of.name, "slot": event["slot"], "checks": len(checks), "warned": warned})
    return {"checks": [asdict(c) for c in checks]}
