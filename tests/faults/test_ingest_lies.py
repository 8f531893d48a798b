"""A whole slot against a real server that lies: it is never certified, or it is certified and whole."""

import gzip
import json
from collections.abc import Callable

import pytest
from ingest_over_http import Served, Wire, served
from ingest_world import PREFIX, MemoryRaw, Service, records
from lying_server import Say, bytes_as_they_are, drip, head, whole

from lakeward.certificate import Certificate
from lakeward.errors import IncompleteRun, LakewardError, UpstreamRefused, UpstreamUnavailable
from lakeward.ingest import Progress

THIRD = "offset=201"


def at_third(say: Callable[[bytes], Say], times: int = 1_000) -> Wire:
    """Lie about the third page, so many times."""
    left = [times]

    def wire(target: str, body: bytes) -> Say | None:
        if THIRD not in target or left[0] == 0:
            return None
        left[0] -= 1
        return say(body)

    return wire


def assert_whole(progress: Progress, raw: MemoryRaw, at: Served) -> None:
    """Certified, and every record lies in raw once."""
    assert progress.complete
    certificate = Certificate.from_bytes(raw.objects[f"{PREFIX}certificate.json"].body)
    read = []
    for page in certificate.pages:
        body = raw.objects[page.key].body
        read += json.loads(gzip.decompress(body) if page.content_encoding == "gzip" else body)["items"]
    assert read == at.service.records


def fails(at: Served, error: type[LakewardError], seconds: float = 900.0) -> tuple[str, MemoryRaw]:
    """Run the slot, expecting this error and no certificate."""
    raw = MemoryRaw()
    with pytest.raises(error) as problem:
        at.ingest(raw, seconds)
    assert f"{PREFIX}certificate.json" not in raw.objects
    return problem.value.message, raw


@pytest.mark.parametrize("gzipped", [False, True])
def test_an_honest_service_is_read_whole(gzipped: bool):
    raw = MemoryRaw()
    with served(Service(records(250), gzipped=gzipped)) as at:
        progress = at.ingest(raw)

    assert_whole(progress, raw, at)
    assert (progress.http_requests, progress.s3_puts, at.server.connections) == (5, 6, 1)


def test_the_certificate_says_who_really_answered():
    raw = MemoryRaw()
    with served(Service(records(1))) as at:
        at.ingest(raw)

    (page,) = Certificate.from_bytes(raw.objects[f"{PREFIX}certificate.json"].body).pages
    assert page.request.startswith("GET https://service.test/readings?")
    assert page.served_by == at.server.origin


PASSES = {
    "a short Content-Length body": lambda body: bytes_as_they_are(
        head("200 OK", Content_Length=str(len(body))) + body[:100]
    ),
    "cut chunks": lambda body: bytes_as_they_are(
        head("200 OK", Transfer_Encoding="chunked") + f"{len(body):x}\r\n".encode() + body[:100]
    ),
    "429": lambda _: bytes_as_they_are(head("429 Too Many Requests", Retry_After="2", Content_Length="0")),
    "503": lambda _: bytes_as_they_are(head("503 Service Unavailable", Content_Length="0")),
    "a hang-up": lambda _: bytes_as_they_are(b""),
}


@pytest.mark.parametrize("name", PASSES)
def test_what_passes_within_three_tries_is_not_noticed_in_raw(name: str):
    raw = MemoryRaw()
    with served(Service(records(250)), at_third(PASSES[name], times=3)) as at:
        progress = at.ingest(raw)

    assert_whole(progress, raw, at)
    assert (progress.attempt, progress.http_requests, len(at.waits)) == (1, 8, 3)
    assert not [key for key in raw.objects if "rejected" in key]


@pytest.mark.parametrize("name", PASSES)
def test_a_storm_ends_the_call_and_a_later_call_goes_on_where_it_was(name: str):
    with served(Service(records(250)), at_third(PASSES[name], times=4)) as at:
        message, raw = fails(at, UpstreamUnavailable)
        stored = raw.bodies()
        assert sorted(stored) == [
            "attempt-01/page-00001.json",
            "attempt-01/page-00002.json",
            "attempt-01/total.json",
        ]
        progress = at.ingest(raw)

    assert message.startswith(
        "readings 2018-01-31T00:00Z attempt 1 page-00003: GET https://service.test/readings?since="
    )
    assert_whole(progress, raw, at)
    assert (progress.attempt, progress.http_requests) == (1, 2)
    assert {name: raw.bodies()[name] for name in stored} == stored


