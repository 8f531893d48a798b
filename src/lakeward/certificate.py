"""The certificate of a run: the proof that raw holds every page of a slot.

It is written last, once, at ``<dataset>/slot=<key>/certificate.json``. A slot without one is not complete and can
never be published. A certificate whose numbers do not add up cannot be made, and one that was stored is checked again
each time it is read. ``schemas/certificate.schema.json`` is made from these models.

Version 3 says whether the service ever had the place where it would name a next page. Version 2, which did not, and
version 1, which did not say either where pages stand and which ones they lead to, are still read.
"""

import hashlib
import json
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from lakeward.errors import IncompleteRun

StopCondition = Literal[
    "declared_total_reached",
    "empty_page",
    "short_page",
    "no_next",
    "end_flag",
    "only_page",
    "windows_covered",
    "not_modified",
]


class CertifiedPage(BaseModel):
    """One page as it lies in raw."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: int = Field(ge=1, description="1 for the first page.")
    key: str = Field(description="S3 key in the raw bucket.")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="Of the bytes that came over the wire.")
    bytes: int = Field(ge=0, description="Length of those bytes.")
    records: int = Field(ge=0, description="Records found in the page.")
    superseded: bool = Field(
        default=False,
        description=(
            "Whether the page met the service's maximum, so that pages for its halves stand in its place. Its "
            "records do not count."
        ),
    )
    position: dict[str, str] = Field(
        default_factory=dict, description="Where the page stands: its offset, number, cursor, URL, key or window."
    )
    next_position: dict[str, str] | None = Field(
        default=None,
        description="Where the next page stands, as this page and the contract say; null when there is none.",
    )
    content_encoding: Literal["identity", "gzip", "deflate", "zstd"] = Field(
        description="How the wire bytes are encoded."
    )
    request: str = Field(description="Method and URL, without what is secret.")
    request_headers: dict[str, str] = Field(
        default_factory=dict,
        description="Headers of the request that the contract set, names in lower case; secrets redacted.",
    )
    served_by: str = Field(
        description="Origin that answered; not the request's own only under UPSTREAM_OVERRIDES or after a redirect."
    )
    status: int = Field(
        description="200; 204 for an answer without a body; 304 for one that says that nothing changed."
    )
    response_headers: dict[str, str] = Field(
        description="Names in lower case; only those that describe the body, or that paging or the total reads."
    )
    fetched_at: str = Field(description="Clock reading when the last byte came, ISO 8601 UTC.")

    @property
    def name(self) -> str:
        """What rows call it: page-00001."""
        return f"page-{self.number:05d}"

    @property
    def received_at(self) -> datetime:
        """``fetched_at`` as an instant in UTC."""
        return datetime.fromisoformat(self.fetched_at).astimezone(UTC)


def is_instant(text: str) -> bool:
    """Whether a text is an ISO 8601 instant with its offset."""
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


class Certificate(BaseModel):
    """Every page, its digest, what was declared, how each page leads to the next, the stop condition that held."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    certificate: Literal[1, 2, 3] = Field(default=3, description="Version of this format.")
    dataset: str = Field(description="Name of the dataset.")
    slot: str = Field(description="2018-01-31T00:00Z")
    attempt: int = Field(ge=1, description="Pages of abandoned attempts stay in raw and are not part of this.")
    contract_sha256: str = Field(description="Of the contract that asked for every page.")
    release: str = Field(description="sha256 of the function zip that proved the pages and certified.")
    paging: str = Field(default="offset_limit", description="The contract's way of paging.")
    declared_total: int | None = Field(ge=0, description="What the upstream said there is; null when it says nothing.")
    total_key: str | None = Field(
        description="S3 key of the answer that said so; null when the pages say it, or nobody."
    )
    total_sha256: str | None = Field(description="Of that answer's wire bytes.")
    total_after_key: str | None = Field(description="The same question after the last page; null when there is none.")
    total_after_sha256: str | None = Field(description="Of that answer's wire bytes.")
    counted_records: int = Field(ge=0, description="Records of all pages that count.")
    stop_condition: StopCondition = Field(description="What held, and ended the run.")
    next_place_seen: bool | None = Field(
        default=None,
        description=(
            "For `no_next`: whether any answer had the place where the contract says that it names the next page. "
            "False: it had not, and that alone says that there is none; a name that is misspelt in the contract looks "
            "the same."
        ),
    )
    begin_key: str | None = Field(
        default=None, description="S3 key of what the attempt began from; null when it needed nothing."
    )
    reached: str | None = Field(
        default=None, description="The greatest value of `source.incremental.at` so far: where the next run goes on."
    )
    validators: dict[str, str] = Field(
        default_factory=dict, description="ETag and Last-Modified of what is held, for the next run's condition."
    )
    pages: list[CertifiedPage] = Field(description="All pages, in the order in which they were asked for.")
    chain_sha256: str = Field(description="sha256 over the pages' digests in order, hex, joined by newlines.")

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        for problem in self._problems():
            raise ValueError(problem)
        return self

    def _problems(self) -> Iterator[str]:
        for page in self.pages:
            if not is_instant(page.fetched_at):
                yield f"expected an instant with its offset as fetched_at of page {page.number}, found something else"
        numbers = [page.number for page in self.pages]
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"expected pages 1 to {len(numbers)}, found {numbers}"
        found = sum(page.records for page in self.pages if not page.superseded)
        declared = self.counted_records if self.declared_total is None else self.declared_total
        if not found == self.counted_records == declared:
            yield f"declared {self.declared_total}, counted {self.counted_records}, found {found} in the pages"
        if self.stop_condition == "declared_total_reached" and self.declared_total is None:
            yield "expected a declared total, because it was reached; found none"
        if self.chain_sha256 != chain([page.sha256 for page in self.pages]):
            yield "expected chain_sha256 over the pages' digests, found another"
        asked_again = (self.total_after_key is not None, self.total_after_sha256 is not None)
        if asked_again != (bool(self.pages and self.total_key), bool(self.pages and self.total_key)):
            yield "expected the total to have been asked again after the last page, and only then"
        if self.certificate >= 2:
            yield from self._broken_links()
        if self.certificate >= 3 and (self.next_place_seen is None) == (self.stop_condition == "no_next"):
            yield "expected whether the place of the next page was seen with no_next, and only then"
        if self.next_place_seen is False and any(page.next_position is not None for page in self.pages):
            yield "expected pages that lead nowhere, because none has a place to say so; found one that does"

    def _broken_links(self) -> Iterator[str]:
        """Each page leads to the one after it; windows of time lie end to end."""
        for page, following in pairwise(self.pages):
            if page.next_position != following.position:
                yield f"expected page {page.number} to lead to page {following.number}, found that it leads elsewhere"
        if (
            self.pages
            and self.stop_condition in ("no_next", "windows_covered")
            and self.pages[-1].next_position is not None
        ):
            yield "expected a last page that leads nowhere, found one that does"
        windows = [page.position for page in self.pages if not page.superseded]
        if self.stop_condition == "windows_covered" and any(
            one["until"] != other["from"] for one, other in pairwise(windows)
        ):
            yield "expected windows that lie end to end, found a gap"

    def stand_ins(self, hosts: Collection[str]) -> list[str]:
        """Origins that answered in the place of the service, such as the replay of a recorded sample; none where the
        service itself did.

        Args:
            hosts: those that the contract names, where a redirect may have led. Of pages that an older contract asked
                for, the request says which host it was.
        """
        return sorted({page.served_by for page in self.pages if not _is_service(page, hosts)})

    @property
    def warnings(self) -> list[str]:
        """What a person should know of a proof that holds."""
        if self.next_place_seen is False and self.declared_total is None:
            told = (
                "no answer had the place where source.paging says that the next page is named, and no total is "
                "declared: that this page is the last follows from nothing else. Look whether the name is right, and "
                "declare a total or an end flag when the service has one"
            )
            return [told]
        return []

    def as_version(self, version: Literal[1, 2, 3]) -> "Certificate":
        """The same run as an earlier version, 2 or later, would certify it."""
        return self if version == 3 else self.model_copy(update={"certificate": version, "next_place_seen": None})

    def to_bytes(self) -> bytes:
        """The stored form: JSON, keys in the order of the model, two spaces, a final newline."""
        later = {"next_place_seen"} if self.certificate < 3 else None
        return self.model_dump_json(indent=2, exclude=later).encode() + b"\n"

    @classmethod
    def from_bytes(cls, raw: bytes) -> "Certificate":
        """Read the stored form.

        Raises:
            IncompleteRun: not a certificate, or one whose numbers do not add up.
        """
        try:
            return cls.model_validate_json(raw)
        except ValidationError as problem:
            found = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'as a whole'}: {e['msg']}" for e in problem.errors())
            raise IncompleteRun(
                f"expected a certificate that holds, found one with {problem.error_count()} problem(s): {found}; "
                "nothing of this slot may be published: find out from the bucket's versions who wrote it"
            ) from None


def _is_service(page: CertifiedPage, hosts: Collection[str]) -> bool:
    """Whether a page came from a host that was meant; plain http is for origins that stand in."""
    scheme, _, host = page.served_by.partition("://")
    asked = page.request.partition(" ")[2]
    return scheme == "https" and (host in hosts or asked.startswith(f"{page.served_by}/") or asked == page.served_by)


def chain(page_digests: list[str]) -> str:
    """The chain hash of pages in order."""
    return hashlib.sha256("\n".join(page_digests).encode()).hexdigest()


def certificate_schema_text() -> str:
    """The JSON Schema of certificates, draft 2020-12, as the text of ``schemas/certificate.schema.json``."""
    made = Certificate.model_json_schema()
    first = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:lakeward:schema:certificate:3",
        "title": "Lakeward certificate",
    }
    return json.dumps({**made, **first}, indent=2, ensure_ascii=False) + "\n"
