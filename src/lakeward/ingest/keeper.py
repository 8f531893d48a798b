"""The keeper fetches answers into raw, and proves again what raw already holds, both by the same checks."""

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, TypeVar

from lakeward.contract import Dataset
from lakeward.errors import IncompleteRun, Permanent
from lakeward.ingest.document import Encoding, content_encoding, decode, parse
from lakeward.ingest.layout import AttemptKeys
from lakeward.ingest.receipt import Receipt, receipt_of
from lakeward.ports.raw import RawStore
from lakeward.ports.upstream import Answer, Bounds, Request, Upstream

CONTENT_TYPES = {"identity": "application/json", "gzip": "application/gzip"}
STORE_SECONDS = 20.0
"""Left for S3 after the last byte of an answer came."""

Checked = TypeVar("Checked")


@dataclass(frozen=True)
class Deps:
    """What ingest needs: raw, upstreams, a clock (aware UTC), and the sha256 of the function zip that runs."""

    raw: RawStore
    upstream: Upstream
    clock: Callable[[], datetime]
    release: str


@dataclass(frozen=True)
class Kept:
    """An answer as it lies in raw."""

    key: str
    receipt: Receipt
    content_encoding: Encoding
    size_bytes: int


class Keeper:
    """Works on one slot in one call, and counts what it asks of others: ``http_requests`` and ``s3_puts``."""

    def __init__(self, dataset: Dataset, deps: Deps, remaining_seconds: Callable[[], float]) -> None:
        self._dataset = dataset
        self._deps = deps
        self._remaining_seconds = remaining_seconds
        self._limits = dataset.contract.source.limits
        self.http_requests = 0
        self.s3_puts = 0

    @property
    def must_stop(self) -> bool:
        """Whether another request might not end in time.

        Every call sends at least one, so that calls too short for the contract's limits still bring the slot forward.
        """
        needed = self._limits.request_seconds + STORE_SECONDS
        return self.http_requests > 0 and self._remaining_seconds() < needed

    def fetch(
        self, request: Request, keys: AttemptKeys, name: str, check: Callable[[Any], Checked]
    ) -> tuple[Kept, Checked]:
        """Ask, check, and only then keep. A body that fails its check is kept as evidence instead.

        Args:
            request: what to ask.
            keys: of the attempt.
            name: ``total``, ``total-after`` or ``page-00001``.
            check: takes the parsed answer, None when it has no body; raises IncompleteRun when it may not be taken.

        Raises:
            IncompleteRun, UpstreamRefused: the answer cannot be taken; the message names the evidence.
            UpstreamUnavailable: no whole answer.
            RawConflict: raw holds another answer under this name.
        """
        with self._deps.upstream.get(request, self._bounds()) as answer:
            self.http_requests += answer.tries
            receipt = receipt_of(request, answer, self._dataset.contract_sha256, self._deps.clock())
            try:
                encoding, checked = self._read(answer.body, receipt, check)
            except Permanent as problem:
                raise self._with_evidence(problem, answer, receipt, keys.rejected(name, answer.sha256)) from None
            answer.body.seek(0)
            key = keys.document(name, encoding)
            stored = self._put(key, answer.body, receipt, CONTENT_TYPES[encoding])
            return Kept(key, stored, encoding, answer.body_bytes), checked

    def prove(self, key: str, request: Request, check: Callable[[Any], Checked]) -> tuple[Kept, Checked]:
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
        if receipt.request != f"GET {request.url}":
            raise IncompleteRun(f"expected the answer to GET {request.url} at {key}, found that to {receipt.request}")
        encoding, checked = self._read(io.BytesIO(stored.body), receipt, check)
        return Kept(key, receipt, encoding, len(stored.body)), checked

    def write(self, key: str, body: bytes) -> str:
        """Store a JSON document of our own, once; returns its sha256.

        Raises:
            RawConflict: the key holds another.
        """
        digest = hashlib.sha256(body).hexdigest()
        self.s3_puts += 1
        self._deps.raw.put_once(key, io.BytesIO(body), sha256=digest, content_type="application/json", metadata={})
        return digest

    def _read(self, body: IO[bytes], receipt: Receipt, check: Callable[[Any], Checked]) -> tuple[Encoding, Checked]:
        if receipt.status == 204:
            return "identity", check(None)
        encoding = content_encoding(receipt.content_encoding)
        return encoding, check(parse(decode(body, encoding, self._limits.page_bytes), receipt.content_type))

    def _put(self, key: str, body: IO[bytes], receipt: Receipt, content_type: str) -> Receipt:
        self.s3_puts += 1
        metadata = self._deps.raw.put_once(
            key, body, sha256=receipt.sha256, content_type=content_type, metadata=receipt.to_metadata()
        )
        return Receipt.from_metadata(metadata)

    def _with_evidence(self, problem: Permanent, answer: Answer, receipt: Receipt, key: str) -> Permanent:
        answer.body.seek(0)
        self._put(key, answer.body, receipt, "application/octet-stream")
        message = f"{problem.message}; the body is kept at {key}"
        return type(problem)(message, **problem.facts, evidence_key=key, request=receipt.request)

    def _bounds(self) -> Bounds:
        return Bounds(
            body_bytes=self._limits.page_bytes,
            answer_seconds=self._limits.request_seconds,
            total_seconds=max(self._remaining_seconds() - STORE_SECONDS, 1.0),
        )
