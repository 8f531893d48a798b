"""Reading dataset folders."""

import hashlib
from pathlib import Path

import pytest
from contract_world import CONTRACT, edited

from lakeward.contract import dataset, load_dataset, names, parse_contract
from lakeward.errors import ContractInvalid, UnknownDataset


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A datasets folder with parcels, and a folder that is no dataset."""
    for folder in ("parcels", "drafts"):
        (tmp_path / folder).mkdir()
    (tmp_path / "parcels" / "contract.yaml").write_text(CONTRACT)
    return tmp_path


def test_a_dataset_is_its_contract_and_the_digest_of_the_files_bytes(root: Path):
    found = load_dataset(root / "parcels")

    assert (found.name, found.contract.table, found.contract_sha256) == (
        "parcels",
        "parcels_v1",
        hashlib.sha256(CONTRACT.encode()).hexdigest(),
    )


def test_datasets_are_the_folders_with_a_contract(root: Path):
    assert names(root) == ["parcels"]


def test_an_unknown_dataset_is_refused_with_the_nearest_name(root: Path):
    with pytest.raises(UnknownDataset) as refused:
        dataset("parcel", root)

    assert refused.value.message == "expected one of parcels, found 'parcel'; did you mean 'parcels'?"


def test_a_folder_without_a_contract_is_refused_with_the_datasets_that_there_are(root: Path):
    with pytest.raises(UnknownDataset) as refused:
        load_dataset(root / "drafts")

    assert refused.value.message == f"expected a contract at {root}/drafts/contract.yaml; datasets here: parcels"


def test_a_contract_in_another_datasets_folder_is_refused(root: Path):
    (root / "drafts" / "contract.yaml").write_text(CONTRACT)

    with pytest.raises(ContractInvalid, match=r"expected `dataset: drafts` as the folder, found 'parcels'"):
        load_dataset(root / "drafts")


def test_a_file_that_is_not_utf_8_is_refused_where_it_stops_to_be(root: Path):
    (root / "parcels" / "contract.yaml").write_bytes(CONTRACT.encode() + b"# \xff")

    with pytest.raises(ContractInvalid, match=rf"expected UTF-8, found other bytes from byte {len(CONTRACT) + 2}"):
        load_dataset(root / "parcels")


def test_what_may_be_left_out_has_its_default():
    contract = parse_contract(edited(("  headers:\n    Accept: application/json\n", "")), "contract.yaml")

    assert (contract.source.headers, contract.source.limits.pages, contract.quality.max_quarantined_fraction) == (
        {},
        10_000,
        1.0,
    )
    assert [column.reading for column in contract.columns] == ["plain", "epoch_seconds", "iso8601", "plain", "plain"]


def test_a_contract_cannot_be_changed():
    contract = parse_contract(CONTRACT, "contract.yaml")

    with pytest.raises(ValueError, match="frozen"):
        contract.owner = "somebody else"
