"""A service that hands out readings in any way of paging, and the contract that reads it.

    service = PagedService(SOURCES["cursor_in_body"], records(7))
    dataset = service.source.dataset()

A fault is put in between by whoever serves it: see ``paged_http``, over the wire, and ``MemoryUpstream``, without one.
"""

import csv
import gzip
import hashlib
import io
import itertools
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import zstandard
from ingest_world import Fuse

from lakeward.contract import Dataset, parse_contract
from lakeward.ports.upstream import Answer, Bounds, Request

ORIGIN = "https://service.test"
MIDNIGHT = datetime(2018, 1, 31, tzinfo=UTC)
SIZE = 3
"""Records a page."""

Record = dict[str, Any]

CONTRACT = """
contract: 1
dataset: readings
version: 1.0.0
owner: tests
description: What a small service measured, one row a reading.
source:
  kind: http
  url: https://service.test/readings
SOURCE
  limits: {page_bytes: 1000000, pages: 40, request_seconds: 20, run_bytes: 2000000}
  manners: {tries: 2, concurrency: 1}
slot: day
schedule: {cron: "cron(0 3 * * ? *)"}
freshness: {hours: 30}
load: {mode: upsert, primary_key: [id], newest_by: updated_at}
partition_by: day
columns:
  - {name: id, type: bigint, at: $.id, required: true, description: Identifier.}
  - {name: updated_at, type: timestamp, at: $.t, parse: epoch_seconds, required: true, description: Last change.}
  - {name: day, type: date, utc_day_of: updated_at, description: UTC day of the change.}
"""


@dataclass(frozen=True)
class Source:
    """One way to hand out records: its name, the contract's part, and how bodies are written and encoded."""

    name: str
    contract: str
    format: str = "json"
    encoding: str = ""
    totals: str = "none"
    """``asked``, ``body``, ``header`` or ``none``."""

    @property
    def kind(self) -> str:
        """The kind of paging."""
        return self.dataset().contract.source.paging.kind

    def dataset(self, edit: Callable[[str], str] = str) -> Dataset:
        """The contract as a dataset; ``edit`` changes its text."""
        text = CONTRACT.replace("SOURCE", self.contract.removesuffix(FOUR))
        text = edit(text.replace("concurrency: 1", "concurrency: 4") if self.contract.endswith(FOUR) else text)
        return _dataset(text)


@cache
def _dataset(text: str) -> Dataset:
    return Dataset(Path("readings"), parse_contract(text, "test"), hashlib.sha256(text.encode()).hexdigest())


FOUR = "  # four at once"
JSON = "  records: {format: json, at: $.items}"
NDJSON = "  records: {format: ndjson}"
CSV = "  records: {format: csv}"
ASKED = "  total: {url: 'https://service.test/count', at: $.count}"
OFFSET = "  paging: {kind: offset_limit, offset_param: offset, limit_param: limit, first_offset: 0, page_records: 3}"
NUMBER = "  paging: {kind: page_number, page_param: page, size_param: size, first_page: 1, page_records: 3}"
KEYSET = "  paging: {kind: keyset, key_at: $.id, after_param: after, limit_param: limit, page_records: 3}"
CURSOR = "  paging: {kind: cursor_in_body, cursor_param: cursor, at: $.next}"
CURSOR_HEADER = "  paging: {kind: cursor_in_header, cursor_param: cursor, header: X-Next}"
NEXT_URL = "  paging: {kind: next_url_in_body, at: $.next}"
NESTED_CURSOR = "  paging: {kind: cursor_in_body, cursor_param: cursor, at: $.paging.after.cursor}"
NESTED_URL = "  paging: {kind: next_url_in_body, at: '$.paging.links[0]'}"
LINK = "  paging: {kind: link_header}"
NONE = "  paging: {kind: none}"
WINDOWS = (
    "  paging: {kind: time_windows, start_param: since, end_param: until, end: exclusive, unit: second, "
    "instant_format: epoch_seconds, maximum_records: 4}"
)


def _stop(when: str) -> str:
    return f"  stop: {{when: {when}}}"


FLAG = "  stop: {when: end_flag, at: $.last}"


def _source(name: str, *parts: str, **facts: str) -> Source:
    return Source(name, "\n".join(parts), **facts)


