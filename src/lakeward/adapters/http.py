"""Third-party services over HTTP, with requests. Only a whole answer is an answer.

``requests`` by itself follows redirects, decodes bodies, waits for ever on a slow drip and takes what a cut connection
left behind. Here nothing is decoded, redirects go only where the contract allows, every exchange has a hard end, and a
body counts only when its framing (Content-Length or chunks) says where it ends and it ended there. The environment's
proxies, netrc and CA bundles are left alone: what is sent depends on the contract only.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from tempfile import SpooledTemporaryFile
from typing import IO, Protocol
from urllib.parse import urlsplit

import requests

from lakeward import __version__
from lakeward.adapters.http_cutoff import CutoffAdapter
from lakeward.adapters.http_exchange import CUT, Passing, judge, meaning, origin, receive, redirect_target
from lakeward.adapters.http_guard import Guard, Resolve, resolve_all
from lakeward.adapters.http_pace import Breaker, Pace
from lakeward.errors import UpstreamRefused, UpstreamUnavailable
from lakeward.ports.upstream import Answer, Bounds, Request

BACKOFF_SECONDS = 0.5
CONNECT_SECONDS = 10.0
LATER_SECONDS = 5.0
"""The socket's own patience ends so much after ours, which then says what was waited for."""
SHORTEST_TRY_SECONDS = 0.1
SPOOL_BYTES = 8_388_608
"""Bodies up to this size stay in memory; larger ones go to a temporary file."""


class Credentials(Protocol):
    """Tells a service who asks, at the last moment, so that nothing else ever holds what is secret."""

    def sign(self, url: str, headers: Mapping[str, str]) -> tuple[str, dict[str, str]]:
        """The URL and the headers as they are sent."""
        ...

    def refused(self) -> bool:
        """The service did not know who asks (401). Whether what is sent next time is worth another try."""
        ...


@dataclass(frozen=True)
class Post(Request):
    """A form that is posted, to a token endpoint. What it says is in no representation of it."""

    headers: Mapping[str, str] = field(repr=False)
    form: Mapping[str, str] = field(repr=False)


class Anonymous:
    """Nobody in particular."""

    def sign(self, url: str, headers: Mapping[str, str]) -> tuple[str, dict[str, str]]:
        """What was given."""
        return url, dict(headers)

    def refused(self) -> bool:
        """There is nothing else to say."""
        return False


