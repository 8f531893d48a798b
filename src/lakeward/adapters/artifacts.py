"""The artifacts bucket in S3."""

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lakeward.adapters.s3_files import find
from lakeward.adapters.store_errors import code_of, store_errors
from lakeward.ports.artifacts import Stored

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

TAKEN = ("412", "PreconditionFailed", "409", "ConditionalRequestConflict")
CHUNK_BYTES = 1 << 20


class S3Artifacts:
    """One bucket. Each request names the account that owns it, so that a bucket of that name elsewhere is refused."""

    def __init__(self, client: "S3Client", bucket: str, account_id: str) -> None:
        self.where = f"s3://{bucket}"
        self._client = client
        self._bucket = bucket
        self._owner = account_id

    def read(self, key: str) -> bytes | None:
        """See ``lakeward.ports.artifacts.Artifacts``."""

        def fetch() -> bytes:
            answer = self._client.get_object(Bucket=self._bucket, Key=key, ExpectedBucketOwner=self._owner)
            return answer["Body"].read()

        return find(self._uri(key), fetch)

    def keys(self, prefix: str) -> list[str]:
        """See ``lakeward.ports.artifacts.Artifacts``."""
        pages = self._client.get_paginator("list_objects_v2")
        with store_errors(self._uri(prefix), "list"):
            found = pages.paginate(Bucket=self._bucket, Prefix=prefix, ExpectedBucketOwner=self._owner)
            return sorted(item["Key"] for page in found for item in page.get("Contents", []))

    def stored(self, key: str) -> Stored | None:
        """See ``lakeward.ports.artifacts.Artifacts``. S3's own checksum where it has one, else the bytes are read."""

        def ask() -> "HeadObjectOutputTypeDef":
            return self._client.head_object(
                Bucket=self._bucket, Key=key, ChecksumMode="ENABLED", ExpectedBucketOwner=self._owner
            )

        head = find(self._uri(key), ask)
        if head is None:
            return None
        checksum = head.get("ChecksumSHA256", "")
        if checksum and "-" not in checksum:  # with a dash it is a digest of digests: the object was put in parts
            return Stored(base64.b64decode(checksum).hex(), head["ContentLength"])
        return self._hashed(key)

    def put_once(self, key: str, body: bytes | Path, sha256: str, content_type: str) -> bool:
        """See ``lakeward.ports.artifacts.Artifacts``."""
        content = body.read_bytes() if isinstance(body, Path) else body
        with store_errors(self._uri(key), "store"):
            try:
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=key,
                    Body=content,
                    ChecksumSHA256=base64.b64encode(bytes.fromhex(sha256)).decode(),
                    ContentType=content_type,
                    IfNoneMatch="*",
                    ExpectedBucketOwner=self._owner,
                )
            except ClientError as problem:
                if code_of(problem) in TAKEN:
                    return False
                raise
        return True

    def download(self, key: str, to: Path) -> bool:
        """See ``lakeward.ports.artifacts.Artifacts``."""

        def fetch() -> bool:
            answer = self._client.get_object(Bucket=self._bucket, Key=key, ExpectedBucketOwner=self._owner)
            with to.open("wb") as target:
                for chunk in answer["Body"].iter_chunks(CHUNK_BYTES):
                    target.write(chunk)
            return True

        return find(self._uri(key), fetch) or False

    def _hashed(self, key: str) -> Stored | None:
        def fetch() -> Stored:
            answer = self._client.get_object(Bucket=self._bucket, Key=key, ExpectedBucketOwner=self._owner)
            digest, size = hashlib.sha256(), 0
            for chunk in answer["Body"].iter_chunks(CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
            return Stored(digest.hexdigest(), size)

        return find(self._uri(key), fetch)

    def _uri(self, key: str) -> str:
        return f"{self.where}/{key}"
