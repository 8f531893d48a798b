"""Marts: what is refused, with where and the nearest name; in which order they stand; how a slot is filled in."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from contract_world import CONTRACT

from lakeward.contract.marts import marts
from lakeward.contract.schema import mart_schema_text
from lakeward.errors import ContractInvalid
from lakeward.slot import Slot

ROOT = Path(__file__).parents[3]
BY_DAY = """mart: 1
name: parcels_by_day
owner: team
description: Parcels a day and state.
mode: slot
inputs:
  - {name: parcels, rows: slot}
partition_by: sent_on
unique: [sent_on]
columns:
  - {name: sent_on, type: date, required: true, description: Day.}
  - {name: parcels, type: bigint, required: true, description: How many.}
"""
BY_DAY_SQL = "SELECT sent_on, count(*) AS parcels FROM parcels WHERE sent_on = DATE '{slot.date}' GROUP BY 1\n"
BY_MONTH = BY_DAY.replace("parcels_by_day", "parcels_by_month").replace("mode: slot", "mode: full")
BY_MONTH = BY_MONTH.replace("{name: parcels, rows: slot}", "{name: parcels_by_day, rows: all}")
BY_MONTH_SQL = "SELECT max(sent_on) AS sent_on, sum(parcels) AS parcels FROM parcels_by_day\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A datasets folder with one dataset and two marts, of which the second by name stands on the first."""
    folder = tmp_path / "parcels"
    (folder / "marts").mkdir(parents=True)
    (folder / "contract.yaml").write_text(CONTRACT)
    put(tmp_path, "parcels_by_day", BY_DAY, BY_DAY_SQL)
    put(tmp_path, "parcels_by_month", BY_MONTH, BY_MONTH_SQL)
    return tmp_path


def put(root: Path, name: str, declared: str, sql: str | None) -> None:
    """Write a mart's files."""
    (root / "parcels" / "marts" / f"{name}.yaml").write_text(declared)
    if sql is not None:
        (root / "parcels" / "marts" / f"{name}.sql").write_text(sql)


def test_a_mart_stands_after_those_that_it_reads(root: Path):
    put(root, "a_year", BY_MONTH.replace("parcels_by_month", "a_year").replace("_by_day", "_by_month"), None)
    (root / "parcels/marts/a_year.sql").write_text(BY_MONTH_SQL.replace("_by_day", "_by_month"))

    assert [(name, model.every) for name, model in marts(root).items()] == [
        ("parcels_by_day", "day"),
        ("parcels_by_month", None),
        ("a_year", None),
    ]


def test_a_query_names_its_slot(root: Path):
    query = BY_DAY_SQL.replace("{slot.date}'", "{slot.date}' AND sent_at < TIMESTAMP '{slot.end}'")
    put(root, "parcels_by_day", BY_DAY, query)

    filled = marts(root)["parcels_by_day"].query(Slot(datetime(2024, 2, 29, tzinfo=UTC)))

    assert "sent_on = DATE '2024-02-29' AND sent_at < TIMESTAMP '2024-03-01 00:00:00'" in filled


