"""Buckets that a task reaches from wherever it runs: what travels is their names, clients are made on arrival."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import boto3

from lakeward.adapters.s3_files import S3Files

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@cache
def _client(region: str) -> "S3Client":
    """One client a process; a worker's environment need not say the region."""
    return boto3.client("s3", region_name=region)


@dataclass(frozen=True)
class S3Buckets:
    """See ``lakeward.adapters.spark.tasks.Buckets``."""

    raw_bucket: str
    curated_bucket: str
    region: str

    def raw(self) -> S3Files:
        """The raw bucket."""
        return S3Files(_client(self.region), self.raw_bucket)

    def lake(self) -> S3Files:
        """The curated bucket."""
        return S3Files(_client(self.region), self.curated_bucket)
