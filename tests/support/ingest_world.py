"""A world for ingest: a small contract, raw in memory, and a service that answers from a list of records."""

import gzip
import hashlib
import io
import itertools
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qs, urlsplit

from lakeward.contract import Dataset, parse_contract
from lakeward.errors import RawConflict
from lakeward.ingest import Deps
from lakeward.ports.raw import RawObject
from lakeward.ports.upstream import Answer, Bounds, Request
from lakeward.slot import Slot

CONTRACT = """
contract: 1
dataset: readings
version: 1.0.0
owner: tests
description: What a small service measured, one row a reading.
source:
  kind: http
  url: https://service.test/readings
  params: {since: "{slot.start}", until: "{slot.last_millisecond}"}
  paging: {kind: offset_limit, offset_param: offset, limit_param: limit, first_offset: 1, page_records: PAGE_RECORDS}
  total: {url: "https://service.test/count", params: {since: "{slot.start}"}, at: $.count}
  records: {format: json, at: $.items, declared_count_at: $.meta.count}
  limits: {page_bytes: 1000000, pages: 50, request_seconds: 2}
slot: day
schedule: {cron: "cron(0 3 * * ? *)"}
freshness: {hours: 30}
load: {mode: upsert, primary_key: [id], newest_by: updated_at}
partition_by: day
columns:
  - {name: id, type: string, at: $.id, required: true, description: Identifier.}
  - {name: updated_at, type: timestamp, at: $.t, parse: epoch_seconds, required: true, description: Last change.}
  - {name: day, type: date, utc_day_of: updated_at, description: UTC day of the change.}
"""
DAY = Slot(datetime(2018, 1, 31, tzinfo=UTC))
PREFIX = "readings/slot=20180131T0000Z/"
RELEASE = "e" * 64


def dataset(page_records: int = 100, edit: Callable[[str], str] = str) -> Dataset:
    """The contract above; ``edit`` changes its text."""
    text = edit(CONTRACT.replace("PAGE_RECORDS", str(page_records)))
    return Dataset(Path("readings"), parse_contract(text, "test"), hashlib.sha256(text.encode()).hexdigest())


def records(count: int) -> list[dict[str, Any]]:
    """Readings 1 to ``count``."""
    return [{"id": f"r{i}", "t": 1_517_356_800 + i} for i in range(1, count + 1)]


class Crash(BaseException):
    """The process dies: nothing that runs may catch it."""


@dataclass
class Fuse:
    """Counts the points at which a process may die, and dies at one of them."""

    at: int | None = None
    passed: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def point(self) -> None:
        """One such point."""
        with self.lock:
            self.passed += 1
            if self.passed == self.at:
                raise Crash


@dataclass
class MemoryRaw:
    """Raw in memory; ``puts`` are the keys of all puts that were sent, in order."""

    objects: dict[str, RawObject] = field(default_factory=dict)
    puts: list[str] = field(default_factory=list)
    content_types: dict[str, str] = field(default_factory=dict)
    fuse: Fuse = field(default_factory=Fuse)

    def get(self, key: str) -> RawObject | None:
        self.fuse.point()
        return self.objects.get(key)

    def keys(self, prefix: str) -> list[str]:
        self.fuse.point()
        return sorted(key for key in self.objects if key.startswith(prefix))

    def folders(self, prefix: str) -> list[str]:
        self.fuse.point()
        below = {key[len(prefix) :].partition("/") for key in self.objects if key.startswith(prefix)}
        return sorted(f"{prefix}{name}/" for name, slash, _ in below if slash)

    def put_once(
        self, key: str, body: IO[bytes], *, sha256: str, content_type: str, metadata: Mapping[str, str]
    ) -> Mapping[str, str]:
        self.fuse.point()
        self.puts.append(key)
        sent = body.read()
        assert hashlib.sha256(sent).hexdigest() == sha256
        self.content_types.setdefault(key.removeprefix(PREFIX), content_type)
        there = self.objects.setdefault(key, RawObject(sent, dict(metadata)))
        self.fuse.point()
        if there.body != sent:
            raise RawConflict(f"{key} holds other bytes")
        return there.metadata

    def bodies(self) -> dict[str, bytes]:
        """Every object's bytes by key, without the slot's prefix."""
        return {key.removeprefix(PREFIX): stored.body for key, stored in self.objects.items()}


Lie = Callable[[int, dict[str, Any]], dict[str, Any] | bytes]
"""Changes an answer: takes the number of the page (0 for the total) and the true document."""


@dataclass
class Service:
    """Answers as the contract expects. Each answer says when it was made, so no two are the same bytes."""

    records: list[dict[str, Any]]
    lie: Lie = lambda _page, document: document
    gzipped: bool = False
    stamped: bool = True
    asked: list[str] = field(default_factory=list)
    sent: dict[str, list[bytes]] = field(default_factory=dict)
    bounds: list[Bounds] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    fuse: Fuse = field(default_factory=Fuse)
    _stamps: Iterator[int] = field(default_factory=itertools.count)

    @contextmanager
    def get(self, request: Request, bounds: Bounds) -> Iterator[Answer]:
        self.fuse.point()
        self.asked.append(request.url)
        self.bounds.append(bounds)
        body = self.body(request.url)
        headers = {"content-type": "application/json", "content-length": str(len(body)), **self.headers}
        if self.gzipped:
            headers["content-encoding"] = "gzip"
        self.fuse.point()
        digest = hashlib.sha256(body).hexdigest()
        yield Answer(self.status, headers, io.BytesIO(body), len(body), digest, "https://service.test", 1)

    def body(self, asked: str) -> bytes:
        """What is sent for this URL."""
        url = urlsplit(asked)
        if url.path == "/count":
            page, document = 0, {"count": len(self.records)}
        else:
            query = {name: int(value) for name, (value,) in parse_qs(url.query).items() if name in ("offset", "limit")}
            first, limit = query["offset"] - 1, query["limit"]
            items = self.records[first : first + limit]
            page, document = first // limit + 1, {"meta": {"count": len(items)}, "items": items}
        if self.stamped:
            document["made"] = next(self._stamps)
        told = self.lie(page, document)
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        body = gzip.compress(body, mtime=0) if self.gzipped else body
        self.sent.setdefault(asked, []).append(body)
        return body


def clock() -> Callable[[], datetime]:
    """A clock that moves by one second at each reading."""
    ticks = itertools.count()
    return lambda: datetime(2018, 2, 2, 2, 59, 59, tzinfo=UTC) + timedelta(seconds=next(ticks))


def deps(raw: MemoryRaw, service: Service) -> Deps:
    """Wire the fakes."""
    return Deps(raw, service, clock(), RELEASE)


def plenty() -> float:
    """Seconds left of a function that has just begun."""
    return 900.0
