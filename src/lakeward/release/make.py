"""Make a release file of what was built."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lakeward.contract import Dataset
from lakeward.released import Artifact, Release, ReleasedDataset, ReleasedJob


@dataclass(frozen=True)
class Built:
    """What the sources were made into."""

    version: str
    commit: str | None
    functions: Artifact
    layer: Artifact | None
    job: ReleasedJob | None
    terraform: Artifact
    sbom: Artifact
    lock_sha256: str


def make_release(built: Built, datasets: Iterable[Dataset]) -> Release:
    """The release that names it all."""
    return Release(
        version=built.version,
        commit=built.commit,
        functions=built.functions,
        layer=built.layer,
        job=built.job,
        terraform=built.terraform,
        sbom=built.sbom,
        lock_sha256=built.lock_sha256,
        datasets={of.name: released_dataset(of) for of in datasets},
    )


def released_dataset(of: Dataset) -> ReleasedDataset:
    """What a release says of a dataset's folder."""
    return ReleasedDataset(
        version=of.contract.version,
        table=of.contract.table,
        contract_sha256=of.contract_sha256,
        queries_sha256=queries_sha256(of.folder),
    )


def queries_sha256(folder: Path) -> str:
    """Digest (sha256, hex) of a dataset's end-to-end queries and their expected results, names and bytes."""
    digest = hashlib.sha256()
    for path in sorted((folder / "queries").glob("*")):
        if path.is_file() and not path.name.startswith("."):
            digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
