"""The HTTP adapter against a server that lies: only a whole answer is an answer."""

import datetime as dt
import gc
import hashlib
import ipaddress
import ssl
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from lying_server import LyingServer, Say, bytes_as_they_are, drip, head, lying_server, silence, whole

from lakeward.adapters.http import HttpUpstream
from lakeward.errors import UpstreamRefused, UpstreamUnavailable
from lakeward.ports.upstream import Bounds, Request

ASKED = Request("https://service.test/readings?offset=1", {"Accept-Encoding": "gzip"})
BOUNDS = Bounds(body_bytes=100_000, answer_seconds=5, total_seconds=20)
HASTY = Bounds(body_bytes=100_000, answer_seconds=0.5, total_seconds=0.6)
BODY = b'{"items": [1, 2, 3]}'


class Asked:
    """What came back: the answer's facts and body, and the waits that it took."""

    def __init__(self, server: LyingServer, bounds: Bounds = BOUNDS, request: Request = ASKED) -> None:
        self.waits: list[float] = []
        upstream = HttpUpstream({"https://service.test": server.origin}, sleep=self.waits.append, jitter=lambda: 1.0)
        try:
            with upstream.get(request, bounds) as answer:
                self.answer = answer
                self.body = answer.body.read()
        finally:
            upstream.close()


def always(say: Say) -> Callable[[str, int], Say]:
    return lambda _target, _number: say


def first(say: Say, then: Say | None = None) -> Callable[[str, int], Say]:
    return lambda _target, number: say if number == 1 else then or whole(BODY)


def refused(say: Say, bounds: Bounds = BOUNDS) -> str:
    """Expect a refusal that no retry can help, after a single request; returns the message."""
    with lying_server(always(say)) as server, pytest.raises(UpstreamRefused) as problem:
        Asked(server, bounds)
    assert len(server.targets) == 1
    return problem.value.message


def test_wire_bytes_come_undecoded_with_their_digest():
    wire = b"\x1f\x8bnot really gzip"
    with lying_server(always(whole(wire, Content_Encoding="gzip", ETag='"7"'))) as server:
        asked = Asked(server)

    answer = asked.answer
    assert asked.body == wire
    assert (answer.status, answer.body_bytes, answer.sha256, answer.tries) == (
        200,
        len(wire),
        hashlib.sha256(wire).hexdigest(),
        1,
    )
    assert answer.headers == {
        "content-length": str(len(wire)),
        "content-type": "application/json",
        "content-encoding": "gzip",
        "etag": '"7"',
    }


def test_what_is_sent_is_the_contracts_request_and_who_answered_is_said():
    with lying_server(always(whole(BODY))) as server:
        asked = Asked(server)

    lines = server.heads[0].split("\r\n")
    assert lines[0] == "GET /readings?offset=1 HTTP/1.1"
    assert "Accept-Encoding: gzip" in lines
    assert not [line for line in lines if line.lower().startswith(("cookie", "authorization", "proxy"))]
    assert asked.answer.served_by == server.origin


def test_chunks_that_end_are_a_whole_body():
    said = head("200 OK", Transfer_Encoding="chunked") + b"5\r\n[1, 2\r\n1\r\n]\r\n0\r\n\r\n"
    with lying_server(always(bytes_as_they_are(said))) as server:
        assert Asked(server).body == b"[1, 2]"


def test_no_content_is_an_answer_without_a_body():
    with lying_server(always(bytes_as_they_are(head("204 No Content")))) as server:
        asked = Asked(server)

    assert (asked.answer.status, asked.body) == (204, b"")


