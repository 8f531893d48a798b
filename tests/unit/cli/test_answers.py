"""Answers on standard output: what programs read and what people see."""

import csv
import io
import json

import pytest
import typer
from athena_world import answer
from rich.console import Console

from lakeward.cli.answers import MOST_TABLE_ROWS, write_csv, write_json, write_table
from lakeward.cli.screen import amount, size
from lakeward.ports.query import Row

TYPED = {
    "flag": "boolean",
    "small": "tinyint",
    "big": "bigint",
    "ratio": "double",
    "price": "decimal",
    "day": "date",
    "words": "varchar",
}
ROWS: list[Row] = [
    ("true", "-1", "9223372036854775807", "1.0E-7", "0.10", "2018-01-31", 'a "b", c\nd'),
    ("false", "0", "0", "NaN", "12345678901234567890.123456789", "0001-01-01", "é ☃"),
    (None, None, None, None, None, None, None),
]


def as_csv(columns: dict[str, str], rows: list[Row]) -> tuple[int, str]:
    out = io.StringIO()
    return write_csv(answer(columns, rows), out), out.getvalue()


def as_json(columns: dict[str, str], rows: list[Row]) -> tuple[int, str]:
    out = io.StringIO()
    return write_json(answer(columns, rows), out), out.getvalue()


def as_table(columns: dict[str, str], rows: list[Row], width: int | None = None) -> tuple[int, str]:
    """On a terminal of that width, or in a file."""
    out = io.StringIO()
    console = Console(file=out, force_terminal=width is not None, width=width, color_system=None, no_color=True)
    return write_table(answer(columns, rows), console), out.getvalue()


def test_csv_has_a_header_and_a_line_for_each_row_and_reads_back():
    count, text = as_csv(TYPED, ROWS)

    assert count == 3
    assert list(csv.reader(io.StringIO(text))) == [list(TYPED), *([v or "" for v in row] for row in ROWS)]
    assert text.startswith("flag,small,big,ratio,price,day,words\ntrue,-1,9223372036854775807,1.0E-7,0.10,")


def test_an_empty_result_as_csv_is_its_header():
    assert as_csv({"id": "varchar", "n": "bigint"}, []) == (0, "id,n\n")


def test_json_has_numbers_and_booleans_of_its_own_and_rounds_nothing():
    count, text = as_json(TYPED, ROWS)

    assert count == 3
    assert json.loads(text) == [
        {
            "flag": True,
            "small": -1,
            "big": 9223372036854775807,
            "ratio": 1e-7,
            "price": "0.10",
            "day": "2018-01-31",
            "words": 'a "b", c\nd',
        },
        {
            "flag": False,
            "small": 0,
            "big": 0,
            "ratio": "NaN",
            "price": "12345678901234567890.123456789",
            "day": "0001-01-01",
            "words": "é ☃",
        },
        dict.fromkeys(TYPED),
    ]


def test_json_has_a_row_on_each_line():
    assert as_json({"n": "integer"}, [("1",), ("2",)]) == (2, '[\n {"n": 1},\n {"n": 2}\n]\n')


@pytest.mark.parametrize("columns", [{"n": "integer"}, {}])
def test_no_rows_as_json_are_an_empty_array(columns: dict[str, str]):
    assert as_json(columns, []) == (0, "[]\n")


def test_two_columns_of_one_name_are_no_json_object():
    doubled = answer({"id": "varchar", "n": "bigint"}, [])
    doubled = type(doubled)((*doubled.columns, doubled.columns[0]), iter([]), "id", 0, 0, 0)

    with pytest.raises(typer.BadParameter, match="expected a name of its own for every column, found 'id' twice"):
        write_json(doubled, io.StringIO())


def test_a_table_in_a_file_is_whole_however_wide_it_is():
    wide = "x" * 300
    count, text = as_table({"id": "varchar", "words": "varchar"}, [("a", wide), (None, "y")])

    assert count == 2
    assert [line.split() for line in text.splitlines() if "│" in line] == [
        ["│", "a", "│", wide, "│"],
        ["│", "NULL", "│", "y", "│"],
    ]


def test_a_table_that_fits_the_terminal_is_a_table_with_numbers_on_the_right():
    _, text = as_table({"id": "varchar", "n": "bigint"}, [("a", "1"), ("b", "1000")], width=40)

    assert text.splitlines() == [
        "┏━━━━┳━━━━━━┓",
        "┃ id ┃    n ┃",
        "┡━━━━╇━━━━━━┩",
        "│ a  │    1 │",
        "│ b  │ 1000 │",
        "└────┴──────┘",
    ]


def test_a_table_that_does_not_fit_the_terminal_is_a_block_for_each_row():
    _, text = as_table({"id": "varchar", "words": "varchar"}, [("a", "x" * 50), ("b", None)], width=40)

    assert [line.rstrip() for line in text.splitlines()] == [
        *("row 1", "id     a", f"words  {'x' * 33}", f"       {'x' * 17}"),
        *("row 2", "id     b", "words  NULL"),
    ]


def test_what_a_value_says_is_shown_and_never_obeyed():
    _, text = as_table({"[b]id[/b]": "varchar"}, [("[red]x[/red]",), ("\x1b[31mred\x07",), ("\x9b2J",)])

    assert "[b]id[/b]" in text
    assert "[red]x[/red]" in text
    assert "\\x1b[31mred\\x07" in text
    assert "\\x9b2J" in text
    assert "\x1b" not in text


def test_a_table_stops_after_its_most_rows_and_leaves_the_rest_unread():
    endless = answer({"n": "integer"}, [])
    rows = iter(lambda: ("1",), None)
    shown = write_table(type(endless)(endless.columns, rows, "id", 0, 0, 0), Console(file=io.StringIO()))

    assert (shown, next(rows)) == (MOST_TABLE_ROWS, ("1",))


@pytest.mark.parametrize(
    ("number_bytes", "text"),
    [
        *((0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (12_345, "12.3 kB"), (999_960, "1.0 MB")),
        *((10**7, "10.0 MB"), (3_100_000_000, "3.1 GB"), (5 * 10**15, "5,000.0 TB")),
    ],
)
def test_sizes_are_said_in_powers_of_a_thousand(number_bytes: int, text: str):
    assert size(number_bytes) == text


def test_amounts_agree_with_their_noun():
    assert [amount(1, "row"), amount(1707, "row"), amount(0, "query", "queries")] == [
        "1 row",
        "1,707 rows",
        "0 queries",
    ]
