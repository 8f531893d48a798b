"""Turn a certified slot into staged files. The same input and code find their work done and write nothing."""

import hashlib
import json
import time
from dataclasses import dataclass

from lakeward.certificate import Certificate
from lakeward.contract import Contract, Dataset
from lakeward.errors import IncompleteRun, StagedMissing
from lakeward.measures import Exploded
from lakeward.ports.lake import Files, Table
from lakeward.ports.personal import PersonalKey
from lakeward.ports.work import Made, Maker, Target, Work
from lakeward.slot import Slot
from lakeward.stage.pages import pages_to_read
from lakeward.staged import BrokenRule, Staged, fingerprint, staged_key
from lakeward.transform.measures import nothing_measured
from lakeward.transform.size import text_bytes


@dataclass(frozen=True)
class StageDeps:
    """What staging needs: raw to read, the lake to write, both tables for their field ids, a maker, the release.

    Without a maker, another has done the work: it is found, or it is missing.
    """

    raw: Files
    lake: Files
    curated: Table
    quarantine: Table
    maker: Maker | None
    release: str
    key: PersonalKey | None = None


@dataclass(frozen=True)
class StageResult:
    """The staged list, where it lies, and whether this call made it."""

    staged: Staged
    key: str
    made: bool
    raw_bytes: int
    text_bytes: int


def stage_slot(dataset: Dataset, slot: Slot, certificate_key: str, deps: StageDeps) -> StageResult:
    """Stage one slot.

    Raises:
        IncompleteRun: there is no certificate, or it certifies another slot.
        RawConflict: a raw page is not what the certificate says.
        StagedMissing: there is no maker, and nobody has staged the slot from this certificate with this code.
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
    targets = [Target(table.design, table.field_ids()) for table in (deps.curated, deps.quarantine)]
    ids = json.dumps([target.ids for target in targets], sort_keys=True)
    ids += deps.key.name if deps.key else ""
    digest = fingerprint(hashlib.sha256(raw).hexdigest(), dataset.contract_sha256, deps.release, ids)
    key = staged_key(dataset.name, slot.key, digest)
    raw_bytes, text = sum(page.bytes for page in certificate.pages), text_bytes(certificate.pages)
    done = deps.lake.read(key)
    if done is not None and _is_whole(there := Staged.from_bytes(done), deps.lake):
        return StageResult(there, key, made=False, raw_bytes=raw_bytes, text_bytes=text)
    if deps.maker is None:
        raise StagedMissing(
            f"expected {dataset.name} {slot} to be staged at {key} with all its files, found that it is not; "
            "the job that was to stage it is of another release, or its files were removed: run the slot again"
        )
    staged = _make(dataset, slot, certificate, digest, targets, deps.maker, deps.key)
    deps.lake.put(key, staged.to_bytes(), "application/json")
    return StageResult(staged, key, made=True, raw_bytes=raw_bytes, text_bytes=text)


def _make(
    dataset: Dataset,
    slot: Slot,
    certificate: Certificate,
    digest: str,
    targets: list[Target],
    maker: Maker,
    key: PersonalKey | None,
) -> Staged:
    work = Work(
        contract=dataset.contract,
        slot=slot,
        pages=pages_to_read(certificate),
        records=certificate.counted_records,
        curated=targets[0],
        quarantine=targets[1],
        name=f"{slot.key}-{digest[:16]}",
        key=key,
    )
    began = time.monotonic()
    made = maker.make(work) if work.pages else _nothing(dataset.contract)
    written, refused = (sum(f.rows for f in files) for files in (made.accepted, made.quarantined))
    work.prove(made.valid, refused, made.exploded)
    return Staged(
        dataset=dataset.name,
        slot=str(slot),
        fingerprint=digest,
        engine=maker.name,
        seconds=round(time.monotonic() - began, 3) if work.pages else None,
        records_in=certificate.counted_records,
        accepted=written,
        quarantined=refused,
        deduplicated=made.valid - written,
        exploded=made.exploded,
        accepted_files=made.accepted,
        quarantined_files=made.quarantined,
        broken_rules=_broken_rules(dataset.contract, made),
        measures=made.measures,
        drift=made.drift,
    )


def _nothing(contract: Contract) -> Made:
    """What becomes of no page."""
    exploded = Exploded() if contract.explode else None
    return Made(0, [], [], measures=nothing_measured(contract), exploded=exploded)


def _broken_rules(contract: Contract, made: Made) -> list[BrokenRule]:
    """The counts in the contract's order, each with what became of the records."""
    return [
        BrokenRule(column=column, rule=rule, policy=policy, records=made.broken[column, rule])
        for column, policies in contract.policies.items()
        for rule, policy in policies.items()
        if (column, rule) in made.broken
    ]


def _is_whole(staged: Staged, lake: Files) -> bool:
    """Whether every file of the list is there as it was staged."""
    return all(lake.size(f.uri) == f.bytes for f in (*staged.accepted_files, *staged.quarantined_files))