SOURCES = {
    source.name: source
    for source in (
        _source("none", NONE, _stop("only_page"), JSON),
        _source("none, csv, total in header", NONE, "  total: {header: X-Total}", CSV, format="csv", totals="header"),
        _source(
            "none, zip", NONE, _stop("only_page"), ("  records: {format: csv, archive_member: '*.csv'}"), format="zip"
        ),
        _source("offset, total asked", OFFSET, ASKED, JSON, totals="asked"),
        _source("offset, total in body, gzip", OFFSET, "  total: {at: $.total}", JSON, totals="body", encoding="gzip"),
        _source("offset, short page, zstd", OFFSET, _stop("short_page"), JSON, encoding="zstd"),
        _source("page number, empty page", NUMBER, _stop("empty_page"), JSON),
        _source("page number, end flag, deflate", NUMBER, FLAG, JSON, encoding="deflate"),
        _source("cursor in body", CURSOR, _stop("no_next"), JSON),
        _source("cursor in body, total in body", CURSOR, "  total: {at: $.total}", JSON, totals="body"),
        _source("cursor in header, ndjson", CURSOR_HEADER, _stop("no_next"), NDJSON, format="ndjson"),
        _source("next URL in body", NEXT_URL, _stop("no_next"), JSON),
        _source("cursor deep in body", NESTED_CURSOR, _stop("no_next"), JSON),
        _source("next URL in an array in body", NESTED_URL, _stop("no_next"), JSON),
        _source("link header", LINK, _stop("no_next"), JSON),
        _source("link header, csv, gzip", LINK, _stop("no_next"), CSV, format="csv", encoding="gzip"),
        _source("keyset, short page", KEYSET, _stop("short_page"), JSON),
        _source("keyset, total in header", KEYSET, "  total: {header: X-Total}", JSON, totals="header"),
        _source("time windows", WINDOWS, _stop("windows_covered"), JSON),
        _source("offset, total asked, four at once", OFFSET, ASKED, JSON, FOUR, totals="asked"),
        _source("cursor in body, four at once", CURSOR, _stop("no_next"), JSON, FOUR),
    )
}


def records(count: int) -> list[Record]:
    """Readings 1 to ``count``, three hours apart."""
    start = int(MIDNIGHT.timestamp())
    return [{"id": i, "t": start + (i - 1) * 10_800 % 86_400} for i in range(1, count + 1)]


@dataclass
class Page:
    """One answer before it is encoded: what is in it, and what it says of what comes next."""

    number: int
    """1 for the first; 0 for the total."""
    items: list[Record]
    total: int
    following: str | None = None
    last: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    instead: bytes | None = None
    """A body that is sent instead of the items."""


Lie = Callable[[Page], Page]


def honest(page: Page) -> Page:
    """No lie."""
    return page


