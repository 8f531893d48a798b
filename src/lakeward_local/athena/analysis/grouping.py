"""Whether everything outside aggregates is grouped."""

from __future__ import annotations

from collections.abc import Iterable

from lakeward_local.athena.analysis import plan as p
from lakeward_local.athena.errors import Position, QueryError


def check_grouped(
    expressions: Iterable[tuple[p.Expr, Position]], sets: tuple[tuple[p.Expr, ...], ...], own: set[str]
) -> None:
    """Every expression must be made of grouped expressions, aggregates, constants and columns of queries around.

    Args:
        own: the relations of this query.

    Raises:
        QueryError: EXPRESSION_NOT_AGGREGATE; for GROUPING(), an argument that is not grouped.
    """
    grouped = {x for members in sets for x in members}
    for expression, at in expressions:
        _check(expression, grouped, own, at)


def _check(expression: p.Expr, grouped: set[p.Expr], own: set[str], at: Position) -> None:
    if expression in grouped or isinstance(expression, p.Aggregate):
        return
    if isinstance(expression, p.Grouping):
        for arg in expression.args:
            if arg not in grouped:
                raise QueryError(
                    "INVALID_ARGUMENTS",
                    "The arguments to GROUPING() must be expressions referenced "
                    "by the GROUP BY at the associated query level",
                    at,
                )
        return
    if isinstance(expression, p.Column) and expression.relation in own:
        raise QueryError(
            "EXPRESSION_NOT_AGGREGATE",
            f"'{expression.label}' must be an aggregate expression or appear in GROUP BY clause",
            at,
        )
    for child in expression.children():
        _check(child, grouped, own, at)
