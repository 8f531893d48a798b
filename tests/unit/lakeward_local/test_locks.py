import subprocess
import sys
import time
from pathlib import Path

import pytest

from lakeward_local.errors import CloudUnavailable
from lakeward_local.locks import ProcessLock, facts_of

HOLD = """
import sys, time
from pathlib import Path
from lakeward_local.locks import ProcessLock
with ProcessLock(Path(sys.argv[1])).hold() as lock:
    lock.publish({"port": 4566})
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_lock_that_nobody_holds_says_nothing(tmp_path: Path):
    (tmp_path / "cloud.lock").write_text('{"pid": 1, "port": 4566}')

    assert facts_of(tmp_path / "cloud.lock") is None
    assert facts_of(tmp_path / "none.lock") is None


def test_a_lock_says_who_holds_it_until_that_process_dies(tmp_path: Path):
    path = tmp_path / "cloud.lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"

        assert facts_of(path) == {"pid": holder.pid, "port": 4566}
        with pytest.raises(CloudUnavailable, match=f"process {holder.pid} holds it"), ProcessLock(path).hold():
            pass
        holder.kill()

    deadline = time.monotonic() + 5
    while facts_of(path) is not None:
        assert time.monotonic() < deadline


def test_whoever_holds_a_lock_and_has_said_nothing_yet_is_there(tmp_path: Path):
    path = tmp_path / "cloud.lock"

    with ProcessLock(path).hold():
        assert facts_of(path) == {}
    assert facts_of(path) is None
