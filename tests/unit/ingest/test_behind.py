"""Pages are put into raw while the run goes on: nothing stands for them before they lie there."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO

import pytest
from ingest_world import DAY, PREFIX, RELEASE, MemoryRaw, Service, clock, dataset, deps, plenty, records
from paged_service import SOURCES, MemoryUpstream, PagedService, Source
from paged_service import records as readings

from lakeward.certificate import Certificate
from lakeward.errors import IncompleteRun, StoreUnavailable
from lakeward.ingest import Deps, ingest_slot
from lakeward.ingest.behind import AT_ONCE
from lakeward.ports.raw import RawObject

ONE_AFTER_THE_OTHER = [s for s in SOURCES.values() if s.kind not in ("none", "offset_limit", "page_number")]


@dataclass
class WatchedRaw(MemoryRaw):
    """Knows what was under way when a put began, and what had ended; ``meet`` holds each put up or breaks it."""

    meet: Callable[[str], None] = lambda _key: None
    now: set[str] = field(default_factory=set)
    ended: list[str] = field(default_factory=list)
    most: int = 0
    before: dict[str, list[str]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put_once(
        self, key: str, body: IO[bytes], *, sha256: str, content_type: str, metadata: Mapping[str, str]
    ) -> Mapping[str, str]:
        with self.lock:
            self.now.add(key)
            self.most = max(self.most, len(self.now))
            self.before[key.removeprefix(PREFIX)] = list(self.ended)
        try:
            self.meet(key)
            return super().put_once(key, body, sha256=sha256, content_type=content_type, metadata=metadata)
        finally:
            with self.lock:
                self.now.discard(key)
                self.ended.append(key.removeprefix(PREFIX))


def until(holds: Callable[[], bool]) -> None:
    """Wait for a condition."""
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.001)


@pytest.mark.timeout(30)
def test_pages_that_are_known_beforehand_are_put_several_at_once_and_no_more():
    raw = WatchedRaw()
    raw.meet = lambda key: until(lambda: "page-" not in key or raw.most == AT_ONCE)

    assert ingest_slot(dataset(2), DAY, deps(raw, Service(records(30))), plenty).complete
    assert raw.most == AT_ONCE


@pytest.mark.parametrize("source", ONE_AFTER_THE_OTHER, ids=lambda s: s.name)
def test_pages_that_lead_to_the_next_are_put_one_after_the_other(source: Source):
    raw = WatchedRaw()
    upstream = MemoryUpstream(PagedService(source, readings(10)))

    assert ingest_slot(source.dataset(), DAY, Deps(raw, upstream, clock(), RELEASE), plenty).complete
    pages = [name for name in raw.ended if "page-" in name]
    assert (pages, raw.most) == (sorted(pages), 1)
    assert len(pages) > 2


@pytest.mark.timeout(30)
def test_the_total_comes_before_all_pages_and_is_asked_again_when_all_lie_in_raw():
    raw = WatchedRaw(meet=lambda _key: time.sleep(0.002))
    service = Service(records(9))

    assert ingest_slot(dataset(2), DAY, deps(raw, service), plenty).complete
    pages = [f"attempt-01/page-{number:05d}.json" for number in range(1, 6)]
    total, after = "attempt-01/total.json", "attempt-01/total-after.json"
    assert all(total in raw.before[page] for page in pages)
    assert {*pages} <= {*raw.before[after]}
    assert {total, *pages, after} == {*raw.before["certificate.json"]}


@pytest.mark.parametrize("missing", range(1, 6))
def test_a_page_that_a_dead_process_left_out_is_fetched_and_the_others_stay(missing: int):
    raw, service = MemoryRaw(), Service(records(10))
    ingest_slot(dataset(2), DAY, deps(raw, service), plenty)
    for name in ("certificate.json", "attempt-01/total-after.json", f"attempt-01/page-{missing:05d}.json"):
        del raw.objects[f"{PREFIX}{name}"]
    left, asked = raw.bodies(), len(service.asked)

    progress = ingest_slot(dataset(2), DAY, deps(raw, service), plenty)

    assert (progress.complete, progress.attempt, len(service.asked) - asked) == (True, 1, 2)
    assert {name: raw.bodies()[name] for name in left} == left


def broken(key: str) -> None:
    if "page-00002" in key:
        raise StoreUnavailable(f"{key}: expected to store it, found SlowDown", key=key)


@pytest.mark.parametrize("count", [4, 20])
def test_a_put_that_fails_is_named_whichever_page_was_read_meanwhile_and_the_next_call_goes_on(count: int):
    raw, service = WatchedRaw(meet=broken), Service(records(count))

    with pytest.raises(StoreUnavailable) as problem:
        ingest_slot(dataset(2), DAY, deps(raw, service), plenty)

    assert problem.value.message.startswith("readings 2018-01-31T00:00Z attempt 1 page-00002: readings/slot=")
    assert problem.value.facts["object"] == "page-00002"
    assert "attempt-01/total-after.json" not in raw.bodies()
    raw.meet = lambda _key: None
    left = raw.bodies()
    assert ingest_slot(dataset(2), DAY, deps(raw, service), plenty).complete
    assert {name: raw.bodies()[name] for name in left} == left


def test_a_put_that_fails_while_time_runs_out_is_not_passed_over():
    raw, service = WatchedRaw(meet=lambda key: broken(key.replace("page-00001", "page-00002"))), Service(records(8))
    assert not ingest_slot(dataset(2), DAY, deps(raw, service), lambda: 1.0).complete  # the total

    with pytest.raises(StoreUnavailable):
        ingest_slot(dataset(2), DAY, deps(raw, service), lambda: 1.0)


def test_when_a_page_is_refused_the_pages_before_it_lie_in_raw_all_the_same():
    raw = WatchedRaw(meet=lambda _key: time.sleep(0.005))
    service = Service(records(8), lie=lambda page, document: b"half" if page == 3 else document)

    with pytest.raises(IncompleteRun):
        ingest_slot(dataset(2), DAY, deps(raw, service), plenty)

    assert {"attempt-01/page-00001.json", "attempt-01/page-00002.json"} <= {*raw.before["attempt-01/abandoned.json"]}


def test_the_certificate_says_what_lies_beside_a_page_that_another_call_had_put_meanwhile():
    raw = WatchedRaw()
    service = Service(records(4), stamped=False)
    ingest_slot(dataset(2), DAY, deps(raw, service), plenty)
    key = f"{PREFIX}attempt-01/page-00002.json"
    there = raw.objects[key]
    earlier = RawObject(there.body, {**there.metadata, "fetched-at": "2018-02-02T00:00:00.000+00:00"})
    raw.objects = {}
    raw.meet = lambda put: raw.objects.update({key: earlier} if put == key else {})

    assert ingest_slot(dataset(2), DAY, deps(raw, service), plenty).complete
    pages = Certificate.from_bytes(raw.objects[f"{PREFIX}certificate.json"].body).pages
    assert pages[1].fetched_at == "2018-02-02T00:00:00.000+00:00"
    assert pages[0].fetched_at != pages[1].fetched_at
