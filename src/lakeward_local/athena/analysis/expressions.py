"""Expressions: names bound, types decided, implicit conversions made explicit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from lakeward_local.athena import types as t
from lakeward_local.athena.analysis import plan as p
from lakeward_local.athena.analysis.conversions import (
    arithmetic,
    can_cast,
    choose,
    coerce,
    common_of,
    comparable,
    compared,
)
from lakeward_local.athena.analysis.json_path import json_constructor, json_path
from lakeward_local.athena.analysis.literals import interval, literal
from lakeward_local.athena.analysis.scope import Scope
from lakeward_local.athena.analysis.zones import at_zone
from lakeward_local.athena.errors import Position, QueryError, unsupported
from lakeward_local.athena.functions import operators as op
from lakeward_local.athena.syntax import nodes as n

if TYPE_CHECKING:
    from lakeward_local.athena.analysis.calls import CallAnalyzer


@dataclass
class Context:
    """What the expressions of a query share."""

    query: Callable[[n.Query, Scope], p.QueryPlan]
    parameters: tuple[n.Expression, ...] = ()
    windows: dict[str, n.Window] = field(default_factory=dict)
    database: str = ""


class ExpressionAnalyzer:
    """Turns syntax into typed expressions within a scope."""

    def __init__(self, context: Context, calls: CallAnalyzer) -> None:
        self.context = context
        self.calls = calls

    def analyze(self, node: n.Expression, scope: Scope) -> p.Expr:
        """The typed expression.

        Raises:
            QueryError: COLUMN_NOT_FOUND, TYPE_MISMATCH, FUNCTION_NOT_FOUND and so on, with the position.
        """
        handler = _HANDLERS.get(type(node))
        if handler is None:
            raise unsupported(f"{type(node).__name__} here", node.at)
        return handler(self, node, scope)

    def boolean(self, node: n.Expression, scope: Scope, clause: str) -> p.Expr:
        value = self.analyze(node, scope)
        if value.type not in (t.BOOLEAN, t.UNKNOWN):
            raise QueryError("TYPE_MISMATCH", f"{clause} must evaluate to a boolean: actual type {value.type}", node.at)
        return coerce(value, t.BOOLEAN)

    # ---- names

    def _name(self, node: n.Name, scope: Scope) -> p.Expr:
        variable = scope.variable(node.text)
        if variable is not None:
            return variable
        found = scope.resolve((node.text,), node.at)
        if found is None:
            raise QueryError("COLUMN_NOT_FOUND", f"Column '{node.text}' cannot be resolved", node.at)
        return found

    def _dereference(self, node: n.Dereference, scope: Scope) -> p.Expr:
        parts = _parts(node)
        if parts and scope.variable(parts[0]) is None:
            found = scope.resolve(parts, node.at)
            if found is not None:
                return found
        try:
            base = self.analyze(node.base, scope)
        except QueryError as error:
            if error.code == "COLUMN_NOT_FOUND" and parts:
                raise QueryError(
                    "COLUMN_NOT_FOUND", f"Column '{'.'.join(parts)}' cannot be resolved", node.at
                ) from error
            raise
        if base.type.name != "row":
            raise QueryError("TYPE_MISMATCH", f"Expression {'.'.join(parts[:-1])} is not of type ROW", node.at)
        for index, name in enumerate(base.type.fields):
            if name is not None and name.lower() == node.name.text.lower():
                return p.Call(base.type.inner[index], op.field_access(index), (base,))
        raise QueryError(
            "COLUMN_NOT_FOUND", f"Column '{'.'.join(parts) or node.name.text}' cannot be resolved", node.at
        )

    def _parameter(self, node: n.Parameter, scope: Scope) -> p.Expr:
        if node.index >= len(self.context.parameters):
            raise QueryError(
                "INVALID_PARAMETER_USAGE",
                "Incorrect number of parameters: expected at least "
                f"{node.index + 1} but found {len(self.context.parameters)}",
                node.at,
            )
        return self.analyze(self.context.parameters[node.index], scope)

    # ---- logic and comparison

    def _logical(self, node: n.Logical, scope: Scope) -> p.Expr:
        terms = tuple(self.boolean(term, scope, "Logical expression term") for term in node.terms)
        return p.Call(t.BOOLEAN, op.AND if node.operator == "and" else op.OR, terms)

    def _not(self, node: n.Not, scope: Scope) -> p.Expr:
        return p.Call(t.BOOLEAN, op.NOT, (self.boolean(node.value, scope, "Value of logical NOT expression"),))

    def _is_null(self, node: n.IsNull, scope: Scope) -> p.Expr:
        return p.Call(t.BOOLEAN, op.IS_NULL, (self.analyze(node.value, scope),))

    def _is_distinct(self, node: n.IsDistinct, scope: Scope) -> p.Expr:
        pair = self._pair(node.left, node.right, "IS DISTINCT FROM", scope, node.at)
        return p.Call(t.BOOLEAN, op.IS_DISTINCT, pair)

    def _pair(
        self, left: n.Expression, right: n.Expression, operator: str, scope: Scope, at: Position
    ) -> tuple[p.Expr, p.Expr]:
        return comparable(self.analyze(left, scope), self.analyze(right, scope), operator, at)

    def _between(self, node: n.Between, scope: Scope) -> p.Expr:
        values = [self.analyze(x, scope) for x in (node.value, node.low, node.high)]
        common = common_of(values)
        if common is None or not t.is_orderable(common):
            raise QueryError(
                "TYPE_MISMATCH",
                "Cannot check if "
                + " is BETWEEN ".join((str(values[0].type), f"{values[1].type} and {values[2].type}")),
                node.at,
            )
        return p.Call(t.BOOLEAN, op.BETWEEN, tuple(compared(v, common) for v in values))

    def _in_list(self, node: n.InList, scope: Scope) -> p.Expr:
        values = [self.analyze(x, scope) for x in (node.value, *node.items)]
        common = common_of(values)
        if common is None:
            raise QueryError(
                "TYPE_MISMATCH",
                "IN value and list items must be the same type or coercible to a common "
                f"type. Cannot find common type between {' and '.join(sorted({str(v.type) for v in values}))}",
                node.at,
            )
        return p.Call(t.BOOLEAN, op.IN, tuple(compared(v, common) for v in values))

    def _like(self, node: n.Like, scope: Scope) -> p.Expr:
        parts = [self.analyze(x, scope) for x in (node.value, node.pattern, node.escape) if x is not None]
        for part in parts:
            if not part.type.is_text and part.type != t.UNKNOWN:
                raise QueryError(
                    "TYPE_MISMATCH", f"LIKE expression must evaluate to a varchar, found {part.type}", node.at
                )
        if len(parts) > 2 and isinstance(parts[2], p.Const) and len(parts[2].value or "x") != 1:
            raise QueryError("INVALID_FUNCTION_ARGUMENT", "Escape string must be a single character", node.at)
        return p.Call(t.BOOLEAN, op.LIKE, tuple(coerce(x, t.VARCHAR) for x in parts))

    # ---- operators

    def _unary(self, node: n.Unary, scope: Scope) -> p.Expr:
        if node.operator == "-" and isinstance(node.value, n.Literal) and node.value.kind == "integer":
            return literal(n.Literal("integer", "-" + node.value.value, at=node.at))
        value = self.analyze(node.value, scope)
        if not value.type.is_numeric and not value.type.is_interval:
            raise QueryError("TYPE_MISMATCH", f"Cannot negate {value.type}", node.at)
        return value if node.operator == "+" else p.Call(value.type, op.NEGATE, (value,))

    def _binary(self, node: n.Binary, scope: Scope) -> p.Expr:
        left, right = self.analyze(node.left, scope), self.analyze(node.right, scope)
        if node.operator in {"=", "<>", "<", "<=", ">", ">="}:
            pair = comparable(left, right, node.operator, node.at)
            return p.Call(t.BOOLEAN, op.comparison(node.operator), pair)
        if node.operator == "||":
            return self.calls.concatenate(left, right, node.at)
        return arithmetic(node.operator, left, right, node.at)

    def _at_time_zone(self, node: n.AtTimeZone, scope: Scope) -> p.Expr:
        value, zone = self.analyze(node.value, scope), self.analyze(node.zone, scope)
        return at_zone(value, zone, node.at)

    def _extract(self, node: n.Extract, scope: Scope) -> p.Expr:
        return self.calls.scalar(node.field, [self.analyze(node.value, scope)], node.at)

    # ---- forms

    def _cast(self, node: n.Cast, scope: Scope) -> p.Expr:
        value = self.analyze(node.value, scope)
        target = t.parse_type(node.type)
        if not can_cast(value.type, target):
            raise QueryError("TYPE_MISMATCH", f"Cannot cast {value.type} to {target}", node.at)
        if target.name == "timestamp with time zone" and value.type.name == "timestamp with time zone":
            target = target.with_zone(value.type.zone)
        if target.name == "timestamp with time zone" and isinstance(value, p.Const) and value.type.is_text:
            return _constant_moment(value, target, node)
        return p.Cast(target, value, node.safe)

    def _case(self, node: n.Case, scope: Scope) -> p.Expr:
        args: list[p.Expr] = []
        operand = self.analyze(node.operand, scope) if node.operand is not None else None
        for condition, _ in node.whens:
            if operand is None:
                args.append(self.boolean(condition, scope, "CASE WHEN clause"))
            else:
                pair = comparable(operand, self.analyze(condition, scope), "=", condition.at)
                args.append(p.Call(t.BOOLEAN, op.comparison("="), pair))
        results = [self.analyze(result, scope) for _, result in node.whens]
        default = self.analyze(node.default, scope) if node.default is not None else p.Const(t.UNKNOWN, None)
        return choose(args, [*results, default], node.at)

    def _array(self, node: n.ArrayOf, scope: Scope) -> p.Expr:
        items = [self.analyze(item, scope) for item in node.items]
        element = common_of(items) if items else t.UNKNOWN
        if element is None:
            raise QueryError(
                "TYPE_MISMATCH",
                "All ARRAY elements must be the same type or coercible to a common type. "
                f"Cannot find common type between {', '.join(str(i.type) for i in items)}",
                node.at,
            )
        return p.Call(t.array(element), op.ARRAY, tuple(coerce(i, element) for i in items))

    def _row(self, node: n.RowOf, scope: Scope) -> p.Expr:
        items = tuple(self.analyze(item, scope) for item in node.items)
        return p.Call(t.row([(None, i.type) for i in items]), op.ROW, items)

    def _subscript(self, node: n.Subscript, scope: Scope) -> p.Expr:
        base, index = self.analyze(node.base, scope), self.analyze(node.index, scope)
        match base.type.name:
            case "array" if t.can_coerce(index.type, t.BIGINT):
                return p.Call(base.type.element, op.SUBSCRIPT_ARRAY, (base, coerce(index, t.BIGINT)))
            case "map" if index.type.name == base.type.inner[0].name == "varchar":
                return p.Call(base.type.inner[1], op.SUBSCRIPT_MAP, (base, index))
            case "map" if t.can_coerce(index.type, base.type.inner[0]):
                return p.Call(base.type.inner[1], op.SUBSCRIPT_MAP, (base, coerce(index, base.type.inner[0])))
            case "row" if isinstance(index, p.Const) and index.type.is_integer:
                position = int(index.value or 0)
                if not 1 <= position <= len(base.type.inner):
                    raise QueryError("INVALID_FUNCTION_ARGUMENT", f"ROW index out of bounds: {position}", node.at)
                return p.Call(base.type.inner[position - 1], op.field_access(position - 1), (base,))
        raise QueryError("TYPE_MISMATCH", f"Cannot use {index.type} for subscript of {base.type}", node.at)

    def _lambda(self, node: n.Lambda, _scope: Scope) -> p.Expr:
        raise QueryError("TYPE_MISMATCH", "Lambda expression is only allowed as an argument of a function", node.at)

    def _json_path(self, node: n.JsonPath, scope: Scope) -> p.Expr:
        passed = [(name, self.analyze(value, scope), formatted) for name, value, formatted in node.passing]
        defaults = {name: self.analyze(x, scope) for name, x in node.options if x is not None}
        return json_path(node, self.analyze(node.value, scope), passed, defaults)

    def _json_constructor(self, node: n.JsonConstructor, scope: Scope) -> p.Expr:
        members = []
        for key, value, formatted in node.members:
            is_json = (
                formatted
                or isinstance(value, n.JsonConstructor)
                or (isinstance(value, n.JsonPath) and value.function == "json_query")
            )
            members.append((self.analyze(key, scope) if key is not None else None, self.analyze(value, scope), is_json))
        return json_constructor(node, members)

    # ---- subqueries

    def _scalar_query(self, node: n.ScalarQuery, scope: Scope) -> p.Expr:
        query = as_one_column(self.context.query(node.query, scope))
        return p.Subquery(query.outputs[0].type, "scalar", query)

    def _exists(self, node: n.Exists, scope: Scope) -> p.Expr:
        return p.Subquery(t.BOOLEAN, "exists", self.context.query(node.query, scope))

    def _in_query(self, node: n.InQuery, scope: Scope) -> p.Expr:
        return self._membership(node.value, node.query, "in", scope, node.at)

    def _quantified(self, node: n.Quantified, scope: Scope) -> p.Expr:
        return self._membership(node.value, node.query, f"{node.operator} {node.quantifier}", scope, node.at)

    def _membership(self, left: n.Expression, query: n.Query, kind: str, scope: Scope, at: Position) -> p.Expr:
        value, inner = self.analyze(left, scope), as_one_column(self.context.query(query, scope))
        common = t.common_type(value.type, inner.outputs[0].type)
        if common is None:
            raise QueryError(
                "TYPE_MISMATCH",
                "Value expression and result of subquery must be of the same type: "
                f"{value.type} vs {inner.outputs[0].type}",
                at,
            )
        if common.varies:
            raise unsupported("subqueries of timestamps whose zone differs from row to row; use AT TIME ZONE 'UTC'", at)
        return p.Subquery(t.BOOLEAN, kind, inner, (coerce(value, common),))


def _constant_moment(value: p.Const, target: t.Type, node: n.Cast) -> p.Expr:
    """A cast of constant text to a timestamp with time zone: in the zone that the text has, or failing when it runs."""
    try:
        return literal(n.Literal("timestamp", value.value or "", at=node.at), zone_required=target)
    except QueryError as error:
        if error.code != "INVALID_LITERAL":
            raise
    return p.Cast(target, value, node.safe)


def as_one_column(query: p.QueryPlan) -> p.QueryPlan:
    """The query with several columns packed into one row, as subqueries in expressions have it."""
    if len(query.outputs) == 1:
        return query
    columns = tuple(p.Column(o.type, "q", f"c{i}", o.name) for i, o in enumerate(query.outputs))
    kind = t.row([(o.name.lower() if o.named else None, o.type) for o in query.outputs])
    packed = p.Call(kind, op.ROW, columns)
    return p.QueryPlan(p.SelectPlan((packed,), p.Derived("q", query)), (p.Output("_col0", kind, named=False),))


def _parts(node: n.Expression) -> tuple[str, ...]:
    if isinstance(node, n.Name):
        return (node.text,)
    if isinstance(node, n.Dereference):
        base = _parts(node.base)
        return (*base, node.name.text) if base else ()
    return ()


_HANDLERS: Final[dict[type, Callable[..., p.Expr]]] = {
    n.Literal: lambda _self, node, _scope: literal(node),
    n.Interval: lambda _self, node, _scope: interval(node),
    n.Name: ExpressionAnalyzer._name, n.Dereference: ExpressionAnalyzer._dereference,
    n.Parameter: ExpressionAnalyzer._parameter, n.Logical: ExpressionAnalyzer._logical, n.Not: ExpressionAnalyzer._not,
    n.IsNull: ExpressionAnalyzer._is_null, n.IsDistinct: ExpressionAnalyzer._is_distinct,
    n.Between: ExpressionAnalyzer._between, n.InList: ExpressionAnalyzer._in_list, n.Like: ExpressionAnalyzer._like,
    n.Unary: ExpressionAnalyzer._unary, n.Binary: ExpressionAnalyzer._binary,
    n.AtTimeZone: ExpressionAnalyzer._at_time_zone, n.Extract: ExpressionAnalyzer._extract,
    n.Cast: ExpressionAnalyzer._cast, n.Case: ExpressionAnalyzer._case, n.ArrayOf: ExpressionAnalyzer._array,
    n.RowOf: ExpressionAnalyzer._row, n.Subscript: ExpressionAnalyzer._subscript, n.Lambda: ExpressionAnalyzer._lambda,
    n.JsonConstructor: ExpressionAnalyzer._json_constructor, n.JsonPath: ExpressionAnalyzer._json_path,
    n.ScalarQuery: ExpressionAnalyzer._scalar_query,
    n.Exists: ExpressionAnalyzer._exists, n.InQuery: ExpressionAnalyzer._in_query,
    n.Quantified: ExpressionAnalyzer._quantified,
    n.Call: lambda self, node, scope: self.calls.call(node, scope),
}  # fmt: skip
