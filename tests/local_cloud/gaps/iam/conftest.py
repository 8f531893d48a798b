"""Clouds that enforce policies, in the place of the clouds that do not."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from local_cloud_world import World, cloud_at, no_words

DATASETS = Path(__file__).parents[4] / "datasets"


@pytest.fixture(scope="session")
def enforcing_worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str | None], World]]:
    """Enforcing clouds by the gap that is left open in them, started when they are first asked for."""
    clouds, started = {}, {}

    def world(left_open: str | None) -> World:
        if left_open not in started:
            gaps = frozenset({left_open} - {None})
            clouds[left_open] = cloud_at(tmp_path_factory.mktemp("enf"), DATASETS, left_open=gaps, enforce_iam=True)
            started[left_open] = World.of(clouds[left_open].up(no_words))
        return started[left_open]

    yield world
    for cloud in clouds.values():
        cloud.down()


@pytest.fixture(scope="session")
def cloud(request: pytest.FixtureRequest, enforcing_worlds: Callable[[str | None], World]) -> World:
    """The enforcing cloud of the session, or one with a gap left open."""
    return enforcing_worlds(getattr(request, "param", None))