class HttpUpstream:
    """Asks services by GET. Each thread keeps connections of its own between questions."""

    def __init__(
        self,
        overrides: Mapping[str, str],
        *,
        credentials: Credentials | None = None,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
        resolve: Resolve = resolve_all,
        breaker: Breaker | None = None,
    ) -> None:
        """Make ready to ask; nothing is sent yet.

        Args:
            overrides: origin that a contract names -> origin that is asked instead (see ``overrides``).
            credentials: who asks.
            sleep: waits between tries, seconds.
            jitter: 0 to 1, anew for each wait.
            resolve: a name and a port -> addresses.
            breaker: what hosts did before.
        """
        self._overrides = overrides
        self._credentials = credentials or Anonymous()
        self._sleep = sleep
        self._jitter = jitter
        self._guard = Guard(overrides, resolve)
        self._pace = Pace(sleep)
        self._breaker = breaker or Breaker()
        self._mine = threading.local()
        self._sessions: list[requests.Session] = []

    @contextmanager
    def get(self, request: Request, bounds: Bounds) -> Iterator[Answer]:
        """See ``lakeward.ports.upstream.Upstream``.

        Timeouts, cut connections, 408, 425, 429 and 5xx are tried again, after a random wait that grows, or after what
        Retry-After asks for. A service that asks for a longer wait than the bounds allow is left alone at once: the
        state machine has more patience than a running function.
        """
        with SpooledTemporaryFile(max_size=SPOOL_BYTES) as body:
            yield self._ask(request, bounds, body)

    def close(self) -> None:
        """Let go of kept connections."""
        for session in self._sessions:
            session.close()

    def _ask(self, request: Request, bounds: Bounds, body: IO[bytes]) -> Answer:
        host = urlsplit(request.url).netloc
        rest = self._breaker.rest_left_seconds(host)
        if rest:
            raise UpstreamUnavailable(
                f"GET {request.url}: expected an answer, found that the last questions to {host} got none; it is left "
                f"alone for another {rest:.0f} s",
                request=f"GET {request.url}",
                tries=0,
                retry_after_seconds=rest,
            )
        started = time.monotonic()
        tries = 0
        while True:
            tries += 1
            left = max(bounds.total_seconds - (time.monotonic() - started), SHORTEST_TRY_SECONDS)
            self._pace.wait(host, bounds.requests_per_second)
            try:
                answer = self._once(request, bounds, min(bounds.answer_seconds, left), body, tries)
            except Passing as problem:
                backoff = self._jitter() * min(bounds.longest_wait_seconds, BACKOFF_SECONDS * 2**tries)
                wait = max(problem.retry_after_seconds, backoff)
                passed = time.monotonic() - started
                if tries >= bounds.tries or wait > bounds.longest_wait_seconds or passed + wait >= bounds.total_seconds:
                    self._breaker.gave_up(host)
                    raise UpstreamUnavailable(
                        f"GET {request.url}: expected a whole answer, found {problem.found}, "
                        f"after {tries} tries in {passed:.1f} s; the next run of this step asks again",
                        request=f"GET {request.url}",
                        tries=tries,
                        retry_after_seconds=problem.retry_after_seconds,
                    ) from None
                self._sleep(wait)
            else:
                self._breaker.answered(host)
                return answer

    def _once(self, request: Request, bounds: Bounds, seconds: float, body: IO[bytes], tries: int) -> Answer:
        session, transport = self._session()
        with transport.within(seconds) as over:
            try:
                answer = self._follow(session, request, bounds, seconds, body, tries)
            except (Passing, UpstreamRefused):
                if not over.is_set():
                    raise
            except (*CUT, ValueError) as problem:  # requests looks into a Location even where it follows none
                if not over.is_set():
                    raise meaning(problem, request) from None
            if over.is_set():  # whatever else was seen, our own cut came first
                raise Passing(f"no end within {seconds:.1f} s")
        return answer

    def _follow(
        self, session: requests.Session, request: Request, bounds: Bounds, seconds: float, body: IO[bytes], tries: int
    ) -> Answer:
        """Ask, and go where redirects lead, as far as the bounds allow."""
        at, hops, renewed = request.url, 0, False
        while True:
            body.seek(0)
            body.truncate()
            url, served_by = self._address(at)
            headers = dict(request.headers)
            if origin(at) == origin(request.url):  # another host is not told who asks
                url, headers = self._credentials.sign(url, headers)
            with session.request(
                "POST" if isinstance(request, Post) else "GET",
                url,
                data=request.form if isinstance(request, Post) else None,
                headers=headers,
                stream=True,
                allow_redirects=False,
                timeout=(min(CONNECT_SECONDS, seconds), seconds + LATER_SECONDS),
            ) as response:
                target = redirect_target(request, at, response, bounds, hops)
                if target is not None:
                    at, hops = target, hops + 1
                    continue
                if response.status_code == 401 and not renewed and self._credentials.refused():
                    renewed = True
                    continue
                judge(request, response)
                size, digest = receive(request, response, body, bounds)
                known = {name.lower(): value for name, value in response.headers.items()}
                body.seek(0)
                return Answer(response.status_code, known, body, size, digest, served_by, tries)

    def _session(self) -> tuple[requests.Session, CutoffAdapter]:
        """This thread's own."""
        if not hasattr(self._mine, "session"):
            session, transport = requests.Session(), CutoffAdapter(self._guard)
            session.trust_env = False
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # no page depends on the one before
            session.headers["User-Agent"] = f"lakeward/{__version__}"
            for scheme in ("http://", "https://"):
                session.mount(scheme, transport)
            self._mine.session, self._mine.transport = session, transport
            self._sessions.append(session)
        return self._mine.session, self._mine.transport

    def _address(self, url: str) -> tuple[str, str]:
        """The URL that is really asked, and its origin."""
        contract_origin = origin(url)
        served_by = self._overrides.get(contract_origin, contract_origin)
        if contract_origin not in self._overrides and not url.startswith("https://"):
            raise UpstreamRefused(f"GET {url}: expected https; plain http is for origins in UPSTREAM_OVERRIDES")
        return served_by + url[len(contract_origin) :], served_by
