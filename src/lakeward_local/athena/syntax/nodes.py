"""The syntax tree: what was written, nothing resolved.

Positions say where a node stands; they are no part of its identity.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lakeward_local.athena.errors import Position

NOWHERE: Position = (1, 1)


@dataclass(frozen=True, kw_only=True)
class Node:
    """Anything in the tree."""

    at: Position = field(default=NOWHERE, compare=False)


class Expression(Node):
    """Anything that has a value."""


@dataclass(frozen=True)
class Literal(Expression):
    """``kind`` is null, boolean, integer, decimal, double, string, binary, or a type's name for ``DATE '...'``."""

    kind: str
    value: str


@dataclass(frozen=True)
class Interval(Expression):
    value: str
    negative: bool
    start: str
    end: str | None


@dataclass(frozen=True)
class Name(Expression):
    """An identifier; ``text`` is lower case, as names are case-insensitive in Trino; ``written`` is as typed."""

    text: str
    written: str = field(compare=False)


@dataclass(frozen=True)
class Dereference(Expression):
    base: Expression
    name: Name


@dataclass(frozen=True)
class Star(Expression):
    qualifier: tuple[str, ...] = ()
    base: Expression | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class SortItem(Node):
    expression: Expression
    descending: bool = False
    nulls_first: bool | None = None


@dataclass(frozen=True)
class FrameBound(Node):
    """``kind``: unbounded_preceding, preceding, current, following, unbounded_following."""

    kind: str
    value: Expression | None = None


@dataclass(frozen=True)
class Window(Node):
    """A window; ``bracketed`` tells ``OVER (w)``, which copies w, from ``OVER w``."""

    name: str | None = None
    partition_by: tuple[Expression, ...] = ()
    order_by: tuple[SortItem, ...] = ()
    frame: str | None = None  # rows, range, groups
    start: FrameBound | None = None
    end: FrameBound | None = None
    bracketed: bool = False


@dataclass(frozen=True)
class Call(Expression):
    name: str
    args: tuple[Expression, ...]
    distinct: bool = False
    order_by: tuple[SortItem, ...] = ()
    where: Expression | None = None
    over: Window | None = None
    nulls: str | None = None  # ignore, respect


@dataclass(frozen=True)
class Cast(Expression):
    value: Expression
    type: str
    safe: bool = False


@dataclass(frozen=True)
class Unary(Expression):
    operator: str
    value: Expression


