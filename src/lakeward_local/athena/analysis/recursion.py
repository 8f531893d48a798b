"""WITH RECURSIVE: which queries recurse, and where they may read themselves."""

from __future__ import annotations

from lakeward_local.athena.analysis.names import mentions
from lakeward_local.athena.errors import Position, QueryError
from lakeward_local.athena.syntax import nodes as n


def recursive_union(table: n.CommonTable) -> n.SetOperation:
    """The base and the step of a WITH table that reads itself.

    Raises:
        QueryError: INVALID_RECURSIVE_REFERENCE; INVALID_LIMIT_CLAUSE and NOT_SUPPORTED for clauses around them.
    """
    _check_clauses(table.query)
    body = table.query.body
    if not isinstance(body, n.SetOperation) or body.operator != "union" or body.distinct:
        raise _invalid("recursive query must be a UNION ALL", table.at)
    if mentions(body.left, table.name):
        raise _invalid("WITH table name is referenced in the base relation of recursion", table.at)
    step = _unwrapped(body.right)
    source = step.source if isinstance(step, n.Select) and not _is_table(step) else None
    if source is None or not mentions(source, table.name):
        raise _invalid("recursion step relation must read the WITH table in its FROM clause", table.at)
    if _count(step, table.name) > 1:
        raise _invalid("multiple recursive references in the step relation of recursion", table.at)
    _check_source(source, table.name)
    return body


def _unwrapped(body: n.Body) -> n.Body:
    while isinstance(body, n.Nested):
        _check_clauses(body.query)
        body = body.query.body
    return body


def _check_clauses(query: n.Query) -> None:
    if query.tables:
        raise QueryError("NOT_SUPPORTED", "immediate WITH clause in recursive query is not supported", query.at)
    if query.order_by:
        raise QueryError("NOT_SUPPORTED", "immediate ORDER BY clause in recursive query is not supported", query.at)
    if query.offset is not None:
        raise QueryError("NOT_SUPPORTED", "immediate OFFSET clause in recursive query is not supported", query.at)
    if query.limit is not None:
        raise QueryError("INVALID_LIMIT_CLAUSE", "FETCH FIRST / LIMIT clause in recursive query", query.at)


def _is_table(select: n.Select) -> bool:
    """Whether it was written ``TABLE t``."""
    return select.items[0].at == select.at


def _count(node: object, name: str) -> int:
    if isinstance(node, n.TableName):
        return int(node.parts == (name,))
    if isinstance(node, n.Node):
        return sum(_count(v, name) for v in vars(node).values())
    return sum(_count(v, name) for v in node) if isinstance(node, tuple) else 0


def _check_source(node: object, name: str) -> None:
    """No recursive reference where a join or a set operation would need all of its rows at once."""
    match node:
        case n.Join(kind="left" | "full") if mentions(node.right, name):
            raise _invalid(f"recursive reference in right source of {node.kind.upper()} join", node.at)
        case n.Join(kind="right" | "full") if mentions(node.left, name):
            raise _invalid(f"recursive reference in left source of {node.kind.upper()} join", node.at)
        case n.SetOperation(operator="intersect", distinct=False) if mentions(node, name):
            raise _invalid("recursive reference in INTERSECT ALL", node.at)
        case n.SetOperation(operator="except") if mentions(node if not node.distinct else node.right, name):
            raise _invalid("recursive reference in EXCEPT", node.at)
    for child in vars(node).values() if isinstance(node, n.Node) else node if isinstance(node, tuple) else ():
        _check_source(child, name)


def _invalid(message: str, at: Position) -> QueryError:
    return QueryError("INVALID_RECURSIVE_REFERENCE", message, at)
