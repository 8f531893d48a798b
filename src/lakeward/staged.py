"""What a transform leaves behind: files that lie in the lake and that no table names yet.

The list is written last, at ``staging/<dataset>/slot=<key>/<fingerprint>/staged.json``. The fingerprint is made from
all that the rows depend on, so the same fingerprint means the same rows, and a second transform finds its work done.
"""

import hashlib
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from lakeward.measures import Exploded, FieldDrift, Measures

LIST, RETIRED_LIST = "staged.json", "retired.json"
"""The list's name, and its name when it is too old to be published from."""


class StagedFile(BaseModel):
    """One Parquet file, whole and uploaded, invisible until a commit names it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    uri: str = Field(description="s3://bucket/key, below its table's data folder.")
    partition: date = Field(description="Value of the partition column; all rows of the file share it.")
    rows: int = Field(ge=1)
    bytes: int = Field(ge=1)


class BrokenRule(BaseModel):
    """How many records broke a rule of a column, and what became of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: str
    rule: str
    policy: str = Field(description="quarantine, set_null, warn or fail.")
    records: int = Field(ge=1, description="Records that broke it; one that broke several rules counts for each.")


class Staged(BaseModel):
    """The outcome of one transform. accepted + quarantined + deduplicated = rows_in, always.

    ``rows_in`` are the records, unless the contract explodes an array: then they are what the records became.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    staged: Literal[1] = 1
    dataset: str
    slot: str = Field(description="2018-01-31T00:00Z")
    fingerprint: str = Field(pattern=r"^[0-9a-f]{64}$")
    engine: Literal["duckdb", "spark"]
    seconds: float | None = Field(
        default=None, ge=0, description="What making the rows took; null where there was nothing to make."
    )
    records_in: int = Field(ge=0, description="Raw records, as the certificate counts them.")
    accepted: int = Field(ge=0, description="Rows in accepted_files: valid, one a key.")
    quarantined: int = Field(ge=0, description="Rows in quarantined_files: one a row that broke a rule.")
    deduplicated: int = Field(ge=0, description="Valid rows that a newer row of the same key replaced.")
    exploded: Exploded | None = Field(
        default=None, description="Of contracts that explode an array: rows that the records became; null of others."
    )
    accepted_files: list[StagedFile]
    quarantined_files: list[StagedFile]
    broken_rules: list[BrokenRule] = Field(default=[], description="In the contract's order.")
    measures: Measures = Field(default=Measures(), description="Of the accepted rows, as rules over the load ask.")
    drift: FieldDrift = Field(default=FieldDrift(), description="Fields of the records against the contract's.")

    def to_bytes(self) -> bytes:
        """The stored form."""
        return self.model_dump_json(indent=2).encode() + b"\n"

    @classmethod
    def from_bytes(cls, raw: bytes) -> "Staged":
        """Read the stored form."""
        return cls.model_validate_json(raw)

    @property
    def rows_in(self) -> int:
        """What has to be accounted for."""
        return self.records_in if self.exploded is None else self.exploded.rows

    @property
    def run_id(self) -> str:
        """What a snapshot of this work is marked with: the same input and code give the same id."""
        return f"{self.dataset}/{self.slot}/{self.fingerprint[:16]}"


def fingerprint(certificate_sha256: str, contract_sha256: str, release: str, table_schema: str) -> str:
    """Digest (sha256, hex) of all that a transform's output depends on.

    Args:
        certificate_sha256: of the certificate's bytes; it names every raw byte.
        contract_sha256: of the contract's bytes.
        release: sha256 of the code that runs.
        table_schema: field ids of the tables that the files are written for, and which key digests are made with.
    """
    return hashlib.sha256(f"{certificate_sha256}\n{contract_sha256}\n{release}\n{table_schema}".encode()).hexdigest()


def staged_key(dataset: str, slot_key: str, digest: str) -> str:
    """S3 key of the list, in the curated bucket."""
    return f"staging/{dataset}/slot={slot_key}/{digest[:16]}/{LIST}"
