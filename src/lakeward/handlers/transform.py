"""Lambda entrypoint: stage one certified slot, or find what the Glue job staged.

The rules are in ``lakeward.stage`` and ``lakeward.transform``.
"""

import os
from dataclasses import replace
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from lakeward import tables
from lakeward.adapters.duckdb_engine import DuckDbEngine
from lakeward.adapters.http_auth import Place
from lakeward.adapters.iceberg import IcebergTable, catalog, glue_client
from lakeward.adapters.personal_keys import personal_key_of
from lakeward.adapters.s3_files import S3Files
from lakeward.adapters.secrets_manager import SecretsManager, secrets_client
from lakeward.contract import Contract, dataset
from lakeward.handlers.settings import WORKDIR, setting
from lakeward.ports.personal import PersonalKey
from lakeward.slot import Slot
from lakeward.stage import OnDisk, StageDeps, stage_slot

logger = Logger()


@cache
def deps(name: str) -> StageDeps:
    """Wire the adapters once for each dataset that this container meets."""
    s3, glue, contract = boto3.client("s3"), catalog(glue_client()), dataset(name).contract
    raw, lake = S3Files(s3, setting("RAW_BUCKET")), S3Files(s3, setting("CURATED_BUCKET"))
    return StageDeps(
        raw=raw,
        lake=lake,
        curated=IcebergTable(glue, s3, setting("CURATED_DATABASE"), tables.curated(contract), WORKDIR),
        quarantine=IcebergTable(glue, s3, setting("QUARANTINE_DATABASE"), tables.quarantine(contract), WORKDIR),
        maker=OnDisk(DuckDbEngine(), raw, lake, WORKDIR),
        release=setting("LAKEWARD_RELEASE"),
    )


def personal_key(contract: Contract, context: LambdaContext) -> PersonalKey | None:
    """The key of personal columns, read for each slot, so that no container goes on with a former one."""
    if contract.personal_key is None:
        return None
    account_id = context.invoked_function_arn.split(":")[4]
    place = Place(os.environ.get("AWS_REGION", ""), account_id, setting("LAKEWARD_ENVIRONMENT"))
    return personal_key_of(contract, place, SecretsManager(secrets_client()))


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Stage the slot, or find it staged."""
    of = dataset(event["dataset"])
    slot = Slot.parse(event["slot"], of.contract.slot)
    wired = deps(of.name)
    for table in (wired.curated, wired.quarantine):
        table.refresh()
    wired = replace(wired, key=personal_key(of.contract, context))
    if event.get("job"):
        wired = replace(wired, maker=None)  # the job has staged the slot; this finds it
    result = stage_slot(of, slot, event["ingest"]["certificate_key"], wired)
    staged = result.staged
    answer = {
        "staged_key": result.key,
        "run_id": staged.run_id,
        "made": result.made,
        "seconds": staged.seconds,
        "engine": staged.engine,
        "contract_sha256": of.contract_sha256,
        "release": wired.release,
        "records_in": staged.records_in,
        "exploded": staged.exploded.model_dump() if staged.exploded else None,
        "accepted": staged.accepted,
        "quarantined": staged.quarantined,
        "deduplicated": staged.deduplicated,
        "broken_rules": [rule.model_dump() for rule in staged.broken_rules],
        "drift": staged.drift.model_dump(),
        "spreads": [spread.model_dump() for spread in staged.measures.spreads],
        "raw_bytes": result.raw_bytes,
        "text_bytes": result.text_bytes,
        "staged_bytes": sum(f.bytes for f in (*staged.accepted_files, *staged.quarantined_files)),
    }
    logger.info("staged", extra={"slot": str(slot), **answer})
    return answer
