"""A third-party HTTP service, as ingest sees it: ask once, get wire bytes or an error that says what to think of it."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO, Protocol


@dataclass(frozen=True)
class Request:
    """One GET. ``url`` has its query; ``headers`` say which encodings the caller can read."""

    url: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Bounds:
    """What one question may cost."""

    body_bytes: int
    """Largest body, as it comes over the wire."""
    answer_seconds: float
    """Longest time for one answer, from the connection to the last byte."""
    total_seconds: float
    """Longest time for all tries and the waits between them."""


@dataclass(frozen=True)
class Answer:
    """A whole answer: its framing said where it ends, and it ended there."""

    status: int
    """200, or 204 for an answer without a body."""
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
        """Ask until there is a whole answer or the bounds are reached.

        Raises:
            UpstreamRefused: the service said no, or its answer may not be taken; asking again cannot help.
            UpstreamUnavailable: no whole answer within the bounds; asking later may help.
        """
        ...
