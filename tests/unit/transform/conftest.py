"""Every test of the transform holds for every engine."""

from collections.abc import Iterator

import pytest
from engines import ENGINES, chosen


@pytest.fixture(autouse=True, params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """The engine that ``transform`` runs in this test."""
    token = chosen.set(request.param)
    yield request.param
    chosen.reset(token)
