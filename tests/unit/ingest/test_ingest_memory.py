"""Ingest takes memory by a page, and not by the slot."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[2] / "support" / "ingest_and_measure.py"
PAGES, RECORDS_A_PAGE = 1_000, 1_200
LIMIT_BYTES = 256_000_000


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from Linux's /proc")
@pytest.mark.parametrize("kind", ["cursor", "offset"])
def test_a_thousand_pages_take_less_memory_than_they_have_bytes(kind: str) -> None:
    command = [sys.executable, str(PROGRAM), kind, str(PAGES), str(RECORDS_A_PAGE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

    told = json.loads(done.stdout)

    assert (told["complete"], told["pages"], told["records"]) == (True, PAGES, PAGES * RECORDS_A_PAGE)
    assert told["raw_bytes"] > LIMIT_BYTES
    assert told["peak_bytes"] < LIMIT_BYTES
