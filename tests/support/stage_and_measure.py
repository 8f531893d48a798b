"""A process that stages one large slot and says how much memory it took: ``python stage_and_measure.py FOLDER``.

``FOLDER`` has ``raw`` and ``lake`` as buckets, and ``work`` for what is written on the way. Prints the peak of resident
memory in bytes before staging and after it, and the counts, as JSON.
"""

import json
import sys
from pathlib import Path

from folder_bucket import FolderBucket
from stage_world import CERTIFICATE_KEY, DATASET, RELEASE, DesignedTable
from transform_world import SLOT

from lakeward import tables
from lakeward.adapters.duckdb_engine import DuckDbEngine
from lakeward.adapters.duckdb_files import connect
from lakeward.stage import OnDisk, StageDeps, stage_slot


def peak_bytes() -> int:
    """The most memory that this process had so far. Not ru_maxrss, which begins with what the parent had."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def main() -> None:
    """Stage the slot."""
    folder = Path(sys.argv[1])
    work = folder / "work"
    work.mkdir()
    with connect(work) as db:  # DuckDB's own memory, before there is any data
        db.execute("SELECT 1")
    (work / "work.duckdb").unlink(missing_ok=True)
    before = peak_bytes()
    curated = DesignedTable(tables.curated(DATASET.contract))
    quarantine = DesignedTable(tables.quarantine(DATASET.contract))
    raw, lake = FolderBucket(folder / "raw"), FolderBucket(folder / "lake")
    maker = OnDisk(DuckDbEngine(), raw, lake, work)
    deps = StageDeps(raw, lake, curated, quarantine, maker, RELEASE)  # type: ignore[arg-type]
    staged = stage_slot(DATASET, SLOT, CERTIFICATE_KEY, deps).staged
    sys.stdout.write(
        json.dumps({"before": before, "after": peak_bytes(), "counts": [staged.accepted, staged.quarantined]})
    )


if __name__ == "__main__":
    main()
