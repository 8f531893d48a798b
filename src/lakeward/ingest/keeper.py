"""The keeper fetches answers into raw, and proves again what raw already holds, both by the same checks."""

import hashlib
import io
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import IO, TypeVar

from lakeward.contract import Dataset
from lakeward.contract.source_auth import secret_param
from lakeward.contract.source_paging import CursorInHeaderPaging, LinkHeaderPaging
from lakeward.contract.source_records import Records
from lakeward.errors import IncompleteRun, Permanent
from lakeward.formats.encodings import Encoding, content_encoding
from lakeward.formats.opened import opened
from lakeward.ingest.ahead import Ahead
from lakeward.ingest.behind import Behind, puts_at_once
from lakeward.ingest.layout import AttemptKeys, kind_of
from lakeward.ingest.receipt import Receipt, receipt_of, request_line
from lakeward.ingest.source import shown_headers
from lakeward.ports.raw import RawStore
from lakeward.ports.upstream import Answer, Bounds, Request, Upstream

CONTENT_TYPES = {
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "csv": "text/csv",
    "zip": "application/zip",
}
ENCODED_TYPES = {"gzip": "application/gzip", "deflate": "application/zlib", "zstd": "application/zstd"}
STORE_SECONDS = 20.0
"""Left for S3 after the last byte of an answer came."""

Checked = TypeVar("Checked")
Check = Callable[[IO[bytes] | None, Receipt], Checked]
"""Takes an answer's decoded bytes, to be read once (None when it has no body), and its receipt; says what it found.
Raises IncompleteRun when it may not be taken."""
Naming = Callable[[str], AbstractContextManager[None]]
"""Given an answer's name: says in every error that it was about that."""


@dataclass(frozen=True)
class Deps:
    """What ingest needs: raw, upstreams, a clock (aware UTC), and the sha256 of the function zip that runs."""

    raw: RawStore
    upstream: Upstream
    clock: Callable[[], datetime]
    release: str


@dataclass(frozen=True)
class Asked:
    """A question: its request, the name that its answer gets, and what that is made of."""

    request: Request
    name: str
    records: Records

    @property
    def kind(self) -> str:
        """The ending of the answer's name."""
        return kind_of(self.records)


@dataclass(frozen=True)
class Kept:
    """An answer as it lies in raw, and the question."""

    key: str
    receipt: Receipt
    content_encoding: Encoding
    size_bytes: int
    request: str
    request_headers: dict[str, str]


