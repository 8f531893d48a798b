"""Columns that are made from other columns: days of instants and computed ones, in an order that can be worked out."""

from collections.abc import Iterator, Sequence

from lakeward.contract.column import Column
from lakeward.contract.expression import parse_expression
from lakeward.contract.expression_types import assigned, typed
from lakeward.contract.part import Problem


def needs(column: Column) -> list[str]:
    """The columns that a column is made from; none of an expression that is none, which ``computed_problems`` tells."""
    if column.utc_day_of is not None:
        return [column.utc_day_of]
    try:
        return parse_expression(column.compute).columns() if column.compute is not None else []
    except ValueError:
        return []


class InACircle(ValueError):
    """Columns of which each needs the next, and the last the first."""

    def __init__(self, columns: list[Column]) -> None:
        needed = ", which needs ".join(c.name for c in columns[1:] + columns[:1]) if len(columns) > 1 else "itself"
        super().__init__(
            f"expected columns that are made one after the other, found {columns[0].name}, which needs {needed}"
        )
        self.columns = columns


def levels(columns: Sequence[Column]) -> list[list[Column]]:
    """The derived columns, each level made from those before it alone.

    Raises:
        InACircle: some need one another.
    """
    left = [c for c in columns if c.utc_day_of or c.compute]
    known = {c.name for c in columns if c not in left}
    found = []
    while left:
        level = [c for c in left if set(needs(c)) <= known]
        if not level:
            raise InACircle(_circle(left))
        found.append(level)
        known |= {c.name for c in level}
        left = [c for c in left if c not in level]
    return found


def _circle(columns: list[Column]) -> list[Column]:
    """Columns of which each needs the next, and the last the first; there is one among those that are given."""
    by_name = {c.name: c for c in columns}
    way = [columns[0]]
    while True:
        following = next(by_name[name] for name in needs(way[-1]) if name in by_name)
        if following in way:
            return way[way.index(following) :]
        way.append(following)


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
        except InACircle as problem:
            first = problem.columns[0]
            key = "compute" if first.compute is not None else "utc_day_of"
            yield ("columns", list(columns).index(first), key), str(problem)
