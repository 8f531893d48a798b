"""Where everything lies in the drawings: whole drawings of small worlds, compared number by number."""

from datetime import timedelta

import pytest
from report_world import BEGAN, GOOD, LEVELS, LEVELS_ANSWERED, answered, facts, run

from lakeward_local.errors import DeclarationInvalid
from lakeward_local.report.bars import Label, Layer, Segment, StackedBars, stacked_bars
from lakeward_local.report.facts import Answered
from lakeward_local.report.flow import Piece, Ribbon, Stage, flow
from lakeward_local.report.scale import ticks
from lakeward_local.report.timeline import Timeline, timeline

SEVEN = pytest.approx(3.5)
"""The width of 7 records among 200."""


@pytest.mark.parametrize(
    ("greatest", "marks"),
    [
        (0, [0, 1]),
        (1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (14, [0, 5, 10, 15]),
        (100, [0, 20, 40, 60, 80, 100]),
        (301, [0, 100, 200, 300, 400]),
        (0.003, [0, 0.001, 0.002, 0.003]),
        (12_000_000, [0, 2_500_000, 5_000_000, 7_500_000, 10_000_000, 12_500_000]),
    ],
)
def test_an_axis_has_round_numbers_up_to_the_first_that_covers_all(greatest: float, marks: list[float]):
    assert ticks(greatest) == marks


def test_bars_are_stacked_in_the_order_of_the_columns():
    assert stacked_bars(LEVELS, LEVELS_ANSWERED, "test") == StackedBars(
        layers=(Layer("low", "ordered-1", "160"), Layer("high", "ordered-5", "20")),
        segments=(
            Segment(pytest.approx(7.0), 96.0, 36.0, 144.0, "ordered-1", "2024-02-29, low: 60 readings"),
            Segment(pytest.approx(7.0), 48.0, 36.0, 48.0, "ordered-5", "2024-02-29, high: 20 readings"),
            Segment(pytest.approx(57.0), 0.0, 36.0, 240.0, "ordered-1", "2024-03-01, low: 100 readings"),
        ),
        labels=(Label(25.0, 48.0, ("29", "Feb"), "80"), Label(75.0, 0.0, ("1", "Mar"), "100")),
        ticks=tuple((pytest.approx(240 - 48 * i), str(20 * i)) for i in range(6)),
    )


def bars(columns: dict[str, str], *rows: tuple[str | None, ...]) -> StackedBars:
    return stacked_bars(LEVELS.model_copy(update={"layers": "distinct"}), answered("SELECT …", columns, *rows), "test")


def test_a_number_that_is_null_draws_nothing():
    drawn = bars({"river": "varchar", "n": "bigint"}, ("Rhine", None), (None, "3"))

    assert [s.tip for s in drawn.segments] == ["NULL, n: 3 readings"]
    assert [label.lines for label in drawn.labels] == [("Rhine",), ("NULL",)]


def test_many_bars_have_few_labels_and_the_month_where_it_changes_between_them():
    days = [f"2024-02-{d:02}" for d in range(20, 30)] + [f"2024-03-{d:02}" for d in range(1, 16)]

    drawn = bars({"day": "date", "n": "bigint"}, *((day, "1") for day in days))

    assert [(label.lines, label.total) for label in drawn.labels] == [
        (("20", "Feb"), ""),
        (("23",), ""),
        (("26",), ""),
        (("29",), ""),
        (("3", "Mar"), ""),
        (("6",), ""),
        (("9",), ""),
        (("12",), ""),
        (("15",), ""),
    ]


def test_long_names_are_cut_to_the_room_that_a_phone_has():
    drawn = bars({"river": "varchar", "n": "bigint"}, *((f"The river number {i}", "1") for i in range(8)))

    assert {label.lines for label in drawn.labels} == {("The r…",)}


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (
            answered("…", {"day": "date"}, ("2024-03-01",)),
            "test: expected a column for the axis and 1 to 8 columns of numbers, found 1 column",
        ),
        (
            answered("…", {"day": "date"} | {f"n{i}": "bigint" for i in range(9)}, ("2024-03-01", *"123456789")),
            "test: expected a column for the axis and 1 to 8 columns of numbers, found 10 columns",
        ),
        (
            answered("…", {"day": "date", "n": "bigint"}, ("2024-03-01", "-1")),
            "test: expected finite numbers of 0 or more to stack, found others",
        ),
        (
            answered("…", {"day": "date", "n": "double"}, ("2024-03-01", "NaN")),
            "test: expected finite numbers of 0 or more to stack, found others",
        ),
    ],
)
def test_what_cannot_be_stacked_is_refused(found: Answered, problem: str):
    with pytest.raises(DeclarationInvalid) as refused:
        stacked_bars(LEVELS, found, "test")

    assert str(refused.value) == problem


