"""Serve the recorded upstreams until told to stop: ``python -m lakeward_local.replay``.

``lakeward up`` starts it; nobody needs to run it by hand.
"""

import argparse
import faulthandler
import signal
import threading
from datetime import UTC, datetime
from pathlib import Path

from lakeward_local.locks import ProcessLock
from lakeward_local.replay.declaration import fingerprint
from lakeward_local.replay.imitations import imitations
from lakeward_local.replay.server import ReplayServer

_ENDS = (signal.SIGTERM, signal.SIGINT)
_POLL_SECONDS = 0.05
"""How soon it notices that it shall stop."""
_END_SECONDS = 2.0
"""How long it waits for its own server to end; whatever that does then, the process ends and lets go of its lock."""


def main() -> None:
    """Take the lock, read the recordings, serve on 127.0.0.1 until SIGTERM."""
    parser = argparse.ArgumentParser(prog="lakeward_local.replay", description=__doc__)
    parser.add_argument("--lock", type=Path, required=True, help="the file that is locked while this runs")
    parser.add_argument("--datasets", type=Path, required=True, help="the folder of dataset folders")
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    faulthandler.enable()  # whoever gives up waiting for the end sends SIGABRT, and the log shows what hangs
    # Blocked in every thread, so that they wait for the main one: a handler would run only when it wakes up, and a
    # signal that another thread took need not wake it.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    with (
        ProcessLock(arguments.lock).hold() as lock,
        ReplayServer(arguments.port, imitations(arguments.datasets)) as server,
    ):
        threading.Thread(target=server.serve_forever, args=(_POLL_SECONDS,), daemon=True).start()
        lock.publish(
            {
                "port": arguments.port,
                "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "fingerprint": fingerprint(arguments.datasets),
            }
        )
        lock.end_when_abandoned()
        signal.sigwait(_ENDS)
        ending = threading.Thread(target=server.shutdown, daemon=True)
        ending.start()
        ending.join(_END_SECONDS)


if __name__ == "__main__":
    main()
