"""The year of flights in a local cloud: loaded by commands that a person types, asked as an analyst's program does."""

import csv
import io
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import boto3
from deployed_world import Deployed
from flights_year_by_hand import Row, Year
from ruamel.yaml import YAML

from lakeward.adapters.dynamodb_ledger import DynamoDbLedger
from lakeward.adapters.terraform.events import Progress, Step
from lakeward.contract import dataset
from lakeward.ports.ledger import Entry
from lakeward_local.clients import Clients

ROOT = Path(__file__).parents[2]


FIRST, LAST = "2013-01-01", "2013-12-31"
RANGE = ("--from", FIRST, "--to", LAST, "--parallel", "3")
KILLED_AFTER = 120
"""Slots of flights that the first backfill is let run."""


class Aloud:
    """Says what a deployment says, so that somebody who waits sees how far it is (pytest -s)."""

    def say(self, line: str) -> None:
        """One line."""
        sys.stderr.write(f"{line}\n")

    def progress(self, _label: str) -> Progress:
        """Nothing more."""

        def report(_: Step) -> None: ...

        return report


@dataclass(frozen=True)
class YearDeployed:
    """The deployment, what the package says, and what the ledger had when the backfill was killed."""

    deployed: Deployed
    by_hand: Year
    before_it_was_killed: list[Entry]

    def ledger(self, name: str) -> list[Entry]:
        """Newest run of every slot of a dataset, oldest slot first."""
        return ledger_of(self.deployed, name)


def ledger_of(deployed: Deployed, name: str) -> list[Entry]:
    """Newest run of every slot of a dataset, oldest slot first."""
    where = {
        "endpoint_url": deployed.record.endpoint,
        "region_name": deployed.record.region,
        "aws_access_key_id": deployed.record.account_id,
        "aws_secret_access_key": "test",
    }
    table = boto3.resource("dynamodb", **where).Table("lakeward-local-ledger")
    return DynamoDbLedger(table).entries(dataset(name, deployed.root / "datasets"))


def backfill(deployed: Deployed, name: str) -> None:
    with _started(deployed, name) as command:
        assert command.wait() == 0


def backfill_killed(deployed: Deployed) -> list[Entry]:
    """Begin the backfill of flights and kill it without a word; what was run then."""
    with _started(deployed, "flights") as command:
        while len(ledger_of(deployed, "flights")) < KILLED_AFTER:
            assert command.poll() is None, "the backfill ended by itself"
            time.sleep(1)
        command.send_signal(signal.SIGKILL)
    return ledger_of(deployed, "flights")


def _started(deployed: Deployed, name: str) -> "subprocess.Popen[bytes]":
    """A backfill of the year that shows its progress here."""
    command = str(Path(sys.executable).parent / "lakeward")
    environment = {**os.environ, "COLUMNS": "120", "NO_COLOR": "1"}
    return subprocess.Popen([command, "backfill", name, *RANGE], cwd=deployed.root, env=environment)


def columns(mart: str) -> str:
    """A mart's columns, in their order."""
    declared = YAML(typ="safe").load(ROOT / "datasets" / "flights" / "marts" / f"{mart}.yaml")
    return ", ".join(column["name"] for column in declared["columns"])


def rows(clients: Clients, sql: str) -> list[Row]:
    """The rows of a query, sorted: texts as Athena writes them, None for NULL, doubles as numbers."""
    athena = clients.client("athena")
    query = athena.start_query_execution(
        QueryString=sql, WorkGroup="lakeward-local", QueryExecutionContext={"Database": "lakeward_local_serving"}
    )["QueryExecutionId"]
    while (found := athena.get_query_execution(QueryExecutionId=query)["QueryExecution"])["Status"]["State"] in (
        "QUEUED",
        "RUNNING",
    ):
        time.sleep(0.2)
    assert found["Status"]["State"] == "SUCCEEDED", found["Status"]
    place = urlsplit(found["ResultConfiguration"]["OutputLocation"])
    body = clients.client("s3").get_object(Bucket=place.netloc, Key=place.path.lstrip("/"))["Body"].read()
    described = athena.get_query_results(QueryExecutionId=query, MaxResults=1)["ResultSet"]["ResultSetMetadata"]
    doubles = {at for at, column in enumerate(described["ColumnInfo"]) if column["Type"] == "double"}
    lines = csv.reader(io.StringIO(body.decode()))
    next(lines)
    told = (
        tuple((float(cell) if at in doubles else cell) if cell else None for at, cell in enumerate(line))
        for line in lines
    )
    return sorted(told, key=str)
