"""Queries: SELECT with grouping, set operations, VALUES, WITH, ORDER BY and LIMIT."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

from lakeward_local.athena import types as t
from lakeward_local.athena.analysis import plan as p
from lakeward_local.athena.analysis.calls import CallAnalyzer, check_one_zone, check_sortable
from lakeward_local.athena.analysis.conversions import coerce
from lakeward_local.athena.analysis.expressions import Context, ExpressionAnalyzer
from lakeward_local.athena.analysis.grouping import check_grouped
from lakeward_local.athena.analysis.names import implied_name, is_qualified, mentions, names_in, ordinal
from lakeward_local.athena.analysis.pushdown import conjuncts, push_filters
from lakeward_local.athena.analysis.recursion import recursive_union
from lakeward_local.athena.analysis.relations import Catalog, Environment, RelationAnalyzer, no_aggregates
from lakeward_local.athena.analysis.scope import Field, Scope, use
from lakeward_local.athena.analysis.windows import named_windows
from lakeward_local.athena.errors import Position, QueryError, unsupported
from lakeward_local.athena.syntax import nodes as n
from lakeward_local.athena.syntax.queries import parse_query


class QueryAnalyzer:
    """Analyses whole queries against a catalog."""

    def __init__(self, catalog: Catalog, parameters: tuple[n.Expression, ...] = ()) -> None:
        self.parameters = parameters
        self.relations = RelationAnalyzer(catalog, self)
        self._tables = 0

    def text(self, sql: str, env: Environment) -> p.QueryPlan:
        """Analyse a view's text."""
        return self.query(parse_query(sql), Scope(), env)

    def query(self, node: n.Query, outer: Scope, env: Environment) -> p.QueryPlan:
        """The typed plan of a query.

        Args:
            outer: what the query sees from around it (correlation).
            env: the database, the WITH tables and the views around it.
        """
        tables: list[p.WithPlan] = []
        for at, table in enumerate(node.tables):
            if any(table.name == other.name for other in node.tables[:at]):
                raise QueryError(
                    "DUPLICATE_NAMED_QUERY", f"WITH query name '{table.name}' specified more than once", table.at
                )
            made = self._common_table(table, node.recursive, outer, env)
            tables.append(made)
            env = replace(env, tables={**env.tables, table.name: (made.name, made.query.outputs)})
        plan = self._body(node.body, node.order_by, outer, env)
        if node.offset is not None:
            plan.offset = self._row_count(node.offset)
        if node.limit is not None:
            plan.limit = self._row_count(node.limit)
            plan.with_ties = node.with_ties
            if node.fetch and plan.limit == 0:
                message = "FETCH FIRST row count must be positive (actual value: 0)"
                raise QueryError("NUMERIC_VALUE_OUT_OF_RANGE", message, node.limit.at)
        if node.with_ties and not node.order_by:
            raise QueryError("MISSING_ORDER_BY", "FETCH FIRST WITH TIES clause requires ORDER BY", node.at)
        plan.tables = (*tables, *plan.tables)
        return plan

    def _row_count(self, node: n.Expression) -> int:
        if isinstance(node, n.Parameter):
            if node.index >= len(self.parameters):
                raise QueryError("INVALID_PARAMETER_USAGE", "Incorrect number of parameters", node.at)
            node = self.parameters[node.index]
        if not isinstance(node, n.Literal) or node.kind != "integer":
            raise QueryError("TYPE_MISMATCH", "LIMIT and OFFSET must be whole numbers", node.at)
        return int(node.value)

    def expressions(self, env: Environment, windows: dict[str, n.Window] | None = None) -> ExpressionAnalyzer:
        calls = CallAnalyzer()
        context = Context(
            lambda q, scope: self.query(q, Scope(scope.fields, scope.outer), env),
            self.parameters,
            windows or {},
            env.database,
        )
        analyzer = ExpressionAnalyzer(context, calls)
        calls.expressions = analyzer
        return analyzer

    # ---- WITH

    def _common_table(self, node: n.CommonTable, recursive: bool, outer: Scope, env: Environment) -> p.WithPlan:
        self._tables += 1
        name = f"w{self._tables}"
        if recursive and not node.columns:
            raise QueryError("MISSING_COLUMN_ALIASES", "missing column aliases in recursive WITH query", node.at)
        if recursive and mentions(node.query, node.name):
            return self._recursive(node, name, outer, env)
        query = self.query(node.query, outer, env)
        query.outputs = _renamed(query.outputs, node.columns, node.at)
        return p.WithPlan(name, query)

    def _recursive(self, node: n.CommonTable, name: str, outer: Scope, env: Environment) -> p.WithPlan:
        body = recursive_union(node)
        base = self._body(body.left, (), outer, env)
        base.outputs = _renamed(base.outputs, node.columns, node.at)
        inner = replace(env, tables={**env.tables, node.name: (name, base.outputs)})
        step = self._body(body.right, (), outer, inner)
        if len(base.outputs) != len(step.outputs):
            counts = f"{len(base.outputs)}, {len(step.outputs)}"
            message = f"base and step relations of recursion have different number of fields: {counts}"
            raise QueryError("TYPE_MISMATCH", message, node.at)
        for a, b in zip(base.outputs, step.outputs, strict=True):
            if not t.can_coerce(b.type, a.type):
                raise QueryError(
                    "TYPE_MISMATCH",
                    f"Recursion step relation output type ({b.type}) is not coercible to "
                    f"recursion base relation output type ({a.type}) at column {a.name}",
                    node.at,
                )
        types = tuple(o.type for o in base.outputs)
        union = p.SetPlan("union", distinct=False, left=_cast_outputs(base, types), right=_cast_outputs(step, types))
        return p.WithPlan(name, p.QueryPlan(union, base.outputs), recursive=True)

    # ---- bodies

    def _body(self, node: n.Body, order_by: tuple[n.SortItem, ...], outer: Scope, env: Environment) -> p.QueryPlan:
        match node:
            case n.Select():
                return self._select(node, order_by, outer, env)
            case n.Nested():
                plan = self.query(node.query, outer, env)
                return self._ordered(p.QueryPlan(plan, plan.outputs), order_by, outer, env) if order_by else plan
            case n.Values():
                return self._ordered(self._values(node, outer, env), order_by, outer, env)
            case n.SetOperation():
                return self._ordered(self._set_operation(node, outer, env), order_by, outer, env)
        raise unsupported(type(node).__name__, node.at)

    def _ordered(
        self, plan: p.QueryPlan, order_by: tuple[n.SortItem, ...], outer: Scope, env: Environment
    ) -> p.QueryPlan:
        """ORDER BY over a query's own columns."""
        if not order_by:
            return plan
        inner = p.QueryPlan(plan.body, plan.outputs, plan.tables, (), plan.offset, plan.limit)
        wrapped = p.QueryPlan(inner, plan.outputs)
        fields = [
            Field(o.name.lower() if o.named else f"\0{i}", o.name, (), p.Column(o.type, "q", f"c{i}", o.name))
            for i, o in enumerate(plan.outputs)
        ]
        wrapped.order_by = self._sorts(order_by, [f.value for f in fields], Scope(fields, outer), env)
        return wrapped

    def _sorts(
        self, items: tuple[n.SortItem, ...], outputs: list[p.Expr], scope: Scope, env: Environment
    ) -> tuple[p.Sort, ...]:
        expressions = self.expressions(env)
        found = []
        for item in items:
            value = ordinal(item.expression, outputs) or expressions.analyze(item.expression, scope)
            check_sortable(value.type, item.at)
            found.append(p.Sort(value, item.descending, bool(item.nulls_first)))
        return tuple(found)

    def _values(self, node: n.Values, outer: Scope, env: Environment) -> p.QueryPlan:
        expressions = self.expressions(env)
        rows = [[expressions.analyze(x, Scope([], outer)) for x in row] for row in node.rows]
        if len({len(row) for row in rows}) > 1:
            raise QueryError("TYPE_MISMATCH", "Values rows have mismatched types", node.at)
        kinds: list[t.Type] = []
        for column in zip(*rows, strict=True):
            common: t.Type | None = t.UNKNOWN
            for value in column:
                common = t.common_type(common, value.type) if common is not None else None
            if common is None:
                raise QueryError(
                    "TYPE_MISMATCH",
                    "Values rows have mismatched types: " + " vs ".join(dict.fromkeys(str(v.type) for v in column)),
                    node.at,
                )
            kinds.append(common)
        body = p.ValuesPlan(tuple(tuple(coerce(v, k) for v, k in zip(row, kinds, strict=True)) for row in rows))
        return p.QueryPlan(body, tuple(p.Output(f"_col{i}", k, named=False) for i, k in enumerate(kinds)))

    def _set_operation(self, node: n.SetOperation, outer: Scope, env: Environment) -> p.QueryPlan:
        left, right = self._body(node.left, (), outer, env), self._body(node.right, (), outer, env)
        name = node.operator.upper()
        if len(left.outputs) != len(right.outputs):
            raise QueryError(
                "TYPE_MISMATCH",
                f"{name} query has different number of fields: {len(left.outputs)}, {len(right.outputs)}",
                node.at,
            )
        outputs = []
        for index, (a, b) in enumerate(zip(left.outputs, right.outputs, strict=True), 1):
            common = t.common_type(a.type, b.type)
            if common is None:
                raise QueryError(
                    "TYPE_MISMATCH",
                    f"column {index} in {name} query has incompatible types: {a.type}, {b.type}",
                    node.at,
                )
            if node.distinct or node.operator != "union":
                check_one_zone(common, node.at)
            outputs.append(p.Output(a.name, common, a.named))
        types = tuple(o.type for o in outputs)
        body = p.SetPlan(node.operator, node.distinct, _cast_outputs(left, types), _cast_outputs(right, types))
        return p.QueryPlan(body, tuple(outputs))

    # ---- SELECT

    def _select(self, node: n.Select, order_by: tuple[n.SortItem, ...], outer: Scope, env: Environment) -> p.QueryPlan:
        scope = Scope([], outer)
        expressions = self.expressions(env, named_windows(node.windows, node.at))
        source = self.relations.analyze(node.source, scope, env, expressions) if node.source is not None else None
        where = None
        if node.where is not None:
            where = expressions.boolean(node.where, scope, "WHERE clause")
            no_aggregates(where, "WHERE clause", node.where.at)
        push_filters(source, conjuncts(where))
        values, outputs, written = self._items(node, scope, expressions)
        having = self._having(node, scope, expressions)
        sets = self._grouping_sets(node.group_by, values, scope, expressions)
        sorts = self._select_sorts(order_by, values, outputs, scope, expressions)
        checked = [*zip(values, written, strict=True), *((s.value, i.at) for s, i in zip(sorts, order_by, strict=True))]
        if having is not None and node.having is not None:
            checked.append((having, node.having.at))
        if node.group_by is None and any(p.contains(v, lambda e: isinstance(e, p.Grouping)) for v, _ in checked):
            message = (
                "A GROUPING() operation can only be used with a corresponding GROUPING SET/CUBE/ROLLUP/GROUP BY clause"
            )
            raise QueryError("MISSING_GROUP_BY", message, node.at)
        if (
            sets is not None
            or any(p.contains(v, lambda e: isinstance(e, p.Aggregate)) for v, _ in checked)
            or having is not None
        ):
            sets = sets if sets is not None else ((),)
            own = {c.relation for f in scope.fields for c in p.walk(f.value) if isinstance(c, p.Column)}
            check_grouped(checked, sets, own)
        if node.distinct:
            _check_distinct(values, sorts, order_by, node.at)
        body = p.SelectPlan(tuple(values), source, where, sets, having, node.distinct)
        return p.QueryPlan(body, tuple(outputs), (), sorts)

    def _having(self, node: n.Select, scope: Scope, expressions: ExpressionAnalyzer) -> p.Expr | None:
        if node.having is None:
            return None
        having = expressions.boolean(node.having, scope, "HAVING clause")
        if p.contains(having, lambda e: isinstance(e, p.Windowed)):
            raise QueryError("NESTED_WINDOW", "HAVING clause cannot contain window functions", node.having.at)
        return having

    def _items(
        self, node: n.Select, scope: Scope, expressions: ExpressionAnalyzer
    ) -> tuple[list[p.Expr], list[p.Output], list[Position]]:
        values: list[p.Expr] = []
        outputs: list[p.Output] = []
        written: list[Position] = []
        for item in node.items:
            if isinstance(item.expression, n.Star):
                for name, value in self._star(item.expression, node, scope, expressions):
                    outputs.append(p.Output(name or f"_col{len(values)}", value.type, named=name is not None))
                    values.append(value)
                    written.append(item.at)
                continue
            value = expressions.analyze(item.expression, scope)
            implied = item.alias or implied_name(item.expression)
            outputs.append(p.Output(implied or f"_col{len(values)}", value.type, named=implied is not None))
            values.append(value)
            written.append(item.at)
        return values, outputs, written

    def _star(
        self, star: n.Star, node: n.Select, scope: Scope, expressions: ExpressionAnalyzer
    ) -> list[tuple[str | None, p.Expr]]:
        """The columns that ``*``, ``relation.*`` or ``row.*`` stands for; a name of None is none."""
        fields = [] if star.base is not None and not star.qualifier else scope.visible(star.qualifier)
        if fields:
            names = _star_names(star, [None if f.name.startswith("\0") else f.written for f in fields])
            return [(name, use(f)) for name, f in zip(names, fields, strict=True)]
        if star.base is None:
            raise QueryError(
                "COLUMN_NOT_FOUND",
                "SELECT * not allowed in queries without FROM clause"
                if node.source is None
                else "SELECT * from relation that has no columns",
                star.at,
            )
        unresolved = QueryError("TABLE_NOT_FOUND", f"Unable to resolve reference {'.'.join(star.qualifier)}", star.at)
        if len(star.qualifier) == 1:  # one name alone means a relation, never a column
            raise unresolved
        try:
            value = expressions.analyze(star.base, scope)
        except QueryError as error:
            raise unresolved if star.qualifier else error from error
        if value.type.name != "row":
            raise QueryError("TYPE_MISMATCH", f"expected expression of type Row, found {value.type}", star.at)
        from lakeward_local.athena.functions.operators import field_access  # noqa: PLC0415

        names = _star_names(star, list(value.type.fields))
        return [
            (name, p.Call(kind, field_access(i), (value,)))
            for i, (name, kind) in enumerate(zip(names, value.type.inner, strict=True))
        ]

    def _grouping_sets(
        self, node: n.GroupBy | None, values: list[p.Expr], scope: Scope, expressions: ExpressionAnalyzer
    ) -> tuple[tuple[p.Expr, ...], ...] | None:
        if node is None:
            return None
        elements = []
        for at, element in enumerate(node.elements):
            sets = []
            for group in element:
                members = []
                for expression in group:
                    is_column = at in node.columns_only
                    value = None if is_column else ordinal(expression, values)
                    value = value or expressions.analyze(expression, scope)
                    if is_column and not isinstance(expression, n.Name) and not isinstance(value, p.Column):
                        message = "GROUP BY expression must be a column reference"
                        raise QueryError("INVALID_COLUMN_REFERENCE", message, expression.at)
                    no_aggregates(value, "GROUP BY clause", expression.at)
                    check_one_zone(value.type, expression.at)
                    if not t.is_comparable(value.type):
                        raise QueryError(
                            "TYPE_MISMATCH",
                            f"{value.type} is not comparable, and therefore cannot be used in GROUP BY",
                            expression.at,
                        )
                    members.append(value)
                sets.append(tuple(members))
            elements.append(sets)
        found = [tuple(dict.fromkeys(x for part in combination for x in part)) for combination in product(*elements)]
        if node.distinct:  # the order inside a set is no part of it
            found = list({frozenset(members): members for members in reversed(found)}.values())[::-1]
        return tuple(found)

    def _select_sorts(
        self,
        order_by: tuple[n.SortItem, ...],
        values: list[p.Expr],
        outputs: list[p.Output],
        scope: Scope,
        expressions: ExpressionAnalyzer,
    ) -> tuple[p.Sort, ...]:
        """ORDER BY sees the select list's names first, then the source's."""
        found = []
        named = [Field(o.name.lower(), o.name, (), v) for o, v in zip(outputs, values, strict=True) if o.named]
        for item in order_by:
            value = ordinal(item.expression, values)
            if value is None:
                wanted = names_in(item.expression)
                chosen = [f for f in named if f.name in wanted]
                hidden = {f.name for f in chosen}
                repeated = next((x for x in hidden if sum(f.name == x for f in chosen) > 1), None)
                if repeated is not None:
                    raise QueryError("AMBIGUOUS_NAME", f"Column '{repeated}' is ambiguous", item.at)
                rest = [f for f in scope.fields if f.name not in hidden or f.qualifier]
                unqualified = [replace(f, name="\0") if f.name in hidden else f for f in rest]
                value = expressions.analyze(
                    item.expression,
                    Scope(
                        [*chosen, *(unqualified if not is_qualified(item.expression) else scope.fields)], scope.outer
                    ),
                )
            check_sortable(value.type, item.at)
            found.append(p.Sort(value, item.descending, bool(item.nulls_first)))
        return tuple(found)


