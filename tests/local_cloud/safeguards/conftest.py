"""One deployment for all of these tests, of the repository with five more datasets. They follow one another."""

import json
import shutil
from collections.abc import Iterator

import pytest
from deployed_world import Deployed, copy_of_repository
from safeguards_world import LEFT_OUT, LOGIN, LOGIN_CANARY, SECRET, add_datasets

from lakeward.adapters.terraform.events import Progress, Step
from lakeward_local.clients import Clients
from lakeward_local.deploy import deploy_local
from lakeward_local.home import Home
from lakeward_local.local_cloud import LocalCloud, Ports
from lakeward_local.settings import CloudSettings


class Silent:
    """Hears what a deployment says and does not repeat it."""

    def say(self, _line: str) -> None:
        """Nothing."""

    def progress(self, _label: str) -> Progress:
        """Nothing, again and again."""

        def report(_: Step) -> None: ...

        return report


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Deployed, LocalCloud]]:
    """The deployment and its cloud."""
    root = copy_of_repository(tmp_path_factory.mktemp("safeguards") / "repository")
    for name in LEFT_OUT:
        shutil.rmtree(root / "datasets" / name)
    add_datasets(root)
    cloud = LocalCloud(Home.of(root), root / "datasets", CloudSettings(wait_scale=0.02), Ports(None, None))
    record = cloud.up(lambda _: None)
    try:
        clients = Clients(record.endpoint, record.account_id, record.region)
        clients.client("secretsmanager").create_secret(Name=SECRET, SecretString="a key of these tests, " * 2)
        clients.client("secretsmanager").create_secret(Name=LOGIN, SecretString=json.dumps({"key": LOGIN_CANARY}))
        deploy_local(root, record, Silent())
        yield Deployed(root, record, {}), cloud
    finally:
        cloud.down()


@pytest.fixture
def deployed(started: tuple[Deployed, LocalCloud]) -> Iterator[Deployed]:
    """The deployment, whose alerts are taken; whatever lies a test tells its upstream to tell end with it."""
    started[0].alerts()
    yield started[0]
    started[0].lie()
