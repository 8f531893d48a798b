"""Staging takes memory by what the function has, and not by what the slot has."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from stage_world import StageWorld
from transform_world import record

PROGRAM = Path(__file__).parents[2] / "support" / "stage_and_measure.py"
FUNCTION_MB = 512
RECORDS_A_PAGE = 5000


def staged(folder: Path, pages: int) -> tuple[int, float]:
    """Stage so many pages of 1.6 MB with DuckDB; gives the bytes of raw, and the memory that it took, in MB."""
    world = StageWorld(folder)
    numbers = range(RECORDS_A_PAGE)
    world.certify(*([record(p * len(numbers) + n, note=f"{p}-{n}" * 40) for n in numbers] for p in range(pages)))
    for key, body in world.raw.objects.items():
        path = folder / "raw" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    environment = {**os.environ, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(FUNCTION_MB)}
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(folder)], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["counts"] == [pages * RECORDS_A_PAGE, 0]
    return sum(map(len, world.raw.objects.values())), (told["after"] - told["before"]) / 1e6


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from Linux's /proc")
def test_a_slot_three_times_as_large_takes_no_more_memory(tmp_path: Path) -> None:
    folders = (tmp_path / "small", tmp_path / "large")
    for folder in folders:
        folder.mkdir()

    small_bytes, small_mb = staged(folders[0], 14)
    large_bytes, large_mb = staged(folders[1], 42)

    assert (small_bytes > 20_000_000, large_bytes > 60_000_000) == (True, True)
    assert large_mb < small_mb + 50
    assert large_mb < FUNCTION_MB * 0.7
