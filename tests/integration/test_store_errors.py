"""A bucket that does not do what was asked: what may pass is retried by name, what may not says what to look at."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from faulty_proxy import Fault, FaultyProxy, Kind, faulty_proxy

from lakeward.adapters.s3_files import S3Files
from lakeward.errors import ConfigurationMissing, StoreUnavailable

KINDS: tuple[Kind, ...] = ("refused", "error", "busy", "answer lost")
ASK: dict[str, Callable[[S3Files, str, Path], Any]] = {
    "read": lambda files, _bucket, _folder: files.read("there"),
    "download": lambda files, _bucket, folder: files.download("there", folder / "copy"),
    "size": lambda files, bucket, _folder: files.size(f"s3://{bucket}/there"),
    "put": lambda files, _bucket, _folder: files.put("there", b"body", "text/plain"),
    "upload": lambda files, _bucket, folder: files.upload(folder / "file", "there"),
}


@pytest.fixture
def proxy(cloud: str) -> Iterator[FaultyProxy]:
    with faulty_proxy(cloud) as made:
        yield made


@pytest.fixture
def bucket(cloud: str, tmp_path: Path) -> str:
    """A bucket with one object, and a file to upload."""
    name = f"files-{uuid.uuid4().hex[:8]}"
    boto3.client("s3").create_bucket(Bucket=name)
    boto3.client("s3").put_object(Bucket=name, Key="there", Body=b"body")
    (tmp_path / "file").write_bytes(b"body")
    return name


def files(bucket: str, endpoint: str | None = None) -> S3Files:
    """The bucket, by a client that asks once."""
    return S3Files(boto3.client("s3", endpoint_url=endpoint, config=Config(retries={"total_max_attempts": 1})), bucket)


def test_what_is_there_is_read_copied_and_measured(bucket: str, tmp_path: Path) -> None:
    there = files(bucket)

    assert (there.read("there"), there.size(f"s3://{bucket}/there")) == (b"body", 4)
    assert there.download("there", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"body"


def test_what_is_not_there_is_nothing_and_no_error(bucket: str, tmp_path: Path) -> None:
    there = files(bucket)

    assert (there.read("nothing"), there.size(f"s3://{bucket}/nothing")) == (None, None)
    assert there.download("nothing", tmp_path / "copy") is False
    assert not (tmp_path / "copy").exists()


def test_what_is_put_or_uploaded_is_there(bucket: str, tmp_path: Path) -> None:
    there = files(bucket)

    there.put("list.json", b"{}", "application/json")
    assert there.upload(tmp_path / "file", "a/file") == f"s3://{bucket}/a/file"

    found = boto3.client("s3").get_object(Bucket=bucket, Key="list.json")
    assert (found["Body"].read(), found["ContentType"]) == (b"{}", "application/json")
    assert there.read("a/file") == b"body"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("verb", ASK)
def test_what_may_pass_is_retried_by_name(
    verb: str, kind: Kind, proxy: FaultyProxy, bucket: str, tmp_path: Path
) -> None:
    proxy.arm(Fault(kind, 1))

    with pytest.raises(StoreUnavailable, match=f"s3://{bucket}/there: expected to (read|store) it, found"):
        ASK[verb](files(bucket, proxy.endpoint), bucket, tmp_path)

    proxy.arm(None)
    ASK[verb](files(bucket, proxy.endpoint), bucket, tmp_path)
    assert files(bucket).read("there") == b"body"


@pytest.mark.parametrize("verb", ["read", "put", "upload"])
def test_a_bucket_that_is_not_there_is_named_and_not_asked_again(verb: str, cloud: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"body")

    with pytest.raises(ConfigurationMissing) as problem:
        ASK[verb](files("nowhere"), "nowhere", tmp_path)

    words = "read" if verb == "read" else "store"
    assert problem.value.message == (
        f"s3://nowhere/there: expected to {words} it, found NoSuchBucket; check the function's settings and role"
    )
