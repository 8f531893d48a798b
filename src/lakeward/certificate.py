"""The certificate of a run: the proof that raw holds every page of a slot.

It is written last, once, at ``<dataset>/slot=<key>/certificate.json``. A slot without one is not complete and can
never be published.
"""

import hashlib
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


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
    status: int
    response_headers: dict[str, str]
    fetched_at: str = Field(description="Clock reading when the last byte came, ISO 8601 UTC.")


class Certificate(BaseModel):
    """Every page, its digest, the declared total, the stop condition that held."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    certificate: Literal[1] = 1
    dataset: str
    slot: str = Field(description="2018-01-31T00:00Z")
    attempt: int = Field(ge=1, description="Pages of abandoned attempts stay in raw and are not part of this.")
    contract_sha256: str
    release: str = Field(description="sha256 of the function zip that fetched.")
    declared_total: int = Field(ge=0, description="What the upstream said before the first page.")
    total_key: str = Field(description="S3 key of the answer that said so.")
    total_sha256: str
    counted_records: int = Field(ge=0)
    stop_condition: Literal["declared_total_reached"]
    pages: list[CertifiedPage]
    chain_sha256: str = Field(description="sha256 over the pages' digests in order, hex, joined by newlines.")

    def to_bytes(self) -> bytes:
        """The stored form: JSON, keys in the order of the model, two spaces, a final newline."""
        return self.model_dump_json(indent=2).encode() + b"\n"

    @classmethod
    def from_bytes(cls, raw: bytes) -> "Certificate":
        """Read the stored form."""
        return cls.model_validate_json(raw)


def chain(page_digests: list[str]) -> str:
    """The chain hash of pages in order."""
    return hashlib.sha256("\n".join(page_digests).encode()).hexdigest()
