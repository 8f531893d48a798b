"""A world for samples: raw with certified pages of a contract, in memory, in any format."""

import gzip
import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ingest_world import MemoryRaw

from lakeward.certificate import Certificate, CertifiedPage, chain
from lakeward.contract import Contract, Dataset, parse_contract
from lakeward.ports.raw import RawObject
from lakeward.sampling import Choice, Sample, take_sample
from lakeward.slot import Slot

KEY = b"a key of thirty-two bytes, once."
FIRST = Slot(datetime(2024, 3, 1, tzinfo=UTC))
FETCHED = "2024-03-02T03:00:00.000+00:00"
HEAD = """
contract: 1
dataset: people
version: 1.0.0
owner: tests
description: People, one row a person.
source:
  kind: http
  url: https://service.test/people
  paging: {kind: offset_limit, offset_param: offset, limit_param: limit, first_offset: 0, page_records: 100}
  stop: {when: short_page}
  records: RECORDS
slot: day
schedule: {cron: "cron(0 3 * * ? *)"}
freshness: {hours: 30}
load: {mode: upsert, primary_key: [id], newest_by: version}
partition_by: day
columns:
  - {name: id, type: string, at: $.id, required: true, description: Identifier.}
  - {name: version, type: bigint, at: $.version, required: true, description: Revision.}
  - {name: day, type: date, at: $.day, required: true, description: Day.}
"""
SECRET = 'personal_key: "arn:aws:secretsmanager:{region}:{account_id}:secret:lakeward/{environment}/people"\n'
JSON = "{format: json, at: $.items}"
NDJSON = "{format: ndjson}"
CSV = "{format: csv}"


def contract_text(*columns: str, records: str = JSON, edit: dict[str, str] | None = None) -> str:
    """The contract above with more columns, each as a YAML flow mapping without its description."""
    lines = "".join(f"  - {{{column}, description: Under test.}}\n" for column in columns)
    text = HEAD.replace("RECORDS", records)
    for old, new in (edit or {}).items():
        text = text.replace(old, new)
    digested = any(f"personal: {how}" in column for column in columns for how in ("hash", "tokenise"))
    return text + lines + (SECRET if digested else "")


def contract(*columns: str, records: str = JSON, edit: dict[str, str] | None = None) -> Contract:
    """The same, read."""
    return parse_contract(contract_text(*columns, records=records, edit=edit), "test")


@dataclass
class SampleWorld:
    """Raw, and a dataset whose slots lie in it."""

    contract: Contract
    folder: Path
    raw: MemoryRaw = field(default_factory=MemoryRaw)

    @property
    def dataset(self) -> Dataset:
        return Dataset(self.folder, self.contract, "c" * 64)

    def certify(self, *pages: tuple[bytes, int], slot: Slot = FIRST, gzipped: bool = True) -> Slot:
        """Store pages, each its bytes and the number of its records, and their certificate."""
        folder = f"people/slot={slot.key}"
        certified = []
        for number, (body, records) in enumerate(pages, start=1):
            wire = gzip.compress(body, mtime=0) if gzipped else body
            page = CertifiedPage(
                number=number,
                position={"page": str(number)},
                next_position={"page": str(number + 1)} if number < len(pages) else None,
                key=f"{folder}/attempt-01/page-{number:05d}.bin",
                sha256=hashlib.sha256(wire).hexdigest(),
                bytes=len(wire),
                records=records,
                content_encoding="gzip" if gzipped else "identity",
                request="GET https://service.test/people",
                served_by="https://service.test",
                status=200,
                response_headers={},
                fetched_at=FETCHED,
            )
            self.raw.objects[page.key] = RawObject(wire, {})
            certified.append(page)
        certificate = Certificate(
            dataset="people",
            slot=str(slot),
            attempt=1,
            contract_sha256="c" * 64,
            release="e" * 64,
            declared_total=None,
            total_key=None,
            total_sha256=None,
            total_after_key=None,
            total_after_sha256=None,
            counted_records=sum(page.records for page in certified),
            stop_condition="short_page",
            pages=certified,
            chain_sha256=chain([page.sha256 for page in certified]),
        )
        self.raw.objects[f"{folder}/certificate.json"] = RawObject(certificate.to_bytes(), {})
        return slot

    def take(self, *slots: Slot, choice: Choice = Choice(), key: bytes = KEY, keep_unnamed: bool = False) -> Sample:  # noqa: B008
        """A sample of slots, of the first one unless others are given."""
        return take_sample(self.dataset, slots or [FIRST], self.raw, key, choice, keep_unnamed=keep_unnamed)


def recorded(sample: Sample) -> str:
    """The text of the recorded file."""
    (body,) = (body for name, body in sample.files.items() if name.endswith(".gz"))
    return gzip.decompress(body).decode()


def day_after(slot: Slot, days: int = 1) -> Slot:
    """A later slot."""
    return Slot(slot.start + timedelta(days=days))
