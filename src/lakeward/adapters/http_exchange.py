"""One HTTP exchange judged: what a status, a framing or a failure says of the service."""

import hashlib
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import IO
from urllib.parse import urldefrag, urljoin, urlsplit

import requests
import urllib3

from lakeward.adapters.http_lines import Garbled, one_length
from lakeward.errors import UpstreamRefused
from lakeward.ports.upstream import Bounds, Request

CHUNK_BYTES = 262_144
YEAR_SECONDS = 31_536_000.0
BUSY = {408, 425, 429}
REDIRECTS = {301, 302, 303, 307, 308}
CUT = (requests.ConnectionError, requests.Timeout, urllib3.exceptions.HTTPError, ConnectionError, TimeoutError)


class Passing(Exception):
    """This try gave no answer; another may."""

    def __init__(self, found: str, retry_after_seconds: float = 0.0) -> None:
        super().__init__(found)
        self.found = found
        self.retry_after_seconds = retry_after_seconds


def origin(url: str) -> str:
    """``scheme://host[:port]`` of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def meaning(problem: Exception, request: Request) -> Exception:
    """What a failed exchange says of the service. Its own words are left out: they can hold the URL as it was sent."""
    if isinstance(problem, requests.exceptions.InvalidHeader):
        return UpstreamRefused(f"GET {request.url}: expected one Content-Length, found several that differ")
    if isinstance(problem, ValueError):
        return UpstreamRefused(f"GET {request.url}: expected headers that can be read, found some that cannot")
    if "CERTIFICATE_VERIFY_FAILED" in str(problem):
        return UpstreamRefused(
            f"GET {request.url}: expected a TLS certificate that a known authority vouches for, found another; "
            "nothing was asked"
        )
    cause: BaseException | None = problem
    while cause is not None and not isinstance(cause, Garbled):
        cause = cause.__cause__ or cause.__context__
    return Passing(f"a cut ({type(problem).__name__})" if cause is None else str(cause))


def judge(request: Request, response: requests.Response) -> None:
    """Tell answers from refusals and from what may pass. Bodies of refusals are not read."""
    status = response.status_code
    if status in (200, 204) or (status == 304 and is_conditional(request)):
        return
    if status in BUSY or status >= 500:
        raise Passing(f"status {status}", retry_after_seconds(response.headers.get("Retry-After", "")))
    raise UpstreamRefused(
        f"GET {request.url}: expected status 200, found {status}; the service refuses this request: "
        "ask it by hand to see why, then correct the contract"
    )


def is_conditional(request: Request) -> bool:
    """Whether a request may be answered with "nothing changed"."""
    return any(name.lower() in ("if-none-match", "if-modified-since") for name in request.headers)


def redirect_target(request: Request, at: str, response: requests.Response, bounds: Bounds, hops: int) -> str | None:
    """Where a redirect leads, when it may be followed; None for another answer.

    Args:
        request: the question.
        at: the contract's name for what was asked in this hop.
        response: its answer.
        bounds: how many redirects are followed, and to which hosts.
        hops: redirects followed so far.

    Raises:
        UpstreamRefused: no redirect may be followed, or not so many, or not there.
    """
    if response.status_code not in REDIRECTS:
        return None
    target = _joined(at, response.headers.get("Location", ""))
    found = f"found {response.status_code}, a redirect to {_shown(target)}"
    if bounds.redirects == 0:
        raise UpstreamRefused(
            f"GET {request.url}: expected status 200, {found}; redirects are never followed unless "
            "source.manners.redirects "
            "says so: when the service has moved, put its new URL into the contract"
        )
    if hops >= bounds.redirects:
        raise UpstreamRefused(f"GET {request.url}: expected at most {bounds.redirects} redirects, {found}")
    if not is_allowed(target, request, bounds):
        raise UpstreamRefused(
            f"GET {request.url}: expected a redirect over https to a host of the contract, {found}; when the host is "
            "the "
            "service's own, add it to source.allowed_hosts"
        )
    return target


def is_allowed(url: str, request: Request, bounds: Bounds) -> bool:
    """Whether a URL is https and on a host that may be asked."""
    hosts = bounds.hosts or frozenset({urlsplit(request.url).netloc})
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and parts.netloc in hosts


def _joined(at: str, location: str) -> str:
    """Where a Location leads from here; as it is when it is no URL at all."""
    try:
        return urldefrag(urljoin(at, location)).url
    except ValueError:
        return location


def _shown(url: str) -> str:
    try:
        return origin(url)
    except ValueError:
        return "something that is no URL"


def receive(request: Request, response: requests.Response, body: IO[bytes], bounds: Bounds) -> tuple[int, str]:
    """Copy the wire bytes; returns their number and sha256."""
    digest, size = hashlib.sha256(), 0
    expected = _declared_length(request, response, bounds, body)
    size = body.tell()
    body.seek(0)
    digest.update(body.read())
    for chunk in response.raw.stream(CHUNK_BYTES, decode_content=False):
        size += len(chunk)
        if size > bounds.body_bytes:
            raise UpstreamRefused(
                f"GET {request.url}: expected at most {bounds.body_bytes} bytes, found more; ask for fewer records a "
                "page "
                "(source.paging.page_records) or raise source.limits.page_bytes"
            )
        body.write(chunk)
        digest.update(chunk)
    if expected is not None and size != expected:
        raise Passing(f"{size} of {expected} bytes")
    return size, digest.hexdigest()


def _declared_length(request: Request, response: requests.Response, bounds: Bounds, body: IO[bytes]) -> int | None:
    """Bytes that the body must have; None when chunks, or by the contract's leave the connection, say where it ends.

    Without a framing one byte is read, and written to ``body``: http.client takes a head that is cut for a whole one.
    """
    _hold_to_one_framing(request, response)
    if response.status_code in (204, 304):
        return 0
    if response.raw.chunked:
        return None
    said = response.headers.get("Content-Length", "")
    length = one_length(said)
    if length is not None:
        return length
    first = response.raw.read(1, decode_content=False)
    if not first:
        raise Passing("a head without a body")
    if not bounds.close_delimited or said:
        raise UpstreamRefused(
            f"GET {request.url}: expected Content-Length or chunks to say where the body ends, found "
            f"{'a Content-Length that is no number' if said else 'neither'}; "
            "a body that ends with its connection may be cut anywhere (source.limits.close_delimited)"
        )
    body.write(first)
    return None


def _hold_to_one_framing(request: Request, response: requests.Response) -> None:
    """One header says where a body ends, and that is the end of all that was asked for.

    Raises:
        UpstreamRefused: two of them do, which need not agree; or it is a part that calls itself the whole.
    """
    transfer = response.headers.get("Transfer-Encoding")
    if transfer is not None and transfer.strip().lower() != "chunked":
        raise UpstreamRefused(
            f"GET {request.url}: expected chunked once as the Transfer-Encoding, or none, found another"
        )
    if transfer is not None and "Content-Length" in response.headers:
        raise UpstreamRefused(
            f"GET {request.url}: expected Content-Length or chunks to say where the body ends, found both: something "
            "between here and the service may have read it otherwise"
        )
    if "Content-Range" in response.headers:
        raise UpstreamRefused(f"GET {request.url}: expected the whole, found a part of it (Content-Range)")


def retry_after_seconds(header: str) -> float:
    """Seconds to wait, from seconds or an HTTP date, a year at most; 0 when there is none or it cannot be read."""
    if header.isascii() and header.isdigit():
        return min(float(header), YEAR_SECONDS)
    try:
        at = parsedate_to_datetime(header)
        seconds = (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    except (ValueError, OverflowError):
        return 0.0
    return min(max(0.0, seconds), YEAR_SECONDS)
