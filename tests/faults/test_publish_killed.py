"""Kill the publishing process on either side of each commit, and run the slot again: same rows, once each."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from lake_world import Lake, slot
from publish_and_die import DIED
from transform_world import record

from lakeward.staged import Staged

PROGRAM = Path(__file__).parent.parent / "support" / "publish_and_die.py"


def publish_and_die(lake: Lake, staged: Staged, moment: str, number: int) -> None:
    facts = {
        "bucket": lake.bucket,
        "curated": lake.curated_database,
        "quarantine": lake.quarantine_database,
        "folder": str(lake.folder),
    }
    arguments = [json.dumps(facts), staged.to_bytes().decode(), moment, str(number)]
    done = subprocess.run([sys.executable, str(PROGRAM), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == DIED, done.stderr


@pytest.mark.parametrize("moment", ["before-send", "after-call"])
@pytest.mark.parametrize("number", [1, 2], ids=["quarantine commit", "curated commit"])
def test_a_process_killed_at_a_commit_leaves_nothing_lost_and_nothing_double(
    moment: str, number: int, lake: Lake
) -> None:
    lake.run(slot(1), [record(1, version=1), record(2)])
    staged = lake.stage(slot(2), [record(1, version=2), record(3), record(4, version="bad")])
    committed = {("before-send", 1): 0, ("after-call", 1): 0, ("before-send", 2): 0, ("after-call", 2): 1}
    snapshots = len(lake.table().metadata.snapshots)

    publish_and_die(lake, staged, moment, number)

    after_death = lake.rows("id", "version")
    assert len(lake.table().metadata.snapshots) - snapshots == committed[moment, number]
    assert after_death in ([("p1", 1), ("p2", 1)], [("p1", 2), ("p2", 1), ("p3", 1)])

    lake.publish(slot(2), staged)
    again = lake.publish(slot(2), staged)

    assert lake.rows("id", "version") == [("p1", 2), ("p2", 1), ("p3", 1)]
    assert lake.quarantined("position") == [(3,)]
    assert not again.changed
    assert len(lake.table().metadata.snapshots) - snapshots == 1
