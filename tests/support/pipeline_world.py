"""All functions of an environment in this process: the local cloud behind them, a replayed service before them."""

import gzip
import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from pyiceberg.table import Table
from state_machine import Walked, Walker

from lakeward.adapters.iceberg import catalog, glue_client
from lakeward.handlers import audit, ingest, migrate, publish, record, transform
from lakeward_local.replay.faults import RULES
from lakeward_local.replay.imitations import imitations
from lakeward_local.replay.server import ReplayServer

ROOT = Path(__file__).resolve().parents[2]
RELEASE = "e" * 64
ACCOUNT_ID = "111111111111"
LOOKS = ("Get", "Head", "List", "Describe", "Query", "Scan", "BatchGet")
"""How the names of operations begin that change nothing."""


def context(remaining_seconds: float = 900) -> Any:
    """What Lambda hands to a function beside its event."""
    return SimpleNamespace(
        function_name="tested",
        memory_limit_in_mb=512,
        invoked_function_arn=f"arn:aws:lambda:us-east-1:{ACCOUNT_ID}:function:tested",
        aws_request_id="1",
        get_remaining_time_in_millis=lambda: int(remaining_seconds * 1000),
    )


@dataclass
class Pipeline:
    """One environment. ``ingest_seconds`` is the time that a call of ingest has."""

    name: str
    service: ReplayServer
    ingest_seconds: float = 900
    mutations: list[str] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, str]:
        """The functions' environment, as Terraform sets it."""
        origin = f"http://127.0.0.1:{self.service.server_address[1]}"
        return {
            "LAKEWARD_ENVIRONMENT": "local",
            "LAKEWARD_RELEASE": RELEASE,
            "POWERTOOLS_SERVICE_NAME": "lakeward",
            "POWERTOOLS_METRICS_NAMESPACE": "Lakeward",
            "UPSTREAM_OVERRIDES": json.dumps({"https://earthquake.usgs.gov": origin}),
            "RAW_BUCKET": f"raw-{self.name}",
            "CURATED_BUCKET": f"curated-{self.name}",
            "CURATED_DATABASE": f"curated_{self.name}",
            "QUARANTINE_DATABASE": f"quarantine_{self.name}",
            "MARTS_DATABASE": f"marts_{self.name}",
            "SERVING_DATABASE": f"serving_{self.name}",
            "LEDGER_TABLE": f"ledger-{self.name}",
        }

    def build(self) -> None:
        """Make what Terraform makes."""
        s3, glue = boto3.client("s3"), boto3.client("glue")
        for role in ("RAW", "CURATED"):
            bucket = self.settings[f"{role}_BUCKET"]
            s3.create_bucket(Bucket=bucket)
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        for role in ("CURATED", "QUARANTINE", "MARTS", "SERVING"):
            glue.create_database(DatabaseInput={"Name": self.settings[f"{role}_DATABASE"]})
        boto3.client("dynamodb").create_table(
            TableName=self.settings["LEDGER_TABLE"],
            KeySchema=[{"AttributeName": "dataset", "KeyType": "HASH"}, {"AttributeName": "slot", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("dataset", "slot")],
            BillingMode="PAY_PER_REQUEST",
        )

    def deploy(self) -> None:
        """Start every function anew, and note from now on what the clients of boto3 change."""
        if ingest.deps.cache_info().currsize:
            ingest.deps("earthquakes", ACCOUNT_ID).upstream.close()  # type: ignore[attr-defined]
        for wiring in (
            ingest.deps,
            ingest.ledger,
            transform.deps,
            audit.lake,
            publish.lake,
            publish.wired_tables,
            record.ledger,
            record.ops_tables,
        ):
            wiring.cache_clear()
        self.mutations.clear()
        boto3.setup_default_session()
        assert boto3.DEFAULT_SESSION is not None
        boto3.DEFAULT_SESSION.events.register("before-call", self._note)

    def _note(self, model: Any, **_: Any) -> None:
        if not model.name.startswith(LOOKS):
            self.mutations.append(f"{model.service_model.service_name} {model.name}")

    def migrate(self) -> Any:
        """Call the migrate function."""
        return migrate.handler({}, context())

    def run(self, slot: str, execution: str, started_at: str) -> Walked:
        """Run a slot through the state machine as it is deployed."""
        functions = {
            "ingest": lambda event: ingest.handler(event, context(self.ingest_seconds)),
            "transform": lambda event: transform.handler(event, context()),
            "audit": lambda event: audit.handler(event, context()),
            "publish": lambda event: publish.handler(event, context()),
            "record": lambda event: record.handler(event, context()),
        }
        definition = json.loads((ROOT / "terraform/platform/pipeline.asl.json").read_text())
        return Walker(definition, functions).run({"dataset": "earthquakes", "slot": slot}, execution, started_at)

    def break_service(self, *faults: dict[str, Any]) -> None:
        """Let the service go wrong in these ways, on every page; without any, let it be well."""
        self.service.armoury.arm(
            RULES.validate_python([{"match": {"path": "*/query"}, "fault": fault} for fault in faults])
        )

    def item(self, slot: str) -> dict[str, Any]:
        """The ledger's item of a slot, as DynamoDB has it."""
        table = boto3.resource("dynamodb").Table(self.settings["LEDGER_TABLE"])
        return dict(table.get_item(Key={"dataset": "earthquakes", "slot": slot})["Item"])

    def table(self, role: str = "curated") -> Table:
        """A table as any Iceberg reader loads it."""
        name = {"curated": "earthquakes_v1", "quarantine": "earthquakes"}[role]
        return catalog(glue_client()).load_table((self.settings[f"{role.upper()}_DATABASE"], name))

    def rows(self, role: str, *names: str) -> list[tuple[Any, ...]]:
        """Rows of a table, sorted."""
        found = self.table(role).scan(selected_fields=names).to_arrow().to_pylist()
        return sorted(tuple(row[name] for name in names) for row in found)

    def versions(self) -> list[tuple[str, str, str]]:
        """Every version of every object of raw and the tables: bucket, key, version id."""
        found = []
        for role in ("RAW", "CURATED"):
            bucket = boto3.resource("s3").Bucket(self.settings[f"{role}_BUCKET"])
            found += [(bucket.name, v.object_key, v.id) for v in bucket.object_versions.all()]
        return sorted(version for version in found if not version[1].startswith("ops/"))

    def ops(self, table: str) -> dict[str, list[dict[str, Any]]]:
        """The rows of an ops table by the object that holds them, its key without the table's folder."""
        bucket, folder = boto3.resource("s3").Bucket(self.settings["CURATED_BUCKET"]), f"ops/{table}/"
        return {
            found.key.removeprefix(folder): [json.loads(line) for line in found.get()["Body"].read().splitlines()]
            for found in bucket.objects.filter(Prefix=folder)
        }

    def catalog_versions(self) -> dict[str, str]:
        """Version of every table and view in the catalog."""
        glue = boto3.client("glue")
        return {
            f"{database}.{table['Name']}": table["VersionId"]
            for role in ("CURATED", "QUARANTINE", "MARTS", "SERVING")
            for database in [self.settings[f"{role}_DATABASE"]]
            for table in glue.get_tables(DatabaseName=database)["TableList"]
        }


@cache
def events(day: str) -> list[str]:
    """Ids of the recorded events of a UTC day, in the order in which they happened."""
    with gzip.open(ROOT / "datasets/earthquakes/sample/usgs_earthquakes_2018-02.geojson.gz") as file:
        found = sorted(json.load(file)["features"], key=lambda event: event["properties"]["time"])
    midnight = datetime.fromisoformat(f"{day}T00:00Z")
    return [
        event["id"]
        for event in found
        if midnight.timestamp() <= event["properties"]["time"] / 1000 < midnight.timestamp() + 86_400
    ]


@contextmanager
def pipeline(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pipeline]:
    """An environment of its own on the cloud that the environment variables name, built and migrated."""
    with ReplayServer(0, imitations(ROOT / "datasets")) as service:
        thread = threading.Thread(target=service.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        made = Pipeline(uuid.uuid4().hex[:8], service)
        for name, value in made.settings.items():
            monkeypatch.setenv(name, value)
        try:
            made.build()
            made.deploy()
            made.migrate()
            yield made
        finally:
            made.deploy()
            service.shutdown()
            thread.join()