@pytest.mark.parametrize(
    ("declared", "sql", "said"),
    [
        (BY_DAY.replace("unique:", "uniqe:"), BY_DAY_SQL, "uniqe: unknown key; did you mean 'unique'?"),
        (BY_DAY.replace("bigint", "bigints"), BY_DAY_SQL, "columns[1] (parcels).type: expected one of boolean, int"),
        (
            BY_DAY.replace("name: parcels, rows", "name: parcel, rows"),
            BY_DAY_SQL,
            "inputs: expected a dataset or a mart, found 'parcel'; did you mean 'parcels'?",
        ),
        (BY_DAY.replace("[sent_on]", "[sent_onn]"), BY_DAY_SQL, "found 'sent_onn'; did you mean 'sent_on'?"),
        (BY_DAY.replace("rows: slot", "rows: slot, needed: false"), BY_DAY_SQL, "it says which slots there are"),
        (BY_DAY.replace("rows: slot", "rows: all, back: 2"), BY_DAY_SQL, "expected this for `rows: slot` only"),
        (BY_DAY.replace("mode: slot", "mode: full"), BY_DAY_SQL, "expected `all`, because `mode: full` has no slot"),
        (BY_DAY.replace("name: parcels_by_day", "name: days"), BY_DAY_SQL, "expected `name: parcels_by_day`"),
        (BY_DAY, BY_DAY_SQL.replace("slot.date", "slot.day"), "unknown template {slot.day}; did you mean 'slot.date'?"),
        (BY_DAY, BY_DAY_SQL.replace("{slot.date}", "2024-03-01"), "expected its slot in the query"),
        (BY_DAY, BY_DAY_SQL.replace("FROM parcels", "FROM parcles"), "found 'parcles'; did you mean 'parcels'?"),
        (BY_DAY, "SELECT 1 FROM parcels -- {slot.date}", "expected its slot in the query"),
        (BY_DAY, BY_DAY_SQL.replace("FROM parcels", "FROM parcels p, secrets s"), "found 'secrets'"),
        (BY_DAY, "SELECT 1 FROM x -- FROM parcels {slot.date}", "expected to read the input 'parcels'"),
        (
            BY_DAY.replace("required: true, description: Day.", "description: Day."),
            BY_DAY_SQL,
            "expected a date column with `required: true`",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(root: Path, declared: str, sql: str, said: str):
    put(root, "parcels_by_day", declared, sql)

    with pytest.raises(ContractInvalid) as refused:
        marts(root)

    assert said in refused.value.message
    assert f"{root}/parcels/marts/parcels_by_day." in refused.value.message


def test_marts_that_read_each_other_are_refused_with_the_circle(root: Path):
    circle = BY_DAY.replace("rows: slot}", "rows: slot}\n  - {name: parcels_by_month, rows: all}")
    put(root, "parcels_by_day", circle, BY_DAY_SQL.replace("GROUP", "AND 1 < (SELECT 2 FROM parcels_by_month) GROUP"))

    with pytest.raises(ContractInvalid, match="found parcels_by_day -> parcels_by_month -> parcels_by_day"):
        marts(root)


def test_a_mart_without_its_query_and_a_query_without_its_mart_are_refused(root: Path):
    folder = root / "parcels" / "marts"
    (folder / "parcels_by_month.sql").rename(folder / "other.sql")

    with pytest.raises(ContractInvalid) as refused:
        marts(root)

    assert f"{folder}/parcels_by_month.yaml: expected its query in parcels_by_month.sql" in refused.value.message
    assert f"{folder}/other.sql: expected other.yaml beside it, found none" in refused.value.message


def test_tables_that_a_query_names_for_itself_are_no_inputs(root: Path):
    sql = "WITH mine AS (SELECT * FROM parcels), yours AS (SELECT * FROM mine)\n"
    put(root, "parcels_by_day", BY_DAY, sql + BY_DAY_SQL.replace("FROM parcels", "FROM yours"))

    assert list(marts(root)) == ["parcels_by_day", "parcels_by_month"]


@pytest.mark.parametrize(
    "more",
    [
        "extract(YEAR FROM sent_on) = 2024",
        "state IS DISTINCT FROM wanted",
        "trim(BOTH 'x' FROM state) = '' AND substring(state FROM 2) = ''",
        "regexp_like(id, '^[a-z]{2,4}[0-9]{8}$') AND tags = JSON '{\"from\": {}}'",
        "state IN (WITH RECURSIVE mine (state) AS (SELECT state FROM parcels) SELECT state FROM mine)",
    ],
)
def test_what_only_looks_like_a_table_or_a_slot_is_none(root: Path, more: str):
    put(root, "parcels_by_day", BY_DAY, BY_DAY_SQL.replace("WHERE", f"WHERE {more} AND"))

    assert more in marts(root)["parcels_by_day"].query(Slot(datetime(2024, 2, 29, tzinfo=UTC)))


def test_inputs_may_stand_in_a_list(root: Path):
    declared = BY_MONTH.replace("rows: all}", "rows: all}\n  - {name: parcels, rows: all}")
    put(root, "parcels_by_month", declared, BY_MONTH_SQL.replace("FROM ", "FROM parcels AS p , "))

    assert list(marts(root)) == ["parcels_by_day", "parcels_by_month"]


def test_the_schema_in_the_repository_is_the_models():
    committed = (ROOT / "schemas" / "mart.schema.json").read_text()

    assert committed == mart_schema_text(), "run: lakeward dataset schema --mart > schemas/mart.schema.json"


@pytest.mark.parametrize("path", sorted((ROOT / "datasets").glob("*/marts/*.yaml")), ids=lambda path: path.stem)
def test_every_mart_of_the_repository_holds_and_names_the_schema_for_editors(path: Path):
    assert path.read_text().startswith("# yaml-language-server: $schema=../../../schemas/mart.schema.json\n")
    assert path.stem in marts(ROOT / "datasets")
