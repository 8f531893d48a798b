"""Third-party services over HTTP, with requests. Only a whole answer is an answer.

``requests`` by itself follows redirects, decodes bodies, waits for ever on a slow drip and takes what a cut connection
left behind. Here nothing is followed, nothing is decoded, every exchange has a hard end, and a body counts only when
its framing (Content-Length or chunks) says where it ends and it ended there. The environment's proxies, netrc and CA
bundles are left alone: what is sent depends on the contract only.
"""

import hashlib
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from tempfile import SpooledTemporaryFile
from typing import IO
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from lakeward import __version__
from lakeward.adapters.http_cutoff import CutoffAdapter
from lakeward.errors import UpstreamRefused, UpstreamUnavailable
from lakeward.ports.upstream import Answer, Bounds, Request

TRIES = 4
BACKOFF_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 20.0
CONNECT_SECONDS = 10.0
SHORTEST_TRY_SECONDS = 0.1
CHUNK_BYTES = 65_536
SPOOL_BYTES = 8_388_608
"""Bodies up to this size stay in memory; larger ones go to a temporary file."""

BUSY = {408, 425, 429}
CUT = (requests.ConnectionError, requests.Timeout, urllib3.exceptions.HTTPError, ConnectionError, TimeoutError)


class _Passing(Exception):
    """This try gave no answer; another may."""

    def __init__(self, found: str, retry_after_seconds: float = 0.0) -> None:
        super().__init__(found)
        self.found = found
        self.retry_after_seconds = retry_after_seconds


