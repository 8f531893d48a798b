"""The artifacts bucket: written once, digests of what really lies there."""

import uuid
from pathlib import Path

import boto3
import pytest
from release_world import release_in, sha256

from lakeward.adapters.artifacts import S3Artifacts
from lakeward.errors import ConfigurationMissing, ReleaseInvalid
from lakeward.ports.artifacts import Stored
from lakeward.release.publish import prove_stored, publish

ACCOUNT = "111111111111"


@pytest.fixture
def store(cloud: str) -> S3Artifacts:
    bucket = f"artifacts-{uuid.uuid4().hex[:8]}"
    boto3.client("s3").create_bucket(Bucket=bucket)
    return S3Artifacts(boto3.client("s3"), bucket, ACCOUNT)


def overwrite(store: S3Artifacts, key: str, body: bytes) -> None:
    """What somebody with the right to write could do."""
    boto3.client("s3").put_object(Bucket=store.where.removeprefix("s3://"), Key=key, Body=body)


def test_an_object_is_stored_once_and_told_by_its_digest(store: S3Artifacts, tmp_path: Path):
    file = tmp_path / "file"
    file.write_bytes(b"first")

    made = store.put_once("functions/a.zip", file, sha256(b"first"), "application/zip")
    again = store.put_once("functions/a.zip", b"second", sha256(b"second"), "application/zip")

    assert (made, again) == (True, False)
    assert store.stored("functions/a.zip") == Stored(sha256(b"first"), 5)
    assert store.read("functions/a.zip") == b"first"


def test_what_is_not_there_is_none(store: S3Artifacts, tmp_path: Path):
    assert (store.read("a"), store.stored("a"), store.keys(""), store.download("a", tmp_path / "a")) == (
        None,
        None,
        [],
        False,
    )


def test_keys_are_listed_by_prefix_in_order(store: S3Artifacts):
    for key in ("evidence/b", "evidence/a", "releases/c"):
        store.put_once(key, b"x", sha256(b"x"), "application/json")

    assert store.keys("evidence/") == ["evidence/a", "evidence/b"]


def test_the_digest_of_an_object_without_a_checksum_is_worked_out_from_its_bytes(store: S3Artifacts):
    overwrite(store, "functions/a.zip", b"put by hand")

    assert store.stored("functions/a.zip") == Stored(sha256(b"put by hand"), 11)


def test_a_download_is_the_bytes(store: S3Artifacts, tmp_path: Path):
    store.put_once("a", b"content", sha256(b"content"), "application/zip")

    assert store.download("a", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"content"


def test_a_bucket_that_is_not_there_is_a_missing_setting(cloud: str):
    with pytest.raises(ConfigurationMissing, match="s3://none-such"):
        S3Artifacts(boto3.client("s3"), "none-such", ACCOUNT).keys("")


def test_a_release_is_published_whole_and_a_replaced_artifact_is_found(store: S3Artifacts, tmp_path: Path):
    release = release_in(tmp_path)
    publish(release, tmp_path, store, lambda _: None)
    prove_stored(release, store)

    overwrite(store, release.functions.key, b"functions of fIrst")

    with pytest.raises(ReleaseInvalid, match=rf"{release.functions.key}: expected .* found 18 with"):
        prove_stored(release, store)
