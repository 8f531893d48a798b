"""Which conditions each scan may use to leave out partitions and files.

A condition is only a hint: DuckDB evaluates all of WHERE anyway. So a scan gets it where leaving rows out cannot change
the join's answer, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable

from lakeward_local.athena.analysis import plan as p


def conjuncts(where: p.Expr | None) -> list[p.Expr]:
    """The terms of a condition that all must hold."""
    if where is None:
        return []
    if isinstance(where, p.Call) and where.function.name == "and":
        return [term for arg in where.args for term in conjuncts(arg)]
    return [where]


def push_filters(source: p.Source | None, terms: list[p.Expr]) -> None:
    """Give the terms to the scans below; outer joins keep them from their NULL-supplying side."""
    match source:
        case p.Scan():
            source.filters += [x for x in terms if _reads_only(x, source.alias)]
        case p.Derived():
            _push_into_query(source, terms)
        case p.JoinPlan():
            on = conjuncts(source.on)
            inner = source.kind in {"inner", "cross"}
            push_filters(
                source.left,
                (terms if inner or source.kind == "left" else []) + (on if inner or source.kind == "right" else []),
            )
            push_filters(
                source.right,
                (terms if inner or source.kind == "right" else []) + (on if inner or source.kind == "left" else []),
            )


def _reads_only(term: p.Expr, alias: str) -> bool:
    columns = [e for e in p.walk(term) if isinstance(e, p.Column)]
    blocked = p.contains(term, lambda e: isinstance(e, p.Subquery | p.Aggregate | p.Windowed))
    return bool(columns) and not blocked and all(c.relation == alias for c in columns)


def _push_into_query(source: p.Derived, terms: list[p.Expr]) -> None:
    """Through a plain subquery or view: its columns are replaced by the expressions behind them."""
    query = source.query
    body = query.body
    while isinstance(body, p.QueryPlan) and body.limit is None and body.offset is None:
        query, body = body, body.body
    if (
        query.limit is not None
        or query.offset is not None
        or not isinstance(body, p.SelectPlan)
        or body.grouping_sets is not None
    ):
        return
    select = body
    if source.casts and any(o.type != c for o, c in zip(source.query.outputs, source.casts, strict=True)):
        return
    if any(p.contains(v, lambda e: isinstance(e, p.Windowed)) for v in select.values):
        return
    own = [x for x in terms if _reads_only(x, source.alias)]
    push_filters(select.source, [replaced(x, lambda c: select.values[int(c.name[1:])]) for x in own])


def replaced(expression: p.Expr, by: Callable[[p.Column], p.Expr]) -> p.Expr:
    """A condition with its columns replaced; only what conditions are made of is looked into."""
    match expression:
        case p.Column():
            return by(expression)
        case p.Call():
            return p.Call(expression.type, expression.function, tuple(replaced(a, by) for a in expression.args))
        case p.Cast():
            return p.Cast(expression.type, replaced(expression.value, by), expression.safe)
    return expression
