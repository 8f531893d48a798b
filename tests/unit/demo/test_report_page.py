"""The page: one file that loads nothing, every chart with its title and its table, every number where it belongs."""

import re
from datetime import timedelta

import pytest
from report_world import BEGAN, GOOD, HIGHEST, LEVELS, Element, answered, facts, read_page, run

from lakeward_local.errors import DeclarationInvalid
from lakeward_local.report.declaration import Suggestion
from lakeward_local.report.facts import Facts
from lakeward_local.report.page import render

LOADERS = ("script", "link", "img", "iframe", "object", "embed", "audio", "video", "source", "image", "use", "base")


def page(of: Facts = GOOD) -> Element:
    return read_page(render(of, "lakeward"))


def figures(of: Facts = GOOD) -> dict[str, Element]:
    return {figure.all("h3")[0].text: figure for figure in page(of).all("figure")}


def test_the_page_loads_nothing():
    text = render(GOOD, "lakeward")
    elements = list(read_page(text).below())

    assert [e.tag for e in elements if e.tag in LOADERS] == []
    assert [e.attributes for e in elements if {"src", "href", "srcset", "data", "action"} & e.attributes.keys()] == []
    assert re.findall(r"https?://|url\(|@import|javascript:", text) == []
    assert [
        m.attributes["content"] for m in read_page(text).all("meta", **{"http-equiv": "Content-Security-Policy"})
    ] == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_the_page_says_its_language_title_and_width():
    found = page()

    assert found.all("html")[0].attributes == {"lang": "en"}
    assert found.all("title")[0].text == "rivers, 1 Mar 2024 to 2 Mar 2024: Lakeward"
    assert found.all("meta", name="viewport")[0].attributes["content"] == "width=device-width, initial-scale=1"
    assert [h.text for h in found.all("h1")] == ["rivers, 1 Mar 2024 to 2 Mar 2024"]


def test_every_chart_has_a_title_and_its_table():
    found = figures()

    assert list(found) == [
        "Readings by day & level",
        "Rows through each step",
        "The runs as a timeline",
        "Cost by step",
    ]
    for title, figure in found.items():
        named = figure.attributes["aria-labelledby"]
        assert [h.text for h in figure.all(id=named)] == [title]
        assert len(figure.all("table")) == 1
        assert figure.all("svg")


def test_every_drawing_is_named_or_hidden_from_those_who_cannot_see_it():
    found = page()
    ids = [e.attributes["id"] for e in found.below() if "id" in e.attributes]
    drawings = [svg.attributes for svg in found.all("svg")]

    assert len(ids) == len(set(ids))
    assert all(("role" in d) != ("aria-hidden" in d) for d in drawings)
    assert {name for d in drawings for name in d.get("aria-labelledby", "").split()} <= set(ids)


def test_a_declared_chart_shows_the_answer_and_its_sql():
    figure = figures()["Readings by day & level"]

    assert [li.text for li in figure.all("li")] == ["low 160", "high 20"]
    assert [rect.text for rect in figure.all("rect")] == [
        "2024-02-29, low: 60 readings",
        "2024-02-29, high: 20 readings",
        "2024-03-01, low: 100 readings",
    ]
    assert figure.all("table")[0].cells() == [
        ["day", "low", "high", "flood"],
        ["2024-02-29", "60", "20", "0"],
        ["2024-03-01", "100", "0", "0"],
    ]
    assert figure.all("pre")[0].text == "SELECT … FROM rivers"


def test_the_flow_says_what_became_of_every_record():
    figure = figures()["Rows through each step"]

    assert [li.text for li in figure.all("li")] == [
        "200 raw records",
        "190 written",
        "7 quarantined",
        "3 deduplicated",
        "188 rows in the table",
        "7 rows in quarantine",
    ]
    assert figure.all("table")[0].cells() == [
        ["Step", "What", "Rows"],
        ["Ingest: 4 pages, 3.0 kB", "raw records", "200"],
        ["Transform, audit, publish", "written", "190"],
        ["Transform, audit, publish", "quarantined", "7"],
        ["Transform, audit, publish", "deduplicated", "3"],
        ["What Athena finds now", "rows in the table", "188"],
        ["What Athena finds now", "rows in quarantine", "7"],
    ]


