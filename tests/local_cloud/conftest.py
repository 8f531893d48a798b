"""A local cloud for the session, and one more for each gap that a test proves the need of.

A test marked ``closes("<gap>")`` runs twice: with every gap closed, where it must hold, and, in the long suite, with
that one gap left open, where it must fail. When it holds there too, the gap can go, and the suite is red until it has.
"""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from local_cloud_world import World, cloud_at, no_words

from lakeward_local.local_cloud import LocalCloud

ROOT = Path(__file__).parents[2]
DATASETS = ROOT / "datasets"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "closes(gap): holds with the gap closed and fails with it left open")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marker = metafunc.definition.get_closest_marker("closes")
    if marker is not None:
        gap = marker.args[0]
        left_open = pytest.mark.xfail(strict=True, reason=f"MiniStack has the gap {gap}")
        ways = [pytest.param(None, id="closed"), pytest.param(gap, id="left-open", marks=[left_open, pytest.mark.long])]
        metafunc.parametrize("cloud", ways, indirect=True, scope="session")


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str | None], World]]:
    """Local clouds by the gap that is left open in them: the whole one, and no more than one other at a time."""
    running: dict[str | None, tuple[LocalCloud, World]] = {}

    def stop(left_open: str | None) -> None:
        running.pop(left_open)[0].down()

    def world(left_open: str | None) -> World:
        if left_open not in running:
            for other in [gap for gap in running if gap is not None and left_open is not None]:
                stop(other)
            without = frozenset({left_open}) if left_open else frozenset()
            cloud = cloud_at(tmp_path_factory.mktemp("cloud"), DATASETS, left_open=without)
            running[left_open] = cloud, World.of(cloud.up(no_words))
        return running[left_open][1]

    yield world
    for left_open in list(running):
        stop(left_open)


@pytest.fixture(scope="session")
def cloud(request: pytest.FixtureRequest, worlds: Callable[[str | None], World]) -> World:
    """The local cloud of the session, or one with a gap left open."""
    return worlds(getattr(request, "param", None))


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A name that no other test uses."""
    return "t" + "".join(c if c.isalnum() else "-" for c in request.node.name)[-50:].strip("-")


@pytest.fixture
def refused() -> Callable[[str, int], bool]:
    """Whether nobody listens at an address. A server on all addresses would answer on 127.0.0.2 too."""

    def is_refused(host: str, port: int) -> bool:
        try:
            socket.create_connection((host, port), timeout=2).close()
        except OSError:
            return True
        return False

    return is_refused
