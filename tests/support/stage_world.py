"""A world for staging: buckets in memory, certified pages of parcels, and an engine whose files a test can read."""

import gzip
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from transform_world import SLOT, contract

from lakeward import tables
from lakeward.certificate import Certificate, CertifiedPage, chain
from lakeward.contract import Contract, Dataset
from lakeward.ports.lake import NOBODY_SAYS, FieldIds, LocalFile, Received, Transformed
from lakeward.ports.personal import PersonalKey
from lakeward.slot import Slot
from lakeward.stage import OnDisk, StageDeps, stage_slot
from lakeward.stage.run import StageResult
from lakeward.tables import TableDesign

RELEASE = "e" * 64
PARCELS = contract()
DATASET = Dataset(Path("parcels"), PARCELS, "c" * 64)
SLOT_FOLDER = "parcels/slot=20240301T0000Z"
CERTIFICATE_KEY = f"{SLOT_FOLDER}/certificate.json"


@dataclass
class MemoryBucket:
    """``Files`` in memory. ``asked`` names every call: the verb and the key."""

    name: str
    objects: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def read(self, key: str) -> bytes | None:
        self.asked.append(("read", key))
        return self.objects.get(key)

    def download(self, key: str, to: Path) -> bool:
        self.asked.append(("download", key))
        if key not in self.objects:
            return False
        to.write_bytes(self.objects[key])
        return True

    def put(self, key: str, body: bytes, _content_type: str) -> None:
        self.asked.append(("put", key))
        self.objects[key] = body

    def upload(self, path: Path, key: str) -> str:
        self.asked.append(("upload", key))
        self.objects[key] = path.read_bytes()
        return f"s3://{self.name}/{key}"

    def size(self, uri: str) -> int | None:
        key = uri.removeprefix(f"s3://{self.name}/")
        self.asked.append(("size", key))
        return len(self.objects[key]) if key in self.objects else None

    def verbs(self) -> list[str]:
        """What was asked for, without keys."""
        return [verb for verb, _ in self.asked]


@dataclass
class DesignedTable:
    """As much of a table as staging needs."""

    design: TableDesign
    first_id: int = 1

    def field_ids(self) -> FieldIds:
        return {c.name: n for n, c in enumerate(self.design.columns, self.first_id)}


@dataclass
class PlainEngine:
    """Writes JSON where others write Parquet: valid records have an id, the last of one id stays, days are partitions.

    ``loses`` records are left out; ``ends_with`` are bytes at the end of every file that change no row.
    """

    loses: int = 0
    ends_with: bytes = b""
    name: Literal["duckdb"] = "duckdb"
    saw: list[dict[str, bytes]] = field(default_factory=list)

    def transform(
        self,
        _contract: Contract,
        slot: Slot,
        pages: list[Path],
        _ids: tuple[FieldIds, FieldIds],
        workdir: Path,
        _key: PersonalKey | None = None,
        _received: Received = NOBODY_SAYS,
    ) -> Transformed:
        self.saw.append({p.name: p.read_bytes() for p in pages})
        records = [r for p in pages for r in json.loads(p.read_bytes())["items"]][self.loses :]
        valid = [r for r in records if "id" in r]
        newest = list({r["id"]: r for r in valid}.values())
        broken = [r for r in records if "id" not in r]
        accepted = [
            self._write(workdir / f"accepted-{day}", [r for r in newest if r["day"] == day], day)
            for day in sorted({r["day"] for r in newest})
        ]
        day = slot.start.date().isoformat()
        return Transformed(len(valid), accepted, [self._write(workdir / "broken", broken, day)] if broken else [])

    def _write(self, path: Path, rows: list[dict[str, Any]], day: str) -> LocalFile:
        path.write_bytes(json.dumps(rows).encode() + self.ends_with)
        return LocalFile(path, SLOT.start.date().fromisoformat(day), len(rows))


@dataclass
class StageWorld:
    """Raw with one certified slot, an empty lake, and what stages the one into the other."""

    workdir: Path
    raw: MemoryBucket = field(default_factory=lambda: MemoryBucket("raw"))
    lake: MemoryBucket = field(default_factory=lambda: MemoryBucket("lake"))
    engine: PlainEngine = field(default_factory=PlainEngine)

    def certify(self, *pages: list[dict[str, Any]], gzipped: bool = False, **others: Any) -> Certificate:
        """Store pages of records and their certificate; ``others`` are fields of it that are not as they should be."""
        certified = [self._page(number, page, gzipped, len(pages)) for number, page in enumerate(pages, start=1)]
        records = sum(page.records for page in certified)
        facts: dict[str, Any] = {
            "dataset": "parcels",
            "slot": str(SLOT),
            "attempt": 1,
            "contract_sha256": "c" * 64,
            "release": RELEASE,
            "declared_total": records,
            "total_key": f"{SLOT_FOLDER}/attempt-01/total.json",
            "total_sha256": "0" * 64,
            "total_after_key": f"{SLOT_FOLDER}/attempt-01/total-after.json" if pages else None,
            "total_after_sha256": "0" * 64 if pages else None,
            "counted_records": records,
            "stop_condition": "declared_total_reached",
            "pages": certified,
            "chain_sha256": chain([page.sha256 for page in certified]),
        }
        certificate = Certificate(**facts | others)
        self.raw.objects[CERTIFICATE_KEY] = certificate.to_bytes()
        return certificate

    def _page(self, number: int, records: list[dict[str, Any]], gzipped: bool, last: int) -> CertifiedPage:
        body = json.dumps({"items": records}).encode()
        wire = gzip.compress(body, mtime=0) if gzipped else body
        key = f"{SLOT_FOLDER}/attempt-01/page-{number:05d}.json{'.gz' if gzipped else ''}"
        self.raw.objects[key] = wire
        return CertifiedPage(
            number=number,
            position={"page": str(number)},
            next_position={"page": str(number + 1)} if number < last else None,
            key=key,
            sha256=hashlib.sha256(wire).hexdigest(),
            bytes=len(wire),
            records=len(records),
            content_encoding="gzip" if gzipped else "identity",
            request="GET https://service.test/parcels",
            served_by="https://service.test",
            status=200,
            response_headers={},
            fetched_at="2024-03-02T03:00:00.000+00:00",
        )

    def stage(
        self, of: Dataset = DATASET, release: str = RELEASE, first_id: int = 1, key: PersonalKey | None = None
    ) -> StageResult:
        """Stage the slot, as a function that has just started."""
        self.raw.asked.clear()
        self.lake.asked.clear()
        curated = DesignedTable(tables.curated(of.contract), first_id)
        quarantine = DesignedTable(tables.quarantine(of.contract))
        maker = OnDisk(self.engine, self.raw, self.lake, self.workdir)
        deps = StageDeps(self.raw, self.lake, curated, quarantine, maker, release, key)
        return stage_slot(of, SLOT, CERTIFICATE_KEY, deps)