PASSING = {
    "a body shorter than its Content-Length": bytes_as_they_are(head("200 OK", Content_Length="20") + b"only this"),
    "chunks that are cut": bytes_as_they_are(head("200 OK", Transfer_Encoding="chunked") + b"ff\r\n[1, 2"),
    "chunks without their end": bytes_as_they_are(head("200 OK", Transfer_Encoding="chunked") + b"3\r\n[1]\r\n"),
    "a head that is cut": bytes_as_they_are(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "a line in its head that is no header": bytes_as_they_are(
        b"HTTP/1.1 200 OK\r\nbroken\r\nContent-Length: 2\r\n\r\n[]"
    ),
    "a connection closed without a word": bytes_as_they_are(b""),
    "something that is not HTTP": bytes_as_they_are(b"220 smtp.test ESMTP\r\n\r\n"),
    "408": bytes_as_they_are(head("408 Request Timeout", Content_Length="0")),
    "429": bytes_as_they_are(head("429 Too Many Requests", Content_Length="0")),
    "500": bytes_as_they_are(head("500 Internal Server Error", Content_Length="0")),
    "503": bytes_as_they_are(head("503 Service Unavailable", Content_Length="0")),
}


@pytest.mark.parametrize("name", PASSING)
def test_what_may_pass_is_tried_again(name: str):
    with lying_server(first(PASSING[name])) as server:
        asked = Asked(server)

    assert (asked.body, asked.answer.tries, asked.waits) == (BODY, 2, [1.0])


def test_nothing_of_a_cut_body_stays_in_the_next():
    long = bytes_as_they_are(head("200 OK", Content_Length="200") + b"x" * 100)
    with lying_server(first(long)) as server:
        asked = Asked(server)

    assert (asked.body, asked.answer.body_bytes) == (BODY, len(BODY))


@pytest.mark.parametrize("name", PASSING)
def test_what_does_not_pass_is_given_up_after_four_tries_with_growing_waits(name: str):
    with lying_server(always(PASSING[name])) as server, pytest.raises(UpstreamUnavailable) as problem:
        Asked(server)

    assert len(server.targets) == 4
    assert problem.value.facts["tries"] == 4
    assert problem.value.message.startswith(
        "GET https://service.test/readings?offset=1: expected a whole answer, found"
    )


def test_waits_grow_and_are_random():
    waits: list[float] = []
    draws = iter([0.25, 0.5, 0.75, 1.0])
    with lying_server(always(PASSING["503"])) as server:
        upstream = HttpUpstream({"https://service.test": server.origin}, sleep=waits.append, jitter=lambda: next(draws))
        with pytest.raises(UpstreamUnavailable), upstream.get(ASKED, BOUNDS):
            pass
        upstream.close()

    assert waits == [0.25 * 1, 0.5 * 2, 0.75 * 4]


def test_retry_after_is_heeded():
    busy = bytes_as_they_are(head("429 Too Many Requests", Retry_After="7", Content_Length="0"))
    with lying_server(first(busy)) as server:
        assert Asked(server).waits == [7.0]


def test_retry_after_may_be_a_date():
    at = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=10)
    date = at.strftime("%a, %d %b %Y %H:%M:%S GMT")
    with lying_server(first(bytes_as_they_are(head("503 Busy", Retry_After=date, Content_Length="0")))) as server:
        (wait,) = Asked(server).waits

    assert 5 < wait <= 10


