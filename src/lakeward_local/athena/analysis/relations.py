"""FROM: tables and views bound to the catalog, joins, UNNEST, subqueries."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Protocol

from lakeward_local.athena import types as t
from lakeward_local.athena.analysis import plan as p
from lakeward_local.athena.analysis.conversions import coerce, comparable
from lakeward_local.athena.analysis.expressions import ExpressionAnalyzer
from lakeward_local.athena.analysis.json_path import json_table
from lakeward_local.athena.analysis.scope import Field, Scope
from lakeward_local.athena.catalog.model import CATALOG, Table, View
from lakeward_local.athena.errors import QueryError, unsupported
from lakeward_local.athena.functions import operators as op
from lakeward_local.athena.syntax import nodes as n

if TYPE_CHECKING:
    from lakeward_local.athena.analysis.queries import QueryAnalyzer


class Catalog(Protocol):
    """Where tables and views are found."""

    def find(self, database: str, name: str) -> Table | View:
        """The table or view.

        Raises:
            QueryError: SCHEMA_NOT_FOUND, TABLE_NOT_FOUND.
        """


@dataclass(frozen=True)
class Environment:
    """What a query's relations are resolved in: the WITH tables in sight and the views being expanded."""

    database: str
    tables: dict[str, tuple[str, tuple[p.Output, ...]]] = field(default_factory=dict)
    views: tuple[tuple[str, str], ...] = ()


