"""S3 objects: listing, reading, and a local copy of what DuckDB reads.

DuckDB reads local files: an object is fetched once and kept under its bucket, key and ETag, so that a changed object is
fetched anew. The listing that precedes every read is what notices a change or a deletion.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

from lakeward_local.athena.errors import QueryError

_CACHED_BYTES: Final = 4 * 1024**3
_CACHED_TEXT_BYTES: Final = 64 * 1024**2


#: An object's URI and bytes -> the bytes to keep.
Decoder = Callable[[str, bytes], bytes]


@dataclass(frozen=True)
class StoredObject:
    """An object as a listing shows it."""

    uri: str
    size_bytes: int
    etag: str
    modified: datetime | None = None


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of ``s3://bucket/key``.

    Raises:
        QueryError: INVALID_TABLE_PROPERTY, no S3 location.
    """
    found = re.fullmatch(r"s3[an]?://([^/]+)/?(.*)", uri, re.DOTALL)
    if found is None:
        raise QueryError("INVALID_TABLE_PROPERTY", f"expected a location s3://bucket/key, found {uri!r}")
    return found.group(1), found.group(2)


def shared_folder(uris: list[str]) -> str:
    """The deepest folder that holds all of them."""
    parts = [u.split("/")[:-1] for u in uris]
    shared = [level[0] for level in takewhile(lambda level: len(set(level)) == 1, zip(*parts, strict=False))]
    return "/".join(shared) + "/"


class FileCache:
    """Local copies of objects, the least recently used ones dropped beyond a size; shared by all queries."""

    def __init__(self, directory: Path | None = None, limit_bytes: int = _CACHED_BYTES) -> None:
        self._temporary = (
            tempfile.TemporaryDirectory(prefix="athena-", ignore_cleanup_errors=True) if directory is None else None
        )
        self.directory = Path(self._temporary.name) if self._temporary else Path(str(directory))
        self.limit_bytes = limit_bytes
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._texts: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()
        self.pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="athena-s3")

    def path(self, stored: StoredObject, suffix: str) -> Path:
        name = hashlib.sha256(f"{stored.uri}\n{stored.etag}\n{stored.size_bytes}".encode()).hexdigest()[:40]
        return self.directory / f"{name}{suffix}"

    def known(self, path: Path) -> bool:
        with self._lock:
            if path.name in self._sizes:
                self._sizes.move_to_end(path.name)
                return True
        return False

    def keep(self, path: Path, size_bytes: int) -> None:
        """Count a new copy; drop old ones. A file that is open stays readable after it is unlinked."""
        with self._lock:
            self._sizes[path.name] = size_bytes
            while sum(self._sizes.values()) > self.limit_bytes and len(self._sizes) > 1:
                name, _ = self._sizes.popitem(last=False)
                (self.directory / name).unlink(missing_ok=True)

    def text(self, key: str) -> bytes | None:
        with self._lock:
            return self._texts.get(key)

    def keep_text(self, key: str, body: bytes) -> None:
        with self._lock:
            self._texts[key] = body
            while sum(map(len, self._texts.values())) > _CACHED_TEXT_BYTES and len(self._texts) > 1:
                self._texts.popitem(last=False)

    def close(self) -> None:
        self.pool.shutdown(wait=False, cancel_futures=True)
        if self._temporary:
            self._temporary.cleanup()


class ObjectStore:
    """S3 through one boto3 client."""

    def __init__(self, s3: Any, cache: FileCache, owner: str = "") -> None:
        self.s3 = s3
        self.cache = cache
        self.owner = owner  # accounts must not share what they have read

    def below(self, location: str, *, hidden: bool = False) -> list[StoredObject]:
        """The objects below a location, in key order; names that start with ``_`` or ``.`` are skipped as in Hive.

        Raises:
            QueryError: HIVE_FILESYSTEM_ERROR, there is no such bucket or no permission.
        """
        bucket, key = split_uri(location)
        prefix = key if not key or key.endswith("/") else f"{key}/"
        found = []
        try:
            for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
                for item in page.get("Contents", []):
                    parts = item["Key"][len(prefix) :].split("/")
                    if item["Key"].endswith("/") or (not hidden and any(x.startswith(("_", ".")) for x in parts)):
                        continue
                    found.append(
                        StoredObject(f"s3://{bucket}/{item['Key']}", item["Size"], item["ETag"], item["LastModified"])
                    )
        except self.s3.exceptions.ClientError as error:
            raise QueryError("HIVE_FILESYSTEM_ERROR", f"Failed to list {location}: {error}") from error
        return found

    def read(self, uri: str) -> bytes:
        """An object's bytes.

        Raises:
            QueryError: HIVE_CANNOT_OPEN_SPLIT, it is not there.
        """
        bucket, key = split_uri(uri)
        try:
            return bytes(self.s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        except self.s3.exceptions.ClientError as error:
            raise QueryError("HIVE_CANNOT_OPEN_SPLIT", f"Error opening {uri}: {error}") from error

    def read_immutable(self, uri: str) -> bytes:
        """As ``read``, remembered: for files that are never rewritten (Iceberg metadata)."""
        key = f"{self.owner}:{uri}"
        body = self.cache.text(key)
        if body is None:
            body = self.read(uri)
            self.cache.keep_text(key, body)
        return body

    def write(self, uri: str, body: bytes, **options: Any) -> None:
        bucket, key = split_uri(uri)
        self.s3.put_object(Bucket=bucket, Key=key, Body=body, **options)

    def delete(self, uris: list[str]) -> None:
        for uri in uris:
            bucket, key = split_uri(uri)
            self.s3.delete_object(Bucket=bucket, Key=key)

    def local(self, objects: list[StoredObject], suffix: str, decode: Decoder | None = None) -> list[Path]:
        """Local copies, in the same order; what is missing is fetched, several at a time.

        Args:
            suffix: the ending of the copies' names; what is decoded in another way needs another one.
            decode: what is kept in place of an object's bytes.
        """
        return (
            list(self.cache.pool.map(lambda o: self._fetch(o, suffix, decode), objects))
            if len(objects) > 1
            else [self._fetch(o, suffix, decode) for o in objects]
        )

    def _fetch(self, stored: StoredObject, suffix: str, decode: Decoder | None) -> Path:
        path = self.cache.path(stored, suffix)
        if self.cache.known(path):
            return path
        body = self.read(stored.uri)
        if decode is not None:
            body = decode(stored.uri, body)
        partial = path.with_name(f"{path.name}.{threading.get_ident()}.part")
        partial.write_bytes(body)
        os.replace(partial, path)  # noqa: PTH105 - atomic; two fetchers write the same bytes
        self.cache.keep(path, len(body))
        return path