def test_the_account_has_a_row_a_slot_and_their_totals():
    section = page().all("section", **{"aria-labelledby": "account-heading"})[0]

    assert section.all("table")[0].cells() == [
        ["Slot", "Outcome", "Records in", "Written", "Quarantined", "Deduplicated", "Seconds", "AWS cost, est."],
        ["1 Mar", "ran", "110", "100", "7", "3", "5.0", "$0.000249"],
        ["2 Mar", "ran", "90", "90", "0", "0", "5.0", "$0.000249"],
        ["All", "", "200", "190", "7", "3", "10.0", "$0.000498"],
    ]


def test_the_timeline_has_a_row_a_run():
    figure = figures()["The runs as a timeline"]

    assert [rect.text for rect in figure.all("rect")] == [
        f"{day} Mar {step}: 1.0 s" for day in (1, 2) for step in ("ingest", "transform", "audit", "publish", "record")
    ]
    assert figure.all("table")[0].cells() == [
        ["Execution", "Began, UTC", "Ingest", "Transform", "Audit", "Publish", "Record", "All"],
        ["rivers-20240301T0000Z", "2024-03-05 09:00:00", "1.00", "1.00", "1.00", "1.00", "1.00", "5.00"],
        ["rivers-20240302T0000Z", "2024-03-05 09:00:02", "1.00", "1.00", "1.00", "1.00", "1.00", "5.00"],
    ]


def test_the_cost_has_a_bar_a_step():
    figure = figures()["Cost by step"]

    assert [rect.text for rect in figure.all("rect")] == [
        "Ingest: $0.0000671",
        "Transform: $0.000148",
        "Audit: $0.0000671",
        "Publish: $0.000148",
        "Record: $0.0000671",
    ]
    assert figure.all("table")[0].cells() == [
        ["Step", "Calls", "Memory, MB", "Seconds", "AWS cost, est.", "Share of cost"],
        ["Ingest", "2", "512", "2.0", "$0.0000671", "13%"],
        ["Transform", "2", "3,008", "2.0", "$0.000148", "30%"],
        ["Audit", "2", "512", "2.0", "$0.0000671", "13%"],
        ["Publish", "2", "3,008", "2.0", "$0.000148", "30%"],
        ["Record", "2", "512", "2.0", "$0.0000671", "13%"],
        ["All", "10", "", "10.0", "$0.000498", "100%"],
    ]


def test_an_answer_stands_below_its_question_and_its_sql():
    section = page().all("section", **{"aria-labelledby": "answer-1"})[0]

    assert [section.all("h3")[0].text, section.all("pre")[0].text] == [
        "Which river is highest?",
        "SELECT river FROM rivers",
    ]
    assert section.all("table")[0].cells() == [["river", "cm"], ["Rhine", "912.5"]]
    assert section.all("p")[0].text == "2.0 kB scanned"


def test_the_head_of_the_page_is_the_equation():
    assert page().all("div", role="group")[0].text == "200 records in = 190 written + 7 quarantined + 3 deduplicated"


def test_rows_of_exploded_records_are_what_has_to_add_up():
    found = page(facts(run(1, records_in=3, rows_in=7, written=6, quarantined=1)))

    assert "7 rows of 3 records = 6 written + 1 quarantined" in found.all("div", role="group")[0].text


def test_counts_that_do_not_add_up_are_not_said_to():
    lost = facts(run(1, records_in=10, written=9))

    assert "10 records in ≠ 9 written" in page(lost).all("div", role="group")[0].text


