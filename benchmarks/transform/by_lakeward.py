"""Lakeward's whole transform of pages on disk: ``python by_lakeward.py FORMAT PAGES FOLDER``.

Certified pages to staged files, the audit, and both Iceberg commits, with the code that runs in the functions. S3 is a
folder on the same disk, so that nothing is copied to and from it, and Glue is moto's in this process: the data files
and the table's metadata are real, the network is not.
Prints the seconds of each step as JSON. Certifying the pages and making the tables come before and do not count.
"""

import hashlib
import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import boto3
from data import RECORDS_A_PAGE
from moto import mock_aws
from orders import dataset
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import NestedField

from lakeward import tables
from lakeward.adapters.duckdb_engine import DuckDbEngine
from lakeward.adapters.iceberg import IcebergTable, catalog, glue_client
from lakeward.adapters.iceberg_schema import PROPERTIES, iceberg_type
from lakeward.audit import audit_slot
from lakeward.certificate import Certificate, CertifiedPage, chain
from lakeward.ports.lake import Transformed
from lakeward.publish import publish_slot
from lakeward.slot import Slot
from lakeward.stage import OnDisk, StageDeps, stage_slot
from lakeward.tables import TableDesign

SLOT = Slot(datetime(2024, 3, 1, tzinfo=UTC))
CERTIFICATE = "orders/certificate.json"


class Folder:
    """``Files`` in a folder, and pages by their own paths."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, key: str) -> bytes | None:
        """See ``lakeward.ports.lake.Files``."""
        path = self._folder / key
        return path.read_bytes() if path.exists() else None

    def download(self, key: str, to: Path) -> bool:
        """See ``lakeward.ports.lake.Files``."""
        os.link(self._folder / key, to)
        return True

    def put(self, key: str, body: bytes, _content_type: str) -> None:
        """See ``lakeward.ports.lake.Files``."""
        path = self._folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)

    def upload(self, path: Path, key: str) -> str:
        """See ``lakeward.ports.lake.Files``."""
        target = self._folder / key
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(path, target)
        return f"file://{target}"

    def size(self, uri: str) -> int | None:
        """See ``lakeward.ports.lake.Files``."""
        path = Path(uri.removeprefix("file://"))
        return path.stat().st_size if path.exists() else None


class Watched:
    """An engine that remembers when it began and ended."""

    name: Final = "duckdb"

    def __init__(self) -> None:
        self.marks: list[float] = []

    def transform(self, *given: Any) -> Transformed:
        """See ``lakeward.ports.lake.Engine``."""
        self.marks.append(time.perf_counter())
        made = DuckDbEngine().transform(*given)
        self.marks.append(time.perf_counter())
        return made


def certificate(pages: list[Path], records: int, contract_sha256: str) -> Certificate:
    """What ingest would have written of these pages."""
    certified = [
        CertifiedPage(
            number=number,
            position={"offset": str((number - 1) * records)},
            next_position={"offset": str(number * records)} if number < len(pages) else None,
            key=str(page),
            sha256=hashlib.sha256(page.read_bytes()).hexdigest(),
            bytes=page.stat().st_size,
            records=records,
            content_encoding="identity",
            request="GET https://orders.test/orders",
            served_by="https://orders.test",
            status=200,
            response_headers={},
            fetched_at="2024-03-02T03:00:00.000+00:00",
        )
        for number, page in enumerate(pages, start=1)
    ]
    return Certificate(
        dataset="orders",
        slot=str(SLOT),
        attempt=1,
        contract_sha256=contract_sha256,
        release="e" * 64,
        declared_total=records * len(pages),
        total_key="orders/total.json",
        total_sha256="0" * 64,
        total_after_key="orders/total-after.json",
        total_after_sha256="0" * 64,
        counted_records=records * len(pages),
        stop_condition="declared_total_reached",
        pages=certified,
        chain_sha256=chain([page.sha256 for page in certified]),
    )


def table(design: TableDesign, lake: Path, work: Path) -> IcebergTable:
    """An Iceberg table as the migrate function makes it, in a folder."""
    glue = catalog(glue_client())
    fields = [
        NestedField(n, c.name, iceberg_type(c.type), required=False) for n, c in enumerate(design.columns, start=1)
    ]
    schema = Schema(*fields)
    spec = PartitionSpec(
        PartitionField(schema.find_field(design.partition_by).field_id, 1000, IdentityTransform(), design.partition_by)
    )
    glue.create_table_if_not_exists(
        ("lake", design.name), schema, f"file://{lake / design.folder}", spec, properties=PROPERTIES
    )
    return IcebergTable(glue, boto3.client("s3"), "lake", design, work)


def main() -> None:
    """Prepare, then run and time."""
    format_name, pages, folder = sys.argv[1], sorted(Path(sys.argv[2]).glob("page-*")), Path(sys.argv[3])
    os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
    os.environ |= {"AWS_DEFAULT_REGION": "us-east-1"}
    of, work = dataset(format_name), folder / "work"
    work.mkdir()
    with mock_aws():
        boto3.client("glue").create_database(DatabaseInput={"Name": "lake"})
        lake = Folder(folder / "lake")
        lake.put(
            CERTIFICATE,
            certificate(pages, RECORDS_A_PAGE[format_name], of.contract_sha256).to_bytes(),
            "application/json",
        )
        curated, quarantine = (
            table(d, folder / "lake", work) for d in (tables.curated(of.contract), tables.quarantine(of.contract))
        )
        engine = Watched()
        deps = StageDeps(lake, lake, curated, quarantine, OnDisk(engine, lake, lake, work), "e" * 64)
        marks, cpu = [time.perf_counter()], time.process_time()
        staged = stage_slot(of, SLOT, CERTIFICATE, deps).staged
        marks += [*engine.marks, time.perf_counter()]
        audit_slot(of.contract, staged, lake)
        marks.append(time.perf_counter())
        publish_slot(of.contract, SLOT, staged, curated, quarantine)
        marks.append(time.perf_counter())
        cpu_seconds = time.process_time() - cpu
    names = ("fetch and prove", "transform", "upload", "audit", "publish")
    steps = {name: marks[n + 1] - marks[n] for n, name in enumerate(names)}
    counts = staged.model_dump(include={"records_in", "accepted", "quarantined", "deduplicated"})
    print(json.dumps({"seconds": marks[-1] - marks[0], "cpu_seconds": cpu_seconds, "steps": steps, "counts": counts}))


if __name__ == "__main__":
    main()
