"""The ops tables' folder in an S3 bucket."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lakeward.adapters.store_errors import code_of, store_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3OpsTables:
    """See ``lakeward.ports.ops_tables.OpsTables``. The role needs PutObject and nothing else: it never looks."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def add(self, key: str, body: bytes) -> bool:
        """See ``lakeward.ports.ops_tables.OpsTables``. A put that botocore repeats finds its own object."""
        with store_errors(f"s3://{self._bucket}/{key}", "store"):
            try:
                self._client.put_object(
                    Bucket=self._bucket, Key=key, Body=body, IfNoneMatch="*", ContentType="application/json"
                )
            except ClientError as problem:
                if code_of(problem) != "PreconditionFailed":
                    raise
                return False
        return True
