"""Ingest one slot: open an attempt, prove what it has, fetch the rest, certify."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import IO, Any, TypeVar

from lakeward.certificate import Certificate
from lakeward.contract import Dataset
from lakeward.contract.source_records import JsonRecords
from lakeward.errors import IncompleteRun, LakewardError, SlotInvalid
from lakeward.formats.document import check_once, found_at, names_in, parse
from lakeward.formats.page import EMPTY, PageFacts, facts_of
from lakeward.ingest.attempt import Attempt, abandon, open_attempt
from lakeward.ingest.begin import Begin, HighWater
from lakeward.ingest.beginning import begin_of
from lakeward.ingest.certify import certificate_of
from lakeward.ingest.collector import seldom_collecting
from lakeward.ingest.keeper import Asked, Check, Deps, Keeper, Kept
from lakeward.ingest.layout import SlotKeys, page_name
from lakeward.ingest.pagers import pager_of
from lakeward.ingest.paging import Read, Step
from lakeward.ingest.receipt import Receipt
from lakeward.ingest.source import page_request, total_request
from lakeward.ingest.tally import CheckedPage, Tally, declared_in
from lakeward.slot import Slot

Checked = TypeVar("Checked")
PLAIN_JSON = JsonRecords(format="json", at="$")
"""What the answer to the question for the total is."""


@dataclass(frozen=True)
class Progress:
    """How far a slot has come. ``http_requests`` and ``s3_puts`` count what this call did."""

    complete: bool
    certificate_key: str | None
    certificate_sha256: str | None
    pages: int
    records: int
    raw_bytes: int
    attempt: int
    http_requests: int
    s3_puts: int
    warnings: list[str] = field(default_factory=list)
    """What a person should know of the certificate."""

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
        SlotInvalid: the slot is not over yet, so its records cannot all be there.
        IncompleteRun: the pages do not add up. The attempt is abandoned; the next call starts another.
        UpstreamRefused, UpstreamUnavailable, RawConflict, StoreUnavailable: the attempt stands and can be resumed.
    """
    slot_keys = SlotKeys(dataset.name, slot)
    stored = deps.raw.get(slot_keys.certificate)
    if stored is not None:
        return _certified(slot_keys, stored.body)
    _hold_to_be_over(slot, deps)
    keeper = Keeper(dataset, deps, remaining_seconds)
    attempt = open_attempt(slot_keys, dataset, deps, keeper)
    try:
        return complete(dataset, slot, deps, keeper, attempt)
    except IncompleteRun as problem:
        why = {"error": type(problem).__name__, "message": problem.message, "facts": problem.facts}
        abandon(attempt, why, deps, keeper)
        raise IncompleteRun(
            f"{problem.message}; attempt {attempt.number} is abandoned: run the slot again to start the next",
            **problem.facts,
        ) from problem


def complete(dataset: Dataset, slot: Slot, deps: Deps, keeper: Keeper, attempt: Attempt) -> Progress:
    """Prove what raw holds of an attempt, fetch the rest and certify. The keeper is closed at the end.

    Raises:
        IncompleteRun: the pages do not add up.
        UpstreamRefused, UpstreamUnavailable, RawConflict, StoreUnavailable: the attempt stands and can be resumed.
    """
    slot_keys, incremental = SlotKeys(dataset.name, slot), dataset.contract.source.incremental
    try:
        begin = begin_of(dataset, slot_keys, attempt, deps, keeper)
        high_water = HighWater(incremental, begin.reached) if incremental else None
        with seldom_collecting():
            return _Run(dataset, slot, deps, keeper, slot_keys, attempt, begin, high_water).bring_in()
    finally:
        keeper.close()


def _hold_to_be_over(slot: Slot, deps: Deps) -> None:
    """A certificate stands for ever, so none may be given while records can still come."""
    now = deps.clock()
    if slot.end > now:
        raise SlotInvalid(
            f"expected a slot that is over, found {slot}, which ends at {slot.end:%Y-%m-%dT%H:%MZ}; "
            f"it is {now:%Y-%m-%dT%H:%MZ} now. Run it when it is over"
        )


