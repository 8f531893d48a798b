"""Where a local cloud keeps everything: one folder, named in one place."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """The folder of one local cloud, ``<repository>/.lakeward/local`` unless a test says otherwise."""

    folder: Path

    @classmethod
    def of(cls, root: Path) -> "Home":
        """The home of the repository at ``root``."""
        return cls(root / ".lakeward" / "local")

    @property
    def record(self) -> Path:
        """How others find the running cloud: ``cloud.json``, there only while it runs."""
        return self.folder / "cloud.json"

    @property
    def state(self) -> Path:
        """What every service but S3 holds; written when the cloud is stopped."""
        return self.folder / "state"

    @property
    def objects(self) -> Path:
        """The bytes and versions of S3; written as they come."""
        return self.folder / "s3"

    @property
    def logs(self) -> Path:
        """``cloud.log``, ``replay.log``, and ``requests.log``: every request to the cloud since it was started."""
        return self.folder / "logs"

    @property
    def scratch(self) -> Path:
        """Unpacked functions and their /tmp; emptied at every start."""
        return self.folder / "scratch"

    @property
    def terraform(self) -> Path:
        """What Terraform knows of this cloud and keeps outside of it; it lives and dies with the state."""
        return self.folder / "terraform"

    @property
    def ports(self) -> Path:
        """The ports of last time, taken again when they are free."""
        return self.folder / "ports.json"

    @property
    def clean_shutdown(self) -> Path:
        """There only between a clean stop and the next start."""
        return self.folder / "clean-shutdown.json"

    def lock(self, name: str) -> Path:
        """The file that the process ``name`` holds locked while it lives."""
        return self.folder / f"{name}.lock"

    def log(self, name: str) -> Path:
        """The log of the process ``name``."""
        return self.logs / f"{name}.log"
