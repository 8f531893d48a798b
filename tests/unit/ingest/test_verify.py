"""A certificate checked again from raw alone: it holds, or what was changed is named."""

import hashlib
import json

import pytest
from ingest_world import DAY, PREFIX, RELEASE, MemoryRaw, clock
from jsonschema import Draft202012Validator
from paged_service import SOURCES, MemoryUpstream, PagedService, Source, records

from lakeward.certificate import certificate_schema_text
from lakeward.errors import IncompleteRun
from lakeward.ingest import Deps, ingest_slot
from lakeward.ingest.verify import verify_slot
from lakeward.ports.raw import RawObject

SOURCE = SOURCES["offset, total asked"]
EACH = pytest.mark.parametrize("source", SOURCES.values(), ids=lambda s: s.name)


def certified(source: Source = SOURCE) -> MemoryRaw:
    raw = MemoryRaw()
    deps = Deps(raw, MemoryUpstream(PagedService(source, records(7))), clock(), RELEASE)
    ingest_slot(source.dataset(), DAY, deps, lambda: 900.0)
    return raw


@EACH
def test_a_certificate_follows_from_raw_and_nothing_is_written(source: Source):
    raw = certified(source)
    before = dict(raw.objects)

    found = verify_slot(source.dataset(), DAY, raw)

    stored = raw.objects[f"{PREFIX}certificate.json"].body
    assert (found.proved, found.certificate_sha256) == (True, hashlib.sha256(stored).hexdigest())
    assert raw.objects == before


@EACH
def test_every_certificate_keeps_the_published_schema(source: Source):
    stored = json.loads(certified(source).objects[f"{PREFIX}certificate.json"].body)

    assert list(Draft202012Validator(json.loads(certificate_schema_text())).iter_errors(stored)) == []


def refused(raw: MemoryRaw) -> str:
    with pytest.raises(IncompleteRun) as problem:
        verify_slot(SOURCE.dataset(), DAY, raw)
    return problem.value.message


def test_a_changed_page_is_named():
    raw = certified()
    key = f"{PREFIX}attempt-01/page-00002.json"
    raw.objects[key] = RawObject(b"{}", raw.objects[key].metadata)

    assert refused(raw).startswith(f"{key}: expected sha256 ")


@pytest.mark.parametrize("name", ["page-00003.json", "total.json", "total-after.json"])
def test_a_missing_object_is_named(name: str):
    raw = certified()
    del raw.objects[f"{PREFIX}attempt-01/{name}"]

    assert f"{PREFIX}attempt-01/{name}: expected sha256 " in refused(raw)


def test_a_certificate_that_says_what_raw_does_not_is_refused():
    raw = certified()
    key = f"{PREFIX}certificate.json"
    forged = raw.objects[key].body.replace(
        b"https://service.test/readings?offset=3", b"https://service.test/readings?offset=9"
    )
    raw.objects[key] = RawObject(forged, {})

    assert f"expected the certificate at {key} to follow from raw, found that another one does" in refused(raw)


def test_a_page_beyond_the_last_is_refused():
    raw = certified()
    raw.objects[f"{PREFIX}attempt-01/page-00004.json"] = raw.objects[f"{PREFIX}attempt-01/page-00001.json"]

    assert "found page 4 as well" in refused(raw)


def test_a_refusal_does_not_say_that_an_attempt_was_given_up_because_none_was():
    raw = certified()
    raw.objects[f"{PREFIX}attempt-01/page-00004.json"] = raw.objects[f"{PREFIX}attempt-01/page-00001.json"]
    before = dict(raw.objects)

    assert "abandoned" not in refused(raw)
    assert raw.objects == before


def version_1(stored: bytes) -> bytes:
    """A certificate as it was written before pages said where they stand."""
    document = json.loads(stored)
    for name in ("paging", "begin_key", "reached", "validators"):
        del document[name]
    for page in document["pages"]:
        for name in ("superseded", "position", "next_position", "request_headers"):
            del page[name]
    return json.dumps(document | {"certificate": 1}, indent=2).encode() + b"\n"


def test_a_certificate_of_version_1_still_completes_its_slot_and_is_held_against_its_digests():
    raw, key = certified(), f"{PREFIX}certificate.json"
    old = version_1(raw.objects[key].body)
    raw.objects[key] = RawObject(old, {})
    nobody = MemoryUpstream(PagedService(SOURCE, []))

    found = verify_slot(SOURCE.dataset(), DAY, raw)
    progress = ingest_slot(SOURCE.dataset(), DAY, Deps(raw, nobody, clock(), RELEASE), lambda: 900.0)

    digest = hashlib.sha256(old).hexdigest()
    assert (found.certificate.certificate, found.proved, found.certificate_sha256) == (1, False, digest)
    assert (progress.complete, progress.certificate_sha256, progress.records) == (True, digest, 7)


def test_a_changed_page_under_a_certificate_of_version_1_is_named():
    raw, key = certified(), f"{PREFIX}certificate.json"
    raw.objects[key] = RawObject(version_1(raw.objects[key].body), {})
    page = f"{PREFIX}attempt-01/page-00002.json"
    raw.objects[page] = RawObject(b"{}", raw.objects[page].metadata)

    assert refused(raw).startswith(f"{page}: expected sha256 ")


def test_a_slot_without_a_certificate_is_not_complete():
    raw = certified()
    del raw.objects[f"{PREFIX}certificate.json"]

    assert "found none: the slot is not complete" in refused(raw)


def test_under_another_contract_the_digests_are_checked_and_it_is_said():
    raw = certified()

    found = verify_slot(SOURCE.dataset(lambda text: text.replace("page_records: 3", "page_records: 5")), DAY, raw)

    assert not found.proved
