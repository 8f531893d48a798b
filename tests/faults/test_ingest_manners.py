"""Manners: redirects within the contract, a pace, a rest for hosts that keep failing, conditions, framing."""

import pytest
from lying_server import Say, bytes_as_they_are, head, lying_server, whole

from lakeward.adapters.http import Credentials, HttpUpstream
from lakeward.adapters.http_pace import Breaker, Pace
from lakeward.errors import UpstreamRefused, UpstreamUnavailable
from lakeward.ports.upstream import Bounds, Request

HOSTS = frozenset({"service.test", "files.test"})
ASKED = Request("https://service.test/readings", {})


def bounds(**others: object) -> Bounds:
    return Bounds(1000, 5, 20, hosts=HOSTS, **others)  # type: ignore[arg-type]


def moved(location: str) -> Say:
    return whole(b"", "302 Found", Location=location)


class Signed:
    """Credentials that can be seen."""

    def sign(self, url: str, headers):  # type: ignore[no-untyped-def]
        return url, {**headers, "Authorization": "me"}

    def refused(self) -> bool:
        return False


def upstream_to(origin: str, credentials: Credentials | None = None, **others) -> HttpUpstream:  # type: ignore[no-untyped-def]
    overrides = {f"https://{host}": origin for host in HOSTS}
    return HttpUpstream(overrides, credentials=credentials, sleep=lambda _s: None, **others)


def test_a_redirect_to_an_allowed_host_is_followed_and_not_told_who_asks():
    def script(target: str, _number: int) -> Say:
        return moved("https://files.test/file") if target == "/readings" else whole(b"[]")

    with lying_server(script) as server:
        upstream = upstream_to(server.origin, Signed())
        with upstream.get(ASKED, bounds(redirects=1)) as answer:
            assert answer.body.read() == b"[]"
        upstream.close()

    assert [("Authorization: me" in request) for request in server.heads] == [True, False]


REFUSED = {
    "plain http": "http://files.test/file",
    "a host that is not allowed": "https://evil.test/file",
    "an allowed host with a user": "https://user@files.test/file",
    "an allowed host on another port": "https://files.test:8443/file",
    "an allowed host as a prefix": "https://files.test.evil.test/file",
    "the metadata service": "http://169.254.169.254/latest/meta-data",
    "a number": "https://2130706433/",
    "a file": "file:///etc/passwd",
    "what is no URL": "https://[::1/",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_redirect_elsewhere_is_refused(name: str):
    with lying_server(lambda _target, _number: moved(REFUSED[name])) as server:
        upstream = upstream_to(server.origin)
        with (
            pytest.raises(UpstreamRefused, match=r"302|headers that can be read"),
            upstream.get(ASKED, bounds(redirects=3)),
        ):
            pass
        upstream.close()

    assert len(server.targets) == 1


def test_redirects_end_after_as_many_as_the_contract_allows():
    with lying_server(lambda _target, number: moved(f"/readings?{number}")) as server:
        upstream = upstream_to(server.origin)
        with pytest.raises(UpstreamRefused, match="at most 2 redirects"), upstream.get(ASKED, bounds(redirects=2)):
            pass
        upstream.close()

    assert len(server.targets) == 3


def test_a_body_may_end_with_its_connection_where_the_contract_allows_it():
    with lying_server(lambda _target, _number: bytes_as_they_are(head("200 OK") + b'{"items": []}')) as server:
        upstream = upstream_to(server.origin)
        with upstream.get(ASKED, bounds(close_delimited=True)) as answer:
            assert (answer.body.read(), answer.body_bytes) == (b'{"items": []}', 13)
        upstream.close()


def test_nothing_changed_is_an_answer_to_a_condition_only():
    said = bytes_as_they_are(head("304 Not Modified"))
    with lying_server(lambda _target, _number: said) as server:
        upstream = upstream_to(server.origin)
        with upstream.get(Request(ASKED.url, {"If-None-Match": '"7"'}), bounds()) as answer:
            assert (answer.status, answer.body_bytes) == (304, 0)
        with pytest.raises(UpstreamRefused, match="found 304"), upstream.get(ASKED, bounds()):
            pass
        upstream.close()


def test_requests_keep_the_contracts_pace():
    now, waits = [0.0], []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    pace = Pace(sleep, lambda: now[0])
    for host in ("a", "a", "b", "a"):
        pace.wait(host, 4)

    assert waits == [0.25, 0.25]


def test_a_host_that_keeps_failing_is_left_alone_and_asked_once_after_its_rest():
    now = [0.0]
    failing = bytes_as_they_are(head("503 Busy", Content_Length="0"))
    with lying_server(lambda _target, number: failing if number < 8 else whole(b"[]")) as server:
        upstream = upstream_to(server.origin, breaker=Breaker(lambda: now[0]))

        def ask() -> str:
            try:
                with upstream.get(ASKED, bounds(tries=2)):
                    return "an answer"
            except UpstreamUnavailable as problem:
                return "left alone" if "left alone" in problem.message else "none"

        first = [ask() for _ in range(4)]
        now[0] += 61
        after = [ask(), ask()]
        upstream.close()

    assert (first, after) == (["none", "none", "none", "left alone"], ["an answer", "an answer"])
