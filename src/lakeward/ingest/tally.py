"""What the pages must add up to, and when they are all: the rules that end a run live here."""

from collections.abc import Mapping
from dataclasses import dataclass

from lakeward.certificate import CertifiedPage
from lakeward.contract.source import HttpSource
from lakeward.contract.source_paging import KeysetPaging, OffsetLimitPaging, PageNumberPaging
from lakeward.errors import IncompleteRun, UpstreamRefused
from lakeward.formats.document import flag_at, whole_number_at
from lakeward.ingest.keeper import Kept
from lakeward.ingest.layout import page_name
from lakeward.ingest.paging import Pager, Position, Positions, Read, Step
from lakeward.ingest.receipt import Receipt


@dataclass(frozen=True)
class CheckedPage:
    """A page that holds up: its records, where it stands, what comes next, and whether it is the last."""

    step: Step
    read: Read
    following: Step | None
    last: bool
    superseded: bool
    has_place: bool = True
    """Whether it has the place where it would name the next page."""

    @property
    def next_position(self) -> Position | None:
        """Where the page after this one stands, as this one says."""
        return None if self.following is None else self.following.position


class Tally:
    """The pages so far, against what was declared and what ends the run.

    ``counted`` records and ``raw_bytes`` wire bytes are those of all pages so far. ``next_place_seen``: whether any of
    them had the place where the contract says that the next one is named.
    """

    def __init__(self, source: HttpSource, pager: Pager, declared: int | None) -> None:
        self._source = source
        self._pager = pager
        self._first_with: dict[str, int] = {}
        self._positions = Positions()
        paging = source.paging
        self._sized = isinstance(paging, OffsetLimitPaging | PageNumberPaging | KeysetPaging)
        self._size = (
            paging.page_records if isinstance(paging, OffsetLimitPaging | PageNumberPaging | KeysetPaging) else 0
        )
        self.declared = declared
        self.counted = 0
        self.raw_bytes = 0
        self.pages: list[CertifiedPage] = []
        self.complete = declared == 0 and source.stop.when == "declared_total" and source.total_is_asked
        self.following: Step | None = pager.first()
        self.next_place_seen = False
        self._check_reach()

    @property
    def key_at(self) -> str | None:
        """Path of the value that paging needs from every record."""
        return self._pager.key_at

    @property
    def next_number(self) -> int:
        """Number of the page that comes next, from 1."""
        return len(self.pages) + 1

    def ahead(self, step: Step, number: int) -> Step | None:
        """The step after page ``number``, when it is known already and that page cannot be the last."""
        if not self._size or self.declared is None or number * self._size >= self.declared:
            return None
        return self._pager.ahead(step)

    def check_room(self) -> None:
        """Hold the run to its limits before it asks for another page.

        Raises:
            IncompleteRun: it has as many pages or bytes as it may have.
        """
        limits = self._source.limits
        if len(self.pages) >= limits.pages:
            raise IncompleteRun(
                f"expected the last page within {limits.pages} pages, found that there are more; raise "
                "source.limits.pages, "
                "or let a slot ask for less"
            )
        if self.raw_bytes > limits.run_bytes:
            raise IncompleteRun(
                f"expected at most {limits.run_bytes} bytes in all pages, found {self.raw_bytes}; raise "
                "source.limits.run_bytes, or let a slot ask for less"
            )

    def check(self, step: Step, read: Read) -> CheckedPage:
        """Hold the next page to what it must be.

        Raises:
            IncompleteRun: too few or too many records, another count or total than the page or one before it says, the
                records or the position of an earlier page again, an end before all that was declared has come, or a
                page that has nothing which could name the next one, or a full one that has no place for it, where that
                it names none would end the run.
            UpstreamRefused: the next page is where nobody may go.
        """
        self._check_size(read)
        self._check_own_count(read)
        self._check_repeated(read)
        declared = self._declared_by(read)
        superseded = self._pager.superseded(step, read)
        counted = self.counted + (0 if superseded else read.facts.records)
        self._check_total(read, declared, counted)
        following = self._pager.after(step, read)
        has_place = self._source.stop.when != "no_next" or self._pager.has_place(read)
        last = self._is_last(read, following, declared, counted)
        if last:
            _check_reached(declared, counted)
            self._check_place(read, has_place or self.next_place_seen, declared)
        elif following is None:
            raise IncompleteRun(
                f"expected {self._source.stop.when} or another page, found neither: {counted} records"
                + ("" if declared is None else f" of {declared} declared")
            )
        else:
            self._positions.check(following, self.next_number)
        return CheckedPage(step, read, following, last, superseded, has_place)

    def add(self, kept: Kept, page: CheckedPage) -> None:
        """Count a page that was checked and is kept."""
        number, facts = self.next_number, page.read.facts
        if facts.records and not page.superseded:  # half of a full window may hold all that the window gave
            self._first_with[facts.records_digest] = number
        self._positions.add(page.step, number)
        self.counted += 0 if page.superseded else facts.records
        self.raw_bytes += kept.size_bytes
        self.declared = self._declared_by(page.read)
        self.complete, self.following = page.last, page.following
        self.next_place_seen = self.next_place_seen or page.has_place
        receipt = kept.receipt
        self.pages.append(
            CertifiedPage(
                number=number,
                key=kept.key,
                sha256=receipt.sha256,
                bytes=kept.size_bytes,
                records=facts.records,
                superseded=page.superseded,
                position=page.step.position,
                next_position=page.next_position,
                content_encoding=kept.content_encoding,
                request=kept.request,
                request_headers=kept.request_headers,
                served_by=receipt.served_by,
                status=receipt.status,
                response_headers=receipt.response_headers,
                fetched_at=receipt.fetched_at,
            )
        )

    def correct(self, receipts: Mapping[str, Receipt]) -> None:
        """Say of pages what lies beside them in raw, by their names: another call may have kept the same bytes."""
        for at, page in enumerate(self.pages):
            receipt = receipts.get(page_name(page.number))
            if receipt is not None:
                facts = {name: getattr(receipt, name) for name in ("served_by", "response_headers", "fetched_at")}
                self.pages[at] = page.model_copy(update={**facts, "status": receipt.status})

    def _check_reach(self) -> None:
        pages, declared = self._source.limits.pages, self.declared
        if self._sized and declared is not None and declared > self._size * pages:
            raise UpstreamRefused(
                f"declared {declared} records, which is more than {pages} pages of {self._size}; raise "
                "source.limits.pages "
                "or source.paging.page_records, or let a slot ask for less",
                declared=declared,
            )

    def _check_size(self, read: Read) -> None:
        found, paging = read.facts.records, self._source.paging
        if self._sized and found > self._size:
            param = getattr(paging, "limit_param", None) or getattr(paging, "size_param", None) or "no parameter"
            raise IncompleteRun(
                f"asked for at most {self._size} records ({param}), found {found}: "
                "the service does not heed it; correct source.paging"
            )

    def _check_place(self, read: Read, seen: bool, declared: int | None) -> None:
        """An only page that has no place for the name of a next one, and as many records as a page may have, is no end.

        Raises:
            IncompleteRun: it is so full, by the number in a parameter of the contract.
        """
        found = read.facts.records
        sizes = [name for name, text in self._source.params.items() if found > 1 and text == str(found)]
        if not seen and declared is None and sizes:
            raise IncompleteRun(
                f"expected the place where source.paging says that the next page is named, because this page is full "
                f"({found} records, source.params.{sizes[0]}), found none: look whether its name is right; when the "
                "service leaves it out of an only page, declare a total, or ask for pages of another size"
            )

    def _check_own_count(self, read: Read) -> None:
        records, facts = self._source.records, read.facts
        if records.declared_count_at is None or facts.document is None:
            return
        said = whole_number_at(facts.document, records.declared_count_at)
        if said != facts.records:
            raise IncompleteRun(
                f"the page declares {said} records ({records.declared_count_at}), found {facts.records} ({records.at})"
            )

    def _check_repeated(self, read: Read) -> None:
        earlier = self._first_with.get(read.facts.records_digest)
        if earlier is not None:
            param = getattr(self._source.paging, "offset_param", None) or "what tells its pages apart"
            raise IncompleteRun(
                f"expected other records than before, found the {read.facts.records} records of page {earlier} "
                f"again: the service does not heed {param!r}, or repeats itself"
            )

    def _declared_by(self, read: Read) -> int | None:
        """The total in force once this page was read; where the pages say it, this one must say what all others did."""
        total = self._source.total
        if total is None or total.url is not None:
            return self.declared
        if read.facts.document is None and total.at is not None:
            said = 0 if self.declared is None else self.declared
        else:
            said = declared_in(self._source, read)
        if self.declared is not None and said != self.declared:
            raise IncompleteRun(
                f"declared {self.declared} in the pages before, found {said} declared in this one: "
                "the data changed while it was read",
                declared=self.declared,
                found=said,
            )
        return said

    def _check_total(self, read: Read, declared: int | None, counted: int) -> None:
        """With offsets and numbers every page but the last is full; no run has more than was declared."""
        if declared is None:
            return
        found = read.facts.records
        steady = isinstance(self._source.paging, OffsetLimitPaging | PageNumberPaging)
        expected = min(self._size, declared - self.counted) if steady else found
        if found == expected and counted <= declared:
            return
        hint = (
            "the service caps its pages below source.paging.page_records, or its data changed while it was read"
            if found < expected
            else "its data changed while it was read, or the total and the pages are not asked for the same records"
        )
        room = f"expected {expected} records in it, found {found}; " if steady else ""
        raise IncompleteRun(
            f"declared {declared}, found {counted} with this page: {room}{hint}", declared=declared, found=counted
        )

    def _is_last(self, read: Read, following: Step | None, declared: int | None, counted: int) -> bool:
        """Whether the stop condition holds with this page."""
        stop = self._source.stop
        match stop.when:
            case "declared_total":
                return counted == declared
            case "empty_page":
                return read.facts.records == 0
            case "short_page":
                return read.facts.records < self._size
            case "end_flag":
                return flag_at(read.facts.document, stop.at or "$") == stop.equals
            case "no_next" | "only_page" | "windows_covered":
                return following is None


def declared_in(source: HttpSource, read: Read) -> int:
    """The total that an answer declares.

    Raises:
        IncompleteRun: it declares none, or something that is no number.
    """
    total = source.total
    if total is not None and total.at is not None:
        return whole_number_at(read.facts.document, total.at)
    name = (total.header or "") if total else ""
    said = read.headers.get(name.lower(), "").strip()
    if not said.isascii() or not said.isdigit():
        raise IncompleteRun(
            f"expected a whole number in the header {name}, found {'none' if not said else 'another text'}"
        )
    return int(said)


def _check_reached(declared: int | None, counted: int) -> None:
    if declared is not None and counted != declared:
        raise IncompleteRun(
            f"declared {declared}, found {counted} at the end: the service left some out, or its data changed while it "
            "was read",
            declared=declared,
            found=counted,
        )
