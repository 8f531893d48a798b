"""Queries and relations to DuckDB SQL."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Final

from lakeward_local.athena.analysis import plan as p
from lakeward_local.athena.errors import unsupported
from lakeward_local.athena.functions.ordering import sort_key, without_nulls
from lakeward_local.athena.functions.sql import fail, quote
from lakeward_local.athena.rewrite.casts import cast
from lakeward_local.athena.rewrite.expressions import ExpressionWriter
from lakeward_local.athena.types import BOOLEAN

#: Trino's max_recursion_depth, which Athena lets nobody set.
MAX_RECURSION: Final = 10

#: A scan -> SQL of a query with its used columns under their generated names.
Reader = Callable[[p.Scan], str]


class QueryWriter:
    """Writes a plan; ``reader`` says how each table is read."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.expressions = ExpressionWriter(self.query)
        self._current: dict[str, str] = {}  # a recursive table -> the step that its name means now

    def query(self, plan: p.QueryPlan) -> str:
        """One SELECT whose columns are c0, c1, ..."""
        tables = [self._table(x) for x in plan.tables]
        head = f"WITH {', '.join(tables)} " if tables else ""
        body = self._body(plan.body)
        if plan.with_ties:
            return head + self._with_ties(plan, body)
        tail = self._order_by(plan) + self._limits(plan)
        if isinstance(plan.body, p.SelectPlan) or not tail:
            return head + body + tail
        return f"{head}SELECT * FROM ({body}) AS q{tail}"

    def _table(self, plan: p.WithPlan) -> str:
        if plan.recursive:
            return self._recursive(plan)
        names = ", ".join(f"c{i}" for i in range(len(plan.query.outputs)))
        return f"{plan.name}({names}) AS ({self.query(plan.query)})"

    def _recursive(self, plan: p.WithPlan) -> str:
        """One table a step, as Trino does it: ten steps, and an error when the eleventh has rows."""
        if not isinstance(plan.query.body, p.SetPlan):
            raise unsupported("a recursive WITH that is no UNION ALL")
        names = ", ".join(f"c{i}" for i in range(len(plan.query.outputs)))
        steps = [f"{plan.name}_{at}" for at in range(MAX_RECURSION + 2)]
        tables = [f"{steps[0]}({names}) AS MATERIALIZED ({self.query(plan.query.body.left)})"]
        for before, step in pairwise(steps):
            self._current[plan.name] = before
            tables.append(f"{step}({names}) AS MATERIALIZED ({self.query(plan.query.body.right)})")
        del self._current[plan.name]
        message = (
            f"'Recursion depth limit exceeded ({MAX_RECURSION}). Use ''max_recursion_depth'' session property to "
            "modify the limit.'"
        )
        parts = [f"SELECT * FROM {step}" for step in steps[:-1]]
        parts.append(f"SELECT * FROM {steps[-1]} WHERE {fail('NOT_SUPPORTED', message, BOOLEAN)}")
        return ", ".join([*tables, f"{plan.name}({names}) AS ({' UNION ALL '.join(parts)})"])

    def _body(self, body: p.SelectPlan | p.SetPlan | p.ValuesPlan | p.QueryPlan) -> str:
        match body:
            case p.SelectPlan():
                return self._select(body)
            case p.SetPlan():
                operator = body.operator.upper() + ("" if body.distinct else " ALL")
                return f"SELECT * FROM ({self.query(body.left)}) AS a {operator} SELECT * FROM ({self.query(body.right)}) AS b"  # noqa: E501
            case p.ValuesPlan():
                names = ", ".join(f"c{i}" for i in range(len(body.rows[0])))
                rows = ", ".join("(" + ", ".join(self.expressions.write(v) for v in row) + ")" for row in body.rows)
                return f"SELECT * FROM (VALUES {rows}) AS v({names})"
        return self.query(body)

    def _select(self, plan: p.SelectPlan) -> str:
        write = self.expressions.write
        source = (
            f"FROM {self._source(plan.source)}" if plan.source is not None else ""
        )  # first: it tells who is a guest
        values = ", ".join(f"{write(v)} AS c{i}" for i, v in enumerate(plan.values))
        parts = [f"SELECT {'DISTINCT ' if plan.distinct else ''}{values}"]
        if source:
            parts.append(source)
        if plan.where is not None:
            parts.append(f"WHERE {write(plan.where)}")
        if plan.grouping_sets == ((),):
            parts.append("GROUP BY ()")
        elif plan.grouping_sets is not None:
            parts.append(f"GROUP BY {self._groups(plan.grouping_sets)}")
        if plan.having is not None:
            parts.append(f"HAVING {write(plan.having)}")
        return " ".join(parts)

    def _groups(self, sets: tuple[tuple[p.Expr, ...], ...]) -> str:
        written = ["(" + ", ".join(self._key(x) for x in s) + ")" for s in sets]
        if len(sets) == 1:
            return ", ".join(self._key(x) for x in sets[0])
        return f"GROUPING SETS ({', '.join(written)})"

    def _key(self, value: p.Expr) -> str:
        return self.expressions.write(value)

    def _order_by(self, plan: p.QueryPlan) -> str:
        if not plan.order_by:
            return ""
        keys = []
        for sort in plan.order_by:
            key, kind = self._sort_key(sort.value, plan.body), sort.value.type
            if key.isdigit():  # a position, of which there is no negative
                distinct = isinstance(plan.body, p.SelectPlan) and plan.body.distinct
                key, kind = (
                    (key, BOOLEAN) if distinct or not kind.is_floating else (self.expressions.write(sort.value), kind)
                )
            keys.append(sort_key(key, kind, descending=sort.descending, nulls_first=sort.nulls_first))
        return " ORDER BY " + ", ".join(keys)

    def _sort_key(self, value: p.Expr, body: p.SelectPlan | p.SetPlan | p.ValuesPlan | p.QueryPlan) -> str:
        """A select-list value is named by its position: after DISTINCT nothing else is in sight."""
        values = body.values if isinstance(body, p.SelectPlan) else ()
        if not value.type.inner:
            return str(values.index(value) + 1) if value in values else self.expressions.write(value)
        if isinstance(body, p.SelectPlan) and body.distinct:
            raise unsupported(f"ORDER BY a {value.type} after DISTINCT")
        return without_nulls(self.expressions.write(value), value.type)

    def _limits(self, plan: p.QueryPlan) -> str:
        limit = f" LIMIT {plan.limit}" if plan.limit is not None else ""
        return limit + (f" OFFSET {plan.offset}" if plan.offset is not None else "")

    def _with_ties(self, plan: p.QueryPlan, body: str) -> str:
        columns = ", ".join(f"c{i}" for i in range(len(plan.outputs)))
        values = plan.body.values if isinstance(plan.body, p.SelectPlan) else ()
        keys = []
        for sort in plan.order_by:
            if isinstance(plan.body, p.SelectPlan) and sort.value not in values:
                raise unsupported("FETCH FIRST WITH TIES ordered by what is not selected")
            if sort.value.type.inner or sort.value.type.varies:
                raise unsupported(f"FETCH FIRST WITH TIES ordered by a {sort.value.type}")
            key = f"q.c{values.index(sort.value)}" if sort.value in values else self.expressions.write(sort.value)
            keys.append(f"{key} {'DESC' if sort.descending else 'ASC'} NULLS {'FIRST' if sort.nulls_first else 'LAST'}")
        order = ", ".join(keys)
        offset = plan.offset or 0
        ranked = f"SELECT *, rank() OVER (ORDER BY {order}) AS k, row_number() OVER (ORDER BY {order}) AS n FROM ({body}) AS q"  # noqa: E501
        last = f"(SELECT max(k) FROM ranked WHERE n <= {offset + (plan.limit or 0)})"
        return f"SELECT {columns} FROM (WITH ranked AS ({ranked}) SELECT * FROM ranked WHERE n > {offset} AND k <= {last} ORDER BY n)"  # noqa: E501

    # ---- relations

    def _source(self, source: p.Source) -> str:
        match source:
            case p.Scan():
                return f"({self.reader(source)}) AS {quote(source.alias)}"
            case p.Derived():
                return f"({self._derived(source)}) AS {quote(source.alias)}"
            case p.TableReference():
                return f"{self._current.get(source.name, source.name)} AS {quote(source.alias)}"
            case p.UnnestPlan():
                return f"({self._unnest(source)}) AS {quote(source.alias)}"
            case p.Sample():
                return f"{self._source(source.source)} TABLESAMPLE {source.method.upper()} ({source.percent:g}%)"
            case p.JoinPlan():
                return self._join(source)
        raise unsupported(f"reading from {type(source).__name__}")

    def _derived(self, source: p.Derived) -> str:
        inner = self.query(source.query)
        if not source.casts or all(o.type == c for o, c in zip(source.query.outputs, source.casts, strict=True)):
            return inner
        columns = ", ".join(
            f"{cast(f'd.c{i}', o.type, c)} AS c{i}"
            for i, (o, c) in enumerate(zip(source.query.outputs, source.casts, strict=True))
        )
        return f"SELECT {columns} FROM ({inner}) AS d"

    def _join(self, join: p.JoinPlan) -> str:
        left = self._source(join.left)
        host = _host(join)
        if host is not None and isinstance(join.right, p.UnnestPlan):
            return self._unnested(left, host, join.right, outer=join.kind == "left")
        right = self._source(join.right)
        if isinstance(join.right, p.JoinPlan) and _host(join.right) is None:
            right = f"({right})"
        lateral = "LATERAL " if isinstance(join.right, p.UnnestPlan | p.Derived) else ""
        if join.kind == "cross":
            return f"{left} CROSS JOIN {lateral}{right}"
        condition = self.expressions.write(join.on) if join.on is not None else "true"
        if join.kind in {"right", "full"}:
            lateral = ""
        return f"{left} {_JOINS[join.kind]} {lateral}{right} ON {condition}"

    def _unnested(self, left: str, host: str, plan: p.UnnestPlan, *, outer: bool) -> str:
        """A relation with an array's elements beside each row, in their order; a LATERAL join does not keep it.

        The elements are columns of the relation itself then, under names of their own. ``outer``: a row without
        elements stays.
        """
        self.expressions.hosts[plan.alias] = host
        lengths = ", ".join(f"COALESCE({self._length(x)}, 0)" for x in plan.items)
        longest = f"greatest({lengths}, 0)"

        def elements(sql: str) -> str:
            return f"unnest(CASE WHEN {longest} > 0 THEN {sql} ELSE [NULL] END)" if outer else f"unnest({sql})"

        made, taken, at = [], [], 0
        for index, (item, width) in enumerate(zip(plan.items, plan.widths, strict=True)):
            sql = self.expressions.write(item)
            whole = quote(f"{plan.alias}_u{index}")
            if item.type.name == "map":
                parts = [elements(f"map_keys({sql})"), elements(f"map_values({sql})")]
            elif item.type.element.name == "row":
                made.append(f"{elements(sql)} AS {whole}")
                taken += [f"struct_extract({whole}, 'f{i}') AS {_guest(plan, at + i)}" for i in range(len(width))]
                parts = []
            else:
                parts = [elements(sql)]
            made += [f"{part} AS {_guest(plan, at + i)}" for i, part in enumerate(parts)]
            at += len(width)
        if plan.ordinality:
            made.append(f"{elements(f'range(1, {longest} + 1)')} AS {_guest(plan, at)}")
        rows = f"SELECT {quote(host)}.*, {', '.join(made)} FROM {left}"
        if taken:
            rows = f"SELECT i.*, {', '.join(taken)} FROM ({rows}) AS i"
        return f"({rows}) AS {quote(host)}"

    def _unnest(self, plan: p.UnnestPlan) -> str:
        """One row an element; shorter items are filled up with NULLs; rows and maps give several columns."""
        inner, outer, at = [], [], 0
        for index, (item, width) in enumerate(zip(plan.items, plan.widths, strict=True)):
            sql = self.expressions.write(item)
            if item.type.name == "map":
                inner += [f"unnest(map_keys({sql})) AS u{index}k", f"unnest(map_values({sql})) AS u{index}v"]
                parts = [f"u{index}k", f"u{index}v"]
            else:
                inner.append(f"unnest({sql}) AS u{index}")
                is_row = item.type.element.name == "row"
                parts = [f"struct_extract(u{index}, 'f{i}')" for i in range(len(width))] if is_row else [f"u{index}"]
            for part in parts:
                outer.append(f"{part} AS c{at}")
                at += 1
        if plan.ordinality:
            lengths = ", ".join(f"COALESCE({self._length(x)}, 0)" for x in plan.items)
            inner.append(f"unnest(range(1, greatest({lengths}, 0) + 1)) AS ord")
            outer.append(f"ord AS c{at}")
        return f"SELECT {', '.join(outer)} FROM (SELECT {', '.join(inner)}) AS u"

    def _length(self, item: p.Expr) -> str:
        sql = self.expressions.write(item)
        return f"CAST(cardinality({sql}) AS BIGINT)" if item.type.name == "map" else f"CAST(len({sql}) AS BIGINT)"


_JOINS: Final = {"inner": "INNER JOIN", "left": "LEFT JOIN", "right": "RIGHT JOIN", "full": "FULL JOIN"}


def _guest(plan: p.UnnestPlan, at: int) -> str:
    """The name of an element's column in the relation that it is joined to."""
    return quote(f"{plan.alias}_c{at}")


def _host(source: p.Source) -> str | None:
    """The alias under which all columns of a relation are found, if it is one."""
    match source:
        case p.Scan() | p.Derived() | p.TableReference() | p.UnnestPlan():
            return source.alias
        case p.JoinPlan(kind="cross" | "inner" | "left", right=p.UnnestPlan()):
            always = source.on is None or (isinstance(source.on, p.Const) and source.on.value == "true")
            return _host(source.left) if always else None
    return None