class RelationAnalyzer:
    """Turns relations into sources and fields."""

    def __init__(self, catalog: Catalog, queries: QueryAnalyzer) -> None:
        self.catalog = catalog
        self.queries = queries
        self._names = count()

    def alias(self) -> str:
        return f"r{next(self._names)}"

    def analyze(  # noqa: PLR0911 - one kind a line
        self, node: n.Relation, scope: Scope, env: Environment, expressions: ExpressionAnalyzer
    ) -> p.Source:
        """The source; its fields are added to the scope.

        Raises:
            QueryError: as the relations demand.
        """
        match node:
            case n.TableName():
                return self._table(node, scope, env, expressions)
            case n.Aliased():
                return self._aliased(node, scope, env, expressions)
            case n.QueryRelation():
                return self._query(node, scope, env)
            case n.Unnest():
                return self._unnest(node, scope, expressions)
            case n.JsonTable():
                return self._json_table(node, scope, expressions)
            case n.Join():
                return self._join(node, scope, env, expressions)
            case n.Sampled():
                source = self.analyze(node.relation, scope, env, expressions)
                percent = expressions.analyze(node.percent, Scope())
                return p.Sample(source, node.method, _percentage(percent, node.percent.at))
        raise unsupported(type(node).__name__, node.at)

    # ---- tables and views

    def _table(self, node: n.TableName, scope: Scope, env: Environment, expressions: ExpressionAnalyzer) -> p.Source:
        if len(node.parts) == 1 and node.parts[0] in env.tables:
            name, outputs = env.tables[node.parts[0]]
            alias = self.alias()
            _add_outputs(scope, alias, (node.parts[0],), outputs)
            return p.TableReference(alias, name)
        database, name = self._qualified(node, env)
        found = self.catalog.find(database, name)
        if isinstance(found, View):
            if node.travel:
                raise QueryError("NOT_SUPPORTED", f"View '{name}' does not support time travel", node.at)
            return self._view(found, node, scope, env)
        scan = p.Scan(self.alias(), found)
        self._travel(node, scan, expressions)
        qualifier = (CATALOG, database, name)
        for index, column in enumerate((*found.columns, *found.hidden)):
            value = p.Column(column.type, scan.alias, f"c{index}", column.name)
            scope.fields.append(Field(column.name, column.name, qualifier, value, index >= len(found.columns), scan))
        return scan

    def _qualified(self, node: n.TableName, env: Environment) -> tuple[str, str]:
        parts = node.parts
        if len(parts) > 3 or (len(parts) == 3 and parts[0] != CATALOG):
            raise QueryError("CATALOG_NOT_FOUND", f"Catalog '{parts[0]}' not found", node.at)
        return (parts[-2] if len(parts) > 1 else env.database), parts[-1]

    def _travel(self, node: n.TableName, scan: p.Scan, expressions: ExpressionAnalyzer) -> None:
        if node.travel is None or node.as_of is None:
            return
        value = expressions.analyze(node.as_of, Scope())
        if node.travel == "timestamp" and not value.type.is_datetime and value.type != t.UNKNOWN:
            raise QueryError(
                "TYPE_MISMATCH",
                f"Type {value.type} invalid. Temporal pointers must be of type Timestamp, Timestamp with Time Zone, or "
                "Date.",
                node.at,
            )
        constant = value.value if isinstance(value, p.Cast) else value
        if isinstance(constant, p.Const) and constant.value is None:
            raise QueryError("INVALID_ARGUMENTS", "Pointer value cannot be NULL", node.at)
        if scan.table.kind != "iceberg":
            raise QueryError("NOT_SUPPORTED", "This connector does not support versioned tables", node.at)
        if node.travel == "version":
            if not isinstance(value, p.Const) or not value.type.is_integer or value.value is None:
                raise unsupported("FOR VERSION AS OF anything but a snapshot id", node.at)
            scan.version = int(value.value)
        else:
            scan.as_of = coerce(value, t.timestamp_tz(6))

    def _view(self, view: View, node: n.TableName, scope: Scope, env: Environment) -> p.Source:
        key = (view.database, view.name)
        if key in env.views:
            raise QueryError("VIEW_IS_RECURSIVE", f"Statement would create a recursive view: {view.name}", node.at)
        query = self.queries.text(view.sql, Environment(view.schema, {}, (*env.views, key)))
        if len(query.outputs) != len(view.columns):
            raise _stale(view, f"{len(view.columns)} columns are declared, the query has {len(query.outputs)}", node)
        for column, output in zip(view.columns, query.outputs, strict=True):
            if not t.can_coerce(output.type, column.type):
                raise _stale(
                    view,
                    f"column [{column.name}] of type {output.type} projected from query view at position "
                    f"{view.columns.index(column)} cannot be coerced to column [{column.name}] of type "
                    f"{column.type} stored in view definition",
                    node,
                )
        kinds = tuple(o.type if o.type == c.type else c.type for c, o in zip(view.columns, query.outputs, strict=True))
        source = p.Derived(self.alias(), query, kinds)
        outputs = tuple(p.Output(c.name, kind) for c, kind in zip(view.columns, kinds, strict=True))
        _add_outputs(scope, source.alias, (CATALOG, view.database, view.name), outputs)
        return source

    def _aliased(self, node: n.Aliased, scope: Scope, env: Environment, expressions: ExpressionAnalyzer) -> p.Source:
        before = len(scope.fields)
        source = self.analyze(node.relation, scope, env, expressions)
        added = scope.fields[before:]
        visible = [f for f in added if not f.hidden]
        if node.columns and len(node.columns) != len(visible):
            raise QueryError(
                "MISMATCHED_COLUMN_ALIASES",
                f"Column alias list has {len(node.columns)} entries but relation has {len(visible)} columns",
                node.at,
            )
        names = iter(node.columns or [f.name for f in visible])
        renamed = []
        for f in added:
            name = f.name if f.hidden else next(names)
            written = f.written if f.hidden or not node.columns else name
            renamed.append(Field(name, written, (node.alias,), f.value, f.hidden, f.scan))
        scope.fields[before:] = renamed
        return source

    # ---- queries, UNNEST, joins

    def _query(self, node: n.QueryRelation, scope: Scope, env: Environment) -> p.Source:
        outer = Scope(scope.fields[:], scope.outer) if node.lateral else Scope([], scope.outer)
        query = self.queries.query(node.query, outer, env)
        source = p.Derived(self.alias(), query)
        _add_outputs(scope, source.alias, (), query.outputs)
        return source

    def _unnest(self, node: n.Unnest, scope: Scope, expressions: ExpressionAnalyzer) -> p.Source:
        items = tuple(expressions.analyze(x, scope) for x in node.items)
        widths = []
        for item in items:
            match item.type.name:
                case "map":
                    widths.append(item.type.inner)
                case "array" if item.type.element.name == "row":
                    widths.append(item.type.element.inner)
                case "array":
                    widths.append((item.type.element,))
                case _:
                    raise QueryError("TYPE_MISMATCH", f"Cannot unnest type: {item.type}", node.at)
        alias = self.alias()
        kinds = [k for width in widths for k in width] + ([t.BIGINT] if node.ordinality else [])
        names = [name for item, width in zip(items, widths, strict=True) for name in _unnest_names(item, len(width))]
        names += [None] if node.ordinality else []
        for index, (kind, name) in enumerate(zip(kinds, names, strict=True)):
            written = name or f"_col{index}"
            scope.fields.append(Field(name or f"\0{index}", written, (), p.Column(kind, alias, f"c{index}", written)))
        return p.UnnestPlan(alias, items, tuple(widths), node.ordinality)

    def _json_table(self, node: n.JsonTable, scope: Scope, expressions: ExpressionAnalyzer) -> p.Source:
        rows, columns = json_table(node, expressions.analyze(node.value, scope))
        alias = self.alias()
        for index, (name, kind) in enumerate(columns):
            scope.fields.append(Field(name, name, (), p.Column(kind, alias, f"c{index}", name)))
        return p.UnnestPlan(alias, (rows,), (tuple(kind for _, kind in columns),), ordinality=False)

    def _join(self, node: n.Join, scope: Scope, env: Environment, expressions: ExpressionAnalyzer) -> p.Source:
        _check_lateral(node)
        before = len(scope.fields)
        left = self.analyze(node.left, scope, env, expressions)
        middle = len(scope.fields)
        right = self.analyze(node.right, scope, env, expressions)
        if node.using:
            on = self._using(node, scope, before, middle)
        elif node.on is not None:
            inner = Scope(scope.fields[before:], scope.outer)
            on = expressions.boolean(node.on, inner, "JOIN ON clause")
            no_aggregates(on, "JOIN clause", node.on.at)
        else:
            on = None
        kind = "cross" if node.kind == "implicit" else node.kind
        if kind in {"right", "full"} and isinstance(right, p.UnnestPlan):
            raise QueryError("NOT_SUPPORTED", "UNNEST in RIGHT or FULL JOIN is not supported", node.at)
        return p.JoinPlan(kind, left, right, on)

    def _using(self, node: n.Join, scope: Scope, before: int, middle: int) -> p.Expr:
        """USING: one column for both sides, first in ``*``; the sides' own are gone."""
        left, right = scope.fields[before:middle], scope.fields[middle:]
        conditions, merged = [], []
        for name in node.using:
            sides = []
            for side, where in ((left, "left"), (right, "right")):
                values = [f for f in side if f.name == name.text]
                if len(values) != 1:
                    code = "AMBIGUOUS_NAME" if values else "COLUMN_NOT_FOUND"
                    raise QueryError(code, f"Column '{name.text}' is missing from {where} side of join", name.at)
                sides.append(values[0])
            a, b = (Scope([f]).resolve((name.text,), name.at) for f in sides)
            assert a is not None  # noqa: S101 - just found
            assert b is not None  # noqa: S101 - just found
            pair = comparable(a, b, "=", name.at)
            conditions.append(p.Call(t.BOOLEAN, op.comparison("="), pair))
            value: p.Expr = p.Call(pair[0].type, op.COALESCE, pair) if node.kind in {"full", "right"} else pair[0]
            merged.append(Field(name.text, name.text, (), value))
            left = [f for f in left if f is not sides[0]]
            right = [f for f in right if f is not sides[1]]
        scope.fields[before:] = [*merged, *left, *right]
        return conditions[0] if len(conditions) == 1 else p.Call(t.BOOLEAN, op.AND, tuple(conditions))


