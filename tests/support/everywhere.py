"""Everything that a deployment keeps or says, as text that can be searched; raw alone is left out.

Compressed things are opened: Parquet by its values and statistics, Avro by its blocks, gzip and zip by what is inside.
"""

import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import pyarrow.parquet as pq
from deployed_world import Deployed

BUCKETS = ("curated", "results", "artifacts", "state")


def places(deployed: Deployed, dataset: str) -> Iterator[tuple[str, bytes]]:
    """Where something is kept or said, and what: objects in every version, the ledger, logs, histories, pages."""
    for role in BUCKETS:
        yield from _objects(deployed, role)
    for table in deployed.clients.client("dynamodb").list_tables()["TableNames"]:
        yield f"dynamodb {table}", repr(_items(deployed, table)).encode()
    yield from _logs(deployed)
    yield from _histories(deployed, dataset)
    for name in ("curated", "quarantine", "serving", "marts", "ops"):
        found = deployed.clients.client("glue").get_tables(DatabaseName=f"lakeward_local_{name}")["TableList"]
        yield f"glue {name}", repr(found).encode()
    home = deployed.root / ".lakeward" / "local"
    for path in (*home.glob("report/**/*"), home / "logs" / "cloud.log"):
        if path.is_file():
            yield f"file {path.relative_to(home)}", path.read_bytes()


def found_in(canaries: list[str], said: Iterator[tuple[str, bytes]]) -> list[tuple[str, str]]:
    """Each canary with each place that has it, however it is written there."""
    return sorted(
        {
            (canary, place)
            for place, body in said
            for text in [b"\n".join(_opened(body)).lower()]
            for canary in canaries
            if canary.lower().encode() in text
        }
    )


def _objects(deployed: Deployed, role: str) -> Iterator[tuple[str, bytes]]:
    s3, bucket = deployed.clients.client("s3"), deployed.bucket(role)
    for version in deployed.versions(role):
        if "ETag" in version:  # no delete marker
            which = {"Bucket": bucket, "Key": version["Key"], "VersionId": version["VersionId"]}
            yield f"s3 {role} {version['Key']}", s3.get_object(**which)["Body"].read()
            yield f"s3 {role} {version['Key']}: its key", version["Key"].encode()


def _items(deployed: Deployed, table: str) -> list[Any]:
    pages = deployed.clients.client("dynamodb").get_paginator("scan").paginate(TableName=table)
    return [item for page in pages for item in page["Items"]]


def _logs(deployed: Deployed) -> Iterator[tuple[str, bytes]]:
    logs = deployed.clients.client("logs")
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            name = group["logGroupName"]
            events = logs.get_paginator("filter_log_events").paginate(logGroupName=name)
            lines = [event["message"] for events_page in events for event in events_page["events"]]
            yield f"logs {name}", "\n".join(lines).encode()


def _histories(deployed: Deployed, dataset: str) -> Iterator[tuple[str, bytes]]:
    machines = deployed.clients.client("stepfunctions")
    where = f"{deployed.record.region}:{deployed.record.account_id}"
    machine = f"arn:aws:states:{where}:stateMachine:lakeward-local-pipeline"
    for page in machines.get_paginator("list_executions").paginate(stateMachineArn=machine):
        for execution in page["executions"]:
            if execution["name"].startswith(dataset):
                arn = execution["executionArn"]
                history = machines.get_paginator("get_execution_history").paginate(executionArn=arn)
                said = [event for events in history for event in events["events"]]
                told = machines.describe_execution(executionArn=arn)
                yield f"history {execution['name']}", json.dumps([said, told], default=str).encode()


def _opened(body: bytes) -> Iterator[bytes]:
    """The bytes, and what is inside them."""
    yield body
    if body.startswith(b"PAR1"):
        parquet = pq.ParquetFile(io.BytesIO(body))
        yield repr(parquet.read().to_pylist()).encode()
        groups = [parquet.metadata.row_group(n).to_dict() for n in range(parquet.metadata.num_row_groups)]
        yield repr((groups, parquet.metadata.metadata)).encode()
    elif body.startswith(b"Obj\x01"):
        yield from _avro_blocks(body)
    elif body.startswith(b"\x1f\x8b"):
        yield from _opened(zlib.decompressobj(31).decompress(body))  # whatever lies behind its end, too
    elif body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for name in archive.namelist():
                yield archive.read(name)


def _avro_blocks(body: bytes) -> Iterator[bytes]:
    """The data of an Avro file's blocks, inflated where they are deflated. The file ends with its sync marker."""
    marker, codec = body[-16:], b"deflate" in body[: body.index(body[-16:])]
    for block in body.split(marker)[1:-1]:
        reading = io.BytesIO(block)
        _long(reading), _long(reading)  # records, bytes
        data = reading.read()
        yield zlib.decompress(data, -15) if codec else data


def _long(reading: io.BytesIO) -> int:
    """A zigzag number of variable length, as Avro writes it."""
    value = shift = 0
    while True:
        byte = reading.read(1)[0]
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return (value >> 1) ^ -(value & 1)
