"""``lakeward dataset``: folders are checked without asking anybody, and all problems are named at once."""

from pathlib import Path

import pytest
from contract_world import edited
from typer.testing import CliRunner, Result

from lakeward.cli.app import build
from lakeward.contract.schema import contract_schema_text
from lakeward.errors import ContractInvalid, UnknownDataset

pytestmark = pytest.mark.usefixtures("copy")


def lakeward(*arguments: str) -> Result:
    return CliRunner().invoke(build(), ["dataset", *arguments])


def test_a_dataset_that_holds_shows_its_table():
    ended = lakeward("check", "parcels")
    shown = [[c.strip() for c in line.strip("│").split("│")] for line in ended.stdout.splitlines() if "│" in line]

    assert (ended.exit_code, ended.stderr) == (0, "")
    assert ended.stdout.splitlines()[0].strip() == "parcels 1.2.0: parcels_v1, partitioned by day"
    assert shown == [
        ["id", "string", "$.id", "key; required"],
        ["changed_at", "timestamp", "$.changed as epoch_seconds", "newest wins; required"],
        ["day", "date", "UTC day of changed_at", "partition"],
        ["weight_kg", "decimal(10,3)", "$.weight", "at least 0; at most 1000"],
        ["state", "string", "$.state", "one of sent, lost, no"],
        ["_slot", "timestamp", "the run", ""],
        ["_page", "string", "the run", ""],
        ["_position", "bigint", "the run", ""],
    ]
    assert ended.stdout.splitlines()[-1] == "parcels: 1 end-to-end query"


def test_a_run_that_ends_where_no_page_is_named_is_advised_to_declare_more(copy: Path):
    contract = copy / "datasets" / "parcels" / "contract.yaml"
    text = contract.read_text()
    paging = text[text.index("  paging:") : text.index("  records:")]
    linked = "  paging: {kind: link_header}\n  stop: {when: no_next}\n"
    total = paging[paging.index("  total:") :]

    contract.write_text(text.replace(paging, linked))
    advised = lakeward("check", "parcels")
    contract.write_text(text.replace(paging, linked + total))
    silent = lakeward("check", "parcels")

    assert (advised.exit_code, silent.exit_code) == (0, 0)
    assert "to think of source.stop: when the name of the next page is missing for another reason" in advised.stdout
    assert "Declare source.total, or the stop end_flag, when the service has one" in advised.stdout
    assert "to think of" not in silent.stdout


def test_every_dataset_of_the_repository_holds(earthquakes: Path):
    ended = lakeward("check")

    assert (ended.exit_code, ended.stderr) == (0, "")
    assert "earthquakes: 13 end-to-end queries" in ended.stdout


def test_all_problems_of_all_datasets_are_named_and_end_with_one(copy: Path, earthquakes: Path):
    contract = copy / "datasets" / "parcels" / "contract.yaml"
    contract.write_text(contract.read_text().replace("slot: day", "slot: week"))
    (copy / "datasets" / "parcels" / "queries" / "by_day.sql").unlink()
    (earthquakes / "queries" / "total_events.sql").write_text("SELECT 1; SELECT 2")
    (copy / "datasets" / "drafts").mkdir()
    ended = lakeward("check")

    assert ended.exit_code == 1
    for said in (
        "datasets/parcels/contract.yaml: 1 problem(s)\n  line 28, slot: expected 'hour' or 'day'; found 'week'\n",
        "datasets/parcels/queries/by_day.sql: expected this file beside its partner, found none\n",
        "queries/total_events.sql: expected one statement, found a semicolon between two\n",
        "datasets/drafts/contract.yaml; datasets here: earthquakes, parcels\n",
        "datasets/drafts/queries: expected at least one query",
        "to mend: drafts, earthquakes, parcels\n",
    ):
        assert said in ended.stderr


def test_one_dataset_may_be_checked_beside_a_broken_one(copy: Path):
    (copy / "datasets" / "drafts").mkdir()

    assert (lakeward("check", "parcels").exit_code, lakeward("check", "drafts").exit_code) == (0, 1)


def test_an_unknown_dataset_is_refused_with_the_nearest_name():
    refused = lakeward("check", "parcel").exception

    assert isinstance(refused, UnknownDataset)
    assert refused.message == "expected one of parcels, found 'parcel'; did you mean 'parcels'?"


def test_the_schema_is_printed_as_it_is_committed():
    assert lakeward("schema").stdout == contract_schema_text()


def plan_against(former: Path, *edits: tuple[str, str]) -> Result:
    """The plan of parcels against their contract with texts replaced."""
    former.write_text(edited(*edits))
    return lakeward("plan", "parcels", "--against", str(former))


def test_a_plan_tells_each_change_and_what_is_next(tmp_path: Path):
    ended = plan_against(
        tmp_path / "former.yaml", ("type: decimal(10,3)", "type: decimal(8,3)"), ("hours: 30", "hours: 40")
    )

    assert (ended.exit_code, ended.stderr) == (0, "")
    assert "column weight_kg becomes decimal(10,3), was decimal(8,3)" in " ".join(ended.stdout.split())
    assert "deploy evolves the table and its view" in ended.stdout


def test_a_plan_of_a_breaking_change_under_the_same_version_ends_with_what_to_mend(tmp_path: Path):
    ended = plan_against(tmp_path / "former.yaml", ("name: state", "name: status"))

    assert ended.exit_code == 1
    assert "expected version 2.0.0, which makes the table parcels_v2, found 1.2.0" in ended.stderr


def test_a_former_contract_of_another_dataset_is_refused(tmp_path: Path):
    ended = plan_against(tmp_path / "former.yaml", ("dataset: parcels", "dataset: letters"))

    assert isinstance(ended.exception, ContractInvalid)
    assert "try: lakeward dataset plan letters --against" in ended.exception.message


def test_a_reference_that_another_contract_does_not_hold_is_named(copy: Path, earthquakes: Path):
    contract = copy / "datasets" / "parcels" / "contract.yaml"
    rules = "{column: state, dataset: earthquakes, to: plac}, {column: state, dataset: eart, to: x}"
    rule = f"quality: {{references: [{rules}]}}\nslot: day"
    contract.write_text(contract.read_text().replace("slot: day", rule))

    ended = lakeward("check", "parcels")

    assert ended.exit_code == 1
    assert "expected the name of a column of earthquakes, found 'plac'; did you mean 'place'?" in ended.stderr
    assert "expected a contract at" in ended.stderr
