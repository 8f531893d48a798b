"""Columns that are made from other columns: days of instants and computed ones, in an order that can be worked out."""

from collections.abc import Iterator, Sequence

from lakeward.contract.column import Column
from lakeward.contract.expression import parse_expression
from lakeward.contract.expression_types import assigned, typed
from lakeward.contract.part import Problem


def needs(column: Column) -> list[str]:
    """The columns that a column is made from."""
    if column.utc_day_of is not None:
        return [column.utc_day_of]
    return parse_expression(column.compute).columns() if column.compute is not None else []


def levels(columns: Sequence[Column]) -> list[list[Column]]:
    """The derived columns, each level made from those before it alone.

    Raises:
        ValueError: some need one another; the message names them.
    """
    left = [c for c in columns if c.utc_day_of or c.compute]
    known = {c.name for c in columns if c not in left}
    found = []
    while left:
        level = [c for c in left if set(needs(c)) <= known]
        if not level:
            raise ValueError(f"expected columns that are made one after the other, found {left[0].name}, which is not")
        found.append(level)
        known |= {c.name for c in level}
        left = [c for c in left if c not in level]
    return found


def computed_problems(columns: Sequence[Column]) -> Iterator[Problem]:
    """Expressions that are none, that name what is not there, or whose value is not of the column's type."""
    types = {c.name: c.parsed_type for c in columns}
    sound = True
    for number, column in enumerate(columns):
        if column.compute is None:
            continue
        try:
            assigned(typed(parse_expression(column.compute), types), column.parsed_type)
        except ValueError as problem:
            sound = False
            yield ("columns", number, "compute"), str(problem)
    if sound and all(name in types for column in columns for name in needs(column)):
        try:
            levels(columns)
        except ValueError as problem:
            yield ("columns",), str(problem)
