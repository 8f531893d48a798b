"""The process may die and time may run short at any point: raw ends up the same, none lost, none double."""

import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ingest_world import (
    DAY,
    PREFIX,
    RELEASE,
    Crash,
    Fuse,
    MemoryRaw,
    Service,
    clock,
    dataset,
    deps,
    plenty,
    records,
)
from paged_service import SOURCES, MemoryUpstream, PagedService
from paged_service import records as readings

from lakeward.certificate import Certificate
from lakeward.ingest import Deps, ingest_slot


def run(
    raw: MemoryRaw, service: Service, page_records: int, crash_at: int | None = None, seconds: float = 900.0
) -> bool:
    """One call, in a process that may die; says whether the slot is complete."""
    raw.fuse = service.fuse = Fuse(crash_at)
    try:
        return ingest_slot(dataset(page_records), DAY, deps(raw, service), lambda: seconds).complete
    except Crash:
        return False


def finish(raw: MemoryRaw, service: Service, page_records: int) -> None:
    """At most three more calls converge, and yet another changes nothing."""
    assert any(run(raw, service, page_records) for _ in range(3))
    puts, asked = list(raw.puts), list(service.asked)
    assert run(raw, service, page_records)
    assert (raw.puts, service.asked) == (puts, asked)


def assert_whole(raw: MemoryRaw, service: Service) -> None:
    """Raw holds every record once, in bytes that the service sent for that page."""
    certificate = Certificate.from_bytes(raw.objects[f"{PREFIX}certificate.json"].body)
    read = []
    for page in certificate.pages:
        body = raw.objects[page.key].body
        assert body in service.sent[page.request.removeprefix("GET ")]
        read += json.loads(body)["items"]
    assert read == service.records


def test_a_crash_at_each_single_point_leaves_the_same_raw_bytes_as_no_crash():
    undisturbed, service = MemoryRaw(), Service(records(5), stamped=False)
    assert run(undisturbed, service, page_records=2)
    points = undisturbed.fuse.passed
    expected = {name: body for name, body in undisturbed.bodies().items() if name != "certificate.json"}

    for point in range(1, points + 1):
        raw, service = MemoryRaw(), Service(records(5), stamped=False)
        run(raw, service, 2, crash_at=point)
        finish(raw, service, 2)

        assert {name: body for name, body in raw.bodies().items() if name != "certificate.json"} == expected
        assert_whole(raw, service)
    assert points > 20  # before and after each of 5 requests and 6 puts, and the reads


@settings(max_examples=150, deadline=None)
@given(
    count=st.integers(0, 12),
    page_records=st.integers(1, 5),
    calls=st.lists(st.tuples(st.integers(1, 60), st.booleans()), max_size=6),
)
def test_any_series_of_crashes_and_short_calls_converges(count: int, page_records: int, calls: list[tuple[int, bool]]):
    """The service stamps its answers, so whatever is fetched twice differs; what was stored first must stay."""
    raw, service = MemoryRaw(), Service(records(count))

    for crash_at, in_a_hurry in calls:
        before = raw.bodies()
        run(raw, service, page_records, crash_at, seconds=1.0 if in_a_hurry else 900.0)
        after = raw.bodies()
        assert {name: after[name] for name in before} == before
    finish(raw, service, page_records)

    assert_whole(raw, service)


def test_a_certificate_is_the_same_whichever_call_writes_it():
    """Its facts come from what lies beside the stored bytes, never from the memory of the call that fetched them."""
    raw, service = MemoryRaw(), Service(records(5))
    assert run(raw, service, page_records=2)
    certificate = raw.objects.pop(f"{PREFIX}certificate.json").body

    assert run(raw, service, page_records=2)

    assert raw.objects[f"{PREFIX}certificate.json"].body == certificate


def test_a_crash_while_an_attempt_is_given_up_loses_nothing():
    """Evidence, mark, next attempt: dying between any two of them ends in a complete slot all the same."""
    for point in itertools.count(1):
        raw, service = MemoryRaw(), Service(records(5))
        service.lie = lambda page, document: b"half" if page == 2 else document
        raw.fuse = service.fuse = Fuse(point)
        try:
            ingest_slot(dataset(2), DAY, deps(raw, service), plenty)
        except Crash:
            died = True
        except Exception:  # noqa: BLE001 -- the refusal that the lie deserves; what counts is what follows
            died = False
        service.lie = lambda _page, document: document
        finish(raw, service, 2)
        assert_whole(raw, service)
        if not died:
            return


@pytest.mark.parametrize("name", ["cursor in body", "offset, total asked", "keyset, short page"])
def test_an_attempt_that_another_contract_began_is_not_gone_on_with(name: str):
    """What another contract asked with other headers may be other records, under the very same URL."""
    source, raw, upstream = SOURCES[name], MemoryRaw(), MemoryUpstream(PagedService(SOURCES[name], readings(8)))
    while not any("page-00001" in key for key in raw.objects):
        ingest_slot(source.dataset(), DAY, Deps(raw, upstream, clock(), RELEASE), lambda: 1.0)
    changed = source.dataset(lambda text: text.replace("slot: day", "  headers: {X-Unit: feet}\nslot: day"))

    while not ingest_slot(changed, DAY, Deps(raw, upstream, clock(), RELEASE), plenty).complete:
        pass

    certificate = Certificate.from_bytes(raw.objects[f"{PREFIX}certificate.json"].body)
    asked_by = {raw.objects[page.key].metadata["contract-sha256"] for page in certificate.pages}
    assert (certificate.attempt, asked_by) == (2, {changed.contract_sha256})
    assert b"begun by the contract with sha256" in raw.objects[f"{PREFIX}attempt-01/abandoned.json"].body
