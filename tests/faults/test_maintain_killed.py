"""Kill maintenance on either side of each commit and among the removals, and call it again: same rows, no orphan."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from lake_world import Lake, few_snapshots, slot
from maintain_and_die import DIED
from transform_world import record

PROGRAM = Path(__file__).parent.parent / "support" / "maintain_and_die.py"


def maintain_and_die(lake: Lake, *moment: str) -> None:
    facts = {
        "bucket": lake.bucket,
        "curated": lake.curated_database,
        "quarantine": lake.quarantine_database,
        "folder": str(lake.folder),
    }
    arguments = [sys.executable, str(PROGRAM), json.dumps(facts), *moment]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode == DIED, done.stderr


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(("glue", "UpdateTable", "before-send", "1"), id="before the compaction's commit"),
        pytest.param(("glue", "UpdateTable", "after-call", "1"), id="after the compaction's commit"),
        pytest.param(("glue", "UpdateTable", "before-send", "2"), id="before the expiry's commit"),
        pytest.param(("glue", "UpdateTable", "after-call", "2"), id="after the expiry's commit"),
        pytest.param(("s3", "DeleteObject", "after-call", "3"), id="among the removals"),
    ],
)
def test_killed_maintenance_leaves_every_row_once_and_the_next_call_ends_it(
    moment: tuple[str, ...], cloud: str, tmp_path: Path
) -> None:
    lake = Lake.make(few_snapshots(), tmp_path)
    staged = {day: lake.stage(slot(day), [record(day)]) for day in range(1, 7)}
    for day, files in staged.items():
        lake.publish(slot(day), files)
    rows = lake.rows()

    maintain_and_die(lake, *moment)

    assert lake.rows() == rows
    lake.maintain(days=8)
    lake.maintain(days=8)
    objects = lake.objects()
    last = lake.maintain(days=8)
    assert (lake.rows(), [kept.changed for kept in last], lake.objects()) == (rows, [False, False], objects)
    assert {key for key in objects if key.startswith("curated/") and "/data/" in key} == lake.data_keys()
    assert [lake.publish(slot(day), files).changed for day, files in staged.items()] == [False] * 6
