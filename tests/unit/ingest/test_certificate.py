"""A certificate whose numbers do not add up cannot be made, and cannot be read."""

import json
from typing import Any

import pytest
from ingest_world import DAY, PREFIX, MemoryRaw, Service, dataset, deps, plenty, records
from pydantic import ValidationError

from lakeward.certificate import Certificate, chain
from lakeward.errors import IncompleteRun
from lakeward.ingest import ingest_slot


def certificate() -> dict[str, Any]:
    """That of three records in two pages."""
    raw = MemoryRaw()
    ingest_slot(dataset(2), DAY, deps(raw, Service(records(3))), plenty)
    return json.loads(raw.objects[f"{PREFIX}certificate.json"].body)


def test_a_certificate_that_holds_is_read_as_it_was_written():
    stored = Certificate.model_validate(certificate()).to_bytes()

    assert Certificate.from_bytes(stored).to_bytes() == stored


FORGERIES = {
    "a page is missing": ({"pages": lambda pages: pages[:1]}, "declared 3, counted 3, found 2 in the pages"),
    "pages are swapped": ({"pages": lambda pages: pages[::-1]}, "expected pages 1 to 2, found [2, 1]"),
    "more is declared": ({"declared_total": lambda n: n + 1}, "declared 4, counted 3, found 3 in the pages"),
    "the chain is another": ({"chain_sha256": lambda _: chain([])}, "expected chain_sha256 over the pages' digests"),
    "the total was not asked again": ({"total_after_key": lambda _: None}, "asked again after the last page"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_certificate_that_does_not_hold_is_refused(name: str):
    changes, reason = FORGERIES[name]
    forged = certificate()
    for field, change in changes.items():
        forged[field] = change(forged[field])

    with pytest.raises(ValidationError):
        Certificate.model_validate(forged)
    with pytest.raises(IncompleteRun) as refused:
        Certificate.from_bytes(json.dumps(forged).encode())

    assert reason in refused.value.message


@pytest.mark.parametrize(
    ("request_line", "served_by", "stand_ins"),
    [
        ("GET https://service.test/items?page=1", "https://service.test", []),
        ("GET https://former.test/items", "https://former.test", []),
        ("GET https://service.test/items", "https://files.test", []),
        ("sha256:" + "0" * 64, "https://service.test", []),
        ("GET https://service.test/items", "http://127.0.0.1:8080", ["http://127.0.0.1:8080"]),
        ("GET https://service.test/items", "http://service.test", ["http://service.test"]),
        ("GET https://service.test/items", "https://mock.test", ["https://mock.test"]),
        ("GET https://service.test.mock/items", "https://service.tes", ["https://service.tes"]),
    ],
    ids=[
        "the service itself",
        "the host of an older contract",
        "a redirect to a host of the contract",
        "the service, where the request is a digest",
        "a replay on this machine",
        "the service's name without TLS",
        "another host over TLS",
        "a host that begins the same",
    ],
)
def test_it_says_who_answered_in_the_place_of_the_service(request_line: str, served_by: str, stand_ins: list[str]):
    found = certificate()
    for page in found["pages"]:
        page |= {"request": request_line, "served_by": served_by}

    assert Certificate.model_validate(found).stand_ins({"service.test", "files.test"}) == stand_ins


def test_what_is_no_certificate_at_all_is_refused():
    with pytest.raises(IncompleteRun, match="expected a certificate that holds"):
        Certificate.from_bytes(b'{"rows": 3}')
