"""``report.yaml``: what is read from it, and what is refused with the line to mend."""

from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest

from lakeward_local.errors import DeclarationInvalid
from lakeward_local.report.declaration import (
    Chart,
    Declaration,
    Question,
    Slots,
    Suggestion,
    filled,
    load_declaration,
)

DATASETS = Path(__file__).parents[3] / "datasets"
GOOD = """\
report: 1
slots:
  from: 2024-03-01
  to: "2024-03-02T00:00Z"
charts:
  - kind: stacked_bars
    title: Levels
    about: High water is rare.
    unit: readings
    layers: ordered
    sql: SELECT day, count(*) AS n FROM {dataset} GROUP BY day
answers:
  - question: How many?
    sql: |
      SELECT count(*)
      FROM {dataset}
try_next:
  - do: Look closer
    how: Type `lakeward runs {dataset}`.
"""


def load(folder: Path, text: str) -> Declaration:
    (folder / "report.yaml").write_text(dedent(text))
    return load_declaration(folder)


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(DeclarationInvalid) as refused:
        load(folder, text)
    head, *lines = str(refused.value).replace(str(folder), "rivers").splitlines()
    return [head, *(line.strip() for line in lines)]


def test_a_whole_declaration_is_read(tmp_path: Path):
    assert load(tmp_path, GOOD) == Declaration(
        report=1,
        slots=Slots.model_validate({"from": "2024-03-01", "to": "2024-03-02T00:00Z"}),
        charts=(
            Chart(
                kind="stacked_bars",
                title="Levels",
                about="High water is rare.",
                unit="readings",
                layers="ordered",
                sql="SELECT day, count(*) AS n FROM {dataset} GROUP BY day",
            ),
        ),
        answers=(Question(question="How many?", sql="SELECT count(*)\nFROM {dataset}"),),
        try_next=(Suggestion(do="Look closer", how="Type `lakeward runs {dataset}`."),),
    )


def test_a_folder_without_one_declares_nothing(tmp_path: Path):
    assert load_declaration(tmp_path) == Declaration()


@pytest.mark.parametrize("folder", sorted(p.parent for p in DATASETS.glob("*/report.yaml")), ids=lambda p: p.name)
def test_every_dataset_of_the_repository_declares_what_can_be_read(folder: Path):
    found = load_declaration(folder)

    assert found.slots is not None


def test_the_dataset_of_the_demo_has_charts_and_answers():
    found = load_declaration(DATASETS / "earthquakes")

    assert found.charts
    assert found.answers


def test_templates_are_filled_and_other_braces_are_left_alone():
    sql = "SELECT '{2}', '{{dataset}}' FROM {dataset} WHERE day BETWEEN DATE '{first_day}' AND DATE '{last_day}'"

    assert filled(sql, "rivers", date(2024, 3, 1), date(2024, 3, 2)) == (
        "SELECT '{2}', '{rivers}' FROM rivers WHERE day BETWEEN DATE '2024-03-01' AND DATE '2024-03-02'"
    )


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (("charts:", "chart:"), "line 5, chart: unknown key; did you mean 'charts'?"),
        (("title:", "titel:"), "line 7, charts[0].titel: unknown key; did you mean 'title'?"),
        (("kind: stacked_bars", "kind: pie"), "line 6, charts[0].kind: Input should be 'stacked_bars'; found 'pie'"),
        (("    unit: readings\n", ""), "line 6, charts[0].unit: expected this key, found none"),
        (
            ("FROM {dataset} GROUP", "FROM earthquakes GROUP"),
            (
                "line 11, charts[0].sql: expected the query to read {dataset}, so that a copied folder asks about "
                "itself; found 'SELECT day, count(*) AS n FROM earthquakes GROUP BY day'"
            ),
        ),
        (
            ("runs {dataset}", "runs {datset}"),
            (
                "line 19, try_next[0].how: unknown template {datset}; known are {dataset}, {first_day}, {last_day}; "
                "found 'Type `lakeward runs {datset}`.'"
            ),
        ),
        (("report: 1", "report: 2"), "line 1, report: Input should be 1; found 2"),
        (("  from: 2024-03-01\n", ""), "line 2, slots.from: expected this key, found none"),
    ],
)
def test_what_the_format_does_not_know_is_refused_with_its_line(tmp_path: Path, change: tuple[str, str], found: str):
    assert change[0] in GOOD
    told = problems(tmp_path, GOOD.replace(*change))

    assert told[0] == f"rivers/report.yaml: {len(told) - 1} problem(s)"
    assert found in told


def test_every_problem_is_listed_in_the_order_of_the_file(tmp_path: Path):
    told = problems(tmp_path, GOOD.replace("unit:", "units:").replace("question:", "ask:"))

    assert [line.partition(":")[0] for line in told[1:]] == [
        "line 6, charts[0].unit",
        "line 9, charts[0].units",
        "line 13, answers[0].ask",
        "line 13, answers[0].question",
    ]


def test_what_is_no_yaml_is_refused_with_its_line(tmp_path: Path):
    assert problems(tmp_path, "charts: [\nslots:\n")[0].startswith("rivers/report.yaml: line ")


def test_a_key_that_stands_twice_is_refused(tmp_path: Path):
    assert problems(tmp_path, "report: 1\nreport: 1\n") == [
        "rivers/report.yaml: line 2: expected every key once, found 'report' again"
    ]
