"""Kill the transforming process around its uploads and its list, and run it again: the same files, once each."""

import subprocess
import uuid
from pathlib import Path

import boto3
import pytest
from lake_world import Lake
from stage_and_die import DIED, Place
from stage_world import StageWorld
from transform_world import SLOT, record

ROWS = [("p1", 2), ("p2", 1)]


@pytest.fixture
def place(lake: Lake, tmp_path: Path) -> Place:
    """A slot of two days, certified: four records, one of them broken, two of one key."""
    world = StageWorld(tmp_path)
    world.certify([record(1), record(2, day="2024-03-02")], [{"note": "no id"}, record(1, version=2)], gzipped=True)
    raw = f"raw-{uuid.uuid4().hex[:8]}"
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=raw)
    for key, body in world.raw.objects.items():
        s3.put_object(Bucket=raw, Key=key, Body=body)
    return Place(raw, lake.bucket, lake.curated_database, lake.quarantine_database, str(tmp_path))


def objects(lake: Lake) -> set[str]:
    """What staging wrote."""
    found = boto3.resource("s3").Bucket(lake.bucket).objects.all()
    return {f"s3://{lake.bucket}/{o.key}" for o in found if "/metadata/" not in o.key}


@pytest.mark.parametrize(
    ("moment", "number", "left"),
    [
        pytest.param("before-send", 1, 0, id="before the first file"),
        pytest.param("after-call", 1, 1, id="after the first file"),
        pytest.param("before-send", 4, 3, id="between the last file and the list"),
        pytest.param("after-call", 4, 4, id="after the list"),
    ],
)
def test_a_transform_that_is_killed_is_done_again_with_the_same_files(
    moment: str, number: int, left: int, lake: Lake, place: Place
) -> None:
    died = subprocess.run(place.arguments(moment, number), capture_output=True, text=True, check=False)
    assert died.returncode == DIED, died.stderr
    after_death = objects(lake)
    assert (len(after_death), lake.rows(), lake.quarantined()) == (left, [], [])

    first = place.stage(boto3.client("s3"))
    again = place.stage(boto3.client("s3"))

    files = {f.uri for f in (*first.staged.accepted_files, *first.staged.quarantined_files)}
    assert (first.made, again.made) == (left < 4, False)
    assert first.staged == again.staged
    assert objects(lake) == files | {f"s3://{lake.bucket}/{first.key}"} >= after_death
    staged = first.staged
    assert (staged.records_in, staged.accepted, staged.quarantined, staged.deduplicated) == (4, 2, 1, 1)
    lake.publish(SLOT, staged)
    assert lake.rows("id", "version") == ROWS
    assert lake.quarantined("page", "position", "column_name", "rule") == [("page-00002", 1, "id", "required")]
