"""Which partitions a query needs: the WHERE conjuncts that speak of partition columns only, asked of DuckDB."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import duckdb

from lakeward_local.athena.analysis import plan as p
from lakeward_local.athena.catalog.model import Table
from lakeward_local.athena.failures import renamed
from lakeward_local.athena.functions.sql import duck_type, guard, literal, quote
from lakeward_local.athena.rewrite.expressions import ExpressionWriter


@dataclass(frozen=True)
class Partition:
    """A partition: its values as text, in key order (None is NULL), and where its files are."""

    values: tuple[str | None, ...]
    location: str


#: What Hive writes as %XX in the names of partition folders.
_ESCAPED: Final = re.compile(r"[\x00-\x1f\x7f\"#%'*/:=?\\{\[\]^]")


def folder_of(key: str, value: str) -> str:
    """``key=value`` as it stands in a path."""
    return f"{key}={_ESCAPED.sub(lambda found: f'%{ord(found.group()):02X}', value)}"


def folders_of(keys: Sequence[str], values: Sequence[str]) -> str:
    """The path of a partition below its table, without a slash at the end."""
    return "/".join(folder_of(k, v) for k, v in zip(keys, values, strict=True))


def speaks_only_of(expression: p.Expr, relation: str, names: set[str]) -> bool:
    """Whether a condition reads nothing but these columns of one relation, and at least one of them."""
    columns = [e for e in p.walk(expression) if isinstance(e, p.Column)]
    if not columns or p.contains(expression, lambda e: isinstance(e, p.Subquery | p.Aggregate | p.Windowed)):
        return False
    return all(c.relation == relation and c.label in names for c in columns) and not p.contains(
        expression, lambda e: isinstance(e, p.Call) and not e.function.deterministic
    )


def prune(
    con: duckdb.DuckDBPyConnection, table: Table, scan: p.Scan, partitions: Sequence[Partition]
) -> list[Partition]:
    """The partitions whose values satisfy the scan's conditions on partition columns.

    Raises:
        QueryError: what the conditions raise over the values.
    """
    keys = set(table.partition_keys)
    conditions = [f for f in scan.filters if speaks_only_of(f, scan.alias, keys)]
    if not conditions or not partitions:
        return list(partitions)
    writer = ExpressionWriter(lambda _plan: "")
    names = {c.name: f"c{i}" for i, c in enumerate(table.columns)}
    rows = ", ".join(
        "(" + ", ".join([str(i), *("NULL" if v is None else literal(v) for v in x.values)]) + ")"
        for i, x in enumerate(partitions)
    )
    columns = ", ".join(f"{value_sql(f'p{i}', table, k)} AS {names[k]}" for i, k in enumerate(table.partition_keys))
    source = f"SELECT n, {columns} FROM (VALUES {rows}) AS v(n, {', '.join(f'p{i}' for i in range(len(table.partition_keys)))})"  # noqa: E501
    where = " AND ".join(writer.write(c) for c in conditions)
    try:
        kept = con.execute(f"SELECT n FROM ({source}) AS {quote(scan.alias)} WHERE {where}").fetchall()
    except duckdb.Error as error:
        raise renamed(error) from error
    return [partitions[n] for (n,) in sorted(kept)]


def value_sql(text: str, table: Table, key: str) -> str:
    """A partition value, which Glue holds as text, as the column's type.

    It fails with HIVE_INVALID_PARTITION_VALUE when the text is none.
    """
    kind = table.column(key).type
    if kind.is_text:
        return text
    value = f"TRY_CAST({text} AS {duck_type(kind)})"
    shown = f"'Invalid partition value ' || {text} || ' for {str(kind).upper()} partition key: {key}'"
    return guard(f"{text} IS NOT NULL AND {value} IS NULL", "HIVE_INVALID_PARTITION_VALUE", shown, value, kind)
