"""The raw store on S3: what is stored first stays. One suite over moto and over the local cloud.

Moto neither checks nor remembers a checksum that is given with a put; what concerns checksums runs on the local cloud.
"""

import base64
import hashlib
import io
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.stub import Stubber
from moto import mock_aws

from lakeward.adapters.raw_s3 import S3RawStore, raw_client
from lakeward.errors import ConfigurationMissing, RawConflict, StoreUnavailable
from lakeward.ports.raw import RawObject

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

KEY = "readings/slot=20180131T0000Z/attempt-01/page-00001.json"
BODY = b'{"items": []}'
RECEIPT = {"request": "GET https://service.test/", "response-headers": '{"etag": "\\"1\\""}'}


@dataclass(frozen=True)
class Bucket:
    """A versioned bucket, and the store over it."""

    client: "S3Client"
    name: str

    @classmethod
    def make(cls) -> "Bucket":
        client, name = raw_client(), f"raw-{uuid.uuid4()}"
        client.create_bucket(Bucket=name)
        client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return cls(client, name)

    @property
    def store(self) -> S3RawStore:
        return S3RawStore(self.client, self.name)

    def versions(self) -> int:
        return len(self.client.list_object_versions(Bucket=self.name, Prefix=KEY).get("Versions", []))


@pytest.fixture
def moto_bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    for name in ("AWS_CA_BUNDLE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "111111111111")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield Bucket.make()


@pytest.fixture
def cloud_bucket(cloud: str) -> Bucket:
    return Bucket.make()


@pytest.fixture(params=["moto_bucket", "cloud_bucket"])
def bucket(request: pytest.FixtureRequest) -> Bucket:
    return request.getfixturevalue(request.param)


def put(store: S3RawStore, body: bytes = BODY, metadata: dict[str, str] = RECEIPT, sha256: str | None = None) -> Any:
    digest = sha256 or hashlib.sha256(body).hexdigest()
    return store.put_once(KEY, io.BytesIO(body), sha256=digest, content_type="application/json", metadata=metadata)


def test_an_object_is_stored_with_its_type_and_its_receipt(bucket: Bucket):
    assert put(bucket.store) == RECEIPT

    stored = bucket.client.head_object(Bucket=bucket.name, Key=KEY)
    assert (stored["ContentType"], stored["Metadata"]) == ("application/json", RECEIPT)
    assert bucket.store.get(KEY) == RawObject(BODY, RECEIPT)


def test_the_same_bytes_again_change_nothing_and_give_what_was_said_of_the_first(bucket: Bucket):
    put(bucket.store)

    assert put(bucket.store, metadata={"request": "another"}) == RECEIPT

    assert bucket.versions() == 1


def test_other_bytes_are_a_conflict_and_change_nothing(bucket: Bucket):
    put(bucket.store)

    with pytest.raises(RawConflict) as problem:
        put(bucket.store, b"other")

    assert problem.value.message == (
        f"s3://{bucket.name}/{KEY}: expected a free key or the bytes with sha256 "
        f"{hashlib.sha256(b'other').hexdigest()}, found {hashlib.sha256(BODY).hexdigest()}; "
        "raw keeps what came first: run the slot again, it goes on from what is stored"
    )
    assert bucket.versions() == 1
    assert bucket.store.get(KEY) == RawObject(BODY, RECEIPT)


class NoBody(io.BytesIO):
    """An empty body as botocore reads it."""

    def stream(self) -> Iterator[bytes]:
        return iter(())


def test_a_put_whose_answer_was_lost_is_repeated_and_counts_as_done(bucket: Bucket):
    """The put is stored, its answer is lost; botocore repeats it and is told that the key is taken."""
    other = boto3.client("s3")
    sends = 0

    def lose_the_first_answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        nonlocal sends
        sends += 1
        if sends > 1:
            return None
        other.put_object(Bucket=bucket.name, Key=KEY, Body=BODY, Metadata=RECEIPT, IfNoneMatch="*")
        return AWSResponse(request.url, 500, {}, NoBody())

    bucket.client.meta.events.register_first("before-send.s3.PutObject", lose_the_first_answer)

    assert put(bucket.store) == RECEIPT

    assert sends == 2
    assert bucket.versions() == 1


def test_a_large_body_goes_up_from_its_temporary_file(bucket: Bucket):
    large = b"0123456789abcdef" * 65_536
    with SpooledTemporaryFile(max_size=1000) as body:
        body.write(large)
        body.seek(0)
        digest = hashlib.sha256(large).hexdigest()
        bucket.store.put_once(KEY, body, sha256=digest, content_type="application/json", metadata={})

    assert bucket.store.get(KEY) == RawObject(large, {})


def test_what_is_not_there_is_none(bucket: Bucket):
    assert bucket.store.get("nothing") is None
    assert bucket.store.keys("nothing/") == []


def test_a_listing_has_every_key_of_the_prefix_and_no_other_beyond_a_thousand(bucket: Bucket):
    wanted = [f"a/{number:04d}" for number in range(1001)]
    for key in [*wanted, "b/0000"]:
        bucket.client.put_object(Bucket=bucket.name, Key=key, Body=b"")

    assert bucket.store.keys("a/") == wanted


def test_a_bucket_that_is_not_there_is_a_matter_of_configuration(bucket: Bucket):
    store = S3RawStore(bucket.client, "elsewhere")

    with pytest.raises(ConfigurationMissing, match=r"s3://elsewhere/.*: expected to store it, found NoSuchBucket"):
        put(store)
    with pytest.raises(ConfigurationMissing, match="expected to list it, found NoSuchBucket"):
        store.keys("a/")


def test_the_digest_is_kept_by_the_store_as_well(cloud_bucket: Bucket):
    put(cloud_bucket.store)

    stored = cloud_bucket.client.head_object(Bucket=cloud_bucket.name, Key=KEY, ChecksumMode="ENABLED")
    assert base64.b64decode(stored["ChecksumSHA256"]) == hashlib.sha256(BODY).digest()


def test_bytes_that_change_on_their_way_are_not_stored(cloud_bucket: Bucket):
    with pytest.raises(StoreUnavailable, match="expected to store it, found "):
        put(cloud_bucket.store, sha256=hashlib.sha256(b"what was meant").hexdigest())

    assert cloud_bucket.store.get(KEY) is None


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (403, "AccessDenied", ConfigurationMissing),
        (400, "BadDigest", StoreUnavailable),
        (409, "ConditionalRequestConflict", StoreUnavailable),
        (503, "SlowDown", StoreUnavailable),
    ],
)
def test_refusals_of_the_store_are_told_apart(moto_bucket: Bucket, status: int, code: str, error: type[Exception]):
    store = moto_bucket.store
    for verb, call in {
        "put_object": lambda: put(store),
        "get_object": lambda: store.get(KEY),
        "list_objects_v2": lambda: store.keys("a/"),
    }.items():
        with Stubber(moto_bucket.client) as stub:
            stub.add_client_error(verb, service_error_code=code, http_status_code=status)
            with pytest.raises(error, match=f"found {code}"):
                call()


def test_a_store_that_nobody_answers_for_may_answer_later(cloud: str):
    once = Config(retries={"total_max_attempts": 1}, connect_timeout=1)
    nobody = boto3.client("s3", endpoint_url="http://127.0.0.1:9", config=once)

    with pytest.raises(StoreUnavailable, match="found EndpointConnectionError"):
        put(S3RawStore(nobody, "raw"))
