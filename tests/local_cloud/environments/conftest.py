"""Four environments side by side on one local cloud, each through its whole life."""

import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from deployed_world import copy_of_repository
from environments_lives import Life, live
from environments_world import Environment, let_github_in, switch

from lakeward.errors import TerraformFailed
from lakeward_local.home import Home
from lakeward_local.local_cloud import LocalCloud, Ports
from lakeward_local.settings import CloudSettings

REPOSITORY = Path(__file__).parents[3]
AS_COMMITTED = ("dev", "staging", "prod")
FULL = "full"
"""A copy of a folder with everything turned on that is off in the others, but the log archive, which the local cloud
cannot make (docs/emulator-drift.md); nothing but its values makes it."""


@pytest.fixture(scope="session")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Life]]:
    """The lives of all four, lived at the same time."""
    root = copy_of_repository(tmp_path_factory.mktemp("environments") / "repository")
    folders = root / "environments"
    shutil.copytree(folders / "staging", folders / FULL)
    for file in (folders / FULL).iterdir():
        file.write_text(file.read_text().replace("staging", FULL).replace("234567890123", "456789012345"))
    switch(root, FULL, dashboard=True, audit_trail=True, customer_key=True, private_network=True)
    names = (*AS_COMMITTED, FULL)
    for name in names:
        let_github_in(root, name)
    cloud = LocalCloud(Home.of(root), root / "datasets", CloudSettings(enforce_iam=True), Ports(None, None))
    record = cloud.up(lambda _: None)
    try:
        with ThreadPoolExecutor(len(names)) as pool:
            worlds = [Environment(REPOSITORY, root, record, name) for name in names]
            try:
                lived = dict(zip(names, pool.map(live, worlds), strict=True))
            except TerraformFailed as problem:
                problem.add_note(f"Requests that were sent again, or not answered well:\n{troubles(cloud.home)}")
                raise
        yield lived
    finally:
        cloud.down()


def troubles(home: Home) -> str:
    """The lines of the local cloud's log of requests which tell that something went wrong under way."""
    lines = home.log("requests").read_text().splitlines()
    return "\n".join(line for line in lines if re.search(r" (-|5\d\d) [\d.]+ \S+$| attempt=(?!1;)", line))


@pytest.fixture(params=[*AS_COMMITTED, FULL])
def life(request: pytest.FixtureRequest, lives: dict[str, Life]) -> Life:
    """The life of one of them."""
    return lives[request.param]
