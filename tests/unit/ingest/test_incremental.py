"""What changed since, and conditions: the state lies in certificates, and a run that fails leaves it as it was."""

import hashlib
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from ingest_world import RELEASE, MemoryRaw, clock
from paged_service import JSON, NONE, Source

from lakeward.certificate import Certificate
from lakeward.errors import IncompleteRun
from lakeward.ingest import Deps, ingest_slot
from lakeward.ingest.verify import verify_slot
from lakeward.ports.raw import RawObject
from lakeward.ports.upstream import Answer, Bounds, Request
from lakeward.slot import Slot

FIRST = Slot(datetime(2018, 1, 31, tzinfo=UTC))
STOP = "  stop: {when: only_page}"
SINCE = "  incremental: {param: since, at: $.t, value: epoch_seconds, initial: '0'}"


def late_clock() -> Callable[[], datetime]:
    """A clock that moves, when all of these slots are over."""
    ticks = clock()
    return lambda: ticks() + timedelta(days=30)


def slot(number: int) -> Slot:
    return Slot(FIRST.start + timedelta(days=number))


@dataclass
class Service:
    """Readings after ``since``; an ETag that a condition may name."""

    items: list[dict[str, object]] = field(default_factory=list)
    etag: str = '"1"'
    asked: list[str] = field(default_factory=list)
    conditions: list[str | None] = field(default_factory=list)
    body: bytes | None = None

    @contextmanager
    def get(self, request: Request, _bounds: Bounds) -> Iterator[Answer]:
        query = dict(parse_qsl(urlsplit(request.url).query))
        self.asked.append(query.get("since", "nothing"))
        self.conditions.append(request.headers.get("If-None-Match"))
        status = 304 if self.conditions[-1] == self.etag else 200
        items = [item for item in self.items if int(str(item["t"])) > int(query.get("since", "-1"))]
        body = b"" if status == 304 else self.body or json.dumps({"items": items}).encode()
        digest = hashlib.sha256(body).hexdigest()
        headers = {"content-type": "application/json", "etag": self.etag}
        yield Answer(status, headers, io.BytesIO(body), len(body), digest, "https://service.test", 1)


def run(service: Service, raw: MemoryRaw, number: int, *parts: str) -> Certificate:
    dataset = Source("since", "\n".join([NONE, STOP, JSON, *parts])).dataset()
    ingest_slot(dataset, slot(number), Deps(raw, service, late_clock(), RELEASE), lambda: 900.0)
    assert verify_slot(dataset, slot(number), raw).proved
    return Certificate.from_bytes(raw.objects[f"readings/slot={slot(number).key}/certificate.json"].body)


def test_each_run_goes_on_where_the_one_before_ended():
    raw, service = MemoryRaw(), Service([{"id": 1, "t": 10}, {"id": 2, "t": 30}])

    reached = [run(service, raw, 0, SINCE).reached]
    service.items.append({"id": 3, "t": 40})
    reached.append(run(service, raw, 1, SINCE).reached)
    reached.append(run(service, raw, 2, SINCE).reached)

    assert (service.asked, reached) == (["0", "30", "40"], ["30", "40", "40"])


def test_a_run_that_fails_leaves_the_state_as_it_was():
    raw, service = MemoryRaw(), Service([{"id": 1, "t": 10}])
    run(service, raw, 0, SINCE)
    service.body = b'{"items": [{"id": 2}]}'

    with pytest.raises(IncompleteRun, match=r"expected a value at \$\.t in every record"):
        run(service, raw, 1, SINCE)
    service.body = None
    run(service, raw, 2, SINCE)

    assert service.asked == ["0", "10", "10"]


def test_an_old_slot_that_is_run_late_asks_from_its_own_past():
    raw, service = MemoryRaw(), Service([{"id": 1, "t": 10}])
    run(service, raw, 0, SINCE)
    service.items.append({"id": 2, "t": 99})
    run(service, raw, 5, SINCE)

    run(service, raw, 3, SINCE)

    assert service.asked == ["0", "10", "10"]


