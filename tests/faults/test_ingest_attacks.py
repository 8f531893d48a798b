"""What a service, or something before it, could say to be believed although it lies."""

import dataclasses
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from auth_world import ARN, CANARY, MemoryLeases, MemorySecrets
from ingest_world import DAY, PREFIX, RELEASE, MemoryRaw, Service, clock, dataset, deps, plenty
from ingest_world import records as readings
from lying_server import Say, bytes_as_they_are, head, lying_server, whole
from paged_service import (
    ASKED,
    CURSOR,
    JSON,
    LINK,
    NEXT_URL,
    OFFSET,
    SOURCES,
    MemoryUpstream,
    Page,
    PagedService,
    Source,
    records,
)

from lakeward.adapters.http import HttpUpstream
from lakeward.adapters.http_auth import Place, credentials_of
from lakeward.adapters.http_tokens import token_in
from lakeward.certificate import Certificate
from lakeward.errors import ConfigurationMissing, IncompleteRun, LakewardError, UpstreamUnavailable
from lakeward.ingest import Deps, ingest_slot
from lakeward.ingest.verify import verify_slot
from lakeward.ports.upstream import Bounds, Request

BODY = b'{"items": [1, 2, 3]}'
QUESTION = Request("https://service.test/readings", {"Accept-Encoding": "identity"})
ONE_TRY = Bounds(body_bytes=100_000, answer_seconds=5, total_seconds=10, tries=1)
NO_NEXT = "  stop: {when: no_next}"
ONLY_PAGE = "  stop: {when: only_page}"
PLACE = Place("us-east-1", "111111111111", "local")


class Asking:
    """A client that is told one thing after the other; ``answers`` are those that it took."""

    def __init__(self, *said: Say) -> None:
        self.answers: list[tuple[dict[str, str], bytes]] = []
        self.problems: list[LakewardError] = []
        with lying_server(lambda _target, number: said[number - 1]) as server:
            upstream = HttpUpstream({"https://service.test": server.origin}, sleep=lambda _s: None)
            for _ in said:
                try:
                    with upstream.get(QUESTION, ONE_TRY) as answer:
                        self.answers.append((dict(answer.headers), answer.body.read()))
                except LakewardError as problem:
                    self.problems.append(problem)
            upstream.close()
        self.heads = server.heads


CHUNKED = head("200 OK", Transfer_Encoding="chunked", X_Next="c2")
PADDED = CHUNKED + b"0000000a\r\n" + BODY[:10] + b"\r\n0000000a;x=y\r\n" + BODY[10:] + b"\r\n0\r\n\r\n"
EMPTY = head("200 OK", Content_Length="0", Content_Type="text/csv", X_Next="c2")
NO_CONTENT = head("204 No Content", X_Next="c2")


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
@pytest.mark.parametrize("said", [PADDED, EMPTY, NO_CONTENT], ids=["padded chunks", "an empty body", "no content"])
def test_an_answer_whose_connection_ends_at_any_byte_is_whole_or_none(said: bytes):
    """A clean end, not a reset: nothing but the bytes themselves says that they were cut."""
    complete = Asking(bytes_as_they_are(said)).answers

    cuts = Asking(*(bytes_as_they_are(said[:count]) for count in range(len(said))))

    assert len(complete) == 1
    assert [answer for answer in cuts.answers if answer != complete[0]] == []
    assert {type(problem) for problem in cuts.problems} == {UpstreamUnavailable}
    assert len(cuts.problems) >= len(said) - 2  # the very last line's end is missed by nobody


@pytest.mark.parametrize("line", [b"0" * 200_000, b"1;" + b"x" * 200_000, b"0\r\nX: " + b"x" * 200_000])
def test_a_line_between_chunks_is_not_read_for_ever(line: bytes):
    assert Asking(bytes_as_they_are(CHUNKED + line)).answers == []


def test_no_cookie_is_sent_back_so_no_page_depends_on_the_one_before():
    asking = Asking(whole(BODY, Set_Cookie="position=2; Path=/"), whole(BODY))

    assert len(asking.answers) == 2
    assert [line for line in asking.heads if "cookie" in line.lower()] == []