def _star_names(star: n.Star, names: list[str | None]) -> list[str | None]:
    """The names of a star's columns, or the aliases that are given them."""
    if not star.aliases:
        return names
    if len(star.aliases) != len(names):
        raise QueryError(
            "MISMATCHED_COLUMN_ALIASES",
            f"Column alias list has {len(star.aliases)} entries but relation has {len(names)} columns",
            star.at,
        )
    return list(star.aliases)


def _renamed(outputs: tuple[p.Output, ...], names: tuple[str, ...], at: Position) -> tuple[p.Output, ...]:
    if not names:
        return outputs
    if len(names) != len(outputs):
        raise QueryError(
            "MISMATCHED_COLUMN_ALIASES",
            f"WITH column alias list has {len(names)} entries but WITH query has {len(outputs)} columns",
            at,
        )
    repeated = next((x for x in names if names.count(x) > 1), None)
    if repeated is not None:
        raise QueryError("DUPLICATE_COLUMN_NAME", f"WITH column name '{repeated}' specified more than once", at)
    return tuple(p.Output(name, o.type) for name, o in zip(names, outputs, strict=True))


def _cast_outputs(plan: p.QueryPlan, types: tuple[t.Type, ...]) -> p.QueryPlan:
    """The query with its columns converted; unchanged when they fit."""
    if all(o.type == kind and t.same_zones(o.type, kind) for o, kind in zip(plan.outputs, types, strict=True)):
        return plan
    source = p.Derived("q", plan)
    values = tuple(
        coerce(p.Column(o.type, "q", f"c{i}", o.name), kind)
        for i, (o, kind) in enumerate(zip(plan.outputs, types, strict=True))
    )
    outputs = tuple(replace(o, type=kind) for o, kind in zip(plan.outputs, types, strict=True))
    return p.QueryPlan(p.SelectPlan(values, source), outputs)


def _check_distinct(
    values: list[p.Expr], sorts: tuple[p.Sort, ...], order_by: tuple[n.SortItem, ...], at: Position
) -> None:
    for value in values:
        check_one_zone(value.type, at)
        if not t.is_comparable(value.type):
            raise QueryError(
                "TYPE_MISMATCH", f"DISTINCT can only be applied to comparable types (actual: {value.type})", at
            )
    for sort, item in zip(sorts, order_by, strict=True):
        if sort.value not in values:
            raise QueryError(
                "EXPRESSION_NOT_IN_DISTINCT",
                "For SELECT DISTINCT, ORDER BY expressions must appear in select list",
                item.at,
            )
