"""Turn a certified slot into staged files. The same input and code find their work done and write nothing."""

import hashlib
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lakeward.certificate import Certificate
from lakeward.contract import Contract, Dataset
from lakeward.errors import IncompleteRun
from lakeward.ports.lake import Engine, FieldIds, Files, LocalFile, Table, Transformed
from lakeward.slot import Slot
from lakeward.stage.pages import fetch_pages
from lakeward.staged import BrokenRule, Staged, StagedFile, fingerprint, staged_key


@dataclass(frozen=True)
class StageDeps:
    """What staging needs: raw to read, the lake to write, both tables for their field ids, an engine, the release."""

    raw: Files
    lake: Files
    curated: Table
    quarantine: Table
    engine: Engine
    release: str
    workdir: Path


@dataclass(frozen=True)
class StageResult:
    """The staged list, where it lies, and whether this call made it."""

    staged: Staged
    key: str
    made: bool
    raw_bytes: int


def stage_slot(dataset: Dataset, slot: Slot, certificate_key: str, deps: StageDeps) -> StageResult:
    """Stage one slot.

    Raises:
        IncompleteRun: there is no certificate, or it certifies another slot.
        RawConflict: a raw page is not what the certificate says.
    """
    raw = deps.raw.read(certificate_key)
    if raw is None:
        raise IncompleteRun(f"expected a certificate at {certificate_key}, found none; run the ingest step first")
    certificate = Certificate.from_bytes(raw)
    if (certificate.dataset, certificate.slot) != (dataset.name, str(slot)):
        raise IncompleteRun(
            f"expected the certificate of {dataset.name} {slot} at {certificate_key}, "
            f"found that of {certificate.dataset} {certificate.slot}"
        )
    ids = (deps.curated.field_ids(), deps.quarantine.field_ids())
    digest = fingerprint(
        hashlib.sha256(raw).hexdigest(), dataset.contract_sha256, deps.release, json.dumps(ids, sort_keys=True)
    )
    key = staged_key(dataset.name, slot.key, digest)
    raw_bytes = sum(page.bytes for page in certificate.pages)
    done = deps.lake.read(key)
    if done is not None and _is_whole(there := Staged.from_bytes(done), deps.lake):
        return StageResult(there, key, made=False, raw_bytes=raw_bytes)
    staged = _make(dataset, slot, certificate, digest, ids, deps)
    deps.lake.put(key, staged.to_bytes(), "application/json")
    return StageResult(staged, key, made=True, raw_bytes=raw_bytes)


def _make(
    dataset: Dataset, slot: Slot, certificate: Certificate, digest: str, ids: tuple[FieldIds, FieldIds], deps: StageDeps
) -> Staged:
    with tempfile.TemporaryDirectory(dir=deps.workdir) as temporary:
        folder = Path(temporary)
        pages = fetch_pages(certificate, deps.raw, folder, dataset.contract)
        made = deps.engine.transform(dataset.contract, slot, pages, ids, folder) if pages else Transformed(0, [], [])
        written, refused = (sum(f.rows for f in files) for files in (made.accepted, made.quarantined))
        if made.valid + refused != certificate.counted_records:
            raise IncompleteRun(
                f"{dataset.name} {slot}: expected {certificate.counted_records} records as certified, the transform "
                f"read {made.valid} valid and {refused} quarantined; nothing was staged"
            )
        name = f"{slot.key}-{digest[:16]}"
        accepted = _upload(made.accepted, deps.curated, name, deps.lake)
        quarantined = _upload(made.quarantined, deps.quarantine, name, deps.lake)
    return Staged(
        dataset=dataset.name,
        slot=str(slot),
        fingerprint=digest,
        engine="duckdb",
        records_in=certificate.counted_records,
        accepted=written,
        quarantined=refused,
        deduplicated=made.valid - written,
        accepted_files=accepted,
        quarantined_files=quarantined,
        broken_rules=_broken_rules(dataset.contract, made),
    )


def _broken_rules(contract: Contract, made: Transformed) -> list[BrokenRule]:
    """The counts in the contract's order, each with what became of the records."""
    return [
        BrokenRule(column=column.name, rule=rule, policy=policy, records=made.broken[column.name, rule])
        for column in contract.columns
        for rule, policy in column.rules.items()
        if (column.name, rule) in made.broken
    ]


def _is_whole(staged: Staged, lake: Files) -> bool:
    """Whether every file of the list is there as it was staged."""
    return all(lake.size(f.uri) == f.bytes for f in (*staged.accepted_files, *staged.quarantined_files))


def _upload(files: list[LocalFile], table: Table, name: str, lake: Files) -> list[StagedFile]:
    """Put files where their table keeps its data. No snapshot names them, so no reader sees them.

    Their names end in a digest of their bytes: engines may write the same rows in other bytes, and a second transform
    must not put those in the place of a file that a snapshot names by now.
    """
    staged = []
    for file in files:
        with file.path.open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").hexdigest()
        partition = f"{table.design.partition_by}={file.partition.isoformat()}"
        key = f"{table.design.folder}/data/{partition}/{name}-{content[:16]}.parquet"
        uri = lake.upload(file.path, key)
        staged.append(StagedFile(uri=uri, partition=file.partition, rows=file.rows, bytes=file.path.stat().st_size))
    return staged
