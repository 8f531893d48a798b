"""An answer on standard output: as a table for people, as CSV or as JSON for programs."""

import csv
import json
import math
from collections import Counter
from collections.abc import Callable
from itertools import islice
from typing import IO

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lakeward.cli.screen import natural_width, plain, print_table
from lakeward.ports.query import Answer, ResultColumn, Row

WHOLE = ("tinyint", "smallint", "integer", "bigint")
FLOATING = ("float", "double")
NUMBERS = (*WHOLE, *FLOATING, "decimal")
MOST_TABLE_ROWS = 1_000
"""A table is made whole before it is shown; more rows are for --csv and --json, which stream."""

JsonValue = str | int | float | bool | None


def write_csv(answer: Answer, out: IO[str]) -> int:
    """A header line, then a line a row; NULL is an empty field. Returns the number of rows."""
    if not answer.columns:
        return 0
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.name for column in answer.columns])
    count = 0
    for row in answer.rows:
        writer.writerow(["" if value is None else value for value in row])
        count += 1
    return count


def write_json(answer: Answer, out: IO[str]) -> int:
    """An array of objects, one a line. Returns the number of rows.

    Whole and floating numbers and booleans are JSON's; a decimal stays text, so that nothing is rounded; so do NaN
    and infinities, which JSON does not have; everything else is text as Athena renders it.
    """
    names = [column.name for column in answer.columns]
    twice = [name for name, number in Counter(names).items() if number > 1]
    if twice:
        raise typer.BadParameter(f"expected a name of its own for every column, found {twice[0]!r} twice; use AS")
    readings = [reading(column) for column in answer.columns]
    out.write("[")
    count = 0
    for row in answer.rows:
        values = {n: None if v is None else read(v) for n, read, v in zip(names, readings, row, strict=True)}
        out.write((",\n " if count else "\n ") + json.dumps(values, ensure_ascii=False))
        count += 1
    out.write("\n]\n" if count else "]\n")
    return count


def reading(column: ResultColumn) -> Callable[[str], JsonValue]:
    """How a column's values become JSON."""
    if column.type in WHOLE:
        return int
    if column.type in FLOATING:
        return _float
    if column.type == "boolean":
        return lambda text: {"true": True, "false": False}[text]
    return str


def _float(text: str) -> JsonValue:
    value = float(text)
    return value if math.isfinite(value) else text


def write_table(answer: Answer, console: Console) -> int:
    """A table, or one block a row where the terminal is too narrow for it. Returns the number of rows shown."""
    if not answer.columns:
        return 0
    rows = list(islice(answer.rows, MOST_TABLE_ROWS))
    table = _table(answer.columns, rows)
    if rows and console.is_terminal and natural_width(console, table) > console.width:
        for number, row in enumerate(rows, start=1):
            console.print(_block(answer.columns, row, number))
    else:
        print_table(table, console)
    return len(rows)


def _table(columns: tuple[ResultColumn, ...], rows: list[Row]) -> Table:
    table = Table()
    for column in columns:
        table.add_column(plain(column.name), justify="right" if column.type in NUMBERS else "left")
    for row in rows:
        table.add_row(*map(_cell, row))
    return table


def _block(columns: tuple[ResultColumn, ...], row: Row, number: int) -> Table:
    block = Table(title=f"row {number:,}", title_justify="left", show_header=False, box=None, pad_edge=False)
    block.add_column(style="bold")
    block.add_column(overflow="fold")
    for column, value in zip(columns, row, strict=True):
        block.add_row(plain(column.name), _cell(value))
    return block


def _cell(value: str | None) -> Text:
    return Text("NULL", "dim italic") if value is None else plain(value)