@dataclass(frozen=True)
class _Run:
    """One attempt in one call."""

    dataset: Dataset
    slot: Slot
    deps: Deps
    keeper: Keeper
    slot_keys: SlotKeys
    attempt: Attempt
    begin: Begin
    high_water: HighWater | None

    def bring_in(self) -> Progress:
        """Go on until the slot is certified or time is short."""
        source, attempt = self.dataset.contract.source, self.attempt
        total: Kept | None = None
        declared: int | None = None
        if source.total_is_asked:
            with self._naming("total"):
                attempt.check_order()
            total, declared = self._settled(attempt.stored("total"), self._total("total"), self._declared)
        with self._naming("total"):
            tally = Tally(source, pager_of(source, self.slot), declared)
        all_read = self._read_pages(tally)
        tally.correct(self.keeper.settle())
        if not all_read:
            return self._progress(tally)
        attempt.check_nothing_beyond(len(tally.pages))
        if total is None or not tally.pages:
            return self._certify(tally, total, None)
        stored = attempt.stored("total-after")
        if not stored and self.keeper.must_stop:
            return self._progress(tally)
        after, _ = self._settled(stored, self._total("total-after"), self._unchanged_from(tally.declared))
        return self._certify(tally, total, after)

    def _read_pages(self, tally: Tally) -> bool:
        """Prove or fetch page after page; False when time is short."""
        source = self.dataset.contract.source
        while not tally.complete and tally.following is not None:
            step, name = tally.following, page_name(tally.next_number)
            stored = self.attempt.found.pages.get(tally.next_number, [])
            if not stored and self.keeper.must_stop:
                return False
            with self._naming(name):
                tally.check_room()
                self._check_age(tally)
                asked = Asked(page_request(source, self.slot, step, self.begin), name, source.records)
                self._look_ahead(tally, step, tally.next_number)
            tally.add(*self._settle(stored, asked, partial(self._checked, tally, step)))
        return True

    def _settle(self, stored: list[str], asked: Asked, check: Check[Checked]) -> tuple[Kept, Checked]:
        """Prove what raw holds under a name, or fetch it."""
        with self._naming(asked.name):
            if len(stored) > 1:
                raise IncompleteRun(f"expected one object, found {' and '.join(stored)}")
            if stored:
                return self.keeper.prove(stored[0], asked, check)
            return self.keeper.fetch(asked, self.attempt.keys, check, self._naming)

    def _settled(self, stored: list[str], asked: Asked, check: Check[Checked]) -> tuple[Kept, Checked]:
        """The same, and it lies in raw: pages come after the total, and the total again after the pages."""
        kept, checked = self._settle(stored, asked, check)
        return replace(kept, receipt=self.keeper.settle().get(asked.name, kept.receipt)), checked

    def _checked(self, tally: Tally, step: Step, body: IO[bytes] | None, receipt: Receipt) -> CheckedPage:
        """Read a page, and hold it to what it must be."""
        if receipt.status == 304 and not self.begin.conditions:
            raise IncompleteRun("expected a page, found the answer to a condition that was not set (status 304)")
        keys: list[Any] = []
        key_at = tally.key_at

        def observe(record: Any) -> None:
            if key_at is not None:
                keys.append(found_at(record, key_at))
            if self.high_water is not None:
                self.high_water.see(record)

        looking = observe if key_at is not None or self.high_water is not None else None
        contract = self.dataset.contract
        facts = EMPTY if body is None else facts_of(contract, body, receipt.content_type, looking)
        checked = tally.check(step, Read(facts, receipt.response_headers, keys))
        if not checked.last:
            self._look_ahead(tally, checked.following, tally.next_number + 1)
        return checked

    def _look_ahead(self, tally: Tally, step: Step | None, number: int) -> None:
        """Say what is wanted soon: the page of a step, and as many after it as are known to be there."""
        source = self.dataset.contract.source
        for _ in range(source.manners.concurrency + 1):
            if step is None or number > source.limits.pages or self.attempt.found.pages.get(number):
                return
            self.keeper.expect(page_request(source, self.slot, step, self.begin))
            number, step = number + 1, tally.ahead(step, number)

    def _check_age(self, tally: Tally) -> None:
        """An attempt ends in the time that the contract gives it.

        Raises:
            IncompleteRun: it does not.
        """
        if not tally.pages:
            return
        limit = self.dataset.contract.source.limits.run_seconds
        age = (self.deps.clock() - datetime.fromisoformat(tally.pages[0].fetched_at)).total_seconds()
        if age > limit:
            raise IncompleteRun(
                f"expected the last page within {limit} s of the first (source.limits.run_seconds), found {age:.0f} "
                "s gone"
            )

    def _certify(self, tally: Tally, total: Kept | None, after: Kept | None) -> Progress:
        certificate = certificate_of(
            tally,
            dataset=self.dataset,
            slot=self.slot,
            attempt=self.attempt,
            release=self.deps.release,
            totals=(total, after),
            begin=self.begin,
            reached=None if self.high_water is None else self.high_water.text,
        )
        digest = self.keeper.write(self.slot_keys.certificate, certificate.to_bytes())
        return self._progress(tally, digest, certificate.warnings)

    def _progress(
        self, tally: Tally, certificate_sha256: str | None = None, warnings: list[str] | None = None
    ) -> Progress:
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
            warnings=warnings or [],
        )

    def _total(self, name: str) -> Asked:
        return Asked(total_request(self.dataset.contract.source, self.slot), name, PLAIN_JSON)

    def _declared(self, body: IO[bytes] | None, receipt: Receipt) -> int:
        text = b"" if body is None else body.read()
        document = None if body is None else parse(text, receipt.content_type)
        total = self.dataset.contract.source.total
        if document is not None and total is not None:
            check_once(text, names_in(total.at))
        facts = PageFacts(document, 0, "")
        return declared_in(self.dataset.contract.source, Read(facts, receipt.response_headers))

    def _unchanged_from(self, declared: int | None) -> Check[int]:
        def check(body: IO[bytes] | None, receipt: Receipt) -> int:
            again = self._declared(body, receipt)
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
        """Say in every error where it happened, unless it says so: what a put of an earlier page met does."""
        place = f"{self.dataset.name} {self.slot} attempt {self.attempt.number} {name}"
        where = {"dataset": self.dataset.name, "slot": str(self.slot), "attempt": self.attempt.number, "object": name}
        try:
            yield
        except LakewardError as problem:
            if "object" in problem.facts:
                raise
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
        warnings=certificate.warnings,
    )
