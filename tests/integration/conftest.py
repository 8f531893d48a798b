"""Integration tests meet the adapters' other side: S3 and Glue of a local cloud that is started for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lake_world import Lake, local_cloud
from transform_world import contract


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A local cloud for the session; the environment points at it while tests that ask for it run."""
    with local_cloud(tmp_path_factory.mktemp("cloud")) as endpoint:
        yield endpoint


@pytest.fixture
def lake(cloud: str, tmp_path: Path) -> Lake:
    """New, empty tables of the parcels contract."""
    return Lake.make(contract("name: note, type: string, at: $.note"), tmp_path)
