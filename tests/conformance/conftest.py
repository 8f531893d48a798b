"""One lake for all conformance tests of a process."""

from collections.abc import Iterator

import pytest
from athena_lake import Lake
from athena_lake import lake as open_lake


@pytest.fixture(scope="session")
def lake() -> Iterator[Lake]:
    """An emulator with the tables of ``athena_lake`` and a local Athena over it."""
    with open_lake() as found:
        yield found
