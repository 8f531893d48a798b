"""A bucket as ``Files``."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3Files:
    """Reads and writes one bucket. Encryption and TLS are the bucket's own rules."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def read(self, key: str) -> bytes | None:
        """The object's bytes, or None when there is none."""
        try:
            return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except self._client.exceptions.NoSuchKey:
            return None

    def download(self, key: str, to: Path) -> None:
        """Copy an object to a local file, in parts."""
        self._client.download_file(self._bucket, key, str(to))

    def put(self, key: str, body: bytes, content_type: str) -> None:
        """Store an object whole."""
        self._client.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=content_type)

    def upload(self, path: Path, key: str) -> str:
        """Store a local file, in parts when it is large; returns its URI."""
        self._client.upload_file(str(path), self._bucket, key)
        return f"s3://{self._bucket}/{key}"

    def size(self, uri: str) -> int | None:
        """Length in bytes of the object at an ``s3://`` URI; None when there is none."""
        bucket, key = split_uri(uri)
        try:
            return self._client.head_object(Bucket=bucket, Key=key)["ContentLength"]
        except ClientError as problem:
            if problem.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return None
            raise


def split_uri(uri: str) -> tuple[str, str]:
    """``s3://bucket/key`` -> (bucket, key)."""
    parts = urlsplit(uri)
    return parts.netloc, parts.path.lstrip("/")
