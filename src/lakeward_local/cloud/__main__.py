"""Run the local cloud in this process until it is told to stop: ``python -m lakeward_local.cloud``.

``lakeward up`` starts it; nobody needs to run it by hand.
"""

import argparse
import importlib
import importlib.metadata
import os
import shutil
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from lakeward_local.cloud import lives
from lakeward_local.cloud.code import code_fingerprint
from lakeward_local.cloud.environment import ministack_environment
from lakeward_local.home import Home
from lakeward_local.locks import ProcessLock
from lakeward_local.settings import CloudSettings


def main() -> None:
    """Take the lock, take up the state, serve, write the state, say that it was written."""
    parser = argparse.ArgumentParser(prog="lakeward_local.cloud", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="the folder of state, objects and logs")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--settings", default="{}", help="CloudSettings, JSON")
    arguments = parser.parse_args()
    home = Home(arguments.home.resolve())
    settings = CloudSettings.model_validate_json(arguments.settings)
    version = importlib.metadata.version("ministack")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with ProcessLock(home.lock("cloud")).hold() as lock:
        life = lives.begin(home, version)
        os.environ.clear()
        os.environ.update(ministack_environment(home, arguments.port, settings))
        lock.publish(
            {
                "port": arguments.port,
                "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "life": life.id,
                "restored": life.restored,
                "why_empty": life.why_empty,
                "code": code_fingerprint(),
                "ministack": version,
                "settings": settings.model_dump(mode="json"),
            }
        )
        lock.end_when_abandoned()
        requests = home.log("requests")
        requests.unlink(missing_ok=True)
        # MiniStack reads its environment when it is imported.
        serving = importlib.import_module("lakeward_local.cloud.serving")
        problems: list[str] = serving.serve_until(stop, arguments.port, requests, settings)
        shutil.rmtree(home.scratch, ignore_errors=True)
        lives.end(home, life, version, problems)
        sys.stdout.flush()
        sys.stderr.flush()
        # Threads may still wait for functions that were stopped; all that must last is written.
        os._exit(1 if problems else 0)


if __name__ == "__main__":
    main()
