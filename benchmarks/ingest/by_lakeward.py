"""The pages by Lakeward's ingest: ``python by_lakeward.py PORT RAW CONCURRENCY``.

RAW is a folder, or ``http://host:port/bucket`` of an S3 endpoint: then each page is put as the function puts it.
"""

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from lakeward.adapters.http import HttpUpstream
from lakeward.adapters.raw_s3 import S3RawStore, raw_client
from lakeward.contract import Dataset, parse_contract
from lakeward.ingest import Deps, ingest_slot
from lakeward.ports.raw import RawObject, RawStore
from lakeward.slot import Slot

CONTRACT = """
contract: 1
dataset: pages
version: 1.0.0
owner: benchmarks
description: Pages of one megabyte, one row a record.
source:
  kind: http
  url: https://pages.test/pages
  paging: {kind: offset_limit, offset_param: offset, limit_param: limit, first_offset: 0, page_records: 1000}
  total: {url: "https://pages.test/count", at: $.count}
  records: {format: json, at: $.items}
  manners: {concurrency: CONCURRENCY}
slot: day
schedule: {cron: "cron(0 3 * * ? *)"}
freshness: {hours: 30}
load: {mode: upsert, primary_key: [id], newest_by: measured_at}
partition_by: day
columns:
  - {name: id, type: string, at: $.id, required: true, description: Identifier.}
  - {name: measured_at, type: timestamp, at: $.measured_at, required: true, description: Instant.}
  - {name: day, type: date, utc_day_of: measured_at, description: UTC day.}
"""


class FolderRaw:
    """Raw in a folder: each object a file that is written once, with its metadata beside it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> RawObject | None:
        """See ``lakeward.ports.raw.RawStore``."""
        path = self._folder / key
        if not path.exists():
            return None
        metadata = path.with_suffix(".meta")
        return RawObject(path.read_bytes(), json.loads(metadata.read_text()))

    def keys(self, prefix: str) -> list[str]:
        """See ``lakeward.ports.raw.RawStore``."""
        found = (str(p.relative_to(self._folder)) for p in self._folder.rglob("*") if p.is_file())
        return sorted(key for key in found if key.startswith(prefix) and not key.endswith(".meta"))

    def folders(self, prefix: str) -> list[str]:
        """See ``lakeward.ports.raw.RawStore``."""
        return sorted(f"{prefix}{p.name}/" for p in (self._folder / prefix).glob("*/"))

    def put_once(
        self, key: str, body: IO[bytes], *, sha256: str, content_type: str, metadata: Mapping[str, str]
    ) -> Mapping[str, str]:
        """See ``lakeward.ports.raw.RawStore``. Whether the bytes fit the digest is S3's to say."""
        path = self._folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        facts = {"sha256": sha256, "content-type": content_type, **metadata}
        path.with_suffix(".meta").write_text(json.dumps(facts))
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "wb") as out:
            shutil.copyfileobj(body, out, 1 << 20)
        return metadata


def raw_at(where: str) -> RawStore:
    """The folder, or a bucket at the endpoint, by the client that the function has."""
    if not where.startswith("http"):
        return FolderRaw(Path(where))
    endpoint, _, bucket = where.rpartition("/")
    os.environ |= {"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
    os.environ |= {"AWS_ACCESS_KEY_ID": "111111111111", "AWS_SECRET_ACCESS_KEY": "test"}
    return S3RawStore(raw_client(), bucket)


def main() -> None:
    """Read all pages and certify them."""
    port, where, concurrency = sys.argv[1:]
    text = CONTRACT.replace("CONCURRENCY", concurrency)
    dataset = Dataset(Path("pages"), parse_contract(text, "benchmark"), hashlib.sha256(text.encode()).hexdigest())
    upstream = HttpUpstream({"https://pages.test": f"http://127.0.0.1:{port}"})
    deps = Deps(raw_at(where), upstream, lambda: datetime.now(UTC), "e" * 64)
    progress = ingest_slot(dataset, Slot(datetime(2018, 1, 31, tzinfo=UTC)), deps, lambda: 3600.0)
    upstream.close()
    print(json.dumps(progress.as_event()))


if __name__ == "__main__":
    main()