@dataclass
class PagedService:
    """Answers requests. ``stamped``: each JSON answer says when it was made, so no two are the same bytes."""

    source: Source
    records: list[Record]
    lie: Lie = honest
    stamped: bool = False
    _stamps: Iterator[int] = field(default_factory=itertools.count)

    def answer(self, target: str) -> tuple[Page, bytes, dict[str, str]]:
        """What is sent for a target: the page it is, the body's wire bytes, the headers."""
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query))
        page = self.lie(Page(0, [], len(self.records)) if parts.path == "/count" else self._page(query))
        if page.instead is not None:
            plain, content_type = page.instead, "application/json"
        elif page.number == 0:
            plain, content_type = json.dumps({"count": page.total}).encode(), "application/json"
        else:
            plain, content_type = self._written(page)
        headers = {"Content-Type": content_type, **self._headers(page), **page.headers}
        encoding = self.source.encoding if page.number else ""
        return page, encoded(plain, encoding), headers | ({"Content-Encoding": encoding} if encoding else {})

    def _page(self, query: dict[str, str]) -> Page:
        total = len(self.records)
        match self.source.kind:
            case "none":
                return Page(1, self.records, total, last=True)
            case "time_windows":
                since, until = int(query["since"]), int(query["until"])
                found = [r for r in self.records if since <= r["t"] < until]
                return Page(1 if until - since == 86_400 else 2, found[:4], total)
            case "keyset":
                later = [r for r in self.records if r["id"] > int(query.get("after", 0))]
                return Page((total - len(later)) // SIZE + 1, later[: int(query["limit"])], total)
            case "offset_limit":
                number = int(query["offset"]) // SIZE + 1
            case "page_number":
                number = int(query["page"])
            case _:
                number = int(query.get("cursor", "c1")[1:])
        items = self.records[(number - 1) * SIZE : number * SIZE]
        last = number * SIZE >= total
        return Page(number, items, total, None if last else f"c{number + 1}", last)

    def _written(self, page: Page) -> tuple[bytes, str]:
        match self.source.format:
            case "ndjson":
                return b"".join(json.dumps(r).encode() + b"\n" for r in page.items), "application/x-ndjson"
            case "csv":
                return separated(page.items), "text/csv; charset=utf-8"
            case "zip":
                return zipped(separated(page.items)), "application/zip"
        document: dict[str, Any] = {"items": page.items, "last": page.last}
        if self.source.totals == "body":
            document["total"] = page.total
        url = page.following and f"{ORIGIN}/readings?cursor={page.following}"
        if NESTED_URL in self.source.contract:
            document["paging"] = {"links": [url] if url else []}
        elif NESTED_CURSOR in self.source.contract:
            document["paging"] = {"after": {"cursor": page.following} if page.following else {}}
        elif self.source.kind == "next_url_in_body":
            document["next"] = url
        elif self.source.kind == "cursor_in_body":
            document["next"] = page.following
        if self.stamped:
            document["made"] = next(self._stamps)
        return json.dumps(document).encode(), "application/json"

    def _headers(self, page: Page) -> dict[str, str]:
        headers = {"X-Total": str(page.total)} if self.source.totals == "header" else {}
        if page.following and self.source.kind == "cursor_in_header":
            headers["X-Next"] = page.following
        if page.following and self.source.kind == "link_header":
            headers["Link"] = (
                f'<{ORIGIN}/readings?cursor=c1>; rel="first", </readings?cursor={page.following}>; rel="next"'
            )
        return headers


@dataclass
class MemoryUpstream:
    """The service without a wire. The process may die before each answer and after it."""

    service: PagedService
    fuse: Fuse = field(default_factory=Fuse)
    asked: list[str] = field(default_factory=list)

    @contextmanager
    def get(self, request: Request, _bounds: Bounds) -> Iterator[Answer]:
        self.fuse.point()
        self.asked.append(request.url)
        _, body, headers = self.service.answer(request.url.removeprefix(ORIGIN))
        self.fuse.point()
        known = {name.lower(): value for name, value in headers.items()}
        yield Answer(200, known, io.BytesIO(body), len(body), hashlib.sha256(body).hexdigest(), ORIGIN, 1)


def separated(items: list[Record]) -> bytes:
    """Records as CSV with a header."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, ["id", "t"])
    writer.writeheader()
    writer.writerows(items)
    return text.getvalue().encode()


def zipped(body: bytes) -> bytes:
    """An archive with the body as its one CSV file, beside another file."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        for name, content in (("readme.txt", b"what this is"), ("readings.csv", body)):
            files.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def encoded(body: bytes, encoding: str) -> bytes:
    """A body in a content encoding; '' for as it is."""
    match encoding:
        case "gzip":
            return gzip.compress(body, mtime=0)
        case "deflate":
            return zlib.compress(body)
        case "zstd":
            return zstandard.ZstdCompressor(write_checksum=True).compress(body)
    return body


def read_back(dataset: Dataset, certificate: Any, bodies: dict[str, bytes]) -> list[Record]:
    """All records that a certificate stands for, read from raw bodies (by key) in a way of their own."""
    found: list[Record] = []
    for page in certificate.pages:
        if not page.superseded:
            found += _read(dataset, bodies[page.key], page.content_encoding)
    return found


def _read(dataset: Dataset, body: bytes, encoding: str) -> list[Record]:
    undone = {"identity": bytes, "gzip": gzip.decompress, "deflate": zlib.decompress, "zstd": _unzstd}
    plain = undone[encoding](body)
    spec = dataset.contract.source.records
    if spec.archive_member:
        with zipfile.ZipFile(io.BytesIO(plain)) as files:
            plain = files.read("readings.csv")
    if spec.format == "json":
        return list(json.loads(plain)["items"])
    if spec.format == "ndjson":
        return [json.loads(line) for line in plain.splitlines()]
    return [{name: int(value) for name, value in row.items()} for row in csv.DictReader(io.StringIO(plain.decode()))]


def _unzstd(body: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(body)
