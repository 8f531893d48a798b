"""Answers that are masked on their way in: whole for ingest, in every format, with nothing personal left."""

import gzip
import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from sample_world import CSV, JSON, KEY, NDJSON, contract

from lakeward.contract import Contract
from lakeward.errors import ContractInvalid
from lakeward.ports.upstream import Answer, Bounds, Request
from lakeward.sampling import MaskingUpstream

NAME = "name: full_name, type: string, at: $.name, personal: redact, pattern: '[A-Z][a-z]+ [A-Z][a-z]+'"
BOUNDS = Bounds(1_000_000, 1.0, 1.0)
URL = "https://service.test/people"
LINE = '{"id":"p1","version":1.0,"day":"2024-03-01","name":"Ann Lee","more":"Ann Lee"}'
MASKED = '{"id":"p1","version":1.0,"day":"2024-03-01","name":"Hyg Hax"}'
COMMAS = "id,more,version,day,name\np1,x,1,2024-03-01,Ann Lee\n"


@dataclass
class Recorded:
    """Answers with one body."""

    body: bytes
    headers: dict[str, str]
    status: int = 200

    @contextmanager
    def get(self, _request: Request, _bounds: Bounds) -> Iterator[Answer]:
        digest = hashlib.sha256(self.body).hexdigest()
        headers = {"content-length": str(len(self.body)), **self.headers}
        yield Answer(self.status, headers, io.BytesIO(self.body), len(self.body), digest, "https://service.test", 1)


def answered(of: Contract, body: bytes, url: str = URL, status: int = 200, **headers: str) -> tuple[bytes, Answer]:
    """What ingest gets."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    with MaskingUpstream(of, Recorded(body, told, status), KEY).get(Request(url, {}), BOUNDS) as answer:
        return answer.body.read(), answer


@pytest.mark.parametrize(
    ("records", "body", "expected"),
    [
        (JSON, f'{{"meta": {{"next":1.50}}, "items": [{LINE}]}}', f'{{"meta":{{"next":1.50}},"items":[{MASKED}]}}'),
        ("{format: json, at: $}", f"[{LINE}]", f"[{MASKED}]"),
        ("{format: json, at: $.a.b}", f'{{"a":{{"b":[{LINE}],"c":1}}}}', f'{{"a":{{"b":[{MASKED}],"c":1}}}}'),
        (JSON, '{"message":"none"}', '{"message":"none"}'),
        (NDJSON, f"{LINE}\n{LINE}\n", f"{MASKED}\n{MASKED}\n"),
        (CSV, COMMAS, "id,version,day,name\np1,1,2024-03-01,Hyg Hax\n"),
        (CSV, COMMAS.partition("\n")[0] + "\n", "id,version,day,name\n"),
    ],
)
@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_records_are_masked_and_what_stands_around_them_stays(records: str, body: str, expected: str, encoding: str):
    wire = gzip.compress(body.encode()) if encoding else body.encode()

    found, answer = answered(contract(NAME, records=records), wire, content_encoding=encoding)

    assert found.decode() == expected
    assert answer.body_bytes == len(found)
    assert answer.sha256 == hashlib.sha256(found).hexdigest()
    assert answer.headers == {"content-length": str(len(found))}
    assert (answer.status, answer.served_by) == (200, "https://service.test")


def test_a_file_that_is_compressed_is_compressed_again():
    of = contract(NAME, records="{format: ndjson, compression: gzip}")

    found, _ = answered(of, gzip.compress(f"{LINE}\n".encode()))

    assert gzip.decompress(found).decode() == f"{MASKED}\n"


def test_texts_stay_in_their_encoding():
    of = contract(NAME, records="{format: csv, text_encoding: windows-1252}")

    found, _ = answered(of, "id,version,day,name\nKöln,1,2024-03-01,Ann Lee\n".encode("windows-1252"))

    assert found.decode("windows-1252") == "id,version,day,name\nKöln,1,2024-03-01,Hyg Hax\n"


@pytest.mark.parametrize(("url", "status"), [("https://service.test/count?x=1", 200), (URL, 204), (URL, 304)])
def test_what_holds_no_records_passes_as_it_is(url: str, status: int):
    stop, total = "stop: {when: short_page}", 'total: {url: "https://service.test/count", at: $.count}'
    of = contract(NAME, edit={stop: total})

    found, answer = answered(of, b'{"count": 1}', url, status, content_encoding="")

    assert found == b'{"count": 1}'
    assert answer.headers["content-encoding"] == ""


def test_a_value_has_the_same_mask_in_every_answer_of_one_seeding():
    masking = MaskingUpstream(contract(NAME, records=NDJSON), Recorded(f"{LINE}\n".encode(), {}), KEY)
    bodies = []
    for _ in range(2):
        with masking.get(Request(URL, {}), BOUNDS) as answer:
            bodies.append(json.loads(answer.body.read()))

    assert bodies[0] == bodies[1]


@pytest.mark.parametrize("wrapping", ["archive_member: '*.csv'", "compression: zstd"])
def test_pages_that_cannot_be_wrapped_again_are_refused(wrapping: str):
    of = contract(NAME, records=f"{{format: csv, {wrapping}}}")

    with pytest.raises(ContractInvalid, match="lakeward dataset sample"):
        MaskingUpstream(of, Recorded(b"", {}), KEY)
