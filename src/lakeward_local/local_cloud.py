"""Start, stop and find the local cloud: MiniStack and the replay server, two processes that belong together."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lakeward_local.cloud.code import code_fingerprint
from lakeward_local.errors import CloudUnavailable
from lakeward_local.home import Home
from lakeward_local.processes import Process, free_port
from lakeward_local.record import CloudRecord
from lakeward_local.replay.declaration import fingerprint
from lakeward_local.settings import CLOUD_PORT, REPLAY_PORT, CloudSettings

Say = Callable[[str], None]


@dataclass(frozen=True)
class Ports:
    """Ports to take when they are free; None for any."""

    cloud: int | None = CLOUD_PORT
    replay: int | None = REPLAY_PORT


@dataclass(frozen=True)
class LocalCloud:
    """The local cloud of one repository, whether it runs or not."""

    home: Home
    datasets: Path
    settings: CloudSettings = field(default_factory=CloudSettings)
    ports: Ports = field(default_factory=Ports)
    code: str = field(default_factory=code_fingerprint)
    """What a process that is started now would run."""

    @classmethod
    def of(cls, root: Path, settings: CloudSettings | None = None) -> "LocalCloud":
        """The local cloud of the repository at ``root``."""
        return cls(Home.of(root), root / "datasets", settings or CloudSettings())

    def up(self, say: Say) -> CloudRecord:
        """Start what does not run, and write ``cloud.json``. Running already is success.

        A process is started anew when what it runs is no longer what the working copy holds: its own code, or the
        recordings that it replays.

        Raises:
            CloudUnavailable: a process does not start.
            DeclarationInvalid: a dataset's ``replay.yaml`` is wrong.
        """
        recorded = fingerprint(self.datasets)
        wanted = self._ports_of_last_time()
        cloud, replay = self._cloud.facts(), self._replay.facts()
        if replay and replay["fingerprint"] != recorded:
            say("The recorded upstreams changed: starting the replay server anew")
            self._replay.stop()
            replay = None
        if cloud and cloud["code"] != self.code:
            say("The code of the local cloud changed: starting it anew, with what it holds")
            self._cloud.stop()
            cloud = None
        if not cloud:
            say("Starting the local cloud")
            arguments = ["--home", str(self.home.folder), "--settings", self.settings.model_dump_json()]
            cloud = self._cloud.start(free_port(wanted.cloud), arguments)
        if not replay:
            say("Starting the replay of recorded upstreams")
            arguments = ["--lock", str(self.home.lock("replay")), "--datasets", str(self.datasets)]
            replay = self._replay.start(free_port(wanted.replay), arguments)
        self.home.ports.write_text(json.dumps({"cloud": cloud["port"], "replay": replay["port"]}))
        record = CloudRecord.of(cloud, replay)
        record.write(self.home.record)
        return record

    def down(self) -> bool:
        """Stop what runs, wait until it has stopped, and remove ``cloud.json``; answers whether anything ran.

        Raises:
            CloudUnavailable: a process had to be killed, or the cloud could not write what it holds.
        """
        self.home.record.unlink(missing_ok=True)
        replay, cloud = self._replay.stop(), self._cloud.stop()
        if cloud and not self.home.clean_shutdown.exists():
            raise CloudUnavailable(
                "The local cloud could not write what it holds, so its next start will be from empty. "
                f"The end of {self.home.log('cloud')} says why; is the disk full?"
            )
        return cloud or replay

    def running(self) -> CloudRecord | None:
        """The cloud that runs, None when it does not or only half of it does. A stale ``cloud.json`` is removed."""
        cloud, replay = self._cloud.facts(), self._replay.facts()
        if cloud and replay:
            return CloudRecord.of(cloud, replay)
        self.home.record.unlink(missing_ok=True)
        return None

    @property
    def _cloud(self) -> Process:
        home = self.home
        return Process(
            "The local cloud", "lakeward_local.cloud", home.lock("cloud"), home.log("cloud"), "/_ministack/ready"
        )

    @property
    def _replay(self) -> Process:
        home = self.home
        return Process(
            "The replay server", "lakeward_local.replay", home.lock("replay"), home.log("replay"), "/_replay/health"
        )

    def _ports_of_last_time(self) -> Ports:
        """Queue URLs and functions' settings name ports, so a cloud that comes back does best on its old ones."""
        try:
            last = json.loads(self.home.ports.read_text())
            return Ports(int(last["cloud"]), int(last["replay"]))
        except (OSError, ValueError, KeyError):
            return self.ports