class Keeper:
    """Works on one slot in one call, and counts what it asks of others: ``http_requests`` and ``s3_puts``."""

    def __init__(self, dataset: Dataset, deps: Deps, remaining_seconds: Callable[[], float]) -> None:
        self._dataset = dataset
        self._deps = deps
        self._remaining_seconds = remaining_seconds
        self._source = dataset.contract.source
        self._limits = self._source.limits
        self._read_headers = _headers_to_read(dataset)
        self._ahead = Ahead(deps.upstream, self._source.manners.concurrency)
        self._behind = Behind(puts_at_once(self._source.paging))
        self.http_requests = 0
        self.s3_puts = 0

    def close(self) -> None:
        """Let go of what was asked for and is not wanted any more; wait for what is on its way into raw."""
        self._behind.close()
        self._ahead.close()

    def expect(self, request: Request) -> None:
        """Say what will be asked next; it may be asked now, while other things go on."""
        if self._has_time:
            self._ahead.expect(request, self._bounds)

    @property
    def must_stop(self) -> bool:
        """Whether another request might not end in time.

        Every call sends at least one, so that calls too short for the contract's limits still bring the slot forward.
        """
        return self.http_requests > 0 and not self._has_time

    @property
    def _has_time(self) -> bool:
        return self._remaining_seconds() >= self._limits.request_seconds + STORE_SECONDS

    def fetch(self, asked: Asked, keys: AttemptKeys, check: Check[Checked], naming: Naming) -> tuple[Kept, Checked]:
        """Ask, check, and only then keep. A body that fails its check is kept as evidence instead.

        The answer is put into raw while the run goes on: only ``settle`` says that it lies there.

        Args:
            asked: the question.
            keys: names in raw.
            check: what the answer must hold up to.
            naming: says of an error of the put what was put.

        Raises:
            IncompleteRun, UpstreamRefused: the answer cannot be taken; the message names the evidence.
            UpstreamUnavailable: no whole answer.
            RawConflict, StoreUnavailable: raw did not take an answer before this one.
        """
        opened, answer = self._ahead.take(asked.request, self._bounds)
        with ExitStack() as held:
            held.push(opened)
            self.http_requests += answer.tries
            now, contract = self._deps.clock(), self._dataset.contract_sha256
            secret = secret_param(self._source.auth)
            receipt = receipt_of(asked.request, answer, contract, now, self._read_headers, secret)
            try:
                encoding, checked = self._read(asked, answer.body, answer.body_bytes, receipt, check)
            except Permanent as problem:
                raise self._with_evidence(problem, answer, receipt, keys.rejected(asked.name, answer.sha256)) from None
            key = keys.document(asked.name, asked.kind, encoding)
            content_type = ENCODED_TYPES.get(encoding) or CONTENT_TYPES.get(asked.kind, "application/octet-stream")

            def put() -> Receipt:
                with opened, naming(asked.name):
                    answer.body.seek(0)
                    stored = self._put(key, answer.body, receipt, content_type)
                    self._hold_to_contract(key, stored)
                    return stored

            self._behind.submit(asked.name, put)
            self.s3_puts += 1
            held.pop_all()  # the put closes it
            return self._kept(key, asked, receipt, encoding, answer.body_bytes), checked

    def settle(self) -> dict[str, Receipt]:
        """Wait until all that was fetched lies in raw; the receipts beside it, by the names of the answers.

        A receipt is another than that of the fetch where raw held the same bytes before.

        Raises:
            RawConflict, StoreUnavailable: raw did not take one of them.
        """
        return self._behind.settle()

    def prove(self, key: str, asked: Asked, check: Check[Checked]) -> tuple[Kept, Checked]:
        """Read a stored answer again: the same bytes, for the same request, holding up to the same check.

        Raises:
            IncompleteRun: one of these does not hold.
        """
        stored = self._deps.raw.get(key)
        if stored is None:
            raise IncompleteRun(f"expected the object that was listed at {key}, found none")
        receipt = Receipt.from_metadata(stored.metadata)
        found = hashlib.sha256(stored.body).hexdigest()
        if found != receipt.sha256:
            raise IncompleteRun(f"expected bytes with sha256 {receipt.sha256} at {key}, found {found}")
        if receipt.request != request_line(asked.request):
            raise IncompleteRun(
                f"expected the answer to GET {asked.request.url} at {key}, found that to {receipt.request}"
            )
        self._hold_to_contract(key, receipt)
        encoding, checked = self._read(asked, io.BytesIO(stored.body), len(stored.body), receipt, check)
        return self._kept(key, asked, receipt, encoding, len(stored.body)), checked

    def write(self, key: str, body: bytes) -> str:
        """Store a JSON document of our own, once; returns its sha256.

        Raises:
            RawConflict: the key holds another.
        """
        digest = hashlib.sha256(body).hexdigest()
        self.s3_puts += 1
        self._deps.raw.put_once(key, io.BytesIO(body), sha256=digest, content_type="application/json", metadata={})
        return digest

    def _hold_to_contract(self, key: str, receipt: Receipt) -> None:
        """What one contract asked for says nothing under another: its headers, say, are not in the request line.

        Raises:
            IncompleteRun: another contract asked.
        """
        if receipt.contract_sha256 != self._dataset.contract_sha256:
            raise IncompleteRun(
                f"expected the answer to the contract with sha256 {self._dataset.contract_sha256} at {key}, found that "
                f"to {receipt.contract_sha256}"
            )

    def _read(
        self, asked: Asked, body: IO[bytes], size_bytes: int, receipt: Receipt, check: Check[Checked]
    ) -> tuple[Encoding, Checked]:
        if receipt.status in (204, 304):
            return "identity", check(None, receipt)
        encoding = content_encoding(receipt.content_encoding)
        with opened(body, size_bytes, encoding, asked.records, self._limits) as decoded:
            return encoding, check(decoded, receipt)

    def _kept(self, key: str, asked: Asked, receipt: Receipt, encoding: Encoding, size_bytes: int) -> Kept:
        headers = shown_headers(self._source, asked.request)
        return Kept(key, receipt, encoding, size_bytes, f"GET {asked.request.url}", headers)

    def _put(self, key: str, body: IO[bytes], receipt: Receipt, content_type: str) -> Receipt:
        metadata = self._deps.raw.put_once(
            key, body, sha256=receipt.sha256, content_type=content_type, metadata=receipt.to_metadata()
        )
        return Receipt.from_metadata(metadata)

    def _with_evidence(self, problem: Permanent, answer: Answer, receipt: Receipt, key: str) -> Permanent:
        answer.body.seek(0)
        self.s3_puts += 1
        self._put(key, answer.body, receipt, "application/octet-stream")
        message = f"{problem.message}; the body is kept at {key}"
        return type(problem)(message, **problem.facts, evidence_key=key, request=receipt.request)

    def _bounds(self) -> Bounds:
        manners = self._source.manners
        return Bounds(
            body_bytes=self._limits.page_bytes,
            answer_seconds=self._limits.request_seconds,
            total_seconds=max(self._remaining_seconds() - STORE_SECONDS, 1.0),
            hosts=self._source.hosts,
            redirects=manners.redirects,
            tries=manners.tries,
            longest_wait_seconds=manners.longest_wait_seconds,
            requests_per_second=manners.requests_per_second,
            close_delimited=self._limits.close_delimited,
        )


def _headers_to_read(dataset: Dataset) -> tuple[str, ...]:
    """Names, in lower case, of the response headers that paging and the total read, and of those for a condition."""
    source = dataset.contract.source
    names = ["etag", "last-modified"] if source.manners.conditional else []
    if isinstance(source.paging, CursorInHeaderPaging):
        names.append(source.paging.header)
    if isinstance(source.paging, LinkHeaderPaging):
        names.append("link")
    if source.total is not None and source.total.header is not None:
        names.append(source.total.header)
    return tuple(name.lower() for name in names)
