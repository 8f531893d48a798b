"""What the demo plays on: a copy of the repository, a local cloud of its own, and three accounts in it."""

import os
import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lakeward.adapters.athena import AthenaQueries
from lakeward.cli.display import Display
from lakeward_local.accounts import attach, await_buckets, prepare
from lakeward_local.clients import Clients
from lakeward_local.home import Home
from lakeward_local.local_cloud import LocalCloud, Ports
from lakeward_local.promote_demo.breaking import copy_of
from lakeward_local.record import CloudRecord
from lakeward_local.settings import CloudSettings

ENVIRONMENTS: Final = ("dev", "staging", "prod")
WAIT_SCALE: Final = 0.1
"""Factor on the waits of state machines: a demo has no other load to wait for."""


@dataclass(frozen=True)
class Stage:
    """Where everything lies."""

    folder: Path

    @classmethod
    def of(cls, root: Path) -> "Stage":
        """The demo's folder in a repository."""
        return cls(root / ".lakeward" / "promote-demo")

    @property
    def first(self) -> Path:
        """The repository as it is."""
        return self.folder / "first"

    @property
    def breaking(self) -> Path:
        """The repository with a breaking version of its dataset."""
        return self.folder / "breaking"

    @property
    def report(self) -> Path:
        """The page."""
        return self.folder / "report" / "index.html"

    @property
    def cloud(self) -> LocalCloud:
        """The demo's own local cloud: it takes no port and no state of ``lakeward up``."""
        settings = CloudSettings(wait_scale=WAIT_SCALE)
        return LocalCloud(Home.of(self.first), self.first / "datasets", settings, Ports(None, None))

    def set_up(self, root: Path, say: Callable[[str], None]) -> CloudRecord:
        """Begin from nothing: what the last demo left is thrown away."""
        self.clear()
        copy_of(root, self.first)
        # Terraform and its provider, which the repository has found or fetched already.
        os.environ["PATH"] = f"{root / '.lakeward' / 'bin'}{os.pathsep}{os.environ['PATH']}"
        os.environ.setdefault("TF_PLUGIN_CACHE_DIR", str(root / ".lakeward" / "terraform-plugins"))
        return self.cloud.up(say)

    def clear(self) -> None:
        """Stop the cloud of the last demo, and remove all but its report."""
        if self.first.is_dir():
            self.cloud.down()
        for tree in (self.first, self.breaking):
            shutil.rmtree(tree, ignore_errors=True)

    def prepare(self, record: CloudRecord, display: Display, pool: ThreadPoolExecutor) -> list[Future[None]]:
        """Begin to prepare every account, and return when they are usable: lifecycle rules take another minute."""
        accounts = [attach(self.first, record, environment) for environment in ENVIRONMENTS]
        began = [
            pool.submit(prepare, self.first, record, values, display.progress(f"account {values.environment}"))
            for values in accounts
        ]
        for values, prepared in zip(accounts, began, strict=True):
            clients = Clients(record.endpoint, values.account_id, values.region)
            await_buckets(clients, (values.artifacts_bucket, values.state_bucket), prepared)
        return began


def athena(record: CloudRecord, account_id: str, environment: str) -> AthenaQueries:
    """An analyst's Athena in an account."""
    client = Clients(record.endpoint, account_id, record.region).client("athena")
    return AthenaQueries(client, f"lakeward-{environment}")
