"""A replay server of its own for each test, over the recordings that the datasets declare."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from lakeward_local.replay.geojson import FeatureCollection, read_feature_collection
from lakeward_local.replay.imitations import imitations
from lakeward_local.replay.model import Imitation
from lakeward_local.replay.server import ReplayServer

ROOT = Path(__file__).parents[3]
RECORDED = ROOT / "datasets" / "earthquakes" / "sample" / "usgs_earthquakes_2018-02.geojson.gz"


@dataclass(frozen=True)
class Replay:
    """The server, as a client meets it."""

    endpoint: str

    def ask(self, method: str, headers: dict[str, str] | None = None, **parameters: Any) -> requests.Response:
        """GET a method of the event service; no compression unless it is asked for."""
        return requests.get(
            f"{self.endpoint}/fdsnws/event/1/{method}",
            params={"format": "geojson", **parameters},
            headers={"Accept-Encoding": "identity", **(headers or {})},
            timeout=10,
            allow_redirects=False,
        )

    def ids(self, **parameters: Any) -> list[str]:
        """The ids of the events that a query answers."""
        return [event["id"] for event in self.ask("query", **parameters).json()["features"]]

    def arm(self, *rules: dict[str, Any]) -> None:
        """Put faults in force."""
        answer = requests.put(f"{self.endpoint}/_replay/faults", data=json.dumps(rules), timeout=10)
        assert answer.status_code == 200, answer.text

    def journal(self) -> list[dict[str, Any]]:
        """What was sent."""
        return requests.get(f"{self.endpoint}/_replay/requests", timeout=10).json()


@pytest.fixture(scope="session")
def recorded() -> FeatureCollection:
    """What was recorded."""
    return read_feature_collection(RECORDED)


@pytest.fixture(scope="session")
def events(recorded: FeatureCollection) -> list[dict[str, Any]]:
    """Every recorded event, in the order of the recording."""
    return [feature.value for feature in recorded.features]


@pytest.fixture(scope="session")
def imitated() -> list[Imitation]:
    """The imitations of the datasets' upstreams; they hold no state."""
    return imitations(ROOT / "datasets")


@pytest.fixture
def replay(imitated: list[Imitation]) -> Iterator[Replay]:
    """A server of its own: faults and journal are the test's."""
    with ReplayServer(0, imitated) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield Replay(f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
