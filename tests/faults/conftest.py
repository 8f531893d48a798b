"""Fault tests kill processes and break answers; the cloud that they hurt is their own."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from faulty_proxy import faulty_proxy
from lake_world import Lake, local_cloud
from ordeal import Ordeal
from transform_world import contract


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many faults were suffered, and how the cases of the behaviour suite ended."""
    reports = [report for report in terminalreporter.stats.get("passed", []) if report.when == "call"]
    told = [(name, value) for report in reports for name, value in report.user_properties]
    endings = Counter(value for name, value in told if name == "behaviour")
    resets = sum(value for name, value in told if name == "boundaries")
    for line in (value for name, value in told if name == "suffered"):
        terminalreporter.write_line(f"suffered: {line}")
    if endings:
        listed = ", ".join(f"{count} as {ending}" for ending, count in sorted(endings.items()))
        terminalreporter.write_line(
            f"ingest behaviour: {sum(endings.values())} cases ended {listed}; {resets} resets, one at each byte, "
            "unnoticed"
        )


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
