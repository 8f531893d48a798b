"""``lakeward dataset new``: what it writes passes ``lakeward dataset check``."""

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lakeward.cli.app import build
from lakeward.contract import load_dataset
from lakeward.errors import ContractInvalid, UnknownDataset

ROOT = Path(__file__).parents[3]
SAMPLES = sorted((ROOT / "datasets").glob("*/sample/*.gz"))


def lakeward(*arguments: str) -> Result:
    return CliRunner().invoke(build(), [*arguments])


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.parts[-3])
def test_a_contract_from_a_recorded_response_passes_the_check(copy: Path, sample: Path) -> None:
    made = lakeward("dataset", "new", "mine", "--from", str(sample), "--owner", "us")
    checked = lakeward("dataset", "check", "mine")

    assert (made.exit_code, checked.exit_code) == (0, 0), made.stderr + checked.stderr
    assert load_dataset(copy / "datasets" / "mine").contract.owner == "us"
    assert "mine: 1 end-to-end query" in checked.stdout
    assert "places to check, each with a comment" in made.stdout.replace("\n", " ")


@pytest.mark.usefixtures("earthquakes")
def test_a_contract_like_another_has_its_columns_and_comments_and_not_its_queries(copy: Path) -> None:
    made = lakeward("dataset", "new", "quakes", "--like", "earthquakes")

    assert made.exit_code == 0, made.stderr
    folder = copy / "datasets" / "quakes"
    old, new = load_dataset(copy / "datasets" / "earthquakes").contract, load_dataset(folder).contract
    assert new.model_dump(exclude={"dataset", "version"}) == old.model_dump(exclude={"dataset", "version"})
    assert (new.dataset, new.version) == ("quakes", "1.0.0")
    assert "# the service includes the end" in (folder / "contract.yaml").read_text()
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()) == [
        "contract.yaml",
        "queries/without_day.expected.json",
        "queries/without_day.sql",
    ]
    assert lakeward("dataset", "check", "quakes").exit_code == 0


def test_a_name_that_is_taken_or_none_and_a_file_that_is_not_there_are_refused(copy: Path) -> None:
    sample = copy / "sample.json.gz"
    sample.write_bytes(gzip.compress(json.dumps([{"id": 1, "day": "2024-01-02"}]).encode()))

    taken = lakeward("dataset", "new", "parcels", "--from", str(sample))
    odd = lakeward("dataset", "new", "My-Parcels", "--from", str(sample))
    absent = lakeward("dataset", "new", "mine", "--from", str(copy / "absent.json"))
    unlike = lakeward("dataset", "new", "mine", "--like", "parsels")

    assert [type(found.exception) for found in (taken, odd, absent, unlike)] == [
        ContractInvalid,
        ContractInvalid,
        ContractInvalid,
        UnknownDataset,
    ]
    assert "found that" in str(taken.exception)
    assert not (copy / "datasets" / "mine").exists()


@pytest.mark.usefixtures("copy")
def test_exactly_one_beginning() -> None:
    assert lakeward("dataset", "new", "mine").exit_code == 2
    assert lakeward("dataset", "new", "mine", "--from", "a.json", "--like", "parcels").exit_code == 2