@dataclass(frozen=True)
class Binary(Expression):
    """Arithmetic, comparison and ``||``."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Logical(Expression):
    operator: str  # and, or
    terms: tuple[Expression, ...]


@dataclass(frozen=True)
class Not(Expression):
    value: Expression


@dataclass(frozen=True)
class IsNull(Expression):
    value: Expression


@dataclass(frozen=True)
class IsDistinct(Expression):
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Between(Expression):
    value: Expression
    low: Expression
    high: Expression


@dataclass(frozen=True)
class InList(Expression):
    value: Expression
    items: tuple[Expression, ...]


@dataclass(frozen=True)
class InQuery(Expression):
    value: Expression
    query: Query


@dataclass(frozen=True)
class Like(Expression):
    value: Expression
    pattern: Expression
    escape: Expression | None


@dataclass(frozen=True)
class Exists(Expression):
    query: Query


@dataclass(frozen=True)
class Quantified(Expression):
    operator: str
    quantifier: str  # all, any
    value: Expression
    query: Query


@dataclass(frozen=True)
class ScalarQuery(Expression):
    query: Query


@dataclass(frozen=True)
class Case(Expression):
    operand: Expression | None
    whens: tuple[tuple[Expression, Expression], ...]
    default: Expression | None


@dataclass(frozen=True)
class Extract(Expression):
    field: str
    value: Expression


@dataclass(frozen=True)
class AtTimeZone(Expression):
    value: Expression
    zone: Expression


@dataclass(frozen=True)
class ArrayOf(Expression):
    items: tuple[Expression, ...]


@dataclass(frozen=True)
class RowOf(Expression):
    items: tuple[Expression, ...]


@dataclass(frozen=True)
class Subscript(Expression):
    base: Expression
    index: Expression


@dataclass(frozen=True)
class Lambda(Expression):
    params: tuple[str, ...]
    body: Expression


@dataclass(frozen=True)
class Parameter(Expression):
    index: int


@dataclass(frozen=True)
class JsonPath(Expression):
    """SQL/JSON: ``function`` is json_value, json_query or json_exists; ``options`` as written, e.g.
    ``error_on_empty``.
    """

    function: str
    value: Expression
    path: str
    returning: str | None
    options: tuple[tuple[str, Expression | None], ...]
    passing: tuple[tuple[str, Expression, bool], ...] = ()  # name, value, whether FORMAT JSON


@dataclass(frozen=True)
class JsonConstructor(Expression):
    """``json_object`` or ``json_array``: keys (None in an array), values, and which of them are FORMAT JSON."""

    function: str
    members: tuple[tuple[Expression | None, Expression, bool], ...]
    absent_on_null: bool
    unique_keys: bool = False


@dataclass(frozen=True)
class JsonColumn(Node):
    """A column of JSON_TABLE: ``kind`` is value, query, exists, ordinality or nested."""

    kind: str
    name: str
    type: str
    path: str
    options: tuple[tuple[str, Expression | None], ...] = ()
    columns: tuple[JsonColumn, ...] = ()


# ---- relations -------------------------------------------------------------------------------------------------------


class Relation(Node):
    """Anything in FROM."""


@dataclass(frozen=True)
class TableName(Relation):
    parts: tuple[str, ...]
    travel: str | None = None  # version, timestamp
    as_of: Expression | None = None


@dataclass(frozen=True)
class Aliased(Relation):
    relation: Relation
    alias: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class QueryRelation(Relation):
    query: Query
    lateral: bool = False


@dataclass(frozen=True)
class JsonTable(Relation):
    value: Expression
    path: str
    columns: tuple[JsonColumn, ...]
    on_error: str  # empty, error


@dataclass(frozen=True)
class Unnest(Relation):
    items: tuple[Expression, ...]
    ordinality: bool


@dataclass(frozen=True)
class Join(Relation):
    kind: str  # inner, left, right, full, cross, implicit
    left: Relation
    right: Relation
    on: Expression | None = None
    using: tuple[Name, ...] = ()


@dataclass(frozen=True)
class Sampled(Relation):
    relation: Relation
    method: str
    percent: Expression


# ---- queries ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SelectItem(Node):
    expression: Expression
    alias: str | None = None


@dataclass(frozen=True)
class GroupBy(Node):
    """``elements``: tuples of grouping sets, each a tuple of expressions; one set means a plain expression list.

    Attributes:
        columns_only: which elements were written ROLLUP, CUBE or GROUPING SETS and take columns, no expressions.
    """

    elements: tuple[tuple[tuple[Expression, ...], ...], ...]
    distinct: bool = False
    columns_only: tuple[int, ...] = ()


class Body(Node):
    """What a query computes before ORDER BY and LIMIT."""


@dataclass(frozen=True)
class Select(Body):
    items: tuple[SelectItem, ...]
    distinct: bool = False
    source: Relation | None = None
    where: Expression | None = None
    group_by: GroupBy | None = None
    having: Expression | None = None
    windows: tuple[tuple[str, Window], ...] = ()


@dataclass(frozen=True)
class SetOperation(Body):
    operator: str  # union, intersect, except
    distinct: bool
    left: Body
    right: Body


@dataclass(frozen=True)
class Values(Body):
    rows: tuple[tuple[Expression, ...], ...]


@dataclass(frozen=True)
class Nested(Body):
    query: Query


@dataclass(frozen=True)
class CommonTable(Node):
    name: str
    columns: tuple[str, ...]
    query: Query


@dataclass(frozen=True)
class Query(Node):
    body: Body
    tables: tuple[CommonTable, ...] = ()
    recursive: bool = False
    order_by: tuple[SortItem, ...] = ()
    offset: Expression | None = None
    limit: Expression | None = None
    with_ties: bool = False
    fetch: bool = False  # the limit was written FETCH FIRST
