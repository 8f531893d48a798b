"""A release: one file that names all that was built, each by the sha256 of its bytes.

It is written once, by ``lakeward release build``, and the same bytes go through every environment. Its own sha256 is
the release's id. The file is canonical JSON, so that the same content cannot have two ids.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from lakeward.errors import ReleaseInvalid

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

CONTENT_TYPES = {
    "zip": "application/zip",
    "json": "application/json",
    "py": "text/x-python",
    "gluewheels.zip": "application/zip",
}


class Artifact(BaseModel):
    """A built file. Its key in the artifacts bucket carries its digest."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = Field(description="<kind>/<sha256>.<ending>, below the release's folder and in the bucket alike.")
    sha256: Sha256
    bytes: int = Field(ge=1)

    @model_validator(mode="after")
    def _key_carries_the_digest(self) -> Self:
        kind, _, name = self.key.partition("/")
        digest, _, suffix = name.partition(".")
        if not kind.isalpha() or digest != self.sha256 or suffix not in CONTENT_TYPES:
            raise ValueError(f"expected the key <kind>/{self.sha256}.<{', '.join(CONTENT_TYPES)}>, found {self.key!r}")
        return self

    @property
    def content_type(self) -> str:
        """Media type, by the key's ending."""
        return CONTENT_TYPES[self.key.partition(".")[2]]


class ReleasedDataset(BaseModel):
    """What a release knows of a dataset."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str = Field(description="Of the contract, such as 1.0.0.")
    table: str = Field(description="The curated table that this release writes, such as earthquakes_v1.")
    contract_sha256: Sha256
    queries_sha256: Sha256 = Field(description="Over the names and bytes of the end-to-end queries and their results.")


class ReleasedJob(BaseModel):
    """What the Glue job runs, beside the functions' zip."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    script: Artifact
    packages: Artifact | None = Field(description="Its libraries; null when it was built without them.")


class Release(BaseModel):
    """All that one release is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    release: Literal[1] = 1
    version: str = Field(description="Of the project.")
    commit: str | None = Field(description="Of the sources, when they were a clean working copy; null otherwise.")
    functions: Artifact = Field(description="The zip that every function runs: code and contracts.")
    layer: Artifact | None = Field(description="The functions' libraries; null when it was built without them.")
    job: ReleasedJob | None = Field(
        default=None, description="The Glue job; left out of releases from before there was one."
    )
    datasets: dict[str, ReleasedDataset]
    terraform: Artifact = Field(description="The platform's Terraform, modules and all: what a deployment applies.")
    lock_sha256: Sha256 = Field(description="Of requirements/layer.txt.")
    sbom: Artifact = Field(description="CycloneDX 1.6: what the functions run with.")

    def to_bytes(self) -> bytes:
        """The file: JSON, keys sorted, two spaces, a final newline."""
        left_out = {"job"} if self.job is None else None
        return json.dumps(self.model_dump(mode="json", exclude=left_out), indent=2, sort_keys=True).encode() + b"\n"

    @property
    def id(self) -> str:
        """sha256 of the file, hex."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    @classmethod
    def from_bytes(cls, raw: bytes, where: str) -> "Release":
        """Read the file.

        Args:
            where: names the file in an error.

        Raises:
            ReleaseInvalid: not a release file, or not the bytes that a build writes.
        """
        try:
            read = cls.model_validate_json(raw)
        except ValidationError as problem:
            found = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'as a whole'}: {e['msg']}" for e in problem.errors())
            raise ReleaseInvalid(
                f"{where}: expected a release file as `lakeward release build` writes it, found {found}"
            ) from None
        if read.to_bytes() != raw:
            raise ReleaseInvalid(
                f"{where}: expected the bytes that `lakeward release build` wrote, found the same content written "
                "otherwise; somebody edited or reformatted it: take the original, or build again"
            )
        return read

    def artifacts(self) -> Iterator[Artifact]:
        """Every file that the release needs, the largest last."""
        yield self.functions
        yield self.terraform
        yield self.sbom
        if self.job is not None:
            yield self.job.script
            yield from [self.job.packages] if self.job.packages else []
        if self.layer is not None:
            yield self.layer


def short(release_id: str) -> str:
    """A release's id as people say it."""
    return release_id[:12]