@pytest.mark.parametrize(
    "asked",
    ["9" * 30, "9" * 4_000, "Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 -9900", "-5", "1e9", "inf"],
)
def test_an_absurd_retry_after_is_a_year_at_most(asked: str):
    (problem,) = Asking(
        bytes_as_they_are(head("503 Service Unavailable", Retry_After=asked, Content_Length="0"))
    ).problems

    assert 0 <= json.loads(json.dumps(problem.facts, allow_nan=False))["retry_after_seconds"] <= 31_536_000


HEADS: dict[str, Say] = {
    "a line that is too long": bytes_as_they_are(head("200 OK", X="x" * 70_000, Content_Length="20") + BODY),
    "too many headers": bytes_as_they_are(
        head("200 OK", **{f"X{n}": "x" for n in range(300)}, Content_Length="20") + BODY
    ),
    "no head at all": bytes_as_they_are(BODY),
    "a hint before the answer": bytes_as_they_are(head("103 Early Hints") + head("200 OK", Content_Length="20") + BODY),
    "a transfer that is encoded": bytes_as_they_are(head("200 OK", Transfer_Encoding="gzip") + BODY),
    "a chunk of a negative size": bytes_as_they_are(CHUNKED + b"-1\r\n" + BODY + b"\r\n0\r\n\r\n"),
}


@pytest.mark.parametrize("name", HEADS)
def test_a_head_that_is_not_in_order_gives_no_answer(name: str):
    asking = Asking(HEADS[name])

    assert (asking.answers, len(asking.problems)) == ([], 1)


TOTALS: dict[str, Any] = {
    "a text": "5",
    "a float": 5.0,
    "true": True,
    "null": None,
    "a list": [5],
    "an object": {"value": 5},
    "a negative number": -5,
    "more than there can be": 10**30,
    "a float beyond all": 1e300,
}


@pytest.mark.parametrize("name", TOTALS)
def test_a_total_that_is_no_count_certifies_nothing(name: str):
    raw, service = MemoryRaw(), Service(readings(5))
    service.lie = lambda page, document: document if page else {"count": TOTALS[name]}

    with pytest.raises(LakewardError):
        ingest_slot(dataset(2), DAY, deps(raw, service), plenty)
    assert f"{PREFIX}certificate.json" not in raw.objects


@pytest.mark.parametrize("said", ["5, 5", "+5", "5.0", "0x5", "\u0665", "", " ", "5;q=1", "5 records"])
def test_a_total_in_a_header_that_is_no_count_certifies_nothing(said: str):
    raw, source = MemoryRaw(), next(s for s in SOURCES.values() if s.totals == "header")
    upstream = Headers(PagedService(source, records(5)), lambda name, value: said if name == "X-Total" else value)

    with pytest.raises(LakewardError):
        ingest_slot(source.dataset(), DAY, Deps(raw, upstream, clock(), RELEASE), plenty)
    assert f"{PREFIX}certificate.json" not in raw.objects


class Headers(MemoryUpstream):
    """Says other things in its headers."""

    def __init__(self, service: PagedService, said: Callable[[str, str], str]) -> None:
        super().__init__(service)
        answer = service.answer

        def lying(target: str) -> tuple[Page, bytes, dict[str, str]]:
            page, body, headers = answer(target)
            return page, body, {name: said(name, value) for name, value in headers.items()}

        service.answer = lying  # type: ignore[method-assign]


