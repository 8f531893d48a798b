"""A bucket as ``Files``."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from lakeward.adapters.store_errors import code_of, store_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Found = TypeVar("Found")


class S3Files:
    """Reads and writes one bucket. Encryption and TLS are the bucket's own rules.

    The role needs ListBucket without a prefix condition: without it S3 answers a missing key with 403 instead of 404.
    """

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def read(self, key: str) -> bytes | None:
        """See ``lakeward.ports.lake.Files``."""

        def fetch() -> bytes:
            return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()

        return find(self._uri(key), fetch)

    def download(self, key: str, to: Path) -> bool:
        """See ``lakeward.ports.lake.Files``. Large objects come in parts."""

        def fetch() -> bool:
            self._client.download_file(self._bucket, key, str(to))
            return True

        return find(self._uri(key), fetch) or False

    def put(self, key: str, body: bytes, content_type: str) -> None:
        """See ``lakeward.ports.lake.Files``."""
        with store_errors(self._uri(key), "store"):
            self._client.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=content_type)

    def upload(self, path: Path, key: str) -> str:
        """See ``lakeward.ports.lake.Files``. Large files go in parts."""
        with store_errors(self._uri(key), "store"):
            self._client.upload_file(str(path), self._bucket, key)
        return self._uri(key)

    def size(self, uri: str) -> int | None:
        """See ``lakeward.ports.lake.Files``."""
        bucket, key = split_uri(uri)
        return find(uri, lambda: self._client.head_object(Bucket=bucket, Key=key)["ContentLength"])

    def _uri(self, key: str) -> str:
        return f"s3://{self._bucket}/{key}"


def find(uri: str, ask: Callable[[], Found]) -> Found | None:
    """What a question about an object answers; None when there is no such object."""
    with store_errors(uri, "read"):
        try:
            return ask()
        except ClientError as problem:
            if code_of(problem) in ("404", "NoSuchKey"):
                return None
            raise


def split_uri(uri: str) -> tuple[str, str]:
    """``s3://bucket/key`` -> (bucket, key)."""
    parts = urlsplit(uri)
    return parts.netloc, parts.path.lstrip("/")
