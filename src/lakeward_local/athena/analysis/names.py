"""What a query's syntax names: ordinals, implied column names, the names in an expression."""

from __future__ import annotations

from lakeward_local.athena.analysis import plan as p
from lakeward_local.athena.errors import QueryError
from lakeward_local.athena.syntax import nodes as n


def ordinal(node: n.Expression, outputs: list[p.Expr]) -> p.Expr | None:
    if not isinstance(node, n.Literal) or node.kind != "integer":
        return None
    position = int(node.value)
    if not 1 <= position <= len(outputs):
        raise QueryError("INVALID_COLUMN_REFERENCE", f"ORDER BY position {position} is not in select list", node.at)
    return outputs[position - 1]


def implied_name(node: n.Expression) -> str | None:
    """The name that a column without an alias has; None when it has none."""
    if isinstance(node, n.Name):
        return node.text
    return node.name.text if isinstance(node, n.Dereference) else None


def names_in(node: n.Expression) -> set[str]:
    """All unqualified names in an expression."""
    if isinstance(node, n.Name):
        return {node.text}
    if isinstance(node, n.Dereference | n.Lambda | n.ScalarQuery):
        return set()
    return set().union(*(names_in(c) for c in children(node)), set())


def is_qualified(node: n.Expression) -> bool:
    return isinstance(node, n.Dereference) or any(is_qualified(c) for c in children(node))


def children(node: object) -> list[n.Expression]:
    found: list[n.Expression] = []
    for value in vars(node).values() if isinstance(node, n.Node) else ():
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, n.Expression):
                found.append(item)
            elif isinstance(item, n.Node):
                found += children(item)
            elif isinstance(item, tuple):
                found += [x for x in item if isinstance(x, n.Expression)]
    return found


def mentions(node: object, name: str) -> bool:
    """Whether a query reads a table of this bare name."""
    if isinstance(node, n.TableName):
        return node.parts == (name,)
    if isinstance(node, n.Node):
        return any(mentions(v, name) for v in vars(node).values())
    return isinstance(node, tuple) and any(mentions(v, name) for v in node)
