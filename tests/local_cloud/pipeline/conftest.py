"""One deployment for all of these tests: the repository with two more datasets, on a local cloud of its own."""

from collections.abc import Iterator

import pytest
from deployed_world import SLOTS, Deployed, add_dataset, copy_of_repository, files_of, minimum_magnitude, one_a_page

from lakeward.adapters.terraform.events import Progress, Step
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
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The deployment. ``trial`` is for tests that make the upstream lie; each of them takes slots of its own."""
    root = copy_of_repository(tmp_path_factory.mktemp("deployed") / "repository")
    untouched = files_of(root)
    add_dataset(root, "trial")
    add_dataset(root, "strong_earthquakes", lambda text: minimum_magnitude(text, 4))
    add_dataset(root, "flights_one_a_page", one_a_page, like="flights")
    cloud = LocalCloud(Home.of(root), root / "datasets", CloudSettings(wait_scale=0.02), Ports(None, None))
    record = cloud.up(lambda _: None)
    try:
        deploy_local(root, record, Silent())
        yield Deployed(root, record, untouched)
    finally:
        cloud.down()


@pytest.fixture(scope="session")
def published(deployed: Deployed) -> Deployed:
    """The deployment after the eight recorded days of earthquakes."""
    deployed.forget_sent()
    done = deployed.lakeward("run", "earthquakes", "--from", SLOTS[0], "--to", SLOTS[-1])
    assert done.returncode == 0, done.stderr
    return deployed


@pytest.fixture
def lying(deployed: Deployed) -> Iterator[Deployed]:
    """The deployment; whatever lies a test tells its upstream to tell end with it."""
    deployed.alerts()
    yield deployed
    deployed.lie()
