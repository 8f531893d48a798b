"""Kill the ingesting process, for real, at each put and while a page is on the wire; then run the slot again."""

import json
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from ingest_over_http import Served, served
from ingest_world import PREFIX, Service, records
from lying_server import Say, head

from lakeward.adapters.raw_s3 import S3RawStore, raw_client
from lakeward.certificate import Certificate

PROGRAM = Path(__file__).parent.parent / "support" / "ingest_and_die.py"
PUTS = ["total", "page 1", "page 2", "page 3", "total after", "certificate"]


@pytest.fixture
def raw(cloud: str) -> Iterator[S3RawStore]:
    """A versioned bucket, as raw is."""
    client, name = raw_client(), f"raw-{uuid.uuid4()}"
    client.create_bucket(Bucket=name)
    client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    store = S3RawStore(client, name)
    yield store
    written = client.list_object_versions(Bucket=name)
    assert [v["IsLatest"] for v in written["Versions"]] == [True] * len(written["Versions"])  # nothing written twice


def start(raw: S3RawStore, at: Served, moment: str = "never", number: int = 0) -> "subprocess.Popen[bytes]":
    arguments = [raw._bucket, at.server.origin, moment, str(number)]
    return subprocess.Popen([sys.executable, str(PROGRAM), *arguments])


def stored(raw: S3RawStore) -> dict[str, bytes]:
    """What raw holds of the slot."""
    bodies = {}
    for key in raw.keys(PREFIX):
        there = raw.get(key)
        assert there is not None
        bodies[key.removeprefix(PREFIX)] = there.body
    return bodies


def assert_finished(raw: S3RawStore, at: Served) -> None:
    """Certified by one call; the next asks nothing and puts nothing; every record lies in raw once."""
    assert at.ingest(raw).complete
    after, asked = stored(raw), len(at.server.targets)
    again = at.ingest(raw)
    assert (again.complete, again.http_requests, again.s3_puts) == (True, 0, 0)
    assert (stored(raw), len(at.server.targets)) == (after, asked)

    certificate = Certificate.from_bytes(after["certificate.json"])
    bodies = [after[page.key.removeprefix(PREFIX)] for page in certificate.pages]
    assert [item for body in bodies for item in json.loads(body)["items"]] == at.service.records
    for page, body in zip(certificate.pages, bodies, strict=True):
        assert body in at.service.sent[page.request.removeprefix("GET ")]


TOTAL, AFTER, CERTIFICATE = "attempt-01/total.json", "attempt-01/total-after.json", "certificate.json"


def assert_in_order(left: set[str], number: int, moment: str) -> None:
    """Total, pages, total again, certificate: none before all that come before it has been stored.

    Pages are put several at once, so when one of their puts kills, any of them may be there.
    """
    pages = {name for name in left if "page-" in name}
    others = left - pages
    if 2 <= number <= 4:
        assert others == {TOTAL}
        assert len(pages) >= (moment == "after")
    else:
        done = [TOTAL, *["page"] * 3, AFTER, CERTIFICATE][: number - (moment == "before")]
        assert (others, len(pages)) == ({name for name in done if name != "page"}, done.count("page"))


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", range(1, 7), ids=PUTS)
def test_a_process_killed_at_a_put_leaves_nothing_lost_and_nothing_double(
    number: int, moment: str, raw: S3RawStore
) -> None:
    with served(Service(records(250))) as at:  # stamped: what is fetched twice differs, and may not be stored twice
        process = start(raw, at, moment, number)
        assert process.wait(timeout=60) == -signal.SIGKILL
        left = stored(raw)
        assert_in_order(set(left), number, moment)

        assert_finished(raw, at)

        now = stored(raw)
        assert {name: now[name] for name in left} == left
        assert sorted(now) == [
            "attempt-01/page-00001.json",
            "attempt-01/page-00002.json",
            "attempt-01/page-00003.json",
            AFTER,
            TOTAL,
            CERTIFICATE,
        ]


def test_a_process_killed_while_a_page_is_on_the_wire_leaves_nothing_of_it(raw: S3RawStore) -> None:
    half_sent = threading.Event()

    def stall(target: str, body: bytes) -> Say | None:
        if "offset=101" not in target or half_sent.is_set():
            return None

        def say(connection) -> None:  # type: ignore[no-untyped-def]
            connection.sendall(head("200 OK", Content_Length=str(len(body))) + body[: len(body) // 2])
            half_sent.set()
            time.sleep(1)

        return say

    with served(Service(records(250)), stall) as at:
        process = start(raw, at)
        assert half_sent.wait(timeout=60)
        process.kill()
        assert process.wait(timeout=60) == -signal.SIGKILL
        # page 1 is stored while page 2 comes: it may have been kept or not
        assert set(stored(raw)) - {"attempt-01/page-00001.json"} == {"attempt-01/total.json"}

        assert_finished(raw, at)


def test_a_process_that_is_not_killed_certifies(raw: S3RawStore) -> None:
    with served(Service(records(250))) as at:
        assert start(raw, at).wait(timeout=60) == 0
        assert "certificate.json" in stored(raw)

        assert_finished(raw, at)
