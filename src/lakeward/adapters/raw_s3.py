"""Raw storage in an S3 bucket: every put is conditional on the key being free."""

import base64
import hashlib
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, NoReturn

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from lakeward.errors import ConfigurationMissing, RawConflict, StoreUnavailable
from lakeward.ports.raw import RawObject

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def raw_client() -> "S3Client":
    """An S3 client that repeats what failed in passing. A repeated put is safe here: it is conditional."""
    retries = Config(retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=5, read_timeout=60)
    return boto3.client("s3", config=retries)


class S3RawStore:
    """One bucket. The role needs GetObject and PutObject on its objects, and ListBucket without a prefix condition:
    without it S3 answers a missing key with 403 instead of 404."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def get(self, key: str) -> RawObject | None:
        """See ``lakeward.ports.raw.RawStore``."""
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=key)
            return RawObject(answer["Body"].read(), answer["Metadata"])
        except self._client.exceptions.NoSuchKey:
            return None
        except (ClientError, BotoCoreError) as problem:
            self._refuse("read", key, problem)

    def keys(self, prefix: str) -> list[str]:
        """See ``lakeward.ports.raw.RawStore``."""
        try:
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
            return sorted(item["Key"] for page in pages for item in page.get("Contents", []))
        except (ClientError, BotoCoreError) as problem:
            self._refuse("list", prefix, problem)

    def folders(self, prefix: str) -> list[str]:
        """See ``lakeward.ports.raw.RawStore``."""
        try:
            paginator = self._client.get_paginator("list_objects_v2")
            pages = paginator.paginate(Bucket=self._bucket, Prefix=prefix, Delimiter="/")
            return sorted(item["Prefix"] for page in pages for item in page.get("CommonPrefixes", []))
        except (ClientError, BotoCoreError) as problem:
            self._refuse("list", prefix, problem)

    def put_once(
        self, key: str, body: IO[bytes], *, sha256: str, content_type: str, metadata: Mapping[str, str]
    ) -> Mapping[str, str]:
        """See ``lakeward.ports.raw.RawStore``."""
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=body,
                IfNoneMatch="*",
                ChecksumSHA256=base64.b64encode(bytes.fromhex(sha256)).decode(),
                ContentType=content_type,
                Metadata=metadata,
            )
        except (ClientError, BotoCoreError) as problem:
            if _status(problem) == 412:
                return self._same_as_there(key, sha256)
            self._refuse("store", key, problem)
        return metadata

    def _same_as_there(self, key: str, sha256: str) -> Mapping[str, str]:
        """The key was taken: by ourselves, when the answer to our put was lost and botocore repeated it, or by others.

        The bytes decide, not the checksum that the store remembers: this happens rarely and must be right.
        """
        stored = self.get(key)
        if stored is None:
            raise StoreUnavailable(f"{self._name(key)}: the key was taken, and then nothing was there", key=key)
        found = hashlib.sha256(stored.body).hexdigest()
        if found != sha256:
            raise RawConflict(
                f"{self._name(key)}: expected a free key or the bytes with sha256 {sha256}, found {found}; raw keeps "
                "what came first: run the slot again, it goes on from what is stored",
                key=key,
                expected_sha256=sha256,
                found_sha256=found,
            )
        return stored.metadata

    def _refuse(self, verb: str, key: str, problem: ClientError | BotoCoreError) -> NoReturn:
        code = (
            problem.response["Error"].get("Code", "?") if isinstance(problem, ClientError) else type(problem).__name__
        )
        if _status(problem) in (403, 404):
            raise ConfigurationMissing(
                f"{self._name(key)}: expected to {verb} it, found {code}; check RAW_BUCKET and the function's role",
                key=key,
                code=code,
            ) from problem
        raise StoreUnavailable(
            f"{self._name(key)}: expected to {verb} it, found {code}", key=key, code=code
        ) from problem

    def _name(self, key: str) -> str:
        return f"s3://{self._bucket}/{key}"


def _status(problem: ClientError | BotoCoreError) -> int:
    """HTTP status of the answer; 0 when there was none."""
    if not isinstance(problem, ClientError):
        return 0
    return problem.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
