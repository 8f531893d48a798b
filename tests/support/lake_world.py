"""A lake on a local cloud: buckets, databases, the tables of one contract, and slots published into them."""

import hashlib
import itertools
import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
from pyiceberg.table import Table
from transform_world import UPSERT, contract

from lakeward import tables
from lakeward.adapters.athena import AthenaQueries
from lakeward.adapters.duckdb_engine import DuckDbEngine
from lakeward.adapters.iceberg import IcebergTable, catalog, glue_client
from lakeward.adapters.iceberg_deleted import Mark
from lakeward.adapters.iceberg_schema import ensure_table
from lakeward.adapters.iceberg_upkeep import IcebergUpkeep
from lakeward.adapters.s3_files import S3Files
from lakeward.adapters.s3_shelf import S3Shelf
from lakeward.contract import Contract
from lakeward.maintain import Kept, Work, maintain_table, retire_lists, rules_of
from lakeward.ports.lake import LocalFile
from lakeward.publish import publish_slot
from lakeward.publish.run import Published
from lakeward.slot import Slot
from lakeward.staged import Staged, StagedFile, staged_key
from lakeward.views import view_of, view_sql
from lakeward_local.home import Home
from lakeward_local.local_cloud import LocalCloud, Ports

counter = itertools.count(1)


def slot(day: int) -> Slot:
    """A slot of March 2024."""
    return Slot(datetime(2024, 3, day, tzinfo=UTC))


def few_snapshots(load: str = UPSERT) -> Contract:
    """A contract with a note, of whose states the newest alone is kept when it is old."""
    of = contract("name: note, type: string, at: $.note", load=load)
    return of.model_copy(update={"maintenance": of.maintenance.model_copy(update={"keep_snapshots": 1})})


