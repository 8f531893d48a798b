"""Ingest one slot: open an attempt, prove what it has, fetch the rest, certify."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from lakeward.certificate import Certificate, chain
from lakeward.contract import Dataset
from lakeward.errors import IncompleteRun, LakewardError
from lakeward.ingest.attempt import Attempt, abandon, open_attempt
from lakeward.ingest.document import whole_number_at
from lakeward.ingest.keeper import Deps, Keeper, Kept
from lakeward.ingest.layout import SlotKeys, page_name
from lakeward.ingest.source import page_request, total_request
from lakeward.ingest.tally import Tally
from lakeward.ports.upstream import Request
from lakeward.slot import Slot

Checked = TypeVar("Checked")


@dataclass(frozen=True)
class Progress:
    """How far a slot has come. The last two fields count what this call did."""

    complete: bool
    certificate_key: str | None
    certificate_sha256: str | None
    pages: int
    records: int
    raw_bytes: int
    attempt: int
    http_requests: int
    s3_puts: int

    def as_event(self) -> dict[str, Any]:
        """As the state machine passes it on."""
        return asdict(self)


def ingest_slot(dataset: Dataset, slot: Slot, deps: Deps, remaining_seconds: Callable[[], float]) -> Progress:
    """Bring every page of a slot into raw and certify it; or as many as time allows, and say so.

    A slot that has a certificate is complete for ever: nothing is asked and nothing is written. Otherwise the call
    goes on where the attempt stands, after proving again what raw holds of it.

    Args:
        dataset: whose contract says what to ask and what must come.
        slot: the interval.
        deps: the outside world.
        remaining_seconds: time that this call still has.

    Raises:
        IncompleteRun: the pages do not add up. The attempt is abandoned; the next call starts another.
        UpstreamRefused, UpstreamUnavailable, RawConflict, StoreUnavailable: the attempt stands and can be resumed.
    """
    slot_keys = SlotKeys(dataset.name, slot)
    stored = deps.raw.get(slot_keys.certificate)
    if stored is not None:
        return _certified(slot_keys, stored.body)
    keeper = Keeper(dataset, deps, remaining_seconds)
    attempt = open_attempt(slot_keys, dataset, deps, keeper)
    try:
        return _Run(dataset, slot, deps, keeper, slot_keys, attempt).bring_in()
    except IncompleteRun as problem:
        why = {"error": type(problem).__name__, "message": problem.message, "facts": problem.facts}
        abandon(attempt, why, deps, keeper)
        raise IncompleteRun(
            f"{problem.message}; attempt {attempt.number} is abandoned: run the slot again to start the next",
            **problem.facts,
        ) from problem


@dataclass(frozen=True)
class _Run:
    """One attempt in one call."""

    dataset: Dataset
    slot: Slot
    deps: Deps
    keeper: Keeper
    slot_keys: SlotKeys
    attempt: Attempt

    def bring_in(self) -> Progress:
        """Go on until the slot is certified or time is short."""
        source, attempt = self.dataset.contract.source, self.attempt
        with self._naming("total"):
            attempt.check_order()
        total, declared = self._settle("total", attempt.stored("total"), self._total_request(), self._declared)
        with self._naming("total"):
            tally = Tally(source, declared)
        while not tally.complete:
            number = tally.next_number
            stored = attempt.found.pages.get(number, [])
            if not stored and self.keeper.must_stop:
                return self._progress(tally)
            request = page_request(source, self.slot, number)
            tally.add(*self._settle(page_name(number), stored, request, tally.check))
        attempt.check_nothing_beyond(len(tally.pages))
        if not tally.pages:
            return self._certify(tally, total, None)
        stored = attempt.stored("total-after")
        if not stored and self.keeper.must_stop:
            return self._progress(tally)
        after, declared = self._settle("total-after", stored, self._total_request(), self._unchanged_from(declared))
        return self._certify(tally, total, after)

    def _settle(
        self, name: str, stored: list[str], request: Request, check: Callable[[Any], Checked]
    ) -> tuple[Kept, Checked]:
        """Prove what raw holds under this name, or fetch it."""
        with self._naming(name):
            if len(stored) > 1:
                raise IncompleteRun(f"expected one object, found {' and '.join(stored)}")
            if stored:
                return self.keeper.prove(stored[0], request, check)
            return self.keeper.fetch(request, self.attempt.keys, name, check)

    def _certify(self, tally: Tally, total: Kept, after: Kept | None) -> Progress:
        certificate = Certificate(
            dataset=self.dataset.name,
            slot=str(self.slot),
            attempt=self.attempt.number,
            contract_sha256=self.dataset.contract_sha256,
            release=self.deps.release,
            declared_total=tally.declared,
            total_key=total.key,
            total_sha256=total.receipt.sha256,
            total_after_key=after.key if after else None,
            total_after_sha256=after.receipt.sha256 if after else None,
            counted_records=tally.counted,
            stop_condition="declared_total_reached",
            pages=tally.pages,
            chain_sha256=chain([page.sha256 for page in tally.pages]),
        )
        digest = self.keeper.write(self.slot_keys.certificate, certificate.to_bytes())
        return self._progress(tally, digest)

    def _progress(self, tally: Tally, certificate_sha256: str | None = None) -> Progress:
        return Progress(
            complete=certificate_sha256 is not None,
            certificate_key=self.slot_keys.certificate if certificate_sha256 else None,
            certificate_sha256=certificate_sha256,
            pages=len(tally.pages),
            records=tally.counted,
            raw_bytes=tally.raw_bytes,
            attempt=self.attempt.number,
            http_requests=self.keeper.http_requests,
            s3_puts=self.keeper.s3_puts,
        )

    def _total_request(self) -> Request:
        return total_request(self.dataset.contract.source, self.slot)

    def _declared(self, document: Any) -> int:
        return whole_number_at(document, self.dataset.contract.source.total.at)

    def _unchanged_from(self, declared: int) -> Callable[[Any], int]:
        def check(document: Any) -> int:
            again = self._declared(document)
            if again != declared:
                raise IncompleteRun(
                    f"declared {declared} before the first page, found {again} declared after the last: "
                    "the data changed while it was read",
                    declared=declared,
                    found=again,
                )
            return again

        return check

    @contextmanager
    def _naming(self, name: str) -> Iterator[None]:
        """Say in every error where it happened."""
        place = f"{self.dataset.name} {self.slot} attempt {self.attempt.number} {name}"
        where = {"dataset": self.dataset.name, "slot": str(self.slot), "attempt": self.attempt.number, "object": name}
        try:
            yield
        except LakewardError as problem:
            raise type(problem)(f"{place}: {problem.message}", **where, **problem.facts) from problem


def _certified(slot_keys: SlotKeys, stored: bytes) -> Progress:
    """The answer for a slot that was complete before this call.

    Raises:
        IncompleteRun: what lies under the certificate's key does not hold.
    """
    try:
        certificate = Certificate.from_bytes(stored)
    except IncompleteRun as problem:
        raise IncompleteRun(f"{slot_keys.certificate}: {problem.message}", key=slot_keys.certificate) from problem
    return Progress(
        complete=True,
        certificate_key=slot_keys.certificate,
        certificate_sha256=hashlib.sha256(stored).hexdigest(),
        pages=len(certificate.pages),
        records=certificate.counted_records,
        raw_bytes=sum(page.bytes for page in certificate.pages),
        attempt=certificate.attempt,
        http_requests=0,
        s3_puts=0,
    )
