"""The service of ``ingest_world`` behind a real HTTP server, and ingest with the real HTTP adapter before it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ingest_world import DAY, RELEASE, Service, clock, dataset
from lying_server import LyingServer, Say, lying_server, whole

from lakeward.adapters.http import HttpUpstream
from lakeward.ingest import Deps, Progress, ingest_slot
from lakeward.ports.raw import RawStore

ORIGIN = "https://service.test"
Wire = Callable[[str, bytes], Say | None]
"""Takes the target and the true body; says how that body goes over the wire, or None for as it should."""


@dataclass
class Served:
    """A service that listens. ``waits`` are the pauses between tries that ingest made (without pausing)."""

    service: Service
    server: LyingServer
    waits: list[float] = field(default_factory=list)

    def ingest(self, raw: RawStore, seconds: float = 900.0, page_records: int = 100) -> Progress:
        """One call, as a fresh process would make it."""
        upstream = HttpUpstream({ORIGIN: self.server.origin}, sleep=self.waits.append, jitter=lambda: 1.0)
        try:
            return ingest_slot(dataset(page_records), DAY, Deps(raw, upstream, clock(), RELEASE), lambda: seconds)
        finally:
            upstream.close()


def as_it_should(_target: str, _body: bytes) -> None:
    """Every answer whole."""


@contextmanager
def served(service: Service, wire: Wire = as_it_should) -> Iterator[Served]:
    """Serve until the block ends; ``wire`` may lie on the wire where the service itself is honest."""

    def script(target: str, _number: int) -> Say:
        body = service.body(ORIGIN + target)
        headers = {"Content_Encoding": "gzip"} if service.gzipped else {}
        return wire(target, body) or whole(body, **headers)

    with lying_server(script) as server:
        yield Served(service, server)
