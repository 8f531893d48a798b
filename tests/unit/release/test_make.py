"""What a release says of a dataset's folder."""

from pathlib import Path

from contract_world import CONTRACT

from lakeward.contract import load_dataset
from lakeward.release.make import queries_sha256, released_dataset


def folder_in(root: Path) -> Path:
    folder = root / "parcels"
    (folder / "queries").mkdir(parents=True)
    (folder / "contract.yaml").write_text(CONTRACT)
    (folder / "queries" / "by_day.sql").write_text("SELECT 1")
    (folder / "queries" / "by_day.expected.json").write_text("{}")
    return folder


def test_it_names_version_table_contract_and_queries(tmp_path: Path):
    of = load_dataset(folder_in(tmp_path))

    released = released_dataset(of)

    assert (released.version, released.table, released.contract_sha256, released.queries_sha256) == (
        "1.2.0",
        "parcels_v1",
        of.contract_sha256,
        queries_sha256(of.folder),
    )


def test_a_changed_expectation_a_renamed_and_a_further_query_are_other_queries(tmp_path: Path):
    folder = folder_in(tmp_path)
    digests = [queries_sha256(folder)]

    (folder / "queries" / "by_day.expected.json").write_text("{ }")
    digests.append(queries_sha256(folder))
    (folder / "queries" / "by_day.sql").rename(folder / "queries" / "by_month.sql")
    digests.append(queries_sha256(folder))
    (folder / "queries" / "more.sql").write_text("SELECT 2")
    digests.append(queries_sha256(folder))

    assert len(set(digests)) == 4
