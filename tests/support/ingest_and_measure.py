"""A process that ingests a slot of many pages and says how much memory it took.

    python ingest_and_measure.py KIND PAGES RECORDS_A_PAGE

``KIND`` is ``cursor`` or ``offset``, of which four pages are asked for at once. Pages are made as they are asked for,
and raw keeps nothing but their number, so what takes memory is ingest. Prints the peak of resident memory and the bytes
that went through, as JSON.
"""

import hashlib
import io
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO
from urllib.parse import parse_qsl, urlsplit

from ingest_world import DAY, RELEASE, clock
from paged_service import ASKED, CURSOR, FOUR, JSON, OFFSET, ORIGIN, Source
from stage_and_measure import peak_bytes

from lakeward.ingest import Deps, ingest_slot
from lakeward.ports.raw import RawObject
from lakeward.ports.upstream import Answer, Bounds, Request

SOURCES = {
    "cursor": Source("cursor", f"{CURSOR}\n{JSON}\n  stop: {{when: no_next}}"),
    "offset": Source("offset", f"{OFFSET}\n{JSON}\n{ASKED}\n{FOUR}"),
}


@dataclass
class Counted:
    """Raw that takes everything and keeps the number of it."""

    objects: int = 0

    def get(self, _key: str) -> RawObject | None:
        return None

    def keys(self, _prefix: str) -> list[str]:
        return []

    def folders(self, _prefix: str) -> list[str]:
        return []

    def put_once(
        self, _key: str, body: IO[bytes], *, sha256: str, content_type: str, metadata: Mapping[str, str]
    ) -> Mapping[str, str]:
        assert hashlib.sha256(body.read()).hexdigest() == sha256, content_type
        self.objects += 1
        return metadata


@dataclass
class Many:
    """A service with so many pages, each of other records."""

    pages: int
    size: int

    @contextmanager
    def get(self, request: Request, _bounds: Bounds) -> Iterator[Answer]:
        parts = urlsplit(request.url)
        body = self.body(parts.path, dict(parse_qsl(parts.query)))
        headers = {"content-type": "application/json", "content-length": str(len(body))}
        yield Answer(200, headers, io.BytesIO(body), len(body), hashlib.sha256(body).hexdigest(), ORIGIN, 1)

    def body(self, path: str, query: dict[str, str]) -> bytes:
        if path == "/count":
            return json.dumps({"count": self.pages * self.size}).encode()
        number = int(query["offset"]) // self.size if "offset" in query else int(query.get("cursor", "0"))
        items = [{"id": number * self.size + n, "t": 1_517_356_800, "note": "x" * 200} for n in range(self.size)]
        return json.dumps({"items": items, "next": number + 1 if number + 1 < self.pages else None}).encode()


def main() -> None:
    """Ingest the slot."""
    kind, pages, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])

    def edit(text: str) -> str:
        limits = "limits: {page_bytes: 1000000, pages: 40, request_seconds: 20, run_bytes: 2000000}"
        return text.replace(limits, "limits: {page_bytes: 1000000}").replace("page_records: 3", f"page_records: {size}")

    raw = Counted()
    deps = Deps(raw, Many(pages, size), clock(), RELEASE)
    progress = ingest_slot(SOURCES[kind].dataset(edit), DAY, deps, lambda: 900.0)
    told = {"peak_bytes": peak_bytes(), "raw_bytes": progress.raw_bytes, "pages": progress.pages}
    sys.stdout.write(json.dumps({**told, "complete": progress.complete, "records": progress.records}))


if __name__ == "__main__":
    main()
