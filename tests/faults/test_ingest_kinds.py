"""Every way of paging against every fault: each ends complete and right, or in a clear failure and no certificate.

After the fault has passed the same slot is run again, by the same raw: it is then complete and right, whatever the
fault left behind. The counts are printed at the end of the run.
"""

import dataclasses
import json
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from ingest_world import DAY, PREFIX, RELEASE, MemoryRaw, clock
from lying_server import LyingServer, Say, bytes_as_they_are, drip, head, lying_server, whole
from paged_service import ORIGIN, SOURCES, Page, PagedService, Source, encoded, read_back, records

from lakeward.adapters.http import HttpUpstream
from lakeward.certificate import Certificate
from lakeward.errors import IncompleteRun, LakewardError, UpstreamRefused, UpstreamUnavailable
from lakeward.ingest import Deps, ingest_slot

pytestmark = pytest.mark.long

COUNT = 8
"""Records: three pages, the last of them short."""

Wire = Callable[[bytes, dict[str, str]], Say]
"""Takes the true body and headers; says how they go over the wire."""


@dataclass
class Fault:
    """What goes wrong with the second page (the only one, where there is one), or with the answer itself.

    ``once``: the first time it is asked for only. ``expected``: how a run may end; "right" is complete and right.
    """

    wire: Wire | None = None
    lie: Callable[[Page, Source], Page] | None = None
    once: bool = False
    expected: tuple[object, ...] = (IncompleteRun, UpstreamRefused, UpstreamUnavailable)
    only: Callable[[Source], bool] = lambda _source: True


def _headers(body: bytes | None, headers: dict[str, str], **others: str) -> bytes:
    length = {} if body is None else {"Content_Length": str(len(body))}
    return head("200 OK", **length, **{k.replace("-", "_"): v for k, v in headers.items()}, **others)


def _as_is(body: bytes, headers: dict[str, str]) -> Say:
    return whole(body, **{k.replace("-", "_"): v for k, v in headers.items()})


def _status(line: str, **headers: str) -> Wire:
    return lambda _b, _h: bytes_as_they_are(head(line, Content_Length="0", **headers))


def _redirect(target: str) -> Wire:
    return _status("302 Found", Location=target)


