"""One publish, again and again from the same state, with S3 and Glue broken at one request of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.config import Config
from faulty_proxy import Fault, FaultyProxy
from lake_world import Lake, slot
from transform_world import record

from lakeward import tables
from lakeward.adapters.iceberg import IcebergTable, catalog, glue_client
from lakeward.errors import Transient
from lakeward.publish import publish_slot
from lakeward.publish.run import Published

RERUNS = 3
CLIENT_SECONDS = 2
"""How long the publisher waits for an answer."""
Rows = list[tuple[Any, ...]]
State = tuple[Rows, Rows]
"""Rows of the curated and of the quarantine table."""

BEFORE: State = ([("p1", 1), ("p2", 1)], [])
BETWEEN: State = (BEFORE[0], [(3,)])
AFTER: State = ([("p1", 2), ("p2", 1), ("p3", 1)], BETWEEN[1])
"""A slot changes a row of another slot, adds one, and has one that is quarantined; quarantine is published first."""


@dataclass
class Ordeal:
    """Readers go to the local cloud, the publisher goes through the proxy. Its client of Glue is that of the functions
    but for its patience; its client of S3 repeats nothing, so that every fault is seen.

    ``wrong`` tells what should not have been, a line each; ``cases`` counts the faults that struck.
    """

    lake: Lake
    proxy: FaultyProxy
    cases: int = 0
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._readers = catalog(boto3.client("glue"))
        hasty = Config(read_timeout=CLIENT_SECONDS)
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("AWS_ENDPOINT_URL", self.proxy.endpoint)
            self._writers = catalog(boto3.client("glue", config=glue_client().meta.config.merge(hasty)))
            self._s3 = boto3.client("s3", config=hasty.merge(Config(retries={"total_max_attempts": 1})))
        self.lake.run(slot(1), [record(1, version=1), record(2)])
        self.staged = self.lake.stage(slot(2), [record(1, version=2), record(3), record(4, version="bad")])
        self._bucket = boto3.resource("s3").Bucket(self.lake.bucket)
        self._start = [(name[0], self._entry(*name)) for name in self._names()]
        self._keys = self._all_keys()

    def requests(self) -> list[str]:
        """The requests of a publish at which nothing fails."""
        self._back_to_start()
        self.proxy.arm(None)
        self._publish()
        assert self._state() == AFTER
        return list(self.proxy.seen)

    def suffer(self, faults: Iterable[Fault]) -> None:
        """Publish under each fault; run again, unbroken, until it is done."""
        for fault in faults:
            self._back_to_start()
            self.proxy.arm(fault)
            self._suffer(fault)
            self.cases += 1

    def _suffer(self, fault: Fault) -> None:
        for _ in range(1 + RERUNS):
            done = self._try(fault)
            where = f"{fault}, {self.proxy.struck}"
            try:
                state = self._state()
            except Exception as problem:  # noqa: BLE001 -- whatever it is, a reader has it
                self.wrong.append(f"{where}: cannot be read: {problem}")
                return
            if state not in (BEFORE, BETWEEN, AFTER):
                self.wrong.append(f"{where}: a reader sees {state}")
            if done:
                break
            self.proxy.arm(None)
        self.proxy.arm(None)
        if state != AFTER or self._publish().changed:
            self.wrong.append(f"{where}: is not done after {RERUNS} more runs, or is done twice: {self._state()}")

    def _try(self, fault: Fault) -> bool:
        try:
            self._publish()
        except Transient:
            return False
        except Exception as problem:  # noqa: BLE001 -- whatever it is, the state machine would not retry it
            self.wrong.append(
                f"{fault}, {self.proxy.struck}: {type(problem).__name__}, which is not retried: {problem}"
            )
            return False
        return True

    def _publish(self) -> Published:
        """Publish as a function does that has just started."""
        lake, of = self.lake, self.lake.contract
        return publish_slot(
            of,
            slot(2),
            self.staged,
            IcebergTable(self._writers, self._s3, lake.curated_database, tables.curated(of), lake.folder),
            IcebergTable(self._writers, self._s3, lake.quarantine_database, tables.quarantine(of), lake.folder),
            sleep=lambda _: None,
        )

    def _state(self) -> State:
        """What a reader sees who goes to the catalog for the first time."""
        curated, quarantine = (self._readers.load_table(name).scan().to_arrow().to_pylist() for name in self._names())
        return sorted((r["id"], r["version"]) for r in curated), sorted((r["position"],) for r in quarantine)

    def _names(self) -> list[tuple[str, str]]:
        of = self.lake.contract
        return [(self.lake.curated_database, of.table), (self.lake.quarantine_database, of.dataset)]

    def _entry(self, database: str, name: str) -> dict[str, Any]:
        found = self._readers.glue.get_table(DatabaseName=database, Name=name)["Table"]
        return {part: found[part] for part in ("Name", "TableType", "Parameters", "StorageDescriptor")}

    def _all_keys(self) -> set[str]:
        return {item.key for item in self._bucket.objects.all()}

    def _back_to_start(self) -> None:
        """Let the catalog be what it was, and remove what was written since."""
        for database, entry in self._start:
            self._readers.glue.update_table(DatabaseName=database, TableInput=entry)
        there = self._all_keys()
        assert there >= self._keys, f"files that the first state names were deleted: {self._keys - there}"
        if there > self._keys:
            self._bucket.delete_objects(Delete={"Objects": [{"Key": key} for key in there - self._keys]})