def test_a_run_may_look_back():
    raw, service = MemoryRaw(), Service([{"id": 1, "t": 1000}])
    lookback = SINCE.replace("'0'", "'0', lookback_seconds: 60")
    run(service, raw, 0, lookback)

    run(service, raw, 1, lookback)

    assert service.asked == ["0", "940"]


def test_what_a_run_begins_from_is_fixed_before_its_first_question():
    raw, service = MemoryRaw(), Service([{"id": 1, "t": 10}])
    run(service, raw, 0, SINCE)

    run(service, raw, 1, SINCE)

    begun = json.loads(raw.objects[f"readings/slot={slot(1).key}/attempt-01/begin.json"].body)
    key = f"readings/slot={slot(0).key}/certificate.json"
    digest = hashlib.sha256(raw.objects[key].body).hexdigest()
    assert begun == {"since": "10", "reached": "10", "conditions": {}, "after": key, "after_sha256": digest}
    assert raw.puts[-3:] == [
        f"readings/slot={slot(1).key}/{name}"
        for name in ("attempt-01/begin.json", "attempt-01/page-00001.json", "certificate.json")
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("since", "9"),
        ("since", None),
        ("reached", "9"),
        ("after", None),
        ("after_sha256", "0" * 64),
        ("after", "x.json"),
    ],
)
def test_what_a_run_began_from_cannot_be_changed_unnoticed(name: str, value: object):
    raw, service = MemoryRaw(), Service([{"id": 1, "t": 10}])
    run(service, raw, 0, SINCE)
    run(service, raw, 1, SINCE)
    key = f"readings/slot={slot(1).key}/attempt-01/begin.json"
    begun = json.loads(raw.objects[key].body)
    raw.objects[key] = RawObject(json.dumps(begun | {name: value}, indent=2, sort_keys=True).encode() + b"\n", {})

    with pytest.raises(IncompleteRun, match=r"begin.json: expected what follows from"):
        verify_slot(Source("since", f"{NONE}\n{STOP}\n{JSON}\n{SINCE}").dataset(), slot(1), raw)


def test_a_certificate_that_a_run_began_from_cannot_be_changed_unnoticed_by_that_run():
    raw, service = MemoryRaw(), Service([{"id": 1, "t": 10}])
    run(service, raw, 0, SINCE)
    run(service, raw, 1, SINCE)
    key = f"readings/slot={slot(0).key}/certificate.json"
    raw.objects[key] = RawObject(raw.objects[key].body.replace(b'"release": "e', b'"release": "f'), {})

    with pytest.raises(IncompleteRun, match=r"begin.json: expected what follows from"):
        verify_slot(Source("since", f"{NONE}\n{STOP}\n{JSON}\n{SINCE}").dataset(), slot(1), raw)


def conditional(service: Service, raw: MemoryRaw, number: int) -> Certificate:
    dataset = Source("condition", f"{NONE}\n{STOP}\n{JSON}").dataset(
        lambda text: text.replace("concurrency: 1", "concurrency: 1, conditional: true")
    )
    ingest_slot(dataset, slot(number), Deps(raw, service, late_clock(), RELEASE), lambda: 900.0)
    assert verify_slot(dataset, slot(number), raw).proved
    return Certificate.from_bytes(raw.objects[f"readings/slot={slot(number).key}/certificate.json"].body)


def test_an_answer_that_nothing_changed_is_a_certified_empty_run():
    raw, service = MemoryRaw(), Service([{"id": 1, "t": 10}])

    found = [conditional(service, raw, number) for number in range(3)]
    service.etag = '"2"'
    found.append(conditional(service, raw, 3))

    assert [(c.stop_condition, c.counted_records) for c in found] == [
        ("only_page", 1),
        ("not_modified", 0),
        ("not_modified", 0),
        ("only_page", 1),
    ]
    assert service.conditions == [None, '"1"', '"1"', '"1"']
    assert [c.validators for c in found] == [{"etag": '"1"'}] * 3 + [{"etag": '"2"'}]
