"""What the pages must add up to. The rule that ends a run lives here: the declared total, reached exactly."""

import hashlib
from dataclasses import dataclass
from typing import Any

import orjson

from lakeward.certificate import CertifiedPage
from lakeward.contract.source import HttpSource
from lakeward.errors import IncompleteRun, UpstreamRefused
from lakeward.ingest.document import list_at, whole_number_at
from lakeward.ingest.keeper import Kept


@dataclass(frozen=True)
class CheckedPage:
    """A page that holds up: how many records, and the digest of the records alone."""

    records: int
    records_sha256: str


class Tally:
    """The pages so far, against the total that was declared before the first one."""

    def __init__(self, source: HttpSource, declared: int) -> None:
        limit, pages = source.paging.page_records, source.limits.pages
        if declared > limit * pages:
            raise UpstreamRefused(
                f"declared {declared} records, which is more than {pages} pages of {limit}; raise source.limits.pages "
                "or source.paging.page_records, or let a slot ask for less",
                declared=declared,
            )
        self._source = source
        self._first_with: dict[str, int] = {}
        self.declared = declared
        self.counted = 0
        self.pages: list[CertifiedPage] = []

    @property
    def complete(self) -> bool:
        """The stop condition: every declared record was counted."""
        return self.counted == self.declared

    @property
    def next_number(self) -> int:
        """Number of the page that comes next, from 1."""
        return len(self.pages) + 1

    @property
    def raw_bytes(self) -> int:
        """Wire bytes of all pages."""
        return sum(page.bytes for page in self.pages)

    def check(self, document: Any) -> CheckedPage:
        """Hold the next page to what it must be.

        Args:
            document: the parsed page; None for an answer without a body, which is a page without records.

        Raises:
            IncompleteRun: too few or too many records, another count than the page says itself, or the records of an
                earlier page again.
        """
        at, paging = self._source.records.at, self._source.paging
        records = [] if document is None else list_at(document, at)
        found = len(records)
        if found > paging.page_records:
            raise IncompleteRun(
                f"asked for at most {paging.page_records} records ({paging.limit_param}), found {found}: "
                "the service does not heed it; correct source.paging"
            )
        self._check_own_count(document, found)
        digest = _digest(records)
        if digest in self._first_with:
            raise IncompleteRun(
                f"expected other records than before, found the {found} records of page {self._first_with[digest]} "
                f"again: the service does not heed {paging.offset_param!r}, or repeats itself"
            )
        self._check_total(found)
        return CheckedPage(found, digest)

    def add(self, kept: Kept, page: CheckedPage) -> None:
        """Count a page that was checked and is kept."""
        number = self.next_number
        self._first_with[page.records_sha256] = number
        self.counted += page.records
        self.pages.append(
            CertifiedPage(
                number=number,
                key=kept.key,
                sha256=kept.receipt.sha256,
                bytes=kept.size_bytes,
                records=page.records,
                content_encoding=kept.content_encoding,
                request=kept.receipt.request,
                served_by=kept.receipt.served_by,
                status=kept.receipt.status,
                response_headers=kept.receipt.response_headers,
                fetched_at=kept.receipt.fetched_at,
            )
        )

    def _check_own_count(self, document: Any, found: int) -> None:
        where = self._source.records.declared_count_at
        if where is None or document is None:
            return
        said = whole_number_at(document, where)
        if said != found:
            raise IncompleteRun(
                f"the page declares {said} records ({where}), found {found} ({self._source.records.at})"
            )

    def _check_total(self, found: int) -> None:
        expected = min(self._source.paging.page_records, self.declared - self.counted)
        if found == expected:
            return
        hint = (
            "the service caps its pages below source.paging.page_records, or its data changed while it was read"
            if found < expected
            else "its data changed while it was read, or the total and the pages are not asked for the same records"
        )
        raise IncompleteRun(
            f"declared {self.declared}, found {self.counted + found} with this page: "
            f"expected {expected} records in it, found {found}; {hint}",
            declared=self.declared,
            found=self.counted + found,
        )


def _digest(records: list[Any]) -> str:
    """sha256 (hex) of the records alone: what surrounds them, a time of day say, may differ in a repeated page."""
    digest = hashlib.sha256()
    for record in records:
        digest.update(orjson.dumps(record))
        digest.update(b"\n")
    return digest.hexdigest()