def _percentage(value: p.Expr, at: tuple[int, int]) -> float:
    """TABLESAMPLE's percentage, 0 to 100."""
    if not value.type.is_numeric:
        raise QueryError("TYPE_MISMATCH", "Sample percentage should evaluate to a numeric expression", at)
    if not isinstance(value, p.Const) or value.value is None:
        raise unsupported("TABLESAMPLE with a percentage that is no constant", at)
    percent = float(value.value)
    if percent < 0:
        message = "Sample percentage must be greater than or equal to 0"
        raise QueryError("NUMERIC_VALUE_OUT_OF_RANGE", message, at)
    if percent > 100:
        raise QueryError("NUMERIC_VALUE_OUT_OF_RANGE", "Sample percentage must be less than or equal to 100", at)
    return percent


def _check_lateral(node: n.Join) -> None:
    """UNNEST and LATERAL on the right take no condition but ``ON true``."""
    right = node.right.relation if isinstance(node.right, n.Aliased) else node.right
    is_lateral = isinstance(right, n.QueryRelation) and right.lateral
    if not isinstance(right, n.Unnest) and not is_lateral:
        return
    is_true = isinstance(node.on, n.Literal) and node.on.value.lower() == "true"
    if node.using or (node.on is not None and not is_true):
        name = "LATERAL relation" if is_lateral else "UNNEST"
        message = f"{node.kind.upper()} JOIN involving {name} is only supported with condition ON TRUE"
        raise QueryError("NOT_SUPPORTED", message, node.at)


def no_aggregates(value: p.Expr, clause: str, at: tuple[int, int]) -> None:
    if p.contains(value, lambda e: isinstance(e, p.Aggregate | p.Windowed | p.Grouping)):
        raise QueryError(
            "EXPRESSION_NOT_SCALAR",
            f"{clause} cannot contain aggregations, window functions or grouping operations",
            at,
        )


def _add_outputs(scope: Scope, alias: str, qualifier: tuple[str, ...], outputs: tuple[p.Output, ...]) -> None:
    for index, output in enumerate(outputs):
        value = p.Column(output.type, alias, f"c{index}", output.name)
        name = output.name.lower() if output.named else f"\0{index}"
        scope.fields.append(Field(name, output.name, qualifier, value))


def _unnest_names(item: p.Expr, width: int) -> list[str | None]:
    if item.type.name == "array" and item.type.element.name == "row":
        return list(item.type.element.fields)
    return [None] * width


def _stale(view: View, why: str, node: n.TableName) -> QueryError:
    return QueryError(
        "VIEW_IS_STALE", f"View '{CATALOG}.{view.database}.{view.name}' is stale or in invalid state: {why}", node.at
    )