def _reset(body: bytes, headers: dict[str, str]) -> Say:
    return reset_after(_headers(body, headers) + body, len(body) // 2 + 40)


def reset_after(said: bytes, count: int) -> Say:
    """Say so many bytes, then reset the connection."""

    def say(connection: socket.socket) -> None:
        connection.sendall(said[:count])
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return say


def _instead(body: bytes, content_type: str = "text/html") -> Callable[[Page, Source], Page]:
    return lambda page, _source: dataclasses.replace(page, instead=body, headers={"Content-Type": content_type})


def _one_of_a_kind(source: Source) -> bool:
    """What goes wrong before a body is looked into is the same for all sources of one way of paging."""
    return source.name in FIRST_OF_KIND


def _paged(source: Source) -> bool:
    return source.kind != "none"


def _linked(source: Source) -> bool:
    return "cursor" in source.kind or source.kind in ("next_url_in_body", "link_header")


def _has_total(source: Source) -> bool:
    return source.totals != "none"


def _has_total_and_no_keys(source: Source) -> bool:
    """A keyset goes on after the last key that came, so what one page lacks the next one brings."""
    return _has_total(source) and source.kind != "keyset"


def _extra(page: Page, _source: Source) -> Page:
    more = [{"id": 900 + i, "t": 1_517_360_000 + i} for i in range(4)]
    return dataclasses.replace(page, items=[*page.items, *more])


def _with_line(line: bytes) -> Wire:
    """The head with a line more before all others, so that a parser that stops there loses whatever leads on."""

    def wire(body: bytes, headers: dict[str, str]) -> Say:
        status, rest = _headers(body, headers).split(b"\r\n", 1)
        return bytes_as_they_are(b"\r\n".join([status, line, rest]) + body)

    return wire


def _chunks(size: str, end: bytes = b"\r\n", **headers: str) -> Wire:
    """One chunk, whose size is written by this format and which ends so."""

    def wire(body: bytes, said: dict[str, str]) -> Say:
        whole_head = _headers(None, said, **{"Transfer_Encoding": "chunked", **headers})
        return bytes_as_they_are(whole_head + size.format(len(body)).encode() + b"\r\n" + body + end + b"0\r\n\r\n")

    return wire


def _without_place(instead: dict[str, object]) -> Wire:
    """A document that has something else where it would say what the next page is."""

    def other(body: bytes) -> bytes:
        document = json.loads(body)
        del document["paging"]
        return json.dumps(document | instead).encode()

    return _other(other)


def _other(body: Callable[[bytes], bytes]) -> Wire:
    """Another body, whole and with its own length."""
    return lambda b, h: _as_is(body(b), h)


FIRST_OF_KIND = {source.kind: source.name for source in reversed(SOURCES.values())}.values()
SLOW = ("none", "cursor in body", "offset, total asked")
HTML = b"<html><body>We are down for maintenance.</body></html>"
FAILS = (IncompleteRun, UpstreamRefused, UpstreamUnavailable)
REFUSED = (UpstreamRefused,)
GONE = (UpstreamUnavailable,)
RIGHT = ("right",)

FAULTS: dict[str, Fault] = {
    # framing
    "a short Content-Length": Fault(
        lambda b, h: bytes_as_they_are(_headers(b, h) + b[: len(b) // 2]), expected=GONE, only=_one_of_a_kind
    ),
    "a body without a byte": Fault(lambda b, h: bytes_as_they_are(_headers(b, h)), expected=GONE, only=_one_of_a_kind),
    "one byte missing, once": Fault(
        lambda b, h: bytes_as_they_are(_headers(b, h) + b[:-1]), once=True, expected=RIGHT, only=_one_of_a_kind
    ),
    "a length that lies upwards": Fault(
        lambda b, h: bytes_as_they_are(_headers(b + b"xxxxx", h) + b), expected=GONE, only=_one_of_a_kind
    ),
    "a length that lies downwards": Fault(
        lambda b, h: bytes_as_they_are(_headers(b[:-9], h) + b), expected=FAILS, only=_one_of_a_kind
    ),
    "no chunk terminator": Fault(
        lambda b, h: bytes_as_they_are(
            _headers(None, h, Transfer_Encoding="chunked") + f"{len(b):x}\r\n".encode() + b + b"\r\n"
        ),
        expected=GONE,
        only=_one_of_a_kind,
    ),
    "a chunk that is cut": Fault(
        lambda b, h: bytes_as_they_are(
            _headers(None, h, Transfer_Encoding="chunked") + f"{len(b):x}\r\n".encode() + b[:-5]
        ),
        expected=GONE,
        only=_one_of_a_kind,
    ),
    "the size of a chunk that is cut": Fault(
        lambda b, h: bytes_as_they_are(
            _headers(None, h, Transfer_Encoding="chunked") + f"{len(b):08x}\r\n".encode() + b + b"\r\n0000"
        ),
        expected=GONE,
        only=_one_of_a_kind,
    ),
    "an endless size of a chunk": Fault(
        lambda _b, h: bytes_as_they_are(_headers(None, h, Transfer_Encoding="chunked") + b"0" * 100_000),
        expected=GONE,
        only=_one_of_a_kind,
    ),
    "headers that are cut after an empty body's length": Fault(
        lambda _b, h: bytes_as_they_are(_headers(b"", h, Link='</readings?cursor=c3>; rel="next"')[:-12]),
        expected=GONE,
        only=_one_of_a_kind,
    ),
    "another answer behind this one": Fault(
        lambda b, h: bytes_as_they_are(_headers(b, h) + b + _headers(b"{}", h) + b"{}"),
        expected=RIGHT,
        only=_one_of_a_kind,
    ),
    "a hint before the answer": Fault(
        lambda b, h: bytes_as_they_are(head("103 Early Hints", Link="</style>; rel=preload") + _headers(b, h) + b),
        expected=REFUSED,
        only=_one_of_a_kind,
    ),
    "a cookie": Fault(
        lambda b, h: _as_is(b, h | {"Set-Cookie": "page=9; Path=/"}), expected=RIGHT, only=_one_of_a_kind
    ),
    "honest chunks": Fault(
        lambda b, h: bytes_as_they_are(
            _headers(None, h, Transfer_Encoding="chunked") + f"{len(b):x}\r\n".encode() + b + b"\r\n0\r\n\r\n"
        ),
        expected=RIGHT,
        only=_one_of_a_kind,
    ),
    "a close-delimited body": Fault(
        lambda b, h: bytes_as_they_are(_headers(None, h) + b), expected=REFUSED, only=_one_of_a_kind
    ),
    "a close-delimited body that is cut": Fault(
        lambda b, h: bytes_as_they_are(_headers(None, h) + b[: len(b) // 2]), expected=REFUSED, only=_one_of_a_kind
    ),
    "a head that is cut": Fault(
        lambda b, h: bytes_as_they_are(_headers(b, h)[:25]), expected=GONE, only=_one_of_a_kind
    ),
    **{
        f"a head with {what}": Fault(_with_line(line), expected=GONE, only=_one_of_a_kind)
        for what, line in {
            "a line of no header": b"garbage line",
            "a word that is no header": b"X-Broken",
            "a space before a colon": b"X-A : b",
            "a header without a name": b": b",
            "a bare CR in a value": b"X-A: a\rb",
            "a bare LF in a value": b"X-A: a\nb",
            "a bare LF and a header in a value": b"X-A: a\nX-B: b",
            "a NUL in a value": b"X-A: a\0b",
            "a name that is not ASCII": b"X-\xe9: a",
            "a rest of no header": b" X-A: a",
            "a mailbox's first line": b"From x",
        }.items()
    },
    "a head with a line of no header, once": Fault(
        _with_line(b"garbage line"), once=True, expected=RIGHT, only=_one_of_a_kind
    ),
    "a header over two lines": Fault(_with_line(b"X-A: a\r\n\tb"), expected=RIGHT, only=_one_of_a_kind),
    "a value that is not ASCII": Fault(_with_line(b"X-A: \xe9"), expected=RIGHT, only=_one_of_a_kind),
    "a chunk that is longer than its size": Fault(_chunks("{:x}", b"XX"), expected=GONE, only=_one_of_a_kind),
    "a chunk without its end": Fault(_chunks("{:x}", b""), expected=GONE, only=_one_of_a_kind),
    "the size of a chunk with an underscore": Fault(_chunks("0_{:x}"), expected=GONE, only=_one_of_a_kind),
    "the size of a chunk with a sign": Fault(_chunks("+{:x}"), expected=GONE, only=_one_of_a_kind),
    "the size of a chunk with a prefix": Fault(_chunks("{:#x}"), expected=GONE, only=_one_of_a_kind),
    "the size of a chunk after a space": Fault(_chunks(" {:x}"), expected=GONE, only=_one_of_a_kind),
    "the size of a chunk and something else": Fault(_chunks("{:x} ; x=y"), expected=RIGHT, only=_one_of_a_kind),
    "chunks and a length": Fault(_chunks("{:x}", Content_Length="5"), expected=REFUSED, only=_one_of_a_kind),
    "chunked twice": Fault(
        _chunks("{:x}", Transfer_Encoding="chunked, chunked"), expected=REFUSED, only=_one_of_a_kind
    ),
    "a transfer encoded besides": Fault(
        _chunks("{:x}", Transfer_Encoding="gzip, chunked"), expected=REFUSED, only=_one_of_a_kind
    ),
    "a part that calls itself the whole": Fault(
        lambda b, h: _as_is(b, h | {"Content-Range": f"bytes 0-{len(b) - 1}/9999"}),
        expected=REFUSED,
        only=_one_of_a_kind,
    ),
    "the same length twice": Fault(
        lambda b, h: bytes_as_they_are(_headers(None, h, Content_Length=f"{len(b)}, {len(b)}") + b),
        expected=RIGHT,
        only=_one_of_a_kind,
    ),
    "the same length in two headers": Fault(
        lambda b, h: _with_line(b"Content-Length: %d" % len(b))(b, h), expected=RIGHT, only=_one_of_a_kind
    ),
    "silence": Fault(lambda _b, _h: bytes_as_they_are(b""), expected=GONE, only=_one_of_a_kind),
    "two lengths": Fault(
        lambda b, h: bytes_as_they_are(_headers(None, h, Content_Length="20, 30") + b),
        expected=REFUSED,
        only=_one_of_a_kind,
    ),
    "a reset": Fault(_reset, expected=GONE, only=_one_of_a_kind),
    "a reset, once": Fault(_reset, once=True, expected=RIGHT, only=_one_of_a_kind),
    "a drip": Fault(lambda b, h: drip(_headers(b, h), b, 0.15), expected=GONE, only=lambda s: s.name in SLOW),
    # statuses
    "429, once": Fault(
        _status("429 Too Many Requests", Retry_After="1"), once=True, expected=RIGHT, only=_one_of_a_kind
    ),
    "a storm of 429": Fault(_status("429 Too Many Requests", Retry_After="1"), expected=GONE, only=_one_of_a_kind),
    "503, once": Fault(_status("503 Service Unavailable"), once=True, expected=RIGHT, only=_one_of_a_kind),
    "a storm of 503": Fault(_status("503 Service Unavailable"), expected=GONE, only=_one_of_a_kind),
    "Retry-After in a day": Fault(
        _status("503 Service Unavailable", Retry_After="86400"), expected=GONE, only=_one_of_a_kind
    ),
    "a 500": Fault(_status("500 Internal Server Error"), expected=GONE, only=_one_of_a_kind),
    "a 404": Fault(_status("404 Not Found"), expected=REFUSED, only=_one_of_a_kind),
    "a 401": Fault(_status("401 Unauthorized"), expected=REFUSED, only=_one_of_a_kind),
    "a 206": Fault(_status("206 Partial Content"), expected=REFUSED, only=_one_of_a_kind),
    "a 304 that nobody asked for": Fault(_status("304 Not Modified"), expected=REFUSED, only=_one_of_a_kind),
    # redirects
    "a redirect to the metadata service": Fault(
        _redirect("http://169.254.169.254/latest/meta-data"), expected=REFUSED, only=_one_of_a_kind
    ),
    "a redirect to NAT64": Fault(_redirect("https://[64:ff9b::a9fe:a9fe]/"), expected=REFUSED, only=_one_of_a_kind),
    "a redirect to 6to4": Fault(_redirect("https://[2002:a9fe:a9fe::1]/"), expected=REFUSED, only=_one_of_a_kind),
    "a redirect to 192.0.0.192": Fault(_redirect("https://192.0.0.192/"), expected=REFUSED, only=_one_of_a_kind),
    "a redirect to another host": Fault(
        _redirect("https://elsewhere.test/readings"), expected=REFUSED, only=_one_of_a_kind
    ),
    "a redirect to itself": Fault(_redirect("/readings"), expected=REFUSED, only=_one_of_a_kind),
    # encodings
    "gzip with a bad checksum": Fault(
        lambda b, h: _as_is(_flipped(encoded(_plain(b, h), "gzip"), -6), h | {"Content-Encoding": "gzip"}),
        expected=(IncompleteRun,),
    ),
    "gzip with something behind it": Fault(
        lambda b, h: _as_is(encoded(_plain(b, h), "gzip") + b"something", h | {"Content-Encoding": "gzip"}),
        expected=(IncompleteRun,),
    ),
    "gzip in two members": Fault(
        lambda b, h: _as_is(encoded(b[:9], "gzip") + encoded(b[9:], "gzip"), h | {"Content-Encoding": "gzip"}),
        expected=RIGHT,
        only=lambda s: not s.encoding,
    ),
    "gzip whose second member is cut": Fault(
        lambda b, h: _as_is(encoded(b[:9], "gzip") + encoded(b[9:], "gzip")[:-1], h | {"Content-Encoding": "gzip"}),
        expected=(IncompleteRun,),
        only=lambda s: not s.encoding,
    ),
    "gzip twice": Fault(
        lambda b, h: _as_is(encoded(encoded(_plain(b, h), "gzip"), "gzip"), h | {"Content-Encoding": "gzip, gzip"}),
        expected=(UpstreamRefused,),
    ),
    "gzip that is cut": Fault(
        lambda b, h: _as_is(encoded(_plain(b, h), "gzip")[:-9], h | {"Content-Encoding": "gzip"}),
        expected=(IncompleteRun,),
    ),
    "deflate that is cut": Fault(
        lambda b, h: _as_is(encoded(_plain(b, h), "deflate")[:-3], h | {"Content-Encoding": "deflate"}),
        expected=(IncompleteRun,),
    ),
    "zstd that is cut": Fault(
        lambda b, h: _as_is(encoded(_plain(b, h), "zstd")[:-2], h | {"Content-Encoding": "zstd"}),
        expected=(IncompleteRun,),
    ),
    "plain bytes that say gzip": Fault(
        lambda b, h: _as_is(b, h | {"Content-Encoding": "gzip"}),
        expected=(IncompleteRun,),
        only=lambda s: not s.encoding,
    ),
    "an encoding that nobody knows": Fault(
        lambda b, h: _as_is(b, h | {"Content-Encoding": "br"}), expected=(UpstreamRefused,)
    ),
    "a gzip bomb": Fault(
        lambda _b, h: _as_is(encoded(b" " * 3_000_000, "gzip"), h | {"Content-Encoding": "gzip"}),
        expected=(UpstreamRefused,),
    ),
    "a zstd bomb": Fault(
        lambda _b, h: _as_is(encoded(b" " * 3_000_000, "zstd"), h | {"Content-Encoding": "zstd"}),
        expected=(UpstreamRefused,),
    ),
    "a body beyond the cap": Fault(
        lambda _b, h: _as_is(b" " * 1_000_001, {"Content-Type": h["Content-Type"]}), expected=(UpstreamRefused,)
    ),
    # contents
    "HTML with status 200": Fault(lie=_instead(HTML), expected=(IncompleteRun,)),
    "HTML that calls itself JSON": Fault(lie=_instead(HTML, "application/json"), expected=(IncompleteRun,)),
    "HTML that calls itself CSV": Fault(lie=_instead(HTML, "text/csv"), expected=(IncompleteRun,)),
    "an error in JSON with status 200": Fault(
        lie=_instead(b'{"error": "quota exceeded"}', "application/json"),
        expected=(IncompleteRun,),
        only=lambda s: s.format != "ndjson",  # there a line of JSON is a record; the transform quarantines it
    ),
    "an empty body with status 200": Fault(
        lie=_instead(b"", "application/json"),
        expected=(IncompleteRun,),
        only=lambda s: s.format != "ndjson",  # there no line is no record; nothing else says how many there are
    ),
    "bytes that are not UTF-8": Fault(
        _other(lambda b: b.replace(b"id", b"i\xff")),
        expected=(IncompleteRun,),
        only=lambda s: not s.encoding and s.format != "zip",
    ),
    "records that are nested very deep": Fault(
        _other(lambda b: b.replace(b'"id": ', b'"x": ' + b"[" * 1_000 + b"]" * 1_000 + b', "id": ', 1)),
        expected=(IncompleteRun,),
        only=lambda s: not s.encoding and s.format in ("json", "ndjson"),
    ),
    "half of the document, and whole": Fault(
        _other(lambda b: b[: len(b) // 2 - 1]), expected=(IncompleteRun,), only=lambda s: s.format in ("json", "zip")
    ),
    "a name twice": Fault(
        lambda b, h: _as_is(b[:-1] + b', "items": []}', h),
        expected=(IncompleteRun,),
        only=lambda s: s.format == "json" and not s.encoding,
    ),
    "a wrong content type": Fault(
        lambda b, h: _as_is(b, h | {"Content-Type": "application/octet-stream"}), expected=RIGHT
    ),
    # paging
    "a repeated page": Fault(
        lie=lambda p, _: dataclasses.replace(p, items=records(3)),
        expected=(IncompleteRun,),
        only=lambda s: _paged(s) and s.kind != "time_windows",
    ),
    "more records than were asked for": Fault(
        lie=_extra,
        expected=(IncompleteRun, UpstreamRefused),
        only=lambda s: _has_total(s) or s.kind in ("offset_limit", "page_number", "keyset"),
    ),
    "a record that is missing": Fault(
        lie=lambda p, _: dataclasses.replace(p, items=p.items[:-1]),
        expected=(IncompleteRun,),
        only=_has_total_and_no_keys,
    ),
    "a total that changes between pages": Fault(
        lie=lambda p, _: dataclasses.replace(p, total=p.total + 1),
        expected=(IncompleteRun,),
        only=lambda s: s.totals in ("body", "header"),
    ),
    "a total that is off": Fault(
        lie=lambda p, _: dataclasses.replace(p, total=p.total + 1),
        expected=(IncompleteRun,),
        only=_has_total,
    ),
    "a backward cursor": Fault(
        lie=lambda p, _: dataclasses.replace(p, following="c2"), expected=(IncompleteRun,), only=_linked
    ),
    **{
        f"{what} where the next page's name would be": Fault(
            _without_place(instead), expected=(IncompleteRun,), only=lambda s: "deep" in s.name or "array" in s.name
        )
        for what, instead in {
            "nothing": {},
            "null": {"paging": None},
            "a text": {"paging": "c9"},
            "an array": {"paging": [{"after": {"cursor": "c3"}}]},
            "an empty object": {"paging": {}},
            "null one step deeper": {"paging": {"after": None, "links": None}},
            "a text one step deeper": {"paging": {"after": "c3", "links": "c3"}},
            "the other kind of thing": {"paging": {"after": ["c3"], "links": {"next": "c3"}}},
        }.items()
    },
    "keys that go backwards": Fault(
        lie=lambda p, _: dataclasses.replace(p, items=p.items[::-1]),
        expected=(IncompleteRun,),
        only=lambda s: s.kind == "keyset",
    ),
    "a window that stays full": Fault(
        lie=lambda p, _: dataclasses.replace(p, items=records(4)),
        expected=(IncompleteRun, UpstreamRefused),
        only=lambda s: s.kind == "time_windows",
    ),
    "endless paging": Fault(
        lie=lambda p, _: dataclasses.replace(
            p,
            items=[{"id": 1_000 + 3 * p.number + i, "t": 1_517_360_000} for i in range(3)],
            following=f"c{p.number + 1}",
            last=False,
        ),
        expected=(IncompleteRun, UpstreamRefused),
        only=lambda s: _paged(s) and s.kind not in ("time_windows", "keyset"),
    ),
}


def _flipped(body: bytes, at: int) -> bytes:
    changed = bytearray(body)
    changed[at] ^= 0xFF
    return bytes(changed)


def _plain(body: bytes, headers: dict[str, str]) -> bytes:
    """Any body will do here: it is never read to its end."""
    return body + b"." * (0 if headers.get("Content-Encoding") else 1)


@dataclass
class World:
    """A service that listens, with a fault that can be taken away."""

    service: PagedService
    server: LyingServer
    fault: Fault | None
    struck: int = 0
    drips: bool = False

    def _hasty(self, contract: str) -> str:
        """A drip would last as long as a request may."""
        hasty = self.service.source.name in SLOW and self.drips
        return contract.replace("request_seconds: 20", "request_seconds: 1") if hasty else contract

    def ingest(self, raw: MemoryRaw) -> Certificate:
        """One call, as a fresh process would make it."""
        upstream = HttpUpstream({ORIGIN: self.server.origin}, sleep=lambda _s: None, jitter=lambda: 1.0)
        try:
            dataset = self.service.source.dataset(self._hasty)
            ingest_slot(dataset, DAY, Deps(raw, upstream, clock(), RELEASE), lambda: 900.0)
        finally:
            upstream.close()
        return Certificate.from_bytes(raw.objects[f"{PREFIX}certificate.json"].body)


@contextmanager
def serving(source: Source, fault: Fault) -> Iterator[World]:
    """The service with its fault, until the block ends."""
    service = PagedService(source, records(COUNT))
    wanted = 1 if source.kind == "none" else 2

    def strikes(page: Page) -> bool:
        endless = page.number > 2 and fault is FAULTS["endless paging"]
        off = fault is FAULTS["a total that is off"] and page.number <= 1
        return page.number == wanted or endless or off

    def lie(page: Page) -> Page:
        here = world.fault
        if here is None or here.lie is None or not strikes(page):
            return page
        if page.number == 0 and here is not FAULTS["a total that is off"]:
            return page
        world.struck += 1
        return here.lie(page, source)

    def script(target: str, _number: int) -> Say:
        page, body, headers = service.answer(target)
        here = world.fault
        if here is None or here.wire is None or not strikes(page) or (here.once and world.struck):
            return _as_is(body, headers)
        world.struck += 1
        return here.wire(body, headers)

    service.lie = lie
    with lying_server(script) as server:
        world = World(service, server, fault, drips=fault is FAULTS["a drip"])
        yield world


CASES = [
    pytest.param(source, fault, id=f"{source.name} x {name}")
    for name, fault in FAULTS.items()
    for source in SOURCES.values()
    if fault.only(source)
]


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")  # urllib3 leaves some to the collector
@pytest.mark.parametrize(("source", "fault"), CASES)
def test_a_run_is_complete_and_right_or_fails_clearly(
    source: Source, fault: Fault, record_property: Callable[[str, object], None]
):
    raw = MemoryRaw()
    with serving(source, fault) as world:
        ending: object
        try:
            certificate = world.ingest(raw)
            ending, clear = "right", True
        except LakewardError as problem:
            ending, named = type(problem), problem.message.startswith("readings 2018-01-31T00:00Z attempt 1 ")
            clear = named and f"{PREFIX}certificate.json" not in raw.objects
        else:
            assert_right(world, certificate, raw)
        assert (ending in fault.expected, clear, world.struck > 0) == (True, True, True)
        record_property("behaviour", "complete and right" if ending == "right" else "a clear failure")

        world.fault = None
        assert_right(world, world.ingest(raw), raw)


def assert_right(world: World, certificate: Certificate, raw: MemoryRaw) -> None:
    """Every record of the service once."""
    bodies = {key: stored.body for key, stored in raw.objects.items()}
    found = read_back(world.service.source.dataset(), certificate, bodies)
    assert sorted(found, key=lambda r: r["id"]) == world.service.records


def test_there_are_enough_cases():
    assert len(CASES) >= 300


@pytest.mark.parametrize("name", ["none", "cursor in body", "link header, csv, gzip"])
def test_a_connection_reset_at_every_byte_of_a_small_answer_is_not_noticed_in_raw(
    name: str, record_property: Callable[[str, object], None]
):
    """One connection after the other is reset one byte later, until the answer is whole."""
    source = SOURCES[name]
    service = PagedService(source, records(2))
    _, body, headers = service.answer("/readings")
    said = _headers(body, headers) + body

    asked = [0, 0]

    def script(_target: str, _number: int) -> Say:
        asked[1] += 1
        return reset_after(said, asked[0]) if asked[1] == 1 else _as_is(body, headers)

    with lying_server(script) as server:
        world = World(service, server, None)
        for asked[0] in range(len(said)):
            raw, asked[1] = MemoryRaw(), 0
            assert_right(world, world.ingest(raw), raw)
            assert asked[1] == 2
    record_property("boundaries", len(said))
