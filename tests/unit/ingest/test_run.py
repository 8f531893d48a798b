"""One slot, from nothing to its certificate, and every way in which it may not be certified."""

import hashlib
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from ingest_world import DAY, PREFIX, RELEASE, MemoryRaw, Service, dataset, deps, plenty, records

from lakeward.certificate import Certificate, chain
from lakeward.errors import IncompleteRun, RawConflict, SlotInvalid, UpstreamRefused
from lakeward.ingest import ingest_slot
from lakeward.ports.raw import RawObject
from lakeward.slot import Slot

PAGE_URL = "https://service.test/readings?since=2018-01-31T00:00:00.000&until=2018-01-31T23:59:59.999"
TOTAL_URL = "https://service.test/count?since=2018-01-31T00:00:00.000"


def ingest(service: Service, raw: MemoryRaw | None = None, page_records: int = 100, seconds: float = 900.0) -> Any:
    """Run the slot once; returns progress as its event."""
    return ingest_slot(dataset(page_records), DAY, deps(raw or MemoryRaw(), service), lambda: seconds).as_event()


def refused(service: Service, raw: MemoryRaw, page_records: int = 100) -> str:
    """Run the slot, expecting that it does not add up; returns the message."""
    with pytest.raises(IncompleteRun) as problem:
        ingest(service, raw, page_records)
    assert f"{PREFIX}certificate.json" not in raw.objects
    return problem.value.message


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def test_every_byte_that_was_sent_lies_in_raw_under_its_name():
    raw, service = MemoryRaw(), Service(records(250))

    ingest(service, raw)

    stored = raw.bodies()
    certificate = stored.pop("certificate.json")
    assert stored == {
        "attempt-01/total.json": service.sent[TOTAL_URL][0],
        "attempt-01/page-00001.json": service.sent[f"{PAGE_URL}&offset=1&limit=100"][0],
        "attempt-01/page-00002.json": service.sent[f"{PAGE_URL}&offset=101&limit=100"][0],
        "attempt-01/page-00003.json": service.sent[f"{PAGE_URL}&offset=201&limit=100"][0],
        "attempt-01/total-after.json": service.sent[TOTAL_URL][1],
    }
    assert raw.puts[-1] == f"{PREFIX}certificate.json"
    assert Certificate.from_bytes(certificate).counted_records == 250


def test_the_event_says_what_was_done():
    raw, service = MemoryRaw(), Service(records(250))

    event = ingest(service, raw)

    pages = [body for url, bodies in service.sent.items() if url.startswith(PAGE_URL) for body in bodies]
    assert event == {
        "complete": True,
        "certificate_key": f"{PREFIX}certificate.json",
        "certificate_sha256": sha256(raw.objects[f"{PREFIX}certificate.json"].body),
        "pages": 3,
        "records": 250,
        "raw_bytes": sum(map(len, pages)),
        "attempt": 1,
        "http_requests": 5,
        "s3_puts": 6,
        "warnings": [],
    }


def test_the_certificate_holds_the_facts_of_every_page():
    raw, service = MemoryRaw(), Service(records(2), gzipped=True, headers={"etag": '"1"', "set-cookie": "secret"})

    ingest(service, raw)

    (page,) = service.sent[f"{PAGE_URL}&offset=1&limit=100"]
    total, after = service.sent[TOTAL_URL]
    assert json.loads(raw.bodies()["certificate.json"]) == {
        "certificate": 3,
        "dataset": "readings",
        "slot": "2018-01-31T00:00Z",
        "attempt": 1,
        "contract_sha256": dataset().contract_sha256,
        "release": RELEASE,
        "paging": "offset_limit",
        "declared_total": 2,
        "total_key": f"{PREFIX}attempt-01/total.json.gz",
        "total_sha256": sha256(total),
        "total_after_key": f"{PREFIX}attempt-01/total-after.json.gz",
        "total_after_sha256": sha256(after),
        "counted_records": 2,
        "stop_condition": "declared_total_reached",
        "next_place_seen": None,
        "begin_key": None,
        "reached": None,
        "validators": {},
        "pages": [
            {
                "number": 1,
                "key": f"{PREFIX}attempt-01/page-00001.json.gz",
                "sha256": sha256(page),
                "bytes": len(page),
                "records": 2,
                "superseded": False,
                "position": {"offset": "1"},
                "next_position": {"offset": "101"},
                "content_encoding": "gzip",
                "request": f"GET {PAGE_URL}&offset=1&limit=100",
                "request_headers": {"accept-encoding": "gzip"},
                "served_by": "https://service.test",
                "status": 200,
                "response_headers": {
                    "content-encoding": "gzip",
                    "content-length": str(len(page)),
                    "content-type": "application/json",
                    "etag": '"1"',
                },
                "fetched_at": "2018-02-02T03:00:01.000+00:00",
            }
        ],
        "chain_sha256": chain([sha256(page)]),
    }


