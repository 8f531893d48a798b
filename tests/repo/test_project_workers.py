"""With several workers, each file is run by one of them: tests of a file share fixtures, and some their tables."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_file_is_run_by_one_worker():
    command = [sys.executable, "-m", "pytest", "tests/unit/ops", "-n", "2", "-v", "-p", "no:cacheprovider"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120).stdout

    workers: dict[str, set[str]] = {}
    for worker, file in re.findall(r"^\[(gw\d)\].* PASSED (\S+?)::", said, re.MULTILINE):
        workers.setdefault(file, set()).add(worker)
    assert set().union(*workers.values()) == {"gw0", "gw1"}, said
    assert {file: found for file, found in workers.items() if len(found) > 1} == {}
