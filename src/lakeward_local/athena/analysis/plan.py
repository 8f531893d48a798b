"""The typed plan: what the rewrite turns into DuckDB SQL.

Expressions are immutable and compare by structure (GROUP BY needs that). Relations carry generated aliases, and every
column below a relation has a generated name, so that no user's name ever reaches DuckDB.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lakeward_local.athena.types import Type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lakeward_local.athena.catalog.model import Table
    from lakeward_local.athena.functions.registry import Function


@dataclass(frozen=True)
class Expr:
    """A typed expression."""

    type: Type

    def children(self) -> Iterator[Expr]:
        return iter(())


@dataclass(frozen=True)
class Const(Expr):
    """A constant; ``value`` is its text (``None`` is NULL), in the form that the type's cast from varchar reads."""

    value: str | None


@dataclass(frozen=True)
class Column(Expr):
    """A column of a relation in FROM, by generated names."""

    relation: str
    name: str
    label: str = field(default="", compare=False)


@dataclass(frozen=True)
class Variable(Expr):
    """A lambda's parameter."""

    name: str


@dataclass(frozen=True)
class Call(Expr):
    """A scalar function or operator."""

    function: Function
    args: tuple[Expr, ...]

    def children(self) -> Iterator[Expr]:
        return iter(self.args)


@dataclass(frozen=True)
class Cast(Expr):
    value: Expr
    safe: bool = False

    def children(self) -> Iterator[Expr]:
        yield self.value


@dataclass(frozen=True)
class Lambda(Expr):
    params: tuple[str, ...]
    body: Expr

    def children(self) -> Iterator[Expr]:
        yield self.body


@dataclass(frozen=True)
class Sort:
    value: Expr
    descending: bool
    nulls_first: bool


@dataclass(frozen=True)
class Aggregate(Expr):
    function: Function
    args: tuple[Expr, ...]
    distinct: bool = False
    order_by: tuple[Sort, ...] = ()
    where: Expr | None = None

    def children(self) -> Iterator[Expr]:
        yield from self.args
        yield from (s.value for s in self.order_by)
        if self.where is not None:
            yield self.where


@dataclass(frozen=True)
class Bound:
    kind: str
    value: Expr | None = None


@dataclass(frozen=True)
class Windowed(Expr):
    """A window function, or an aggregate, over a window."""

    function: Function
    args: tuple[Expr, ...]
    partition_by: tuple[Expr, ...]
    order_by: tuple[Sort, ...]
    frame: str | None
    start: Bound | None
    end: Bound | None
    ignore_nulls: bool = False
    where: Expr | None = None

    def children(self) -> Iterator[Expr]:
        yield from self.args
        yield from self.partition_by
        yield from (s.value for s in self.order_by)
        yield from (b.value for b in (self.start, self.end) if b is not None and b.value is not None)
        if self.where is not None:
            yield self.where


@dataclass(frozen=True)
class Grouping(Expr):
    args: tuple[Expr, ...]


@dataclass(frozen=True, eq=False)
class Subquery(Expr):
    """``kind`` is scalar, exists, in, or a quantified comparison such as ``= any``; ``args`` the value compared."""

    kind: str
    query: QueryPlan
    args: tuple[Expr, ...] = ()

    def children(self) -> Iterator[Expr]:
        return iter(self.args)


# ---- relations -------------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class Scan:
    """A table of the catalog; ``used`` fills up while the query is analysed: column -> generated name."""

    alias: str
    table: Table
    used: dict[str, str] = field(default_factory=dict)
    filters: list[Expr] = field(default_factory=list)
    version: int | None = None  # snapshot id
    as_of: Expr | None = None  # timestamp with time zone


@dataclass(eq=False)
class Derived:
    """A query in FROM, or a view (then ``casts`` are the declared types)."""

    alias: str
    query: QueryPlan
    casts: tuple[Type, ...] = ()


@dataclass(eq=False)
class TableReference:
    """A reference to a WITH table by its generated name."""

    alias: str
    name: str


@dataclass(eq=False)
class UnnestPlan:
    """``widths``: per item the types it yields; ``ordinality`` adds a last column."""

    alias: str
    items: tuple[Expr, ...]
    widths: tuple[tuple[Type, ...], ...]
    ordinality: bool


@dataclass(eq=False)
class JoinPlan:
    kind: str
    left: Source
    right: Source
    on: Expr | None


@dataclass(eq=False)
class Sample:
    source: Source
    method: str
    percent: float


Source = Scan | Derived | TableReference | UnnestPlan | JoinPlan | Sample


# ---- queries ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Output:
    """A column that a query answers: its name as Athena shows it, and its type.

    Attributes:
        named: false for ``SELECT 1``, whose ``_col0`` is shown and cannot be referred to.
    """

    name: str
    type: Type
    named: bool = True


@dataclass(eq=False)
class SelectPlan:
    values: tuple[Expr, ...]
    source: Source | None
    where: Expr | None = None
    grouping_sets: tuple[tuple[Expr, ...], ...] | None = None
    having: Expr | None = None
    distinct: bool = False


@dataclass(eq=False)
class SetPlan:
    operator: str
    distinct: bool
    left: QueryPlan
    right: QueryPlan


@dataclass(eq=False)
class ValuesPlan:
    rows: tuple[tuple[Expr, ...], ...]


@dataclass(eq=False)
class WithPlan:
    """One WITH table; a recursive one reads itself."""

    name: str
    query: QueryPlan
    recursive: bool = False


@dataclass(eq=False)
class QueryPlan:
    """A query; its columns are named c0, c1, ... below."""

    body: SelectPlan | SetPlan | ValuesPlan | QueryPlan
    outputs: tuple[Output, ...]
    tables: tuple[WithPlan, ...] = ()
    order_by: tuple[Sort, ...] = ()
    offset: int | None = None
    limit: int | None = None
    with_ties: bool = False


def walk(expression: Expr) -> Iterator[Expr]:
    """The expression and all below it, not into subqueries."""
    yield expression
    for child in expression.children():
        yield from walk(child)


def contains(expression: Expr, test: Callable[[Expr], bool]) -> bool:
    return any(test(e) for e in walk(expression))
