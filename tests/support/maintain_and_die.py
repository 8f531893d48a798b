"""A process that maintains a lake as if eight days had gone by, and dies at a moment of one call: Glue's UpdateTable or
S3's DeleteObject: ``python maintain_and_die.py …``.

The test gives: the lake as JSON, the service and the operation, the moment (before-send or after-call), and which call
of that operation it is, counted from 1.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import boto3
import lake_world
from lake_world import Lake, few_snapshots

from lakeward.adapters import iceberg

DIED = 42


def main() -> None:
    """Maintain until the moment comes."""
    described, service, operation, moment, number = sys.argv[1:]
    seen = {"calls": 0}

    def die(**_: Any) -> None:
        seen["calls"] += 1
        if seen["calls"] == int(number):
            os._exit(DIED)

    def watched(client: Any) -> Any:
        if client.meta.service_model.service_name == service:
            client.meta.events.register(f"{moment}.{service}.{operation}", die)
        return client

    make = iceberg.glue_client
    lake_world.glue_client = lambda: watched(make())
    facts = json.loads(described)
    lake = Lake(few_snapshots(), facts["bucket"], facts["curated"], facts["quarantine"], Path(facts["folder"]))
    lake.maintain(days=8, s3=watched(boto3.client("s3")))


if __name__ == "__main__":
    main()
