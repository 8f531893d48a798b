"""A process that stages one certified slot and dies at a put: ``python stage_and_die.py PLACE MOMENT NUMBER``.

The test gives: where raw and the lake are, as JSON; the moment (before-send or after-call); which PutObject it is,
counted from 1.
"""

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import boto3
from lake_world import Lake
from stage_world import CERTIFICATE_KEY, DATASET, RELEASE
from transform_world import SLOT

from lakeward.adapters.duckdb_engine import DuckDbEngine
from lakeward.adapters.s3_files import S3Files
from lakeward.stage import OnDisk, StageDeps, stage_slot
from lakeward.stage.run import StageResult

DIED = 42


@dataclass(frozen=True)
class Place:
    """Where a slot lies certified, and the lake that it is staged into."""

    raw_bucket: str
    bucket: str
    curated_database: str
    quarantine_database: str
    folder: str

    def stage(self, s3: Any) -> StageResult:
        """Stage the slot as the function does."""
        folder = Path(self.folder)
        lake = Lake(DATASET.contract, self.bucket, self.curated_database, self.quarantine_database, folder)
        files = S3Files(s3, self.raw_bucket), S3Files(s3, self.bucket)
        deps = StageDeps(*files, *lake.tables(), OnDisk(DuckDbEngine(), *files, folder), RELEASE)
        return stage_slot(DATASET, SLOT, CERTIFICATE_KEY, deps)

    def arguments(self, moment: str, number: int) -> list[str]:
        """The command that stages here and dies."""
        return [sys.executable, __file__, json.dumps(asdict(self)), moment, str(number)]


def main() -> None:
    """Stage until the moment comes."""
    place, moment, number = sys.argv[1:]
    seen = {"puts": 0}

    def die(**_: Any) -> None:
        seen["puts"] += 1
        if seen["puts"] == int(number):
            os._exit(DIED)

    s3 = boto3.client("s3")
    s3.meta.events.register(f"{moment}.s3.PutObject", die)
    Place(**json.loads(place)).stage(s3)


if __name__ == "__main__":
    main()
