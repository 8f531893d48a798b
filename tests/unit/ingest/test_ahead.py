"""Pages are asked for before their turn: as many at once as the contract allows, and none that nobody wants."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

import pytest
from ingest_world import DAY, PREFIX, MemoryRaw, Service, dataset, deps, plenty, records

from lakeward.certificate import Certificate
from lakeward.contract import Dataset
from lakeward.errors import IncompleteRun
from lakeward.ingest import ingest_slot
from lakeward.ports.upstream import Answer, Bounds, Request


@dataclass
class CountedService(Service):
    """Knows how many of its answers were being made at once."""

    now: int = 0
    most: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    released: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def get(self, request: Request, bounds: Bounds) -> Iterator[Answer]:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.released.wait(0.01)
        with self.lock:
            self.now -= 1
        with super().get(request, bounds) as answer:
            yield answer


class SlowRaw(MemoryRaw):
    """A put of page 1 ends when page 2 has been asked for."""

    service: Service

    def put_once(
        self, key: str, body: IO[bytes], *, sha256: str, content_type: str, metadata: Mapping[str, str]
    ) -> Mapping[str, str]:
        while "page-00001" in key and not any("offset=3" in url for url in self.service.asked):
            pass
        return super().put_once(key, body, sha256=sha256, content_type=content_type, metadata=metadata)


def asking(concurrency: int, page_records: int = 2) -> Dataset:
    """The contract with so many questions at once."""
    manners = f"  manners: {{concurrency: {concurrency}}}\nslot: day"
    return dataset(page_records, lambda text: text.replace("slot: day", manners))


@pytest.mark.parametrize("concurrency", [1, 2, 4])
def test_no_more_questions_are_under_way_than_the_contract_allows(concurrency: int):
    service = CountedService(records(30))

    assert ingest_slot(asking(concurrency), DAY, deps(MemoryRaw(), service), plenty).complete
    assert service.most == concurrency


@pytest.mark.timeout(20)
def test_the_next_page_is_asked_for_while_this_one_is_stored():
    raw = SlowRaw()
    raw.service = service = Service(records(4))

    assert ingest_slot(asking(1), DAY, deps(raw, service), plenty).complete


def test_the_certificate_names_pages_in_their_order_whatever_order_they_came_in():
    raw = MemoryRaw()

    assert ingest_slot(asking(4), DAY, deps(raw, CountedService(records(20))), plenty).complete
    certificate = Certificate.from_bytes(raw.objects[f"{PREFIX}certificate.json"].body)
    assert [page.key for page in certificate.pages] == sorted(key for key in raw.objects if "page-" in key)


def test_nothing_is_asked_beyond_the_declared_total():
    service = Service(records(5))

    assert ingest_slot(asking(4), DAY, deps(MemoryRaw(), service), plenty).complete
    assert len(service.asked) == 1 + 3 + 1


def test_what_was_asked_for_and_is_not_wanted_any_more_is_never_stored():
    raw = MemoryRaw()
    service = Service(records(20), lie=lambda page, document: b"half" if page == 2 else document)

    with pytest.raises(IncompleteRun):
        ingest_slot(asking(4), DAY, deps(raw, service), plenty)
    assert [key for key in raw.bodies() if "page-" in key and "rejected" not in key] == ["attempt-01/page-00001.json"]


def test_a_call_without_time_asks_for_one_page_only():
    service = Service(records(20))

    progress = ingest_slot(asking(4), DAY, deps(MemoryRaw(), service), lambda: 1.0)

    assert (progress.complete, len(service.asked)) == (False, 1)
