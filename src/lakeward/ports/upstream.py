"""A third-party HTTP service, as ingest sees it: ask once, get wire bytes or an error that says what to think of it."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO, Protocol


@dataclass(frozen=True)
class Request:
    """One GET, without what is secret. ``url`` has its query; ``headers`` say which encodings the caller can read."""

    url: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Bounds:
    """What one question may cost, where it may lead, and how politely it is put."""

    body_bytes: int
    """Largest body, as it comes over the wire."""
    answer_seconds: float
    """Longest time for one answer, from the connection to the last byte."""
    total_seconds: float
    """Longest time for all tries and the waits between them."""
    hosts: frozenset[str] = frozenset()
    """Hosts that may be asked (``host`` or ``host:port``); that of the request alone when there are none."""
    redirects: int = 0
    """How many redirects are followed, to these hosts."""
    tries: int = 4
    longest_wait_seconds: float = 20.0
    """Longest wait between two tries. Whoever asks for more is left alone."""
    requests_per_second: float | None = None
    """Most requests in a second, further tries included."""
    close_delimited: bool = False
    """Whether a body may end with its connection."""


@dataclass(frozen=True)
class Answer:
    """A whole answer: its framing said where it ends, and it ended there."""

    status: int
    """200; 204 for an answer without a body; 304 for one to a condition that does not hold."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: IO[bytes]
    """Wire bytes, undecoded, at position 0. Open as long as the answer is."""
    body_bytes: int
    sha256: str
    """Of the wire bytes, hex."""
    served_by: str
    """``scheme://host[:port]`` that was really asked."""
    tries: int
    """HTTP requests that it took."""


class Upstream(Protocol):
    """Asks third-party services."""

    def get(self, request: Request, bounds: Bounds) -> AbstractContextManager[Answer]:
        """Ask until there is a whole answer or the bounds are reached. May be called from several threads.

        Raises:
            UpstreamRefused: the service said no, or its answer may not be taken; asking again cannot help.
            UpstreamUnavailable: no whole answer within the bounds; asking later may help.
        """
        ...
