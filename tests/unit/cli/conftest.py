"""Commands are run as a person runs them: in a working copy, against an Athena on a loopback port."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from athena_world import AthenaOverHttp, athena_over_http
from contract_world import CONTRACT
from environment_over_http import EnvironmentOverHttp, environment_over_http

ROOT = Path(__file__).parents[3]
QUERY = "SELECT day, count(*) AS parcels FROM parcels GROUP BY day ORDER BY day"


@pytest.fixture
def athena() -> Iterator[AthenaOverHttp]:
    with athena_over_http() as world:
        yield world


@pytest.fixture
def copy(tmp_path: Path, athena: AthenaOverHttp, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working copy with the dataset parcels and a running "local cloud" that is the Athena above; we are in it."""
    dataset = tmp_path / "datasets" / "parcels"
    (dataset / "queries").mkdir(parents=True)
    (tmp_path / "environments").mkdir()
    (dataset / "contract.yaml").write_text(CONTRACT)
    (dataset / "queries" / "by_day.sql").write_text(QUERY)
    columns = [{"name": "day", "type": "date"}, {"name": "parcels", "type": "bigint"}]
    rows = [["2024-03-01", "2"], ["2024-03-02", "1"]]
    (dataset / "queries" / "by_day.expected.json").write_text(json.dumps({"columns": columns, "rows": rows}))
    running = tmp_path / ".lakeward" / "local" / "cloud.json"
    running.parent.mkdir(parents=True)
    cloud = {"endpoint": athena.endpoint, "account_id": "111111111111", "region": "us-east-1"}
    running.write_text(json.dumps(cloud))
    for name in ("AWS_ENDPOINT_URL", "AWS_CA_BUNDLE"):  # what open_session sets and takes away comes back as it was
        monkeypatch.setenv(name, "")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def environment(copy: Path) -> Iterator[EnvironmentOverHttp]:
    """The working copy's "local cloud" has a state machine, its functions and its ledger."""
    with environment_over_http() as made:
        running = copy / ".lakeward" / "local" / "cloud.json"
        running.write_text(json.dumps({**json.loads(running.read_text()), "endpoint": made.endpoint}))
        yield made


@pytest.fixture
def earthquakes(copy: Path) -> Path:
    """The real dataset beside parcels."""
    shutil.copytree(ROOT / "datasets" / "earthquakes", copy / "datasets" / "earthquakes")
    return copy / "datasets" / "earthquakes"
