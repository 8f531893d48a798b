"""Two accounts of one local cloud, staging and prod, which have the same good release; and releases to promote."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakeward.adapters.artifacts import S3Artifacts
from lakeward.adapters.environments import EnvironmentValues, environment_values
from lakeward.release.deployment import Deployment, deployments
from lakeward.released import Release
from lakeward_local.accounts import attach, await_buckets, prepare
from lakeward_local.clients import Clients
from lakeward_local.home import Home
from lakeward_local.local_cloud import LocalCloud, Ports
from lakeward_local.promote_demo.breaking import DATASET, copy_of
from lakeward_local.record import CloudRecord
from lakeward_local.settings import CloudSettings

ROOT = Path(__file__).parents[2]
FILE = Path("dist/release/release.json")
STAGING_SLOTS = ("--from", "2018-01-31", "--to", "2018-02-06")
SMALL_SLOT = "2018-02-07"
"""14 records; every other recorded day has more than a hundred. Only prod has it."""


@dataclass(frozen=True)
class Ended:
    """What became of a command."""

    status: int
    text: str


@dataclass(frozen=True)
class World:
    """The working copy, its cloud, and commands that are run in it or in a copy of it."""

    root: Path
    cloud: CloudRecord

    def lakeward(self, *words: str, at: Path | None = None) -> Ended:
        """Run the command as a person would."""
        command = [str(Path(sys.executable).parent / "lakeward"), *words]
        environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
        done = subprocess.run(
            command, cwd=at or self.root, env=environment, capture_output=True, text=True, check=False
        )
        return Ended(done.returncode, done.stdout + done.stderr)

    def must(self, *words: str, at: Path | None = None) -> str:
        """Run a command that succeeds; returns what it said."""
        done = self.lakeward(*words, at=at)
        assert done.status == 0, f"lakeward {' '.join(words)}\n{done.text}"
        return done.text

    def branch(self, name: str, *edits: tuple[str, Callable[[str], str]]) -> Path:
        """A copy of the sources, edited, with its release built. It shares the environments of the original."""
        tree = copy_of(self.root, self.root.parent / name)
        (tree / ".lakeward").symlink_to(self.root / ".lakeward", target_is_directory=True)
        for path, edit in edits:
            file = tree / "datasets" / DATASET / path
            before = file.read_text()
            file.write_text(edit(before))
            assert file.read_text() != before, f"{path} was not changed"
        self.must("release", "build", "--without-layer", at=tree)
        return tree

    def release(self, tree: Path) -> Release:
        """The release that was built in a tree."""
        return Release.from_bytes((tree / FILE).read_bytes(), str(FILE))

    def clients(self, environment: str) -> Clients:
        """AWS clients of an environment's account."""
        values = environment_values(self.root, environment)
        return Clients(self.cloud.endpoint, values.account_id, values.region)

    def store(self, environment: str) -> S3Artifacts:
        """An environment's artifacts."""
        values = environment_values(self.root, environment)
        return S3Artifacts(self.clients(environment).client("s3"), values.artifacts_bucket, values.account_id)

    def history(self, environment: str) -> list[Deployment]:
        """Every deployment to an environment."""
        return deployments(self.store(environment), environment)

    def sql(self, environment: str, statement: str) -> list[dict[str, Any]]:
        """Ask Athena."""
        answer = self.must("sql", "--json", statement, "-e", environment)
        return list(json.loads(answer[answer.index("[") : answer.rindex("]") + 1]))

    def fingerprint(self, environment: str) -> dict[str, Any]:
        """All that a refused promotion must leave as it is: artifacts, code of the functions, views and tables."""
        clients = self.clients(environment)
        glue, functions = clients.client("glue"), clients.client("lambda")
        tables = {
            f"{database}.{table['Name']}": table["VersionId"]
            for database in ("curated", "quarantine", "marts", "serving")
            for table in glue.get_tables(DatabaseName=f"lakeward_{environment}_{database}")["TableList"]
        }
        code = {f["FunctionName"]: f["CodeSha256"] for f in functions.list_functions()["Functions"]}
        return {"artifacts": self.store(environment).keys(""), "tables": tables, "code": code}


def begin(folder: Path) -> tuple[World, LocalCloud]:
    """A cloud with both accounts; the good release is deployed to both, and their slots have run."""
    root = copy_of(ROOT, folder / "main")
    contract = root / "datasets" / DATASET / "contract.yaml"
    kept = [line for line in contract.read_text().splitlines() if "canary_slot" not in line and line != "serving:"]
    contract.write_text("\n".join(kept) + "\n")  # the newest certified slot is run again: another one in each account
    trim_queries(root)
    cloud = LocalCloud(Home.of(root), root / "datasets", CloudSettings(wait_scale=0.02), Ports(None, None))
    world = World(root, cloud.up(lambda _: None))
    accounts = [attach(root, world.cloud, environment) for environment in ("staging", "prod")]
    world.must("release", "build", "--without-layer")
    with ThreadPoolExecutor(2) as preparing, ThreadPoolExecutor(2) as filling:
        prepared = [preparing.submit(prepare, root, world.cloud, values, lambda _: None) for values in accounts]
        list(filling.map(lambda of, begun: fill(world, of, begun), accounts, prepared))
        for begun in prepared:
            begun.result()
    world.must("run", DATASET, "--slot", SMALL_SLOT, "-e", "prod")
    return world, cloud


def fill(world: World, of: EnvironmentValues, prepared: "Future[None]") -> None:
    """Deploy when the account is usable, before its lifecycle rules are there; and run slots."""
    await_buckets(world.clients(of.environment), (of.artifacts_bucket, of.state_bucket), prepared)
    world.must("deploy", "-e", of.environment, "--yes")
    world.must("run", DATASET, *STAGING_SLOTS, "-e", of.environment)


def trim_queries(root: Path) -> None:
    """Keep the queries that do not ask for the slot that staging lacks: enough to prove, and quick."""
    folder = root / "datasets" / DATASET / "queries"
    for path in folder.iterdir():
        if not path.name.startswith(("events_around_midnight", "keys_are_unique")):
            path.unlink()
