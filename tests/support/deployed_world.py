"""A copy of the repository with more datasets in it, deployed to a local cloud of its own as ``lakeward up`` does."""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from lakeward_local.clients import Clients
from lakeward_local.record import CloudRecord

ROOT = Path(__file__).parents[2]
COPIED = ("datasets", "environments", "modules", "scripts", "src", "terraform", "pyproject.toml")
SLOTS = ["2018-01-31", *[f"2018-02-0{n}" for n in range(1, 8)]]


def copy_of_repository(to: Path) -> Path:
    """What a deployment reads, copied; nothing that was made."""
    to.mkdir()
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, to / name, ignore=shutil.ignore_patterns(".terraform", "__pycache__", "*.tfstate*"))
        else:
            shutil.copy(source, to / name)
    return to


def files_of(root: Path) -> dict[str, bytes]:
    """Every file of a tree but what tools make, by relative path."""
    made = {".terraform", "__pycache__", "dist", ".lakeward"}
    paths = [p for p in root.rglob("*") if p.is_file() and not made & set(p.relative_to(root).parts)]
    return {str(p.relative_to(root)): p.read_bytes() for p in paths}


def add_dataset(root: Path, name: str, edit: Callable[[str], str] = str, like: str = "earthquakes") -> None:
    """What a person does: copy the folder, say the new name in the contract, edit it."""
    shutil.copytree(root / "datasets" / like, root / "datasets" / name, ignore=shutil.ignore_patterns("marts"))
    contract = root / "datasets" / name / "contract.yaml"
    contract.write_text(edit(contract.read_text().replace(f"dataset: {like}", f"dataset: {name}")))


def recorded() -> list[dict[str, Any]]:
    """The recorded events, as plain Python reads them."""
    sample = ROOT / "datasets" / "earthquakes" / "sample" / "usgs_earthquakes_2018-02.geojson.gz"
    return list(json.loads(gzip.decompress(sample.read_bytes()))["features"])


def day_of(event: dict[str, Any]) -> str:
    """The UTC day of an event."""
    return datetime.fromtimestamp(event["properties"]["time"] / 1000, UTC).date().isoformat()


@dataclass(frozen=True)
class Deployed:
    """The deployed copy: run the command in it, look at what it made, make its upstream lie."""

    root: Path
    record: CloudRecord
    before: dict[str, bytes]

    @cached_property
    def clients(self) -> Clients:
        """AWS clients of its cloud."""
        return Clients(self.record.endpoint, self.record.account_id, self.record.region)

    def lakeward(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command as a person would."""
        command = Path(sys.executable).parent / "lakeward"
        environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
        return subprocess.run(
            [str(command), *arguments], cwd=self.root, env=environment, capture_output=True, text=True, check=False
        )

    def sql(self, statement: str) -> list[dict[str, Any]]:
        """Ask Athena through the command."""
        done = self.lakeward("sql", "--json", statement)
        assert done.returncode == 0, done.stderr
        return list(json.loads(done.stdout))

    def bucket(self, role: str) -> str:
        """A bucket's name."""
        return f"lakeward-local-{self.record.account_id}-{role}"

    def objects(self, role: str, prefix: str = "") -> dict[str, bytes]:
        """Every object below a prefix, by key."""
        s3 = self.clients.client("s3")
        keys = [v["Key"] for v in self.versions(role, prefix)]
        return {key: s3.get_object(Bucket=self.bucket(role), Key=key)["Body"].read() for key in keys}

    def objects_named(self, role: str, prefix: str = "") -> list[str]:
        """The keys of the objects below a prefix."""
        pages = self.clients.client("s3").get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=self.bucket(role), Prefix=prefix)
        return [content["Key"] for page in found for content in page.get("Contents", [])]

    def newest(self, role: str, prefix: str = "") -> dict[str, bytes]:
        """The objects that are there now below a prefix, by key."""
        s3, bucket = self.clients.client("s3"), self.bucket(role)
        named = self.objects_named(role, prefix)
        return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in named}

    def versions(self, role: str, prefix: str = "") -> list[dict[str, Any]]:
        """Every version of every object: key, version id, whether it is the newest; delete markers too."""
        pages = self.clients.client("s3").get_paginator("list_object_versions")
        found = []
        for page in pages.paginate(Bucket=self.bucket(role), Prefix=prefix):
            found += [{k: v[k] for k in ("Key", "VersionId", "ETag")} for v in page.get("Versions", [])]
            found += [{"Key": m["Key"], "VersionId": m["VersionId"]} for m in page.get("DeleteMarkers", [])]
        return found

    def lake_versions(self) -> list[dict[str, Any]]:
        """Every version of every object of the tables; a run that changes none still has a row of its own in ops."""
        return [version for version in self.versions("curated") if not version["Key"].startswith("ops/")]

    def table_version(self, database: str, table: str) -> str:
        """The version of a table in the Glue catalog; a commit makes a new one."""
        found = self.clients.client("glue").get_table(DatabaseName=f"lakeward_local_{database}", Name=table)
        return str(found["Table"]["VersionId"])

    def lie(self, *rules: dict[str, Any]) -> None:
        """Make the upstream misbehave; no rule for an honest one."""
        self._replay("PUT", "faults", json.dumps(rules).encode())

    def sent(self) -> list[dict[str, Any]]:
        """What the upstream sent since it was last forgotten."""
        return list(self._replay("GET", "requests"))

    def forget_sent(self) -> None:
        """Forget what the upstream sent."""
        self._replay("DELETE", "requests")

    def _replay(self, method: str, what: str, body: bytes | None = None) -> Any:
        url = f"{self.record.replay_endpoint}/_replay/{what}"
        with urlopen(Request(url, data=body, method=method), timeout=10) as answer:  # noqa: S310 -- our own server
            text = answer.read()
        return json.loads(text) if text else None

    def alerts(self) -> list[dict[str, Any]]:
        """Take every alert out of the queue."""
        sqs = self.clients.client("sqs")
        url = sqs.get_queue_url(QueueName="lakeward-local-alerts")["QueueUrl"]
        taken: list[dict[str, Any]] = []
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
            for message in messages:
                taken.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            if taken and not messages:
                break
            time.sleep(0.1)
        return taken

    def states(self, execution: str) -> list[str]:
        """The states that an execution entered, in order."""
        where = f"{self.record.region}:{self.record.account_id}"
        arn = f"arn:aws:states:{where}:execution:lakeward-local-pipeline:{execution}"
        pages = self.clients.client("stepfunctions").get_paginator("get_execution_history")
        events = [e for page in pages.paginate(executionArn=arn) for e in page["events"]]
        return [e["stateEnteredEventDetails"]["name"] for e in events if "stateEnteredEventDetails" in e]


def one_a_page(contract: str) -> str:
    """The contract of flights with as many pages as there are records, not more than forty of them a second."""
    slow = "  manners: {requests_per_second: 40}\n  limits: {request_seconds: 5}\n\nslot: day"
    return contract.replace("page_records: 500", "page_records: 1").replace("\nslot: day", slow)


def minimum_magnitude(contract: str, least: float) -> str:
    """The contract with one more filter, for pages and total alike."""
    return re.sub(r"(\n +)format: geojson\n", rf'\1format: geojson\1minmagnitude: "{least}"\n', contract)
