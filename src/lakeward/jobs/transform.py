"""Glue entrypoint: stage one certified slot with Spark. The rules are in ``lakeward.stage`` and ``lakeward.transform``.

The same script runs on EMR Serverless and with a local PySpark. Nothing it does is visible to readers: the audit and
the publish that follow are the same functions for either engine. An error ends the process; its name is what Glue
shows as the run's error.
"""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import boto3
from pyspark import SparkContext, StorageLevel

from lakeward import tables
from lakeward.adapters.http_auth import Place
from lakeward.adapters.iceberg import IcebergTable, catalog, glue_client
from lakeward.adapters.personal_keys import personal_key_of
from lakeward.adapters.secrets_manager import SecretsManager, secrets_client
from lakeward.adapters.spark.engine import SparkMaker
from lakeward.adapters.spark.s3_buckets import S3Buckets
from lakeward.contract import Contract, dataset
from lakeward.jobs.arguments import Arguments
from lakeward.jobs.released import released_datasets
from lakeward.slot import Slot
from lakeward.stage import StageDeps, stage_slot
from lakeward.stage.pages import fetch_pages


def deps(told: Arguments, contract: Contract, context: SparkContext, workdir: Path) -> StageDeps:
    """Wire the adapters."""
    boto3.setup_default_session(region_name=told.region)
    place = Place(told.region, told.account_id, told.environment)
    key = personal_key_of(contract, place, SecretsManager(secrets_client())) if contract.personal_key else None
    glue, s3 = catalog(glue_client()), boto3.client("s3")
    buckets = S3Buckets(told.raw_bucket, told.curated_bucket, told.region)
    return StageDeps(
        raw=buckets.raw(),
        lake=buckets.lake(),
        curated=IcebergTable(glue, s3, told.curated_database, tables.curated(contract), workdir),
        quarantine=IcebergTable(glue, s3, told.quarantine_database, tables.quarantine(contract), workdir),
        maker=SparkMaker(context, StorageLevel.DISK_ONLY, buckets, fetch_pages),
        release=told.release,
        key=key,
    )


def main(given: list[str]) -> None:
    """Stage the slot, or find it staged; says which on standard output."""
    told = Arguments.of(given)
    with released_datasets() as root, TemporaryDirectory(prefix="lakeward-job-") as workdir:
        of = dataset(told.dataset, root)
        slot = Slot.parse(told.slot, of.contract.slot)
        with SparkContext.getOrCreate() as context:
            wired = deps(told, of.contract, context, Path(workdir))
            result = stage_slot(of, slot, told.certificate_key, wired)
    sys.stdout.write(json.dumps({"staged_key": result.key, "made": result.made}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
