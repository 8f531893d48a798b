"""The breaking version is a copy with a new major version; the original stays as it is."""

import shutil
from pathlib import Path

import pytest

from lakeward.contract import load_dataset
from lakeward.serve.expectation import e2e_queries
from lakeward_local.errors import DeclarationInvalid
from lakeward_local.promote_demo.breaking import breaking_copy

ROOT = Path(__file__).parents[3]


@pytest.fixture
def original(tmp_path: Path) -> Path:
    """What a copy is made of; empty where its content makes no difference."""
    root = tmp_path / "original"
    shutil.copytree(ROOT / "datasets", root / "datasets")
    for name in ("environments", "modules", "requirements", "src", "terraform", ".lakeward"):
        (root / name).mkdir()
    (root / "pyproject.toml").touch()
    return root


def test_a_column_is_renamed_and_another_retyped_in_contract_queries_and_results(original: Path, tmp_path: Path):
    before = load_dataset(original / "datasets" / "earthquakes").contract
    copy = breaking_copy(original, tmp_path / "copy")

    contract = load_dataset(copy / "datasets" / "earthquakes").contract

    assert (contract.version, contract.table) == ("2.0.0", "earthquakes_v2")
    renamed = [new.name for old, new in zip(before.columns, contract.columns, strict=True) if old.name != new.name]
    retyped = [new.name for old, new in zip(before.columns, contract.columns, strict=True) if old.type != new.type]
    assert (renamed, retyped) == (["stations"], ["significance"])
    queries = {query.name: query for query in e2e_queries(copy / "datasets" / "earthquakes")}
    types = {c.name: c.type for c in queries["hour_of_the_strongest_event"].expected.columns}
    assert (types["stations"], types["significance"]) == ("integer", "bigint")
    assert [name for name, query in queries.items() if "station_count" in query.sql] == []


def test_the_original_stays_and_the_environments_are_shared(original: Path, tmp_path: Path):
    contract = (original / "datasets/earthquakes/contract.yaml").read_bytes()

    copy = breaking_copy(original, tmp_path / "copy")

    assert (original / "datasets/earthquakes/contract.yaml").read_bytes() == contract
    assert (copy / ".lakeward").resolve() == (original / ".lakeward").resolve()


def test_a_dataset_that_has_changed_beyond_it_is_named(original: Path, tmp_path: Path):
    contract = original / "datasets/earthquakes/contract.yaml"
    contract.write_text(contract.read_text().replace("name: station_count", "name: number_of_stations"))

    with pytest.raises(DeclarationInvalid, match=r"expected '- name: station_count\$' once, found it 0 times"):
        breaking_copy(original, tmp_path / "copy")
