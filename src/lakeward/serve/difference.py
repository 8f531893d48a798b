"""How a result differs from the expected one, in lines that name row and column."""

from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import islice

from lakeward.ports.query import Answer, ResultColumn, Row
from lakeward.serve.expectation import Expected

MOST_SURPLUS_ROWS = 1_000
"""Of rows beyond the expected number, this many are read; a query that lost its WHERE should not fill the memory."""


def differences(expected: Expected, answer: Answer) -> list[str]:
    """Compare column names, types and every value. No lines: the results are the same."""
    wanted = tuple(ResultColumn(column.name, column.type) for column in expected.columns)
    if [c.name for c in wanted] != [c.name for c in answer.columns]:
        return [f"columns: expected {_names(wanted)}; found {_names(answer.columns)}"]
    types = [
        f"column {want.name}: expected type {want.type}, found {found.type}"
        for want, found in zip(wanted, answer.columns, strict=True)
        if want.type != found.type
    ]
    rows = [tuple(row) for row in expected.rows]
    found_rows = list(islice(answer.rows, len(rows) + MOST_SURPLUS_ROWS))
    surplus = ["further rows were not read"] if next(answer.rows, None) is not None else []
    return [*types, *_rows(wanted, rows, found_rows), *surplus]


def _rows(columns: tuple[ResultColumn, ...], wanted: list[Row], found: list[Row]) -> Iterator[str]:
    """Rows are numbered from 1, as expected ones where they are, else as found ones."""
    for kind, a, b, c, d in SequenceMatcher(None, wanted, found, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        paired = min(b - a, d - c)
        for number in range(paired):
            yield from _cells(columns, a + number + 1, wanted[a + number], found[c + number])
        for number in range(a + paired, b):
            yield f"row {number + 1} is missing: {_shown(wanted[number])}"
        for number in range(c + paired, d):
            yield f"row {number + 1} of the found ones is not expected: {_shown(found[number])}"


def _cells(columns: tuple[ResultColumn, ...], number: int, wanted: Row, found: Row) -> Iterator[str]:
    for column, want, got in zip(columns, wanted, found, strict=True):
        if want != got:
            yield f"row {number}, {column.name}: expected {_value(want)}, found {_value(got)}"


def _names(columns: tuple[ResultColumn, ...]) -> str:
    return ", ".join(column.name for column in columns) or "none"


def _shown(row: Row) -> str:
    return f"({', '.join(map(_value, row))})"


def _value(value: str | None) -> str:
    """Texts in quotes, so that NULL and 'NULL' look different."""
    return "NULL" if value is None else repr(value)
