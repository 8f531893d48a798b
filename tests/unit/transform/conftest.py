"""Every test of the transform holds for every engine: DuckDB in `make test`, the steps of Spark in `make test-long`."""

from collections.abc import Iterator

import pytest
from engines import ENGINES, chosen

PARAMS = [pytest.param(name, marks=[] if name == "duckdb" else pytest.mark.long) for name in ENGINES]


@pytest.fixture(autouse=True, params=PARAMS)
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """The engine that ``transform`` runs in this test."""
    token = chosen.set(request.param)
    yield request.param
    chosen.reset(token)
