"""DELETE, UPDATE and MERGE on Iceberg tables: the files with changed rows are written anew, in one commit.

Athena writes positional deletes instead; what a reader sees is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from lakeward_local.athena.analysis import plan as p
from lakeward_local.athena.catalog.model import ROW_POSITION, Column, Table
from lakeward_local.athena.ddl import iceberg
from lakeward_local.athena.dml.commit import replace_files
from lakeward_local.athena.dml.insert import assignable, column_of, stored
from lakeward_local.athena.errors import QueryError
from lakeward_local.athena.executions import Outcome
from lakeward_local.athena.syntax import nodes as n
from lakeward_local.athena.syntax import statement_nodes as s
from lakeward_local.athena.task import Task

_PATH = n.Name("$path", "$path")


def delete(statement: s.Delete, task: Task) -> Outcome:
    """Rows that satisfy the condition go.

    Raises:
        QueryError: NOT_SUPPORTED, the table is no Iceberg table.
    """
    table = _iceberg(task, statement.table)
    where = statement.where or n.Literal("boolean", "true")
    touched = _touched(task, statement.table, where)
    keep = n.Not(_true(where))
    rows = _rewritten(task, table, statement.table, touched, [n.Name(c.name, c.name) for c in table.columns], keep)
    return _commit(task, table, touched, rows, "DELETE", _count(task, statement.table, where, touched))


def update(statement: s.Update, task: Task) -> Outcome:
    """Rows that satisfy the condition get new values."""
    table = _iceberg(task, statement.table)
    where = statement.where or n.Literal("boolean", "true")
    touched = _touched(task, statement.table, where)
    _check_once([name for name, _ in statement.assignments])
    given = {column_of(table, name).name: value for name, value in statement.assignments}
    values: list[n.Expression] = []
    for column in table.columns:
        old = n.Name(column.name, column.name)
        is_given = column.name in given
        values.append(n.Case(None, ((where, _as(column, given[column.name])),), old) if is_given else old)
    _check_types(task, table, n.TableName(statement.table), given)
    rows = _rewritten(task, table, statement.table, touched, values, None)
    return _commit(task, table, touched, rows, "UPDATE", _count(task, statement.table, where, touched))


def merge(statement: s.Merge, task: Task) -> Outcome:
    """Each target row takes the first WHEN MATCHED that holds; source rows without a target the first WHEN NOT MATCHED.

    Raises:
        QueryError: MERGE_TARGET_ROW_MULTIPLE_MATCHES and what the expressions raise.
    """
    table = _iceberg(task, statement.table)
    source = _marked(statement.source)
    target = n.Aliased(n.TableName(statement.table), statement.alias)
    inner = n.Join("inner", target, source, statement.on)
    touched = _paths(task, n.Select((n.SelectItem(_column(statement.alias, "$path")),), True, inner))
    _check_single_match(task, statement, inner)
    matched = [c for c in statement.cases if c.matched]
    for case in (c for c in statement.cases if c.assignments and c.assignments[0][0]):
        _check_once([name for name, _ in case.assignments])
    for case in (c for c in matched if c.assignments):
        _check_types(task, table, inner, {column_of(table, x).name: v for x, v in case.assignments})
    for case in (c for c in statement.cases if not c.matched):
        _check_types(task, table, statement.source, _inserted(case, table))
    is_match = n.Not(n.IsNull(_column(_source_alias(statement.source), _MARK)))
    conditions = [
        n.Logical("and", (is_match, _true(c.condition))) if c.condition is not None else is_match for c in matched
    ]
    left = n.Join("left", target, source, statement.on)
    values = [_merged(column.name, statement.alias, matched, conditions, table) for column in table.columns]
    keep = n.Binary("=", _first_case(conditions, [c.kind == "delete" for c in matched]), n.Literal("integer", "0"))
    in_touched = _in_paths(touched, statement.alias)
    kept = (
        n.Select(
            tuple(n.SelectItem(v, c.name) for v, c in zip(values, table.columns, strict=True)),
            source=left,
            where=n.Logical("and", (in_touched, keep)),
        )
        if touched
        else None
    )
    body: n.Body | None = kept
    changed = [n.Select((_ONE,), source=inner, where=_any(conditions))] if conditions else []
    for select in _inserts(statement, table, target):
        changed.append(select)
        body = select if body is None else n.SetOperation("union", False, body, select)
    if body is None:
        return Outcome(kind="DML", sub="MERGE", update_count=0, scanned_bytes=task.run.scanned_bytes)
    count = sum(_rows_of(task, select) for select in changed)
    return _commit(task, table, touched, _arrow(task, table, n.Query(body)), "MERGE", count)


# ---- building queries ------------------------------------------------------------------------------------------------

_MARK = "\0matched"


def _column(alias: str, name: str) -> n.Expression:
    return n.Dereference(n.Name(alias, alias), n.Name(name, name))


_ONE = n.SelectItem(n.Literal("integer", "1"), "one")


def _any(conditions: Sequence[n.Expression]) -> n.Expression:
    return conditions[0] if len(conditions) == 1 else n.Logical("or", tuple(conditions))


def _rows_of(task: Task, select: n.Select) -> int:
    """How many rows a query has; what it selects is not computed."""
    source = n.QueryRelation(n.Query(n.Select((_ONE,), source=select.source, where=select.where)))
    return int(_paths(task, n.Select((n.SelectItem(n.Call("count", ())),), source=n.Aliased(source, "m")))[0])


def _as(column: Column, value: n.Expression) -> n.Expression:
    """A value in its column's type, so that the column's other values need no conversion beside it."""
    return n.Cast(value, str(column.type))


def _true(condition: n.Expression | None) -> n.Expression:
    """A condition with NULL as false."""
    if condition is None:
        return n.Literal("boolean", "true")
    return n.Call("coalesce", (condition, n.Literal("boolean", "false")))


def _source_alias(source: n.Relation) -> str:
    if isinstance(source, n.Aliased):
        return source.alias
    if isinstance(source, n.TableName):
        return source.parts[-1]
    raise QueryError("SYNTAX_ERROR", "the source of MERGE needs an alias", source.at)


def _marked(source: n.Relation) -> n.Relation:
    """The source with a column that tells a match from a missing row."""
    alias = _source_alias(source)
    star = n.SelectItem(n.Star())
    mark = n.SelectItem(n.Literal("integer", "1"), _MARK)
    return n.Aliased(n.QueryRelation(n.Query(n.Select((star, mark), source=source))), alias)


def _merged(
    name: str, alias: str, cases: Sequence[s.MergeCase], conditions: Sequence[n.Expression], table: Table
) -> n.Expression:
    whens = []
    for case, condition in zip(cases, conditions, strict=True):
        given = {c.name: _as(c, v) for c, v in ((column_of(table, x), v) for x, v in case.assignments)}
        whens.append((condition, given.get(name, _column(alias, name))))
    return n.Case(None, tuple(whens), _column(alias, name)) if whens else _column(alias, name)


def _first_case(conditions: Sequence[n.Expression], chosen: Sequence[bool]) -> n.Expression:
    """1 when the first condition that holds is a chosen one, else 0."""
    whens = tuple((c, n.Literal("integer", "1" if x else "0")) for c, x in zip(conditions, chosen, strict=True))
    zero = n.Literal("integer", "0")
    return n.Case(None, whens, zero) if whens else zero


def _inserts(statement: s.Merge, table: Table, target: n.Relation) -> list[n.Select]:
    missing = n.Not(
        n.Exists(n.Query(n.Select((n.SelectItem(n.Literal("integer", "1")),), source=target, where=statement.on)))
    )
    found: list[n.Select] = []
    earlier: list[n.Expression] = []
    for case in (c for c in statement.cases if not c.matched):
        terms = [
            missing,
            *(n.Not(_true(x)) for x in earlier),
            *([_true(case.condition)] if case.condition is not None else []),
        ]
        given = _inserted(case, table)
        items = tuple(n.SelectItem(_as(c, given.get(c.name, n.Literal("null", "null"))), c.name) for c in table.columns)
        found.append(
            n.Select(
                items, source=statement.source, where=n.Logical("and", tuple(terms)) if len(terms) > 1 else terms[0]
            )
        )
        earlier.append(case.condition or n.Literal("boolean", "true"))
    return found


def _inserted(case: s.MergeCase, table: Table) -> dict[str, n.Expression]:
    """Column -> value of WHEN NOT MATCHED THEN INSERT, whose names may be left out."""
    names = [x for x, _ in case.assignments]
    columns = [column_of(table, x) for x in names] if names[0] else list(table.columns)
    if len(columns) != len(case.assignments):
        raise QueryError(
            "TYPE_MISMATCH", f"MERGE insert: expected {len(columns)} values, found {len(case.assignments)}", (1, 1)
        )
    return {c.name: v for c, (_, v) in zip(columns, case.assignments, strict=True)}


def _in_paths(paths: Sequence[str], alias: str | None = None) -> n.Expression:
    column = _column(alias, "$path") if alias else _PATH
    return n.InList(column, tuple(n.Literal("string", x) for x in paths))


# ---- running them ----------------------------------------------------------------------------------------------------


def _iceberg(task: Task, parts: tuple[str, ...]) -> Table:
    table = task.engine.catalog().table(*task.table(parts))
    if table.kind != "iceberg":
        raise QueryError("NOT_SUPPORTED", "Modifying Hive table rows is only supported for transactional tables")
    return table


def _paths(task: Task, select: n.Select) -> list[str]:
    catalog = task.engine.catalog()
    plan = task.engine.plan(n.Query(select), task.database, catalog, task.parameters)
    return [str(row[0]) for row in task.engine.answer(plan, task.run, catalog).rows]


def _touched(task: Task, parts: tuple[str, ...], where: n.Expression) -> list[str]:
    """The files that hold a row which satisfies the condition."""
    return _paths(task, n.Select((n.SelectItem(_PATH),), True, n.TableName(parts), where))


def _count(task: Task, parts: tuple[str, ...], where: n.Expression, touched: list[str]) -> int:
    if not touched:
        return 0
    select = n.Select((n.SelectItem(n.Call("count", ())),), source=n.TableName(parts), where=where)
    return int(_paths(task, select)[0])


def _rewritten(
    task: Task,
    table: Table,
    parts: tuple[str, ...],
    touched: list[str],
    values: Sequence[n.Expression],
    keep: n.Expression | None,
) -> pa.Table | None:
    """The new rows of the touched files."""
    if not touched:
        return None
    where = _in_paths(touched) if keep is None else n.Logical("and", (_in_paths(touched), keep))
    items = tuple(n.SelectItem(v, c.name) for v, c in zip(values, table.columns, strict=True))
    return _arrow(task, table, n.Query(n.Select(items, source=n.TableName(parts), where=where)))


def _arrow(task: Task, table: Table, query: n.Query) -> pa.Table:
    catalog = task.engine.catalog()
    plan = task.engine.plan(query, task.database, catalog, task.parameters)
    for column, output in zip(table.columns, plan.outputs, strict=True):
        if not assignable(output.type, column.type):
            raise QueryError(
                "TYPE_MISMATCH", f"column {column.name}: expected {column.type}, found {output.type}", (1, 1)
            )
    values = tuple(
        stored(p.Column(o.type, "q", f"c{i}", o.name), c.type)
        for i, (c, o) in enumerate(zip(table.columns, plan.outputs, strict=True))
    )
    wrapped = p.QueryPlan(
        p.SelectPlan(values, p.Derived("q", plan)), tuple(p.Output(c.name, c.type) for c in table.columns)
    )
    return task.engine.arrow(wrapped, task.run, catalog)


def _check_once(names: list[str]) -> None:
    repeated = next((x for x in names if names.count(x) > 1), None)
    if repeated is not None:
        raise QueryError("DUPLICATE_COLUMN_NAME", f"Column name is specified more than once: {repeated}", (1, 1))


def _check_types(task: Task, table: Table, source: n.Relation, given: dict[str, n.Expression]) -> None:
    """The values of UPDATE, and of MERGE's, must be storable, also when no row matches."""
    catalog = task.engine.catalog()
    items = tuple(n.SelectItem(v, k) for k, v in given.items())
    plan = task.engine.plan(n.Query(n.Select(items, source=source)), task.database, catalog, task.parameters)
    for output in plan.outputs:
        column = table.column(output.name)
        if not assignable(output.type, column.type):
            raise QueryError(
                "TYPE_MISMATCH",
                f"UPDATE table column types don't match SET expressions: Table: [{column.type}], "
                f"Expressions: [{output.type}]",
                (1, 1),
            )


def _check_single_match(task: Task, statement: s.Merge, inner: n.Relation) -> None:
    keys = (_column(statement.alias, "$path"), _column(statement.alias, ROW_POSITION))
    several = n.Binary(">", n.Call("count", ()), n.Literal("integer", "1"))
    select = n.Select((n.SelectItem(n.Literal("integer", "1")),), False, inner, None, n.GroupBy(((keys,),)), several)
    if any(c.matched for c in statement.cases) and _paths(task, select):
        raise QueryError(
            "MERGE_TARGET_ROW_MULTIPLE_MATCHES", "One MERGE target table row matched more than one source row"
        )


def _commit(task: Task, table: Table, touched: list[str], rows: Any, sub: str, count: int) -> Outcome:
    if touched or (rows is not None and rows.num_rows):
        replace_files(iceberg.load(task, table.database, table.name), table, set(touched), rows)
    return Outcome(kind="DML", sub=sub, update_count=count, scanned_bytes=task.run.scanned_bytes)