@dataclass(frozen=True)
class Lake:
    """One contract's tables in a lake of its own."""

    contract: Contract
    bucket: str
    curated_database: str
    quarantine_database: str
    folder: Path

    @classmethod
    def make(cls, contract: Contract, folder: Path) -> "Lake":
        """A new bucket and new databases on the cloud that the environment names."""
        name = uuid.uuid4().hex[:8]
        lake = cls(contract, f"lake-{name}", f"curated_{name}", f"quarantine_{name}", folder)
        boto3.client("s3").create_bucket(Bucket=lake.bucket)
        for database in (lake.curated_database, lake.quarantine_database):
            boto3.client("glue").create_database(DatabaseInput={"Name": database})
        glue = catalog(glue_client())
        ensure_table(glue, lake.bucket, lake.curated_database, tables.curated(contract))
        ensure_table(glue, lake.bucket, lake.quarantine_database, tables.quarantine(contract))
        return lake

    def tables(self) -> tuple[IcebergTable, IcebergTable]:
        """The curated and the quarantine table, as a function that has just started sees them."""
        glue, s3 = catalog(glue_client()), boto3.client("s3")
        return (
            IcebergTable(glue, s3, self.curated_database, tables.curated(self.contract), self.folder),
            IcebergTable(glue, s3, self.quarantine_database, tables.quarantine(self.contract), self.folder),
        )

    def stage(self, of: Slot, *pages: list[dict[str, Any]], release: str = "r1") -> Staged:
        """Transform pages of records and upload the files, as the transform step does."""
        curated, quarantine = self.tables()
        work = self.folder / f"work-{next(counter)}"
        work.mkdir()
        paths = []
        for number, page in enumerate(pages, start=1):
            paths.append(work / f"page-{number:05d}.json")
            paths[-1].write_text(json.dumps({"items": page}))
        ids = (curated.field_ids(), quarantine.field_ids())
        made = DuckDbEngine().transform(self.contract, of, paths, ids, work)
        fingerprint = hashlib.sha256(release.encode()).hexdigest()
        accepted = self._upload(made.accepted, curated, f"{of.key}-{fingerprint[:8]}")
        refused = self._upload(made.quarantined, quarantine, f"{of.key}-{fingerprint[:8]}")
        written, quarantined = sum(f.rows for f in accepted), sum(f.rows for f in refused)
        return Staged(
            dataset=self.contract.dataset,
            slot=str(of),
            fingerprint=fingerprint,
            engine="duckdb",
            records_in=made.valid + quarantined,
            accepted=written,
            quarantined=quarantined,
            deduplicated=made.valid - written,
            accepted_files=accepted,
            quarantined_files=refused,
        )

    def _upload(self, files: list[LocalFile], table: IcebergTable, name: str) -> list[StagedFile]:
        store = S3Files(boto3.client("s3"), self.bucket)
        staged = []
        for number, file in enumerate(files):
            key = f"{table.design.folder}/data/{file.partition}/{name}-{number}.parquet"
            uri = store.upload(file.path, key)
            staged.append(StagedFile(uri=uri, partition=file.partition, rows=file.rows, bytes=file.path.stat().st_size))
        return staged

    def list_staged(self, of: Slot, staged: Staged) -> None:
        """Keep the list of what was staged, as the transform step does."""
        key = staged_key(self.contract.dataset, of.key, staged.fingerprint)
        S3Files(boto3.client("s3"), self.bucket).put(key, staged.to_bytes(), "application/json")

    def publish(self, of: Slot, staged: Staged) -> Published:
        """Publish as the publish step does."""
        return publish_slot(self.contract, of, staged, *self.tables())

    def run(self, of: Slot, *pages: list[dict[str, Any]], release: str = "r1") -> Published:
        """Stage and publish."""
        return self.publish(of, self.stage(of, *pages, release=release))

    def maintain(self, days: float, *, dry_run: bool = False, s3: Any = None, **otherwise: Any) -> list[Kept]:
        """Maintain both tables as if so many days had gone by, and retire staged lists; some rules may be others."""
        s3 = s3 or boto3.client("s3")
        shelf, now = S3Shelf(s3, self.bucket), datetime.now(UTC) + timedelta(days=days)
        done = []
        marks = (Mark.of(self.contract), None)
        for table, mark, rules in zip(self.tables(), marks, rules_of(self.contract), strict=True):
            upkeep = IcebergUpkeep(table, self.contract.dataset, s3, self.folder, mark)
            work = Work(upkeep, shelf, now, dry_run=dry_run)
            done.append(maintain_table(work, replace(rules, **otherwise)))
        if not dry_run:
            retire_lists(self.contract.dataset, shelf, now)
        return done

    def objects(self) -> set[str]:
        """Keys of all objects of the lake."""
        pages = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return {found["Key"] for page in pages for found in page.get("Contents", [])}

    def data_keys(self) -> set[str]:
        """Keys of the data files that the curated table's current state names."""
        return {task.file.file_path.removeprefix(f"s3://{self.bucket}/") for task in self.table().scan().plan_files()}

    def table(self) -> Table:
        """The curated table as any Iceberg reader loads it."""
        return catalog(glue_client()).load_table((self.curated_database, self.contract.table))

    def rows(self, *names: str) -> list[tuple[Any, ...]]:
        """Rows of the curated table, sorted; all columns when none is named."""
        return _rows(self.table(), names)

    def shown(self, *names: str) -> list[tuple[str | None, ...]]:
        """Columns of what readers of the serving view get from Athena, as texts, sorted."""
        return sorted(self.asked(", ".join(names)), key=str)

    def asked(self, select: str) -> list[tuple[str | None, ...]]:
        """What Athena answers who asks the serving view."""
        athena = boto3.client("athena")
        if all(group["Name"] != self.bucket for group in athena.list_work_groups()["WorkGroups"]):
            place = {"OutputLocation": f"s3://{self.bucket}/answers/"}
            athena.create_work_group(Name=self.bucket, Configuration={"ResultConfiguration": place})
        view = view_sql(view_of("parcels", tables.curated(self.contract), self.curated_database))
        sql = f"SELECT {select} FROM ({view})"
        return [tuple(row) for row in AthenaQueries(athena, self.bucket).run(sql, self.curated_database).rows]

    def quarantined(self, *names: str) -> list[tuple[Any, ...]]:
        """Rows of the quarantine table, sorted."""
        return _rows(catalog(glue_client()).load_table((self.quarantine_database, self.contract.dataset)), names)


def _rows(table: Table, names: tuple[str, ...]) -> list[tuple[Any, ...]]:
    found = table.scan(selected_fields=names or ("*",)).to_arrow().to_pylist()
    return sorted(tuple(row[n] for n in names) if names else tuple(row.values()) for row in found)


@contextmanager
def local_cloud(folder: Path) -> Iterator[str]:
    """A local cloud of its own; the environment points at it. Yields its endpoint."""
    datasets = folder / "datasets"
    datasets.mkdir()
    cloud = LocalCloud(Home(folder / "home"), datasets, ports=Ports(None, None))
    before = dict(os.environ)
    record = cloud.up(lambda _: None)
    try:
        os.environ.pop("AWS_CA_BUNDLE", None)
        os.environ.update(record.environment())
        yield record.endpoint
    finally:
        cloud.down()
        os.environ.clear()
        os.environ.update(before)
