"""The certificate of a run: the proof that raw holds every page of a slot.

It is written last, once, at ``<dataset>/slot=<key>/certificate.json``. A slot without one is not complete and can
never be published. A certificate whose numbers do not add up cannot be made, and one that was stored is checked again
each time it is read.
"""

import hashlib
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from lakeward.errors import IncompleteRun


class CertifiedPage(BaseModel):
    """One page as it lies in raw."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: int = Field(ge=1, description="1 for the first page.")
    key: str = Field(description="S3 key in the raw bucket.")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="Of the bytes that came over the wire.")
    bytes: int = Field(ge=0, description="Length of those bytes.")
    records: int = Field(ge=0, description="Records found in the page.")
    content_encoding: Literal["identity", "gzip"] = Field(description="How the wire bytes are encoded.")
    request: str = Field(description="Method and URL, secrets redacted.")
    served_by: str = Field(description="Origin that answered; not the request's own only under UPSTREAM_OVERRIDES.")
    status: int
    response_headers: dict[str, str] = Field(description="Names in lower case; only those that describe the body.")
    fetched_at: str = Field(description="Clock reading when the last byte came, ISO 8601 UTC.")


class Certificate(BaseModel):
    """Every page, its digest, the declared total, the stop condition that held."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    certificate: Literal[1] = 1
    dataset: str
    slot: str = Field(description="2018-01-31T00:00Z")
    attempt: int = Field(ge=1, description="Pages of abandoned attempts stay in raw and are not part of this.")
    contract_sha256: str = Field(description="Of the contract that asked for every page.")
    release: str = Field(description="sha256 of the function zip that proved the pages and certified.")
    declared_total: int = Field(ge=0, description="What the upstream said before the first page.")
    total_key: str = Field(description="S3 key of the answer that said so.")
    total_sha256: str
    total_after_key: str | None = Field(description="The same question after the last page; null when there is none.")
    total_after_sha256: str | None
    counted_records: int = Field(ge=0)
    stop_condition: Literal["declared_total_reached"]
    pages: list[CertifiedPage]
    chain_sha256: str = Field(description="sha256 over the pages' digests in order, hex, joined by newlines.")

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        numbers = [page.number for page in self.pages]
        if numbers != list(range(1, len(numbers) + 1)):
            raise ValueError(f"expected pages 1 to {len(numbers)}, found {numbers}")
        found = sum(page.records for page in self.pages)
        if not found == self.counted_records == self.declared_total:
            raise ValueError(
                f"declared {self.declared_total}, counted {self.counted_records}, found {found} in the pages"
            )
        if self.chain_sha256 != chain([page.sha256 for page in self.pages]):
            raise ValueError("expected chain_sha256 over the pages' digests, found another")
        asked_again = (self.total_after_key is not None, self.total_after_sha256 is not None)
        if asked_again != (bool(self.pages), bool(self.pages)):
            raise ValueError("expected the total to have been asked again after the last page, and only then")
        return self

    def to_bytes(self) -> bytes:
        """The stored form: JSON, keys in the order of the model, two spaces, a final newline."""
        return self.model_dump_json(indent=2).encode() + b"\n"

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


def chain(page_digests: list[str]) -> str:
    """The chain hash of pages in order."""
    return hashlib.sha256("\n".join(page_digests).encode()).hexdigest()
