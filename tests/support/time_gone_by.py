"""A local cloud as if days had gone by: what its lake holds was stored that much earlier."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

from deployed_world import Deployed

from lakeward_local.local_cloud import LocalCloud

STATED = re.compile(rb'("(?:timestamp|last-updated)-ms":\s*)(\d{13})')
"""When a state of an Iceberg table was made, and when it was current, as its metadata say."""
STORED = "last_modified"


def days_go_by(deployed: Deployed, cloud: LocalCloud, days: int) -> None:
    """Move everything in the bucket of the lake, and the states that its tables know, so many days into the past."""
    s3, bucket = deployed.clients.client("s3"), deployed.bucket("curated")
    millis = days * 86_400_000
    for key, body in deployed.newest("curated").items():
        if key.endswith(".metadata.json"):
            earlier = STATED.sub(lambda found: found[1] + str(int(found[2]) - millis).encode(), body)
            s3.put_object(Bucket=bucket, Key=key, Body=earlier)
    cloud.down()
    for path in cloud.home.objects.rglob("*.meta.json"):
        if bucket in path.parts:
            path.write_text(json.dumps(_earlier(json.loads(path.read_text()), timedelta(days=days))))
    again = cloud.up(lambda _: None)
    assert again.endpoint == deployed.record.endpoint


def _earlier(value: Any, by: timedelta, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _earlier(inner, by, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_earlier(inner, by) for inner in value]
    if name != STORED or not value:
        return value
    at = datetime.fromisoformat(value) - by
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
