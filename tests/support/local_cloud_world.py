"""Local clouds for tests, and the small functions and state machines that they run."""

import io
import json
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakeward_local.clients import Clients
from lakeward_local.home import Home
from lakeward_local.local_cloud import LocalCloud, Ports
from lakeward_local.record import CloudRecord
from lakeward_local.settings import CloudSettings

ROLE = "arn:aws:iam::111111111111:role/any"
QUICKLY = 0.02
"""Factor on waits and retries of state machines."""


@dataclass(frozen=True)
class World:
    """A local cloud that runs, and what tests do in it."""

    record: CloudRecord
    clients: Clients

    @classmethod
    def of(cls, record: CloudRecord) -> "World":
        return cls(record, Clients(record.endpoint, record.account_id, record.region))

    def client(self, service: str) -> Any:
        return self.clients.client(service)

    def function(self, name: str, code: str, **settings: Any) -> str:
        """Make a Python function from the text of its module ``index``; answers its ARN."""
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as opened:
            opened.writestr("index.py", code)
        made = self.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.13",
            Code={"ZipFile": archive.getvalue()},
            **{"Handler": "index.handler", "Timeout": 10, "Role": ROLE, **settings},
        )
        return made["FunctionArn"]

    def invoke(self, function: str, event: Any = None) -> Any:
        """What a function answers, or the error that it failed with."""
        answer = self.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event or {}))
        return json.loads(answer["Payload"].read())

    def machine(self, name: str, states: dict[str, Any]) -> str:
        """Make a state machine that starts with the first of its states; answers its ARN."""
        definition = {"StartAt": next(iter(states)), "States": states}
        made = self.client("stepfunctions").create_state_machine(
            name=name, definition=json.dumps(definition), roleArn=ROLE
        )
        return made["stateMachineArn"]

    def run(self, machine: str, event: Any = None) -> dict[str, Any]:
        """Run a state machine and answer what became of it; its output is parsed."""
        client = self.client("stepfunctions")
        execution = client.start_execution(stateMachineArn=machine, input=json.dumps(event or {}))["executionArn"]
        deadline = time.monotonic() + 30
        while (ended := client.describe_execution(executionArn=execution))["status"] == "RUNNING":
            assert time.monotonic() < deadline, f"{execution} still runs"
            time.sleep(0.05)
        return {**ended, "output": json.loads(ended["output"]) if ended.get("output") else None}


def cloud_at(folder: Path, datasets: Path, **settings: Any) -> LocalCloud:
    """A local cloud that keeps everything below ``folder`` and takes any ports; it does not run yet."""
    chosen = CloudSettings(**{"wait_scale": QUICKLY, **settings})
    return LocalCloud(Home(folder), datasets, chosen, Ports(None, None))


def no_words(_line: str) -> None:
    """A test needs no progress."""