def test_objects_say_what_they_are():
    raw, service = MemoryRaw(), Service(records(300), cut_last_record, gzipped=True)

    refused(service, raw)

    kinds = {name.split("/")[1].split("-")[0]: kind for name, kind in raw.content_types.items()}
    assert kinds == {
        "total.json.gz": "application/gzip",
        "page": "application/gzip",
        "rejected": "application/octet-stream",
        "abandoned.json": "application/json",
    }


def test_a_declared_total_of_zero_is_certified_without_a_page():
    raw, service = MemoryRaw(), Service([])

    event = ingest(service, raw)

    assert (event["complete"], event["pages"], event["records"], event["http_requests"]) == (True, 0, 0, 1)
    assert sorted(raw.bodies()) == ["attempt-01/total.json", "certificate.json"]


@pytest.mark.parametrize("count", [1, 99, 100, 101, 200])
def test_full_and_partly_full_last_pages_are_both_the_end(count: int):
    event = ingest(Service(records(count)))

    assert (event["complete"], event["records"], event["pages"]) == (True, count, -(-count // 100))


def test_a_certified_slot_asks_nothing_and_writes_nothing():
    raw, service = MemoryRaw(), Service(records(3))
    first = ingest(service, raw)
    asked, puts = len(service.asked), len(raw.puts)

    second = ingest(service, raw)

    assert second == first | {"http_requests": 0, "s3_puts": 0}
    assert (len(service.asked), len(raw.puts)) == (asked, puts)


def test_a_certificate_stands_when_the_contract_changes():
    raw, service = MemoryRaw(), Service(records(3))
    first = ingest(service, raw, page_records=100)

    assert ingest(service, raw, page_records=2) == first | {"http_requests": 0, "s3_puts": 0}


def test_a_certificate_that_does_not_hold_is_refused_and_named():
    raw, service = MemoryRaw(), Service(records(3))
    ingest(service, raw)
    stored = raw.objects[f"{PREFIX}certificate.json"]
    forged = stored.body.replace(b'"declared_total": 3', b'"declared_total": 4')
    raw.objects[f"{PREFIX}certificate.json"] = RawObject(forged, {})

    with pytest.raises(IncompleteRun, match=r"certificate\.json: .* declared 4, counted 3, found 3 in the pages"):
        ingest(service, raw)


def test_a_call_that_runs_out_of_time_says_how_far_it_came():
    raw, service = MemoryRaw(), Service(records(250))

    event = ingest(service, raw, seconds=21.9)  # a request of 2 s and 20 s for storing no longer fit

    assert (event["complete"], event["certificate_key"], event["certificate_sha256"]) == (False, None, None)
    assert (event["pages"], event["records"], event["http_requests"], event["s3_puts"]) == (0, 0, 1, 1)


def test_calls_without_enough_time_still_come_to_the_end_one_request_each():
    raw, service = MemoryRaw(), Service(records(250))

    events = [ingest(service, raw, seconds=1) for _ in range(5)]

    assert [e["pages"] for e in events] == [0, 1, 2, 3, 3]
    assert [e["complete"] for e in events] == [False, False, False, False, True]
    assert [e["http_requests"] for e in events] == [1, 1, 1, 1, 1]


def test_a_request_may_last_as_long_as_the_contract_says_and_all_tries_as_long_as_the_call_has():
    service = Service(records(1))

    ingest(service, seconds=100)

    assert {(b.body_bytes, b.answer_seconds, b.total_seconds) for b in service.bounds} == {(1_000_000, 2, 80.0)}


def cut_last_record(page: int, document: dict[str, Any]) -> dict[str, Any]:
    if page != 3:
        return document
    return {"meta": {"count": 99}, "items": document["items"][:-1]}


def test_declares_300_sends_299():
    raw = MemoryRaw()

    message = refused(Service(records(300), cut_last_record), raw)

    (evidence,) = [key for key in raw.objects if "/rejected/" in key]
    assert message == (
        "readings 2018-01-31T00:00Z attempt 1 page-00003: declared 300, found 299 with this page: expected 100 records "
        "in it, found 99; the service caps its pages below source.paging.page_records, or its data changed while it "
        f"was read; the body is kept at {evidence}; "
        "attempt 1 is abandoned: run the slot again to start the next"
    )


def test_the_body_that_failed_is_kept_as_evidence_and_the_attempt_is_marked():
    raw, service = MemoryRaw(), Service(records(300), cut_last_record)

    message = refused(service, raw)

    (bad,) = service.sent[f"{PAGE_URL}&offset=201&limit=100"]
    stored = raw.bodies()
    assert sorted(stored) == [
        "attempt-01/abandoned.json",
        "attempt-01/page-00001.json",
        "attempt-01/page-00002.json",
        f"attempt-01/rejected/page-00003-{sha256(bad)[:12]}.bin",
        "attempt-01/total.json",
    ]
    assert stored[f"attempt-01/rejected/page-00003-{sha256(bad)[:12]}.bin"] == bad
    mark = json.loads(stored["attempt-01/abandoned.json"])
    assert message.startswith(mark.pop("message"))
    assert mark == {
        "attempt": 1,
        "abandoned_at": "2018-02-02T03:00:06.000+00:00",
        "error": "IncompleteRun",
        "facts": {
            "dataset": "readings",
            "slot": "2018-01-31T00:00Z",
            "attempt": 1,
            "object": "page-00003",
            "declared": 300,
            "found": 299,
            "evidence_key": f"{PREFIX}attempt-01/rejected/page-00003-{sha256(bad)[:12]}.bin",
            "request": f"GET {PAGE_URL}&offset=201&limit=100",
        },
    }


LIES = {
    "an empty page before the end": (
        lambda page, doc: {"meta": {"count": 0}, "items": []} if page == 2 else doc,
        "page-00002: declared 250, found 100 with this page: expected 100 records in it, found 0",
    ),
    "more than declared": (
        lambda page, doc: {"count": 249} if page == 0 else doc,
        "page-00003: declared 249, found 250 with this page: expected 49 records in it, found 50",
    ),
    "a page of more than was asked for": (
        lambda page, doc: {"meta": {"count": 101}, "items": [*doc["items"], {"id": "x"}]} if page == 2 else doc,
        "page-00002: asked for at most 100 records (limit), found 101",
    ),
    "a page that declares another count than it has": (
        lambda page, doc: doc | {"meta": {"count": 99}} if page == 2 else doc,
        "page-00002: the page declares 99 records ($.meta.count), found 100 ($.items)",
    ),
    "a page without its count": (
        lambda page, doc: {"items": doc["items"]} if page == 2 else doc,
        "page-00002: expected a value at $.meta.count, found no 'meta' in the object at $",
    ),
    "a page without records": (
        lambda page, doc: {"meta": {"count": 100}} if page == 2 else doc,
        "page-00002: expected a value at $.items, found no 'items' in the object at $",
    ),
    "a page again, with another time of day": (
        lambda page, doc: doc | {"items": records(100)} if page == 2 else doc,
        "page-00002: expected other records than before, found the 100 records of page 1 again",
    ),
    "half a JSON": (
        lambda page, doc: json.dumps(doc).encode()[:1000] if page == 2 else doc,
        "page-00002: expected JSON, found 1000 bytes (content type 'application/json') that stop in the middle",
    ),
    "HTML with status 200": (
        lambda page, doc: b"<html>maintenance</html>" if page == 1 else doc,
        "page-00001: expected JSON, found 24 bytes (content type 'application/json') that are not JSON, from byte 0",
    ),
    "a total that is a word": (
        lambda page, doc: {"count": "250"} if page == 0 else doc,
        "total: expected a whole number at $.count, found a string",
    ),
}


@pytest.mark.parametrize("name", LIES)
def test_what_does_not_add_up_is_not_certified_and_says_where(name: str):
    lie, expected = LIES[name]
    raw = MemoryRaw()

    message = refused(Service(records(250), lie), raw)

    assert message.startswith(f"readings 2018-01-31T00:00Z attempt 1 {expected}")
    assert len([key for key in raw.objects if "/rejected/" in key]) == 1


def test_an_answer_without_a_body_is_an_empty_page():
    raw, service = MemoryRaw(), Service(records(250))
    service.lie = lambda page, doc: setattr(service, "status", 204 if page == 3 else 200) or (b"" if page == 3 else doc)

    message = refused(service, raw)

    assert "page-00003: declared 250, found 200 with this page: expected 50 records in it, found 0" in message


def test_a_record_that_slips_in_before_the_pages_are_read_is_noticed_although_the_count_is_right():
    """Inserted first, it moves every record by one: the last of a page comes again, and the very last never comes."""
    raw, service = MemoryRaw(), Service(records(200))

    def insert(page: int, document: dict[str, Any]) -> dict[str, Any]:
        if page == 1:
            service.records = [{"id": "late", "t": 1_517_356_800}, *service.records]
        return document

    service.lie = insert

    message = refused(service, raw)

    assert "total-after: declared 200 before the first page, found 201 declared after the last" in message


def test_after_a_failed_proof_the_next_call_begins_another_attempt_and_leaves_the_first_alone():
    raw, service = MemoryRaw(), Service(records(300), cut_last_record)
    refused(service, raw)
    before = raw.bodies()
    service.lie = lambda _page, document: document

    event = ingest(service, raw)

    after = raw.bodies()
    assert (event["complete"], event["attempt"], event["pages"], event["http_requests"]) == (True, 2, 3, 5)
    assert {name: after[name] for name in before} == before
    assert sorted(after.keys() - before.keys()) == [
        "attempt-02/page-00001.json",
        "attempt-02/page-00002.json",
        "attempt-02/page-00003.json",
        "attempt-02/total-after.json",
        "attempt-02/total.json",
        "certificate.json",
    ]
    assert Certificate.from_bytes(after["certificate.json"]).attempt == 2


def test_two_calls_that_give_up_one_attempt_both_say_why_and_the_first_reason_stays():
    raw, service = MemoryRaw(), Service(records(300), cut_last_record)
    rival = MemoryRaw()
    refused(service, rival)
    mark = f"{PREFIX}attempt-01/abandoned.json"

    def rival_was_faster(page: int, document: dict[str, Any]) -> dict[str, Any]:
        if page == 3:
            raw.objects[mark] = rival.objects[mark]
        return cut_last_record(page, document)

    service.lie = rival_was_faster

    assert "declared 300, found 299" in refused(service, raw)
    assert raw.objects[mark] == rival.objects[mark]


def test_an_attempt_goes_on_after_its_stored_pages_with_its_stored_total():
    raw, service = MemoryRaw(), Service(records(250))
    for _ in range(3):
        ingest(service, raw, seconds=1)
    service.asked.clear()

    event = ingest(service, raw)

    assert (event["complete"], event["http_requests"], event["s3_puts"]) == (True, 2, 3)
    assert service.asked == [f"{PAGE_URL}&offset=201&limit=100", TOTAL_URL]


def test_an_attempt_that_another_contract_began_is_given_up_and_the_call_goes_on_with_the_next():
    raw, service = MemoryRaw(), Service(records(250))
    for _ in range(2):
        ingest(service, raw, page_records=100, seconds=1)

    event = ingest(service, raw, page_records=125)

    mark = json.loads(raw.bodies()["attempt-01/abandoned.json"])
    assert mark == {
        "attempt": 1,
        "reason": f"begun by the contract with sha256 {dataset(100).contract_sha256}, "
        f"which is now {dataset(125).contract_sha256}",
        "abandoned_at": "2018-02-02T03:00:00.000+00:00",
    }
    assert (event["complete"], event["attempt"], event["pages"]) == (True, 2, 2)


def changed(raw: MemoryRaw, name: str, body: bytes | None = None, **metadata: str) -> None:
    """Change what raw holds, as nobody may."""
    stored = raw.objects[PREFIX + name]
    raw.objects[PREFIX + name] = RawObject(stored.body if body is None else body, {**stored.metadata, **metadata})


def half_done() -> tuple[MemoryRaw, Service]:
    """Total and two of three pages are stored."""
    raw, service = MemoryRaw(), Service(records(250))
    for _ in range(3):
        ingest(service, raw, seconds=1)
    return raw, service


def test_a_stored_page_with_other_bytes_is_not_certified():
    raw, service = half_done()
    changed(raw, "attempt-01/page-00002.json", b"{}")

    assert f"page-00002: expected bytes with sha256 {sha256(service.sent[f'{PAGE_URL}&offset=101&limit=100'][0])}" in (
        refused(service, raw)
    )


def test_a_stored_page_that_answers_another_request_is_not_certified():
    raw, service = half_done()
    changed(raw, "attempt-01/page-00002.json", request="GET https://service.test/other")

    assert "found that to GET https://service.test/other" in refused(service, raw)


def test_a_stored_page_without_a_receipt_is_not_certified():
    raw, service = half_done()
    raw.objects[f"{PREFIX}attempt-01/page-00002.json"] = RawObject(b"{}", {})

    assert "page-00002: expected an object with the receipt of its answer, found one without" in refused(service, raw)


def test_two_objects_for_one_page_are_not_certified():
    raw, service = half_done()
    raw.objects[f"{PREFIX}attempt-01/page-00002.json.gz"] = raw.objects[f"{PREFIX}attempt-01/page-00002.json"]

    assert "page-00002: expected one object, found" in refused(service, raw)


def test_pages_without_a_total_are_not_certified():
    raw, service = half_done()
    del raw.objects[f"{PREFIX}attempt-01/total.json"]

    assert "found 2 page(s) and no total" in refused(service, raw)


def test_a_page_beyond_the_last_is_not_certified():
    raw, service = half_done()
    raw.objects[f"{PREFIX}attempt-01/page-00004.json"] = raw.objects[f"{PREFIX}attempt-01/page-00002.json"]

    assert f"expected pages 1 to 3 in {PREFIX}attempt-01/, found page 4 as well" in refused(service, raw)


def test_other_bytes_under_a_pages_name_are_a_conflict_and_the_next_call_takes_what_raw_holds():
    """Two runs of one slot at once: the first put of a page is the page."""
    raw, service = half_done()
    rival = MemoryRaw(dict(raw.objects))
    ingest(service, rival, seconds=1)

    def store_first(page: int, document: dict[str, Any]) -> dict[str, Any]:
        raw.objects[f"{PREFIX}attempt-01/page-00003.json"] = rival.objects[f"{PREFIX}attempt-01/page-00003.json"]
        return document

    service.lie = store_first
    with pytest.raises(RawConflict, match="readings 2018-01-31T00:00Z attempt 1 page-00003: "):
        ingest(service, raw)

    assert ingest(service, raw)["complete"]
    assert raw.bodies()["attempt-01/page-00003.json"] == rival.objects[f"{PREFIX}attempt-01/page-00003.json"].body


def test_more_records_than_the_contract_allows_pages_for_are_refused_before_the_first_page():
    raw, service = MemoryRaw(), Service(records(101))

    with pytest.raises(UpstreamRefused, match="declared 101 records, which is more than 50 pages of 2"):
        ingest(service, raw, page_records=2)

    assert len(service.asked) == 1


def test_a_page_that_grows_too_large_when_decoded_is_refused_with_its_evidence_and_the_attempt_stands():
    raw = MemoryRaw()
    service = Service(records(250), lambda page, doc: b" " * 2_000_000 if page == 2 else doc, gzipped=True)

    with pytest.raises(
        UpstreamRefused,
        match=r"(at most 1000000 bytes once decoded|grow at most 200 times), found more.*the body is kept at",
    ):
        ingest(service, raw)

    assert [key for key in raw.objects if "abandoned" in key] == []
    service.lie = lambda _page, document: document
    assert ingest(service, raw)["attempt"] == 1


def test_an_encoding_that_was_not_offered_is_refused():
    with pytest.raises(
        UpstreamRefused,
        match="total: expected a body as it is, or in gzip, deflate or zstd, found Content-Encoding 'br'",
    ):
        ingest(Service(records(1), headers={"content-encoding": "br"}))


def test_slots_do_not_see_each_others_objects():
    raw, service = MemoryRaw(), Service(records(3))
    ingest(service, raw)
    other = type(DAY)(datetime(2018, 2, 1, tzinfo=UTC))

    event = ingest_slot(dataset(), other, deps(raw, service), plenty).as_event()

    assert event["certificate_key"] == "readings/slot=20180201T0000Z/certificate.json"
    assert (event["attempt"], event["http_requests"]) == (1, 3)


@pytest.mark.parametrize("day", [date(2018, 2, 2), date(2030, 1, 1)])
def test_a_slot_that_is_not_over_is_refused_and_nothing_is_asked_or_written(day: date) -> None:
    raw, service = MemoryRaw(), Service(records(3))
    slot = Slot(datetime(day.year, day.month, day.day, tzinfo=UTC))

    with pytest.raises(SlotInvalid, match="expected a slot that is over, found"):
        ingest_slot(dataset(), slot, deps(raw, service), lambda: 900.0)

    assert (raw.puts, service.asked) == ([], [])
