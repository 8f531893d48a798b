"""Statements other than queries, as written."""

from __future__ import annotations

from dataclasses import dataclass

from lakeward_local.athena.syntax import nodes as n

TableKey = tuple[str, ...]  # name parts


@dataclass(frozen=True)
class Statement:
    """Any statement."""


@dataclass(frozen=True)
class QueryStatement(Statement):
    query: n.Query


@dataclass(frozen=True)
class Explain(Statement):
    query: n.Query
    analyze: bool
    validates: bool = False


@dataclass(frozen=True)
class Prepare(Statement):
    name: str
    statement: str


@dataclass(frozen=True)
class Execute(Statement):
    name: str
    parameters: tuple[n.Expression, ...]


@dataclass(frozen=True)
class Deallocate(Statement):
    name: str


@dataclass(frozen=True)
class CreateView(Statement):
    name: TableKey
    replace: bool
    sql: str
    query: n.Query


@dataclass(frozen=True)
class Drop(Statement):
    """``kind``: table, view, database."""

    kind: str
    name: TableKey
    if_exists: bool
    cascade: bool = False


@dataclass(frozen=True)
class CreateDatabase(Statement):
    name: str
    if_not_exists: bool
    comment: str | None = None
    location: str | None = None
    properties: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ColumnDefinition:
    name: str
    type: str
    comment: str | None = None


@dataclass(frozen=True)
class Transform:
    """An Iceberg partition field: ``day(ts)``, ``bucket(16, id)``; ``name`` is identity for a plain column."""

    name: str
    column: str
    argument: int | None = None


@dataclass(frozen=True)
class CreateTable(Statement):
    """Hive's CREATE [EXTERNAL] TABLE, and Athena's CREATE TABLE for Iceberg."""

    name: TableKey
    external: bool
    if_not_exists: bool
    columns: tuple[ColumnDefinition, ...]
    comment: str | None = None
    partitions: tuple[ColumnDefinition, ...] = ()
    transforms: tuple[Transform, ...] = ()
    serde: str | None = None
    serde_properties: tuple[tuple[str, str], ...] = ()
    stored_as: str | None = None
    input_format: str | None = None
    output_format: str | None = None
    location: str | None = None
    properties: tuple[tuple[str, str], ...] = ()
    buckets: tuple[tuple[str, ...], int] | None = None


@dataclass(frozen=True)
class CreateTableAs(Statement):
    """``properties``: constants by lower-case name; lists for ARRAY[...]."""

    name: TableKey
    if_not_exists: bool
    properties: tuple[tuple[str, str | tuple[str, ...]], ...]
    query: n.Query
    with_data: bool


@dataclass(frozen=True)
class Insert(Statement):
    table: TableKey
    columns: tuple[str, ...]
    query: n.Query


@dataclass(frozen=True)
class Unload(Statement):
    query: n.Query
    location: str
    properties: tuple[tuple[str, str | tuple[str, ...]], ...]


@dataclass(frozen=True)
class Delete(Statement):
    table: TableKey
    where: n.Expression | None


@dataclass(frozen=True)
class Update(Statement):
    table: TableKey
    assignments: tuple[tuple[str, n.Expression], ...]
    where: n.Expression | None


@dataclass(frozen=True)
class MergeCase:
    """``kind``: update, delete, insert."""

    matched: bool
    condition: n.Expression | None
    kind: str
    assignments: tuple[tuple[str, n.Expression], ...] = ()


@dataclass(frozen=True)
class Merge(Statement):
    table: TableKey
    alias: str
    source: n.Relation
    on: n.Expression
    cases: tuple[MergeCase, ...]


@dataclass(frozen=True)
class PartitionSpec:
    values: tuple[tuple[str, str], ...]
    location: str | None = None


@dataclass(frozen=True)
class Alter(Statement):
    """``action`` names a handler in ``ddl.alter``; the other members are what it needs."""

    name: TableKey
    action: str
    lenient: bool = False  # IF [NOT] EXISTS
    partitions: tuple[PartitionSpec, ...] = ()
    columns: tuple[ColumnDefinition, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()
    text: str = ""
    old: str = ""


@dataclass(frozen=True)
class Repair(Statement):
    name: TableKey


@dataclass(frozen=True)
class Optimize(Statement):
    name: TableKey
    where: n.Expression | None


@dataclass(frozen=True)
class Vacuum(Statement):
    name: TableKey


@dataclass(frozen=True)
class Show(Statement):
    """``what``: tables, views, databases, columns, partitions, create table, create view, tblproperties."""

    what: str
    name: TableKey = ()
    pattern: str | None = None


@dataclass(frozen=True)
class Describe(Statement):
    name: TableKey
    view: bool = False
    formatted: bool = False