def test_what_a_third_party_sent_is_text_and_nothing_else():
    nasty = answered("SELECT '<b>' FROM rivers", {"<i>": "varchar"}, ("<script>alert(1)</script>",), (None,))

    section = page(facts(run(1), answers=((HIGHEST, nasty),))).all("section", **{"aria-labelledby": "answer-1"})[0]

    assert section.all("table")[0].cells() == [["<i>"], ["<script>alert(1)</script>"], ["NULL"]]
    assert section.all("pre")[0].text == "SELECT '<b>' FROM rivers"


def test_a_suggestion_is_text_and_code_and_nothing_else():
    found = page(facts(run(1), suggestions=(Suggestion(do="<i>do</i>", how="Type <b>bold</b> `<script>`"),)))
    own = found.all("ol")[0].all("li")[2]

    assert (own.text, [code.text for code in own.all("code")]) == (
        "<i>do</i> Type <b>bold</b> <script>",
        ["<script>"],
    )


def test_a_failed_run_is_named_with_its_error_and_keeps_its_steps():
    found = page(facts(run(1, records_in=4, written=4), run(2, steps=3)))

    assert [li.text for li in found.all("section", **{"aria-labelledby": "failed"})[0].all("li")] == [
        "2 Mar FAILED AuditFailed: too few (execution rivers)"
    ]
    assert found.all("section", **{"aria-labelledby": "account-heading"})[0].all("table")[0].cells()[2:] == [
        ["2 Mar", "failed", "", "", "", "", "3.0", "$0.000141"],
        ["All", "", "4", "4", "0", "0", "8.0", "$0.000390"],
    ]


def test_runs_that_all_failed_still_make_a_page():
    found = page(facts(run(1, steps=0)))

    assert found.all("div", role="group")[0].text == "0 records in = 0 written + 0 quarantined + 0 deduplicated"
    assert "No step has run." in found.text


def test_an_answer_without_rows_says_so_instead_of_a_chart():
    empty = answered("SELECT …", {"day": "date", "low": "bigint"})

    figure = figures(facts(run(1), charts=((LEVELS, empty),)))["Readings by day & level"]

    assert figure.all("svg") == []
    assert figure.all("table")[0].cells() == [["day", "low"], ["No rows."]]


def test_a_chart_that_cannot_be_drawn_is_named_with_its_file():
    text = answered("SELECT …", {"day": "date", "low": "varchar"}, ("2024-03-01", "few"))

    with pytest.raises(DeclarationInvalid) as refused:
        render(facts(run(1), charts=((LEVELS, text),)), "lakeward")

    assert str(refused.value) == (
        "datasets/rivers/report.yaml: charts[0] (Readings by day & level): expected numbers in column 'low', "
        "found varchar; CAST it or leave it out"
    )


def test_a_dataset_that_declares_nothing_has_the_report_that_every_dataset_has():
    bare = facts(run(1), charts=(), answers=(), suggestions=())

    assert list(figures(bare)) == ["Rows through each step", "The runs as a timeline", "Cost by step"]
    assert [h.text for h in page(bare).all("h2")] == ["Where every record went", "What it took", "What to try next"]


def test_what_to_try_is_typed_as_it_must_be_typed_here():
    found = read_page(render(GOOD, ".venv/bin/lakeward"))

    assert [li.text for li in found.all("ol")[0].all("li")] == [
        'Ask Athena .venv/bin/lakeward sql "SELECT * FROM rivers LIMIT 3"',
        (
            "Run a slot again .venv/bin/lakeward run rivers --slot 2024-03-02 --again changes no row. "
            "The ledger: .venv/bin/lakeward runs rivers"
        ),
        "Ask rivers Type .venv/bin/lakeward sql … .",
        "Stop .venv/bin/lakeward down stops the local cloud. What it holds is there at the next start.",
    ]


def test_the_time_when_nothing_ran_is_cut_out_and_said():
    later = facts(run(1), run(2, began=BEGAN + timedelta(hours=20)))

    figure = figures(later)["The runs as a timeline"]

    assert "Time when nothing ran is cut out." in figure.text
    assert [line for line in figure.all("line") if "stroke-dasharray" in line.attributes]
