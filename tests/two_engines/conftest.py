"""One local Spark for all tests here, in a process of the Python that has it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from spark_client import Spark

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def spark() -> Iterator[Spark]:
    """Spark, started once."""
    with Spark.started(ROOT) as running:
        yield running