UNREADABLE = {
    "a target that is cut": lambda link: link[:12],
    "a relation that is cut": lambda link: link[:-3],
    "no brackets": lambda link: link.replace("<", "").replace(">", ""),
    "two next pages": lambda link: f'{link}, </readings?cursor=c9>; rel="next"',
    "a word before it": lambda link: f"next: {link.replace(';', ' ')}",
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_link_header_that_cannot_be_read_is_not_the_last_pages(name: str):
    """Without a declared total nothing else would say that pages are missing."""
    raw, source = MemoryRaw(), Source("link", f"{LINK}\n{JSON}\n{NO_NEXT}")
    upstream = Headers(
        PagedService(source, records(8)), lambda header, value: UNREADABLE[name](value) if header == "Link" else value
    )

    with pytest.raises(IncompleteRun):
        ingest_slot(source.dataset(), DAY, Deps(raw, upstream, clock(), RELEASE), plenty)
    assert f"{PREFIX}certificate.json" not in raw.objects


def test_a_key_that_the_link_header_repeats_is_kept_nowhere():
    auth = f"  auth: {{kind: api_key, secret: '{ARN}', param: key}}"
    raw, source = MemoryRaw(), Source("link", f"{LINK}\n{JSON}\n{NO_NEXT}\n{auth}")
    dataset_of = source.dataset()
    service = PagedService(source, records(8))
    asked: list[str] = []

    def script(target: str, _number: int) -> Say:
        asked.append(target)
        _, body, headers = service.answer(re.sub(r"[?&]key=[^&]*", "", target))
        if "Link" in headers:
            headers["Link"] = re.sub(r"<([^>]*)>", rf"<\1&key={CANARY}>", headers["Link"])
        return whole(body, **{name.replace("-", "_"): value for name, value in headers.items()})

    with lying_server(script) as server:
        overrides = {"https://service.test": server.origin}
        endpoint = HttpUpstream(overrides)
        who = credentials_of(dataset_of.contract.source.auth, PLACE, MemorySecrets(CANARY), MemoryLeases(), endpoint)
        upstream = HttpUpstream(overrides, credentials=who)
        ingest_slot(dataset_of, DAY, Deps(raw, upstream, clock(), RELEASE), plenty)
        upstream.close()
        endpoint.close()

    assert (len(asked), [target.count(CANARY) for target in asked]) == (3, [1, 1, 1])
    kept = {key: f"{stored.metadata}{stored.body!r}" for key, stored in raw.objects.items()}
    assert [key for key, text in kept.items() if CANARY in text] == []
    assert verify_slot(dataset_of, DAY, raw).proved


@pytest.mark.parametrize("secret", [f"{CANARY}\n", f" {CANARY}", "", f"{CANARY}\r\nX-Admin: 1", f"{CANARY}\u00e9"])
def test_a_secret_that_cannot_be_said_is_named_and_not_shown(secret: str):
    source = Source("auth", "\n".join([OFFSET, ASKED, JSON, f"  auth: {{kind: bearer, secret: '{ARN}'}}"])).dataset()
    with lying_server(lambda _target, _number: whole(b"{}")) as server:
        overrides = {"https://service.test": server.origin}
        endpoint = HttpUpstream(overrides)
        who = credentials_of(source.contract.source.auth, PLACE, MemorySecrets(secret), MemoryLeases(), endpoint)
        upstream = HttpUpstream(overrides, credentials=who)
        with pytest.raises(ConfigurationMissing, match="expected a secret of printable ASCII characters") as problem:
            ingest_slot(source, DAY, Deps(MemoryRaw(), upstream, clock(), RELEASE), plenty)

    assert (server.targets, CANARY in problem.value.message) == ([], False)


@pytest.mark.parametrize("said", [-1, 0, "-1", "NaN", "soon", None, [], float("nan")])
def test_a_token_whose_life_is_no_time_is_not_asked_for_with_every_page(said: object):
    assert token_in({"access_token": "t", "expires_in": said}, 1_000.0).expires_at == 1_300.0


@pytest.mark.parametrize("said", [10**12, "Infinity", 1e400])
def test_a_token_that_lives_for_ever_lives_a_year(said: object):
    assert token_in({"access_token": "t", "expires_in": said}, 0.0).expires_at == 31_536_000.0


def test_a_clock_that_is_set_back_while_pages_come_harms_nothing():
    source = Source("cursor", f"{CURSOR}\n{JSON}\n{NO_NEXT}")
    instants = iter(datetime(2018, 2, 2, tzinfo=UTC) - timedelta(hours=n) for n in range(20))
    raw, upstream = MemoryRaw(), MemoryUpstream(PagedService(source, records(8)))

    progress = ingest_slot(source.dataset(), DAY, Deps(raw, upstream, lambda: next(instants), RELEASE), plenty)

    certificate = Certificate.from_bytes(raw.objects[f"{PREFIX}certificate.json"].body)
    assert (progress.complete, len(certificate.pages)) == (True, 3)
    assert verify_slot(source.dataset(), DAY, raw).proved


MISSPELT = {
    "in an object": CURSOR.replace("$.next", "$.paging.nxt"),
    "in a text": CURSOR.replace("$.next", "'$.items[0].id.next'"),
    "in an array": CURSOR.replace("$.next", "$.items.next"),
    "of an element of an object": CURSOR.replace("$.next", "'$.items[0][0]'"),
    "of a URL": NEXT_URL.replace("$.next", "$.paging.nxt"),
}


@pytest.mark.parametrize("name", MISSPELT)
def test_a_place_of_the_next_page_that_no_page_could_have_ends_no_run(name: str):
    raw, source = MemoryRaw(), Source("misspelt", f"{MISSPELT[name]}\n{JSON}\n{NO_NEXT}")

    with pytest.raises(IncompleteRun, match="a page without it says nothing of the next one"):
        ingest_slot(
            source.dataset(), DAY, Deps(raw, MemoryUpstream(PagedService(source, records(8))), clock(), RELEASE), plenty
        )
    assert f"{PREFIX}certificate.json" not in raw.objects


NEVER_SEEN = {
    "a cursor in the body": CURSOR.replace("$.next", "$.nxt"),
    "a URL in the body": NEXT_URL.replace("$.next", "$.nxt"),
    "a cursor in a header": "  paging: {kind: cursor_in_header, cursor_param: cursor, header: X-Nxt}",
    "a Link header": LINK,
}


@pytest.mark.parametrize("total", ["", ASKED], ids=["no total", "a total"])
@pytest.mark.parametrize("name", NEVER_SEEN)
def test_a_run_of_one_page_that_has_no_place_for_a_next_one_says_so(name: str, total: str):
    """It may be the only page, of a service that leaves the place out; or its name may be misspelt in the contract."""
    raw, source = MemoryRaw(), Source("never", "\n".join([NEVER_SEEN[name], JSON, NO_NEXT, total]))
    deps = Deps(raw, MemoryUpstream(PagedService(source, records(2))), clock(), RELEASE)

    progress = ingest_slot(source.dataset(), DAY, deps, plenty)
    again = ingest_slot(source.dataset(), DAY, deps, plenty)

    certificate = Certificate.from_bytes(raw.objects[f"{PREFIX}certificate.json"].body)
    assert (certificate.stop_condition, certificate.next_place_seen) == ("no_next", False)
    assert progress.warnings == again.warnings == certificate.warnings
    assert len(progress.warnings) == (0 if total else 1)
    assert verify_slot(source.dataset(), DAY, raw).proved


@pytest.mark.parametrize("total", ["", ASKED], ids=["no total", "a total"])
@pytest.mark.parametrize("name", NEVER_SEEN)
def test_a_full_page_that_has_no_place_for_a_next_one_ends_no_run(name: str, total: str):
    """A slot of exactly one page is rare; a misspelt name ends every run after a full page."""
    asked = "  params: {size: '3'}"
    raw, source = MemoryRaw(), Source("never", "\n".join([NEVER_SEEN[name], JSON, NO_NEXT, total, asked]))
    deps = Deps(raw, MemoryUpstream(PagedService(source, records(3))), clock(), RELEASE)

    if total:
        assert ingest_slot(source.dataset(), DAY, deps, plenty).complete
    else:
        with pytest.raises(IncompleteRun, match=r"this page is full \(3 records, source\.params\.size\)"):
            ingest_slot(source.dataset(), DAY, deps, plenty)


@pytest.mark.parametrize("source", [s for s in SOURCES.values() if "no_next" in s.contract], ids=lambda s: s.name)
def test_a_run_of_pages_that_name_the_next_one_has_no_warning(source: Source):
    raw = MemoryRaw()

    progress = ingest_slot(
        source.dataset(), DAY, Deps(raw, MemoryUpstream(PagedService(source, records(8))), clock(), RELEASE), plenty
    )

    certificate = Certificate.from_bytes(raw.objects[f"{PREFIX}certificate.json"].body)
    assert (certificate.next_place_seen, progress.warnings) == (True, [])


@pytest.mark.parametrize("flag", ["$.lst", "$.paging.last", "$.items.last"])
def test_an_end_flag_that_is_not_there_ends_no_run(flag: str):
    raw, source = MemoryRaw(), Source("flag", f"{CURSOR}\n{JSON}\n  stop: {{when: end_flag, at: {flag}}}")

    with pytest.raises(IncompleteRun, match="expected a value at"):
        ingest_slot(
            source.dataset(), DAY, Deps(raw, MemoryUpstream(PagedService(source, records(2))), clock(), RELEASE), plenty
        )
    assert f"{PREFIX}certificate.json" not in raw.objects


DEEP = b'{"id": 1, "x": ' + b"[" * 500 + b"]" * 500 + b"}"
NOT_READ = {
    "CSV in UTF-16 without its mark": ("{format: csv, text_encoding: utf-16}", "id,t\n1,2\n".encode("utf-16-le")),
    "NDJSON in UTF-16 without its mark": ("{format: ndjson, text_encoding: utf-16}", '{"id": 1}\n'.encode("utf-16-be")),
    "NDJSON that is nested deep": ("{format: ndjson}", DEEP + b"\n"),
    "JSON that is nested deep and parsed whole": (
        "{format: json, at: $.a.b}",
        b'{"b": [], "a": {"b": [' + DEEP + b"]}}",
    ),
}


@pytest.mark.parametrize("name", NOT_READ)
def test_what_no_reader_can_take_is_kept_as_evidence(name: str):
    spec, body = NOT_READ[name]
    raw, source = MemoryRaw(), Source("none", f"  paging: {{kind: none}}\n{ONLY_PAGE}\n  records: {spec}")
    service = PagedService(source, records(1), lambda page: dataclasses.replace(page, instead=body))

    with pytest.raises(IncompleteRun, match="the body is kept at"):
        ingest_slot(source.dataset(), DAY, Deps(raw, MemoryUpstream(service), clock(), RELEASE), plenty)

    assert [stored.body for key, stored in raw.objects.items() if "/rejected/" in key] == [body]


TWICE: dict[str, tuple[Source, Callable[[bytes], bytes]]] = {
    "the records": (Source("c", f"{CURSOR}\n{JSON}\n{NO_NEXT}"), lambda b: b[:-1] + b', "items": [{"id": 1}]}'),
    "the records, first as nothing": (
        Source("c", f"{CURSOR}\n{JSON}\n{NO_NEXT}"),
        lambda b: b'{"items": null, ' + b[1:],
    ),
    "the cursor": (Source("c", f"{CURSOR}\n{JSON}\n{NO_NEXT}"), lambda b: b[:-1] + b', "next": null}'),
    "the cursor, written otherwise": (
        Source("c", f"{CURSOR}\n{JSON}\n{NO_NEXT}"),
        lambda b: b[:-1] + b', "n\\u0065xt": null}',
    ),
    "the total": (SOURCES["offset, total asked"], lambda b: b[:-1] + b', "count": 8}'),
}


@pytest.mark.parametrize("name", TWICE)
def test_a_name_that_stands_twice_where_pages_are_read_is_not_believed(name: str):
    """One reader takes the first, another the last: ingest would count other records than the transform reads."""
    source, twice = TWICE[name]
    raw, service = MemoryRaw(), PagedService(source, records(8))
    answer = service.answer

    def lying(target: str) -> tuple[Page, bytes, dict[str, str]]:
        page, body, headers = answer(target)
        return page, twice(body), headers

    service.answer = lying  # type: ignore[method-assign]
    with pytest.raises(IncompleteRun, match="once in an object, found one of them twice"):
        ingest_slot(source.dataset(), DAY, Deps(raw, MemoryUpstream(service), clock(), RELEASE), plenty)
    assert f"{PREFIX}certificate.json" not in raw.objects
