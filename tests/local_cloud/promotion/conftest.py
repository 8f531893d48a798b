"""One world for all of these tests; none of them leaves prod with another release than the good one."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from promotion_world import ROOT, World, begin


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Staging and prod, both with the good release."""
    os.environ.setdefault("TF_PLUGIN_CACHE_DIR", str(ROOT / ".lakeward" / "terraform-plugins"))
    Path(os.environ["TF_PLUGIN_CACHE_DIR"]).mkdir(parents=True, exist_ok=True)
    os.environ.pop("AWS_CA_BUNDLE", None)
    made, cloud = begin(tmp_path_factory.mktemp("promotion"))
    yield made
    cloud.down()
