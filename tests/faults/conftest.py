"""Fault tests kill processes and break answers; the cloud that they hurt is their own."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from faulty_proxy import faulty_proxy
from lake_world import Lake, local_cloud
from ordeal import Ordeal
from transform_world import contract


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A local cloud for the session; the environment points at it while tests that ask for it run."""
    with local_cloud(tmp_path_factory.mktemp("cloud")) as endpoint:
        yield endpoint


@pytest.fixture
def lake(cloud: str, tmp_path: Path) -> Lake:
    """New, empty tables of the parcels contract."""
    return Lake.make(contract(), tmp_path)


@pytest.fixture
def ordeal(cloud: str, lake: Lake) -> Iterator[Ordeal]:
    """A publish into the lake that a test may break at any request."""
    with faulty_proxy(cloud) as proxy:
        yield Ordeal(lake, proxy)


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Say on the terminal how many cases there were."""

    def line(text: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{text}\n")

    return line
