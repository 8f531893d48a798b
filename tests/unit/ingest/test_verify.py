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
    for name in ("paging", "next_place_seen", "begin_key", "reached", "validators"):
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


@EACH
def test_a_certificate_of_version_2_is_proved_as_it_was_written(source: Source):
    raw, key = certified(source), f"{PREFIX}certificate.json"
    document = json.loads(raw.objects[key].body)
    del document["next_place_seen"]
    old = json.dumps(document | {"certificate": 2}, indent=2).encode() + b"\n"
    raw.objects[key] = RawObject(old, {})

    found = verify_slot(source.dataset(), DAY, raw)

    assert (found.proved, found.certificate_sha256) == (True, hashlib.sha256(old).hexdigest())


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


TAMPERED = [
    SOURCES[name]
    for name in ("offset, total asked", "link header, csv, gzip", "keyset, total in header", "time windows")
]
EACH_TAMPERED = pytest.mark.parametrize("source", TAMPERED, ids=lambda s: s.name)


def holds(source: Source, raw: MemoryRaw) -> bool:
    """Whether a certificate is still taken for good."""
    try:
        return verify_slot(source.dataset(), DAY, raw).proved
    except IncompleteRun:
        return False


@EACH_TAMPERED
def test_no_byte_of_any_object_can_be_changed_unnoticed(source: Source):
    raw = certified(source)
    passed = []
    for key, stored in raw.objects.items():
        for at in {0, len(stored.body) // 3, len(stored.body) // 2, len(stored.body) - 2}:
            body = bytearray(stored.body)
            body[at] ^= 0x01
            if holds(source, MemoryRaw({**raw.objects, key: RawObject(bytes(body), stored.metadata)})):
                passed.append((key, at))
    assert (passed, holds(source, raw)) == ([], True)


@EACH_TAMPERED
def test_no_fact_beside_a_page_can_be_changed_or_left_out_unnoticed(source: Source):
    raw = certified(source)
    passed = []
    for key, stored in raw.objects.items():
        for name, value in stored.metadata.items() if "page-" in key else ():
            others = {k: v for k, v in stored.metadata.items() if k != name}
            changed = value.replace("2", "3", 1) if "2" in value else f"{value}x"
            worlds = ({**raw.objects, key: RawObject(stored.body, m)} for m in ({**others, name: changed}, others))
            passed += [(key, name) for world in worlds if holds(source, MemoryRaw(world))]
    assert passed == []


@EACH_TAMPERED
def test_no_object_can_be_left_out_put_in_anothers_place_or_added_unnoticed(source: Source):
    raw = certified(source)
    keys = [key for key in raw.objects if "certificate" not in key]
    worlds = [{k: v for k, v in raw.objects.items() if k != key} for key in keys]
    worlds += [{**raw.objects, one: raw.objects[other]} for one in keys for other in keys if differ(raw, one, other)]
    page = raw.objects[next(key for key in keys if "page-00002" in key)]
    for number in ("00004", "00099"):
        worlds.append({**raw.objects, f"{PREFIX}attempt-01/page-{number}.json": page})
    worlds.append({**raw.objects, f"{PREFIX}attempt-01/page-00002.csv.zst": page})

    assert [len(world) for world in worlds if holds(source, MemoryRaw(world))] == []


def differ(raw: MemoryRaw, one: str, other: str) -> bool:
    """The total asked before and after is the same answer to the same question: either may stand for the other."""
    return raw.objects[one].body != raw.objects[other].body


def leaves(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """Paths of all values of a document that hold no others."""
    if isinstance(value, dict):
        return [leaf for name, inner in value.items() for leaf in leaves(inner, (*path, name))]
    if isinstance(value, list):
        return [leaf for at, inner in enumerate(value) for leaf in leaves(inner, (*path, at))]
    return [path]


@EACH_TAMPERED
def test_no_value_of_a_certificate_can_be_changed_or_left_out_unnoticed_but_the_release(source: Source):
    """Which release ran is what the certificate alone says."""
    raw, key = certified(source), f"{PREFIX}certificate.json"
    stored = raw.objects[key].body
    assert written(json.loads(stored)) == stored
    passed = set()
    for path in leaves(json.loads(stored)):
        for change in ("changed", "left out"):
            document = json.loads(stored)
            place = document
            for step in path[:-1]:
                place = place[step]
            if change == "left out":
                del place[path[-1]]
            else:
                place[path[-1]] = other_than(place[path[-1]])
            body = written(document)
            if holds(source, MemoryRaw({**raw.objects, key: RawObject(body, {})})):
                passed.add((change, path))
    assert passed == {("changed", ("release",))}


def written(document: object) -> bytes:
    """As certificates are."""
    return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"


def other_than(value: object) -> object:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return "f" * 64 if isinstance(value, str) and len(value) == 64 else f"{value}x"
