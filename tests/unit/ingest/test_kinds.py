"""Every way of paging, without a wire: to its certificate, and through any series of deaths to the same raw bytes."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ingest_world import DAY, PREFIX, RELEASE, Crash, Fuse, MemoryRaw, clock
from paged_service import SOURCES, MemoryUpstream, PagedService, Source, read_back, records

from lakeward.certificate import Certificate
from lakeward.ingest import Deps, ingest_slot

EACH = pytest.mark.parametrize("source", SOURCES.values(), ids=lambda s: s.name)


def run(raw: MemoryRaw, upstream: MemoryUpstream, crash_at: int | None = None, seconds: float = 900.0) -> bool:
    """One call, in a process that may die; says whether the slot is complete."""
    raw.fuse = upstream.fuse = Fuse(crash_at)
    try:
        dataset = upstream.service.source.dataset()
        return ingest_slot(dataset, DAY, Deps(raw, upstream, clock(), RELEASE), lambda: seconds).complete
    except Crash:
        return False


def certificate(raw: MemoryRaw) -> Certificate:
    return Certificate.from_bytes(raw.objects[f"{PREFIX}certificate.json"].body)


def assert_whole(raw: MemoryRaw, service: PagedService) -> None:
    """Every record once, in the service's order, with its count."""
    bodies = {key: stored.body for key, stored in raw.objects.items()}
    found = certificate(raw)
    by_id = sorted(read_back(service.source.dataset(), found, bodies), key=lambda r: r["id"])
    assert (by_id, found.counted_records) == (service.records, len(service.records))


@EACH
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 6, 7, 20])
def test_every_record_comes_once_whatever_the_number(source: Source, count: int):
    raw, service = MemoryRaw(), PagedService(source, records(count))

    assert run(raw, MemoryUpstream(service))

    assert_whole(raw, service)


@EACH
def test_a_certificate_is_the_same_whichever_call_writes_it(source: Source):
    raw, upstream = MemoryRaw(), MemoryUpstream(PagedService(source, records(7), stamped=True))
    assert run(raw, upstream)
    first = raw.objects.pop(f"{PREFIX}certificate.json").body

    assert run(raw, upstream)

    assert raw.objects[f"{PREFIX}certificate.json"].body == first


@EACH
def test_a_crash_at_each_single_point_leaves_the_same_raw_bytes_as_no_crash(source: Source):
    undisturbed = MemoryRaw()
    assert run(undisturbed, MemoryUpstream(PagedService(source, records(7))))
    points = undisturbed.fuse.passed
    expected = {name: body for name, body in undisturbed.bodies().items() if name != "certificate.json"}

    for point in range(1, points + 1):
        raw, upstream = MemoryRaw(), MemoryUpstream(PagedService(source, records(7)))
        run(raw, upstream, crash_at=point)
        assert run(raw, upstream)
        assert {name: body for name, body in raw.bodies().items() if name != "certificate.json"} == expected


@settings(max_examples=150, deadline=None)
@given(
    source=st.sampled_from(list(SOURCES.values())),
    count=st.integers(0, 14),
    calls=st.lists(st.tuples(st.integers(1, 60), st.booleans()), max_size=6),
)
def test_any_series_of_crashes_and_short_calls_converges(source: Source, count: int, calls: list[tuple[int, bool]]):
    """The service stamps its answers, so whatever is fetched twice differs; what was stored first must stay."""
    raw, upstream = MemoryRaw(), MemoryUpstream(PagedService(source, records(count), stamped=True))

    for crash_at, in_a_hurry in calls:
        before = raw.bodies()
        run(raw, upstream, crash_at, seconds=1.0 if in_a_hurry else 900.0)
        after = raw.bodies()
        assert {name: after[name] for name in before} == before
    assert any(run(raw, upstream) for _ in range(3))
    puts, asked = list(raw.puts), list(upstream.asked)
    assert run(raw, upstream)

    assert (raw.puts, upstream.asked) == (puts, asked)
    assert_whole(raw, upstream.service)


@EACH
def test_each_page_leads_to_the_next_and_the_last_meets_the_stop_condition(source: Source):
    raw, upstream = MemoryRaw(), MemoryUpstream(PagedService(source, records(7)))
    assert run(raw, upstream)

    stored = json.loads(raw.bodies()["certificate.json"])

    assert [page["next_position"] for page in stored["pages"]][:-1] == [page["position"] for page in stored["pages"]][
        1:
    ]
    assert (stored["paging"], stored["counted_records"]) == (source.kind, 7)