@pytest.mark.parametrize("header", ["soon", "-5", "Mon, 32 Foo 2018", "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_a_retry_after_that_says_nothing_is_left_aside(header: str):
    busy = bytes_as_they_are(head("503 Busy", Retry_After=header, Content_Length="0"))
    with lying_server(first(busy)) as server:
        assert Asked(server).waits == [1.0]


def test_a_service_that_asks_for_a_long_wait_is_left_alone_at_once():
    busy = bytes_as_they_are(head("429 Too Many Requests", Retry_After="3600", Content_Length="0"))
    with lying_server(always(busy)) as server, pytest.raises(UpstreamUnavailable) as problem:
        Asked(server, Bounds(body_bytes=100_000, answer_seconds=5, total_seconds=10_000))

    assert (len(server.targets), problem.value.facts["retry_after_seconds"]) == (1, 3600.0)


def test_there_is_no_further_try_when_the_wait_would_outlast_the_bounds():
    busy = bytes_as_they_are(head("503 Busy", Retry_After="15", Content_Length="0"))
    with lying_server(always(busy)) as server, pytest.raises(UpstreamUnavailable, match="after 1 tries"):
        Asked(server, Bounds(100_000, 5, 10))


DRIPS = {
    "a body": drip(head("200 OK", Content_Length="100"), b"x" * 100),
    "headers": drip(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x" * 100),
    "the size of a chunk": drip(head("200 OK", Transfer_Encoding="chunked"), b"0" * 100),
    "many small chunks": drip(head("200 OK", Transfer_Encoding="chunked"), b"1\r\nx\r\n" * 20),
    "nothing at all": silence(10),
}


@pytest.mark.parametrize("name", DRIPS)
def test_an_answer_has_a_hard_end_however_it_drips(name: str):
    started = time.monotonic()
    with (
        lying_server(always(DRIPS[name])) as server,
        pytest.raises(UpstreamUnavailable, match=r"found no end within 0\.5 s"),
    ):
        Asked(server, HASTY)

    assert time.monotonic() - started < 5


def test_a_body_that_ends_with_its_connection_is_refused():
    message = refused(bytes_as_they_are(head("200 OK") + BODY))

    assert "expected Content-Length or chunks to say where the body ends, found neither" in message


@pytest.mark.parametrize("length", ["ten", "-1", "+20", "2\u0660", "2_0", "0x14", "20;"])
def test_a_content_length_that_is_no_number_is_no_framing(length: str):
    message = refused(bytes_as_they_are(head("200 OK", Content_Length=length) + BODY))

    assert "to say where the body ends, found a Content-Length that is no number" in message


def test_a_length_that_is_said_twice_ends_a_body_on_a_connection_that_stays_open():
    say = bytes_as_they_are(head("200 OK", Content_Length="20, 20") + BODY)
    say.keep = True  # type: ignore[attr-defined]
    with lying_server(always(say)) as server:
        upstream = HttpUpstream({"https://service.test": server.origin})
        for _ in range(2):
            with upstream.get(ASKED, BOUNDS) as answer:
                assert answer.body.read() == BODY
        upstream.close()

    assert server.connections == 1


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")  # urllib3 leaves this socket to the collector
def test_two_lengths_that_differ_are_no_framing():
    message = refused(bytes_as_they_are(head("200 OK", Content_Length="20, 30") + BODY))
    gc.collect()

    assert "expected one Content-Length, found several that differ" in message


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_never_followed(status: str):
    with lying_server(always(whole(b"secrets"))) as metadata:
        location = f"{metadata.origin}/latest/meta-data/iam?token=abc"
        message = refused(bytes_as_they_are(head(status, Location=location, Content_Length="0")))

    assert f"expected status 200, found {status[:3]}, a redirect to {metadata.origin}; " in message
    assert metadata.targets == []


@pytest.mark.parametrize(
    "status", ["400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found", "206 Part"]
)
def test_a_no_is_not_asked_again(status: str):
    message = refused(bytes_as_they_are(head(status, Content_Length="6") + b"secret"))

    assert f"expected status 200, found {status[:3]}" in message
    assert "secret" not in message


def test_a_body_beyond_the_cap_is_left_there():
    bounds = Bounds(body_bytes=1000, answer_seconds=5, total_seconds=20)

    assert "expected at most 1000 bytes, found more" in refused(whole(b"x" * 1001), bounds)


def test_chunks_without_end_are_cut_at_the_cap():
    def endless(connection):  # type: ignore[no-untyped-def]
        connection.sendall(head("200 OK", Transfer_Encoding="chunked"))
        while True:
            connection.sendall(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")

    assert "expected at most 100000 bytes, found more" in refused(endless)


def test_bytes_after_the_end_do_not_become_the_next_answer():
    said = head("200 OK", Content_Length="2") + b"[]" + head("200 OK", Content_Length="6") + b"forged"

    def say(connection):  # type: ignore[no-untyped-def]
        connection.sendall(said)

    say.keep = True  # type: ignore[attr-defined]
    with lying_server(first(say)) as server:
        upstream = HttpUpstream({"https://service.test": server.origin})
        bodies = []
        for _ in range(2):
            with upstream.get(ASKED, BOUNDS) as answer:
                bodies.append(answer.body.read())
        upstream.close()

    assert bodies == [b"[]", BODY]


def test_a_connection_is_kept_between_questions():
    with lying_server(always(whole(BODY))) as server:
        upstream = HttpUpstream({"https://service.test": server.origin})
        for _ in range(5):
            with upstream.get(ASKED, BOUNDS):
                pass
        upstream.close()

    assert (len(server.targets), server.connections) == (5, 1)


def test_a_large_body_goes_through_a_file_and_comes_out_whole():
    large = b"0123456789abcdef" * 1_048_576
    bounds = Bounds(body_bytes=len(large), answer_seconds=20, total_seconds=30)
    with lying_server(always(whole(large))) as server:
        asked = Asked(server, bounds)

    assert asked.body == large


def test_nobody_listens():
    with lying_server(always(silence(0))) as server:
        pass

    with pytest.raises(UpstreamUnavailable, match=r"found a cut \(ConnectionError\), after 4 tries"):
        Asked(server)


def test_plain_http_is_refused_where_no_override_leads_to_it():
    upstream = HttpUpstream({})

    with pytest.raises(UpstreamRefused, match="expected https"), upstream.get(Request("http://a.test/", {}), BOUNDS):
        pass
    upstream.close()


def test_a_tls_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    certificate = self_signed(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))  # the environment has no say
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with lying_server(always(whole(BODY)), tls=context) as server, pytest.raises(UpstreamRefused) as problem:
        Asked(server)

    assert "expected a TLS certificate that a known authority vouches for" in problem.value.message
    assert server.targets == []


def self_signed(folder: Path) -> Path:
    """Key and certificate for 127.0.0.1, in one PEM file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return path
