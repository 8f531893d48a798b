"""The ops tables' folder: what came first stays."""

import uuid

import boto3
import pytest

from lakeward.adapters.s3_ops import S3OpsTables
from lakeward.errors import ConfigurationMissing, StoreUnavailable

KEY = "ops/runs/dataset=earthquakes/day=2018-02-01/earthquakes-20180131T0000Z.succeeded.json"


@pytest.fixture
def bucket(cloud: str) -> str:
    name = f"curated-{uuid.uuid4().hex[:8]}"
    boto3.client("s3").create_bucket(Bucket=name)
    return name


def test_an_object_is_kept_once(bucket: str) -> None:
    tables = S3OpsTables(boto3.client("s3"), bucket)

    assert [tables.add(KEY, b"first\n"), tables.add(KEY, b"second\n")] == [True, False]
    assert boto3.client("s3").get_object(Bucket=bucket, Key=KEY)["Body"].read() == b"first\n"


def test_a_bucket_that_is_not_there_is_a_matter_of_configuration(cloud: str) -> None:
    with pytest.raises(ConfigurationMissing, match=r"s3://nowhere/ops/.*: expected to store it, found NoSuchBucket"):
        S3OpsTables(boto3.client("s3"), "nowhere").add(KEY, b"first\n")


def test_a_store_that_does_not_answer_may_answer_later() -> None:
    silent = boto3.client("s3", endpoint_url="http://127.0.0.1:1", region_name="us-east-1")

    with pytest.raises(StoreUnavailable, match="expected to store it"):
        S3OpsTables(silent, "curated").add(KEY, b"first\n")