def test_the_flow_splits_what_came_and_follows_it_to_the_tables():
    came, became, found = flow(GOOD)

    assert came == Stage("Ingest: 4 pages, 3.0 kB", (Piece("raw records", "raw", 200, 0.0, 100.0),))
    assert became == Stage(
        "Transform, audit, publish",
        (
            Piece("written", "written", 190, 0.0, 95.0),
            Piece("quarantined", "quarantined", 7, 95.0, SEVEN),
            Piece("deduplicated", "deduplicated", 3, 98.5, 1.5),
        ),
        (
            Ribbon("written", (0.0, 95.0), (0.0, 95.0)),
            Ribbon("quarantined", (95.0, SEVEN), (95.0, SEVEN)),
            Ribbon("deduplicated", (98.5, 1.5), (98.5, 1.5)),
        ),
    )
    assert found == Stage(
        "What Athena finds now",
        (
            Piece("rows in the table", "written", 188, 0.0, 94.0),
            Piece("rows in quarantine", "quarantined", 7, 94.0, SEVEN),
        ),
        (Ribbon("written", (0.0, 95.0), (0.0, 94.0)), Ribbon("quarantined", (95.0, SEVEN), (94.0, SEVEN))),
    )


def test_a_single_record_among_many_can_still_be_seen_and_all_fit():
    _, became, _ = flow(facts(run(1, records_in=100_000, written=99_999, quarantined=1), held=99_999, quarantined=1))
    widths = [piece.width for piece in became.pieces]

    assert widths[1] == pytest.approx(0.6, abs=0.01)
    assert sum(widths) == pytest.approx(100)


def test_nothing_flows_where_nothing_came():
    assert [piece.width for stage in flow(facts(run(1))) for piece in stage.pieces] == [0.0] * 6


def test_steps_follow_each_other_on_one_axis_of_seconds():
    drawn = timeline(GOOD.outcomes)

    assert drawn is not None
    first, second = drawn.rows
    assert [(p.step, round(p.x, 3), round(p.width, 3)) for p in first.pieces] == [
        ("ingest", 0.0, 14.286),
        ("transform", 14.286, 14.286),
        ("audit", 28.571, 14.286),
        ("publish", 42.857, 14.286),
        ("record", 57.143, 14.286),
    ]
    assert (second.label, second.y, second.took, second.failed) == ("2 Mar", 26, "5.0 s", False)
    assert second.pieces[0].x == pytest.approx(28.571, abs=0.001)
    assert drawn.marks == (
        (0.0, "0 s"),
        (pytest.approx(28.571, abs=0.001), "2 s"),
        (pytest.approx(57.143, abs=0.001), "4 s"),
        (pytest.approx(85.714, abs=0.001), "6 s"),
    )
    assert (drawn.cuts, drawn.height, drawn.began) == ((), 52, BEGAN)


def test_hours_when_nothing_ran_take_no_room():
    drawn = timeline([run(1), run(2, began=BEGAN + timedelta(hours=20))])

    assert drawn is not None
    assert [round(row.pieces[0].x, 3) for row in drawn.rows] == [0.0, 52.0]
    assert [text for _, text in drawn.marks] == ["0 s", "5 s", "0 s", "5 s"]
    assert drawn.cuts == (50.0,)


def test_a_short_run_beside_a_long_one_does_not_end_it():
    drawn = timeline([run(1, seconds=50, steps=1), run(2), run(3, began=BEGAN + timedelta(seconds=60))])

    assert drawn is not None
    assert drawn.cuts == ()


def test_a_run_without_a_step_has_an_empty_row():
    drawn = timeline([run(1), run(2, steps=0)])

    assert drawn is not None
    assert [(len(row.pieces), row.failed) for row in drawn.rows] == [(5, False), (0, True)]


def test_there_is_no_timeline_where_no_step_ran():
    assert timeline([run(1, steps=0)]) is None


def test_a_step_of_no_time_can_still_be_seen():
    drawn = timeline([run(1, seconds=0.0)])

    assert isinstance(drawn, Timeline)
    assert {piece.width for row in drawn.rows for piece in row.pieces} == {0.4}