def test_a_drip_ends_with_the_time_of_the_call():
    wire = at_third(lambda body: drip(head("200 OK", Content_Length=str(len(body))), body))
    with served(Service(records(250)), wire) as at:
        message, _ = fails(at, UpstreamUnavailable, seconds=22.5)  # 2 s for an answer, 0.5 s to spare, 20 s to store

    assert "page-00003" in message
    assert "found no end within 2.0 s" in message


NEVER = {
    "a truncated gzip": (
        lambda body: whole(gzip.compress(body)[:-10], Content_Encoding="gzip"),
        IncompleteRun,
        "page-00003: expected a gzip stream up to its end, found one that stops short; the body is kept at",
    ),
    "half a JSON": (
        lambda body: whole(body[: len(body) // 2]),
        IncompleteRun,
        "that stop in the middle, at byte",
    ),
    "HTML with status 200": (
        lambda _: whole(b"<html>We are down for maintenance</html>", Content_Type="text/html"),
        IncompleteRun,
        "page-00003: expected JSON, found 40 bytes (content type 'text/html') that are not JSON, from byte 0",
    ),
    "an empty body": (
        lambda _: whole(b""),
        IncompleteRun,
        "page-00003: expected JSON, found 0 bytes",
    ),
    "a close-delimited body": (
        lambda body: bytes_as_they_are(head("200 OK") + body),
        UpstreamRefused,
        "expected Content-Length or chunks to say where the body ends",
    ),
    "a redirect": (
        lambda _: bytes_as_they_are(head("302 Found", Location="http://169.254.169.254/", Content_Length="0")),
        UpstreamRefused,
        "found 302, a redirect to http://169.254.169.254; ",
    ),
    "a no": (
        lambda _: bytes_as_they_are(head("403 Forbidden", Content_Length="0")),
        UpstreamRefused,
        "expected status 200, found 403",
    ),
    "a bomb": (
        lambda _: whole(gzip.compress(b" " * 20_000_000), Content_Encoding="gzip"),
        UpstreamRefused,
        "expected at most 1000000 bytes once decoded, found more",
    ),
    "a page beyond the cap": (
        lambda _: whole(b" " * 1_000_001),
        UpstreamRefused,
        "expected at most 1000000 bytes, found more",
    ),
}


@pytest.mark.parametrize("name", NEVER)
def test_what_does_not_pass_is_never_certified(name: str):
    lie, error, expected = NEVER[name]
    with served(Service(records(250)), at_third(lie)) as at:
        message, raw = fails(at, error)

    assert expected in message
    assert "page-00003" in message
    assert ("attempt-01/abandoned.json" in raw.bodies()) == (error is IncompleteRun)
    assert "maintenance" not in message


def test_declares_300_sends_299():
    def one_less(page: int, document: dict) -> dict:
        return {"meta": {"count": 99}, "items": document["items"][1:]} if page == 3 else document

    with served(Service(records(300), one_less)) as at:
        message, raw = fails(at, IncompleteRun)

    assert "page-00003: declared 300, found 299 with this page: expected 100 records in it, found 99" in message
    assert [name for name in raw.bodies() if "page" in name and "rejected" not in name] == [
        "attempt-01/page-00001.json",
        "attempt-01/page-00002.json",
    ]


def test_a_service_that_does_not_heed_the_offset():
    def always_first(page: int, document: dict) -> dict:
        return document | {"items": records(100), "meta": {"count": 100}} if page > 1 else document

    with served(Service(records(250), always_first)) as at:
        message, _ = fails(at, IncompleteRun)

    assert "page-00002: expected other records than before, found the 100 records of page 1 again" in message


@pytest.mark.parametrize(("grows_by", "expected"), [(1, "declared 250, found 251"), (-1, "declared 250, found 249")])
def test_a_total_that_drifts_between_pages(grows_by: int, expected: str):
    service = Service(records(250))

    def drift(target: str, _body: bytes) -> None:
        if "offset=101" in target:
            service.records = records(250 + grows_by)

    with served(service, drift) as at:
        message, raw = fails(at, IncompleteRun)
        progress = at.ingest(raw)

    assert expected in message
    assert_whole(progress, raw, at)
    assert (progress.attempt, progress.records) == (2, 250 + grows_by)


def test_a_total_that_drifts_after_the_last_page_was_read():
    service = Service(records(200))

    def drift(target: str, _body: bytes) -> None:
        if "offset=101" in target:
            service.records = records(201)

    with served(service, drift) as at:
        message, _ = fails(at, IncompleteRun)

    assert "total-after: declared 200 before the first page, found 201 declared after the last" in message
