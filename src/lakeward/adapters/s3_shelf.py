"""The lake's bucket as maintenance sees it."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from lakeward.adapters.s3_files import find, split_uri
from lakeward.adapters.store_errors import store_errors
from lakeward.ports.upkeep import StoredFile

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3Shelf:
    """See ``lakeward.ports.upkeep.Shelf``. The bucket is versioned: what is removed can be had back for a while."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def below(self, folder: str) -> Iterator[StoredFile]:
        """See ``lakeward.ports.upkeep.Shelf``."""
        pages = self._client.get_paginator("list_objects_v2")
        with store_errors(f"s3://{self._bucket}/{folder}/", "list"):
            for page in pages.paginate(Bucket=self._bucket, Prefix=f"{folder}/"):
                for found in page.get("Contents", []):
                    stored_at = found["LastModified"].replace(microsecond=0)
                    yield StoredFile(f"s3://{self._bucket}/{found['Key']}", found["Size"], stored_at)

    def read(self, uri: str) -> bytes | None:
        """See ``lakeward.ports.upkeep.Shelf``."""
        bucket, key = split_uri(uri)

        def fetch() -> bytes:
            return self._client.get_object(Bucket=bucket, Key=key)["Body"].read()

        return find(uri, fetch)

    def put(self, uri: str, body: bytes) -> None:
        """See ``lakeward.ports.upkeep.Shelf``."""
        bucket, key = split_uri(uri)
        with store_errors(uri, "store"):
            self._client.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")

    def modified_at(self, uri: str) -> datetime | None:
        """See ``lakeward.ports.upkeep.Shelf``."""
        bucket, key = split_uri(uri)
        found = find(uri, lambda: self._client.head_object(Bucket=bucket, Key=key)["LastModified"])
        return None if found is None else found.replace(microsecond=0)

    def remove(self, uri: str) -> None:
        """See ``lakeward.ports.upkeep.Shelf``."""
        bucket, key = split_uri(uri)
        with store_errors(uri, "remove"):
            self._client.delete_object(Bucket=bucket, Key=key)