class HttpUpstream:
    """Asks services by GET. One question at a time; connections are kept between questions."""

    def __init__(
        self,
        overrides: Mapping[str, str],
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Make ready to ask; nothing is sent yet.

        Args:
            overrides: origin that a contract names -> origin that is asked instead (see ``overrides``).
            sleep: waits between tries, seconds.
            jitter: 0 to 1, anew for each wait.
        """
        self._overrides = overrides
        self._sleep = sleep
        self._jitter = jitter
        self._transport = CutoffAdapter()
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["User-Agent"] = f"lakeward/{__version__}"
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, self._transport)

    @contextmanager
    def get(self, request: Request, bounds: Bounds) -> Iterator[Answer]:
        """See ``lakeward.ports.upstream.Upstream``.

        Timeouts, cut connections, 408, 425, 429 and 5xx are tried again, after a random wait that grows, or after what
        Retry-After asks for. A service that asks for a longer wait than LONGEST_WAIT_SECONDS is left alone at once:
        the state machine has more patience than a running function.
        """
        with SpooledTemporaryFile(max_size=SPOOL_BYTES) as body:
            yield self._ask(request, bounds, body)

    def close(self) -> None:
        """Let go of kept connections."""
        self._session.close()

    def _ask(self, request: Request, bounds: Bounds, body: IO[bytes]) -> Answer:
        started = time.monotonic()
        tries = 0
        while True:
            tries += 1
            left = max(bounds.total_seconds - (time.monotonic() - started), SHORTEST_TRY_SECONDS)
            try:
                return self._once(request, bounds.body_bytes, min(bounds.answer_seconds, left), body, tries)
            except _Passing as problem:
                backoff = self._jitter() * min(LONGEST_WAIT_SECONDS, BACKOFF_SECONDS * 2**tries)
                wait = max(problem.retry_after_seconds, backoff)
                passed = time.monotonic() - started
                if tries == TRIES or wait > LONGEST_WAIT_SECONDS or passed + wait >= bounds.total_seconds:
                    raise UpstreamUnavailable(
                        f"GET {request.url}: expected a whole answer, found {problem.found}, "
                        f"after {tries} tries in {passed:.1f} s; the next run of this step asks again",
                        request=f"GET {request.url}",
                        tries=tries,
                        retry_after_seconds=problem.retry_after_seconds,
                    ) from problem
                self._sleep(wait)

    def _once(self, request: Request, limit_bytes: int, seconds: float, body: IO[bytes], tries: int) -> Answer:
        url, served_by = self._address(request.url)
        body.seek(0)
        body.truncate()
        with self._transport.within(seconds) as over:
            try:
                with self._session.get(
                    url,
                    headers=dict(request.headers),
                    stream=True,
                    allow_redirects=False,
                    timeout=(min(CONNECT_SECONDS, seconds), seconds),
                ) as response:
                    _judge(request, response)
                    size, digest = _receive(request, response, body, limit_bytes)
            except (_Passing, UpstreamRefused):
                if not over.is_set():
                    raise
            except (*CUT, requests.exceptions.InvalidHeader) as problem:
                if not over.is_set():
                    raise _meaning(problem, request) from problem
            if over.is_set():  # whatever else was seen, our own cut came first
                raise _Passing(f"no end within {seconds:.1f} s")
        body.seek(0)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, headers, body, size, digest, served_by, tries)

    def _address(self, url: str) -> tuple[str, str]:
        """The URL that is really asked, and its origin."""
        contract_origin = origin(url)
        served_by = self._overrides.get(contract_origin, contract_origin)
        if contract_origin not in self._overrides and not url.startswith("https://"):
            raise UpstreamRefused(f"GET {url}: expected https; plain http is for origins in UPSTREAM_OVERRIDES")
        return served_by + url[len(contract_origin) :], served_by


def origin(url: str) -> str:
    """``scheme://host[:port]`` of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _meaning(problem: Exception, request: Request) -> Exception:
    """What a failed exchange says of the service."""
    if isinstance(problem, requests.exceptions.InvalidHeader):
        return UpstreamRefused(f"GET {request.url}: expected one Content-Length, found several that differ")
    if "CERTIFICATE_VERIFY_FAILED" in str(problem):
        return UpstreamRefused(
            f"GET {request.url}: expected a TLS certificate that a known authority vouches for, found another; "
            "nothing was asked"
        )
    return _Passing(f"a cut ({type(problem).__name__})")


def _judge(request: Request, response: requests.Response) -> None:
    """Tell answers from refusals and from what may pass. Bodies of refusals are not read."""
    status = response.status_code
    if status in (200, 204):
        return
    if status in BUSY or status >= 500:
        raise _Passing(f"status {status}", _retry_after_seconds(response.headers.get("Retry-After", "")))
    if 300 <= status < 400:
        target = origin(urljoin(request.url, response.headers.get("Location", "")))
        raise UpstreamRefused(
            f"GET {request.url}: expected status 200, found {status}, a redirect to {target}; redirects are never "
            "followed: when the service has moved, put its new URL into the contract"
        )
    raise UpstreamRefused(
        f"GET {request.url}: expected status 200, found {status}; the service refuses this request: "
        "ask it by hand to see why, then correct the contract"
    )


def _receive(request: Request, response: requests.Response, body: IO[bytes], limit_bytes: int) -> tuple[int, str]:
    """Copy the wire bytes; returns their number and sha256."""
    digest, size = hashlib.sha256(), 0
    expected = _declared_length(request, response)
    for chunk in response.raw.stream(CHUNK_BYTES, decode_content=False):
        size += len(chunk)
        if size > limit_bytes:
            raise UpstreamRefused(
                f"GET {request.url}: expected at most {limit_bytes} bytes, found more; ask for fewer records a page "
                "(source.paging.page_records) or raise source.limits.page_bytes"
            )
        body.write(chunk)
        digest.update(chunk)
    if expected is not None and size != expected:
        raise _Passing(f"{size} of {expected} bytes")
    return size, digest.hexdigest()


def _declared_length(request: Request, response: requests.Response) -> int | None:
    """Bytes that the body must have; None when chunks say where it ends."""
    if response.status_code == 204:
        return 0
    if response.raw.chunked:
        return None
    length = response.headers.get("Content-Length", "")
    if not length.isascii() or not length.isdigit():
        if not response.raw.read(1, decode_content=False):  # http.client takes a head that is cut for a whole one
            raise _Passing("a head without a body")
        raise UpstreamRefused(
            f"GET {request.url}: expected Content-Length or chunks to say where the body ends, found neither; "
            "a body that ends with its connection may be cut anywhere"
        )
    return int(length)


def _retry_after_seconds(header: str) -> float:
    """Seconds to wait, from seconds or an HTTP date; 0 when there is none or it cannot be read."""
    if header.isascii() and header.isdigit():
        return float(header)
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return 0.0
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
