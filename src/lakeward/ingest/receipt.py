"""The receipt of an answer: its facts, kept as metadata beside its bytes, so that a certificate needs nothing else."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from lakeward.certificate import is_instant
from lakeward.errors import IncompleteRun, UpstreamRefused
from lakeward.ports.upstream import Answer, Request

KEPT_HEADERS = ("content-type", "content-encoding", "content-length", "date", "etag", "last-modified")
"""What describes the body. Cookies and the like are never kept."""
HEADER_CHARACTERS = 80
REQUEST_CHARACTERS = 600
READ_CHARACTERS = 800
"""S3 keeps 2 KB of metadata for an object. Of a longer request the sha256 is kept; a longer header is refused."""


@dataclass(frozen=True)
class Receipt:
    """Facts of one answer. ``request`` is method and URL, or their sha256; ``fetched_at`` is ISO 8601 UTC."""

    sha256: str
    request: str
    served_by: str
    status: int
    response_headers: dict[str, str]
    fetched_at: str
    contract_sha256: str

    @property
    def content_encoding(self) -> str:
        """The Content-Encoding header as it came; '' when there was none."""
        return self.response_headers.get("content-encoding", "")

    @property
    def content_type(self) -> str:
        """The Content-Type header as it came; '' when there was none."""
        return self.response_headers.get("content-type", "")

    def to_metadata(self) -> dict[str, str]:
        """As S3 keeps it: names with hyphens, ASCII values."""
        return {
            name.replace("_", "-"): value if isinstance(value, str) else json.dumps(value, sort_keys=True)
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> "Receipt":
        """Read it back.

        Raises:
            IncompleteRun: the object was not stored by ingest.
        """
        try:
            given = {name: metadata[name.replace("_", "-")] for name in cls.__annotations__}
            status, headers = json.loads(given.pop("status")), json.loads(given.pop("response_headers"))
        except (KeyError, ValueError):
            raise IncompleteRun("expected an object with the receipt of its answer, found one without") from None
        if not is_instant(given["fetched_at"]):
            raise IncompleteRun("expected when an answer came in its receipt, found something that is no instant")
        return cls(status=status, response_headers=headers, **given)


def receipt_of(
    request: Request,
    answer: Answer,
    contract_sha256: str,
    fetched_at: datetime,
    read_headers: tuple[str, ...] = (),
    secret_param: str | None = None,
) -> Receipt:
    """Write the receipt of an answer that has come whole.

    Args:
        request: what was asked.
        answer: what came.
        contract_sha256: of the contract that asked.
        fetched_at: clock reading.
        read_headers: names, in lower case, of headers that paging or the total reads: they are kept whole.
        secret_param: query parameter whose value is left out where URLs in those headers repeat it.

    Raises:
        UpstreamRefused: one of these is too long to be kept.
    """
    headers = {name: _plain(answer.headers[name]) for name in KEPT_HEADERS if name in answer.headers}
    for name in read_headers:
        if name in answer.headers:
            headers[name] = _whole(name, _without_key(answer.headers[name], secret_param))
    return Receipt(
        sha256=answer.sha256,
        request=request_line(request),
        served_by=answer.served_by,
        status=answer.status,
        response_headers=headers,
        fetched_at=fetched_at.isoformat(timespec="milliseconds"),
        contract_sha256=contract_sha256,
    )


def request_line(request: Request) -> str:
    """Method and URL; their sha256 when they are too long to lie beside a page."""
    line = f"GET {request.url}"
    return line if len(line) <= REQUEST_CHARACTERS else f"sha256:{hashlib.sha256(line.encode()).hexdigest()}"


def _without_key(value: str, secret_param: str | None) -> str:
    if secret_param is None:
        return value
    return re.sub(rf"([?&]{re.escape(secret_param)}=)[^&#<>;,\s\"]*", r"\1redacted", value)


def _plain(value: str) -> str:
    """A header's value as S3 metadata can hold it: ASCII, and not long."""
    return value[:HEADER_CHARACTERS].encode("ascii", "replace").decode()


def _whole(name: str, value: str) -> str:
    if len(value) > READ_CHARACTERS or not value.isascii() or not value.isprintable():
        raise UpstreamRefused(
            f"expected a header {name} of at most {READ_CHARACTERS} printable ASCII characters, found another: it "
            "could not "
            "be kept beside its page"
        )
    return value
