"""The raw store on S3, against moto: what is stored first stays.

Moto accepts a put whose checksum is wrong, so that S3 refuses such a put is shown against the local cloud
(tests/faults/test_ingest_killed.py).
"""

import base64
import hashlib
import io
from collections.abc import Iterator
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

BUCKET = "raw"
KEY = "readings/slot=20180131T0000Z/attempt-01/page-00001.json"
BODY = b'{"items": []}'
RECEIPT = {"request": "GET https://service.test/", "response-headers": '{"etag": "\\"1\\""}'}


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator["S3Client"]:
    for name in ("AWS_CA_BUNDLE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "111111111111")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = raw_client()
        client.create_bucket(Bucket=BUCKET)
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield client


def put(store: S3RawStore, body: bytes = BODY, metadata: dict[str, str] = RECEIPT) -> Any:
    digest = hashlib.sha256(body).hexdigest()
    return store.put_once(KEY, io.BytesIO(body), sha256=digest, content_type="application/json", metadata=metadata)


def versions(s3: "S3Client") -> int:
    return len(s3.list_object_versions(Bucket=BUCKET, Prefix=KEY).get("Versions", []))


def test_an_object_is_stored_with_its_digest_its_type_and_its_receipt(s3: "S3Client"):
    assert put(S3RawStore(s3, BUCKET)) == RECEIPT

    stored = s3.head_object(Bucket=BUCKET, Key=KEY, ChecksumMode="ENABLED")
    assert (stored["ContentType"], stored["Metadata"]) == ("application/json", RECEIPT)
    assert base64.b64decode(stored["ChecksumSHA256"]) == hashlib.sha256(BODY).digest()
    assert S3RawStore(s3, BUCKET).get(KEY) == RawObject(BODY, RECEIPT)


def test_the_same_bytes_again_change_nothing_and_give_what_was_said_of_the_first(s3: "S3Client"):
    store = S3RawStore(s3, BUCKET)
    put(store)

    assert put(store, metadata={"request": "another"}) == RECEIPT

    assert versions(s3) == 1


def test_other_bytes_are_a_conflict_and_change_nothing(s3: "S3Client"):
    store = S3RawStore(s3, BUCKET)
    put(store)

    with pytest.raises(RawConflict) as problem:
        put(store, b"other")

    assert problem.value.message == (
        f"s3://raw/{KEY}: expected a free key or the bytes with sha256 {hashlib.sha256(b'other').hexdigest()}, "
        f"found {hashlib.sha256(BODY).hexdigest()}; raw keeps what came first: "
        "run the slot again, it goes on from what is stored"
    )
    assert versions(s3) == 1
    assert store.get(KEY) == RawObject(BODY, RECEIPT)


def test_a_put_whose_answer_was_lost_is_repeated_and_counts_as_done(s3: "S3Client"):
    """The put is stored, its answer is lost; botocore repeats it and is told that the key is taken."""
    other = boto3.client("s3")
    sends = 0

    def lose_the_first_answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        nonlocal sends
        sends += 1
        if sends > 1:
            return None
        other.put_object(Bucket=BUCKET, Key=KEY, Body=BODY, Metadata=RECEIPT, IfNoneMatch="*")
        return AWSResponse(request.url, 500, {}, NoBody())

    s3.meta.events.register_first("before-send.s3.PutObject", lose_the_first_answer)

    assert put(S3RawStore(s3, BUCKET)) == RECEIPT

    assert sends == 2
    assert versions(s3) == 1


class NoBody(io.BytesIO):
    """An empty body as botocore reads it."""

    def stream(self) -> Iterator[bytes]:
        return iter(())


def test_a_large_body_goes_up_from_its_temporary_file(s3: "S3Client"):
    large = b"0123456789abcdef" * 65_536
    store = S3RawStore(s3, BUCKET)
    with SpooledTemporaryFile(max_size=1000) as body:
        body.write(large)
        body.seek(0)
        digest = hashlib.sha256(large).hexdigest()
        store.put_once(KEY, body, sha256=digest, content_type="application/json", metadata={})

    assert store.get(KEY) == RawObject(large, {})


def test_what_is_not_there_is_none(s3: "S3Client"):
    assert S3RawStore(s3, BUCKET).get("nothing") is None
    assert S3RawStore(s3, BUCKET).keys("nothing/") == []


def test_a_listing_has_every_key_of_the_prefix_and_no_other_beyond_a_thousand(s3: "S3Client"):
    wanted = [f"a/{number:04d}" for number in range(1001)]
    for key in [*wanted, "b/0000"]:
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"")

    assert S3RawStore(s3, BUCKET).keys("a/") == wanted


def test_a_bucket_that_is_not_there_is_a_matter_of_configuration(s3: "S3Client"):
    store = S3RawStore(s3, "elsewhere")

    with pytest.raises(ConfigurationMissing, match=r"s3://elsewhere/.*: expected to store it, found NoSuchBucket"):
        put(store)
    with pytest.raises(ConfigurationMissing, match="expected to list it, found NoSuchBucket"):
        store.keys("a/")


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (403, "AccessDenied", ConfigurationMissing),
        (400, "BadDigest", StoreUnavailable),
        (409, "ConditionalRequestConflict", StoreUnavailable),
        (503, "SlowDown", StoreUnavailable),
    ],
)
def test_refusals_of_the_store_are_told_apart(s3: "S3Client", status: int, code: str, error: type[Exception]):
    store = S3RawStore(s3, BUCKET)
    for verb, call in {
        "put_object": lambda: put(store),
        "get_object": lambda: store.get(KEY),
        "list_objects_v2": lambda: store.keys("a/"),
    }.items():
        with Stubber(s3) as stub:
            stub.add_client_error(verb, service_error_code=code, http_status_code=status)
            with pytest.raises(error, match=f"found {code}"):
                call()


def test_a_store_that_nobody_answers_for_may_answer_later(s3: "S3Client"):
    once = Config(retries={"total_max_attempts": 1}, connect_timeout=1)
    store = S3RawStore(boto3.client("s3", endpoint_url="http://127.0.0.1:9", config=once), BUCKET)

    with (
        mock_aws(config={"core": {"passthrough": {"urls": [r"http://127\.0\.0\.1:9/.*"]}}}),
        pytest.raises(StoreUnavailable, match="found EndpointConnectionError"),
    ):
        put(store)
