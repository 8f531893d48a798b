"""Function calls: overloads found in the tables, lambdas typed, special forms, aggregates and windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from lakeward_local.athena import types as t
from lakeward_local.athena.analysis import plan as p
from lakeward_local.athena.analysis.conversions import can_cast, choose, coerce, comparable
from lakeward_local.athena.analysis.scope import Scope
from lakeward_local.athena.analysis.windows import check_bounds, check_frame, resolved_window
from lakeward_local.athena.analysis.zones import zone_readings, zoned_call
from lakeward_local.athena.errors import Position, QueryError, unsupported
from lakeward_local.athena.functions import catalogue
from lakeward_local.athena.functions import operators as op
from lakeward_local.athena.functions.registry import Function, Match, Pattern, match, parameter_type, result_type
from lakeward_local.athena.syntax import nodes as n
from lakeward_local.athena.types import Type

if TYPE_CHECKING:
    from lakeward_local.athena.analysis.expressions import ExpressionAnalyzer

Resolved = tuple[Function, list[p.Expr], Type]


class CallAnalyzer:
    """Resolves calls; ``expressions`` analyses what stands inside them."""

    expressions: ExpressionAnalyzer

    def call(self, node: n.Call, scope: Scope) -> p.Expr:
        """A call as a scalar, an aggregate or a window function.

        Raises:
            QueryError: FUNCTION_NOT_FOUND, TYPE_MISMATCH, NOT_SUPPORTED.
        """
        form = _FORMS.get(node.name)
        if form is not None and node.over is None:
            return form(self, node, scope)
        overloads = catalogue.by_name().get(node.name)
        if overloads is None:
            raise catalogue.unknown(node.name, node.at)
        function, args, result = self._resolve(overloads, node, scope)
        if function.name in _EQUALITY or node.distinct:
            for arg in args:
                check_one_zone(arg.type, node.at)
        if function.name == "array_join":
            args[0] = self._as_texts(args[0], node.at)
        if function.kind == "scalar":
            if node.over is not None:
                raise QueryError("FUNCTION_NOT_WINDOW", f"Not a window function: {node.name}", node.at)
            if node.distinct or node.where is not None or node.order_by or node.nulls:
                raise QueryError(
                    "FUNCTION_NOT_AGGREGATE", f"{node.name} is not an aggregate or window function", node.at
                )
            return zoned_call(function, args, result)
        if node.over is not None:
            return self._windowed(function, args, result, node, scope)
        if function.kind == "window":
            raise QueryError("MISSING_OVER", f"Window function {node.name} requires an OVER clause", node.at)
        return self._aggregate(function, args, result, node, scope)

    def scalar(self, name: str, args: list[p.Expr], at: Position) -> p.Expr:
        """A scalar function over typed arguments."""
        overloads = catalogue.by_name().get(name)
        if overloads is None:
            raise catalogue.unknown(name, at)
        found = _best(overloads, [a.type for a in args])
        if found is None:
            raise _no_overload(name, [str(a.type) for a in args], overloads, at)
        converted = _converted(found, args)
        return zoned_call(found.function, converted, result_type(found, [a.type for a in converted]))

    def _as_texts(self, array: p.Expr, at: Position) -> p.Expr:
        """An array whose elements are cast to varchar, as array_join does."""
        element = array.type.element if array.type.inner else t.UNKNOWN
        if element.inner or not can_cast(element, t.VARCHAR):
            raise QueryError("FUNCTION_NOT_FOUND", f"Unexpected parameters ({array.type}, varchar) for array_join", at)
        return array if element == t.VARCHAR else p.Cast(t.array(t.VARCHAR), array)

    # ---- overloads

    def _resolve(self, overloads: tuple[Function, ...], node: n.Call, scope: Scope) -> Resolved:
        typed = [None if isinstance(a, n.Lambda) else self.expressions.analyze(a, scope) for a in node.args]
        shapes = [
            len(a.params) if isinstance(a, n.Lambda) else x.type if x is not None else t.UNKNOWN
            for a, x in zip(node.args, typed, strict=True)
        ]
        found = _best(overloads, shapes)
        if found is None:
            shown = [
                f"function({', '.join('unknown' for _ in range(s))})" if isinstance(s, int) else str(s) for s in shapes
            ]
            raise _no_overload(node.name, shown, overloads, node.at)
        while True:  # a lambda's result may widen a variable that earlier arguments were converted to
            bound = dict(found.bindings)
            args = self._arguments(found, node, typed, scope)
            if found.bindings == bound:
                return found.function, args, result_type(found, [a.type for a in args])

    def _arguments(self, found: Match, node: n.Call, typed: list[p.Expr | None], scope: Scope) -> list[p.Expr]:
        """The arguments in their parameters' types, lambdas with the variables bound so far."""
        args: list[p.Expr] = []
        for pattern, syntax, value in zip(found.params, node.args, typed, strict=True):
            if isinstance(syntax, n.Lambda):
                args.append(self._lambda(pattern, syntax, found, scope))
            elif value is not None:
                args.append(coerce(value, parameter_type(pattern, value.type, found.bindings)))
        return args

    def _lambda(self, pattern: Pattern, node: n.Lambda, found: Match, scope: Scope) -> p.Expr:
        """Type a lambda: its parameters are known by now, its result may bind a variable."""
        params = [
            found.bindings.get(x.name, t.UNKNOWN) if x.is_variable else parameter_type(x, t.UNKNOWN, found.bindings)
            for x in pattern.inner[:-1]
        ]
        inner = scope.with_variables(node.params, params)
        body = self.expressions.analyze(node.body, inner)
        wanted = pattern.inner[-1]
        if wanted.is_variable:
            known = found.bindings.get(wanted.name, t.UNKNOWN)
            common = t.common_type(known, body.type)
            if common is None:
                raise QueryError("TYPE_MISMATCH", f"Lambda must return {known}, found {body.type}", node.at)
            found.bindings[wanted.name] = common
            body = coerce(body, found.bindings[wanted.name])
        else:
            target = t.parse_type(wanted.name)
            if not t.can_coerce(body.type, target):
                raise QueryError("TYPE_MISMATCH", f"Lambda must return {target}, found {body.type}", node.at)
            body = coerce(body, target)
        names = tuple(v.name for v in (inner.variable(name) for name in node.params) if v is not None)
        return p.Lambda(Type("function", (*params, body.type)), names, body)

    # ---- aggregates and windows

    def _aggregate(self, function: Function, args: list[p.Expr], result: Type, node: n.Call, scope: Scope) -> p.Expr:
        where = self.expressions.boolean(node.where, scope, "FILTER") if node.where is not None else None
        order_by = self.sorts(node.order_by, scope)
        for inner in (*args, *(s.value for s in order_by)):
            if p.contains(inner, lambda e: isinstance(e, p.Aggregate | p.Windowed)):
                raise QueryError(
                    "NESTED_AGGREGATION"
                    if not p.contains(inner, lambda e: isinstance(e, p.Windowed))
                    else "NESTED_WINDOW",
                    f"Cannot nest aggregations or window functions inside aggregation '{node.name}'",
                    node.at,
                )
        if node.distinct and order_by and any(s.value not in args for s in order_by):
            raise QueryError(
                "EXPRESSION_NOT_IN_DISTINCT",
                "For aggregate function with DISTINCT, ORDER BY expressions must appear in arguments",
                node.at,
            )
        if node.distinct and args and not t.is_comparable(args[0].type):
            raise QueryError(
                "TYPE_MISMATCH", f"DISTINCT can only be applied to comparable types (actual: {args[0].type})", node.at
            )
        _check_orderable(node, args)
        return p.Aggregate(result, function, tuple(args), node.distinct, order_by, where)

    def sorts(self, items: tuple[n.SortItem, ...], scope: Scope) -> tuple[p.Sort, ...]:
        """ORDER BY items over a scope; NULLs come last unless told otherwise."""
        found = []
        for item in items:
            value = self.expressions.analyze(item.expression, scope)
            check_sortable(value.type, item.at)
            found.append(p.Sort(value, item.descending, bool(item.nulls_first)))
        return tuple(found)

    def _windowed(self, function: Function, args: list[p.Expr], result: Type, node: n.Call, scope: Scope) -> p.Expr:
        window = resolved_window(node.over or n.Window(), self.expressions.context.windows, node.at)
        if node.distinct:
            raise QueryError("NOT_SUPPORTED", "DISTINCT in window function parameters not yet supported", node.at)
        if node.nulls == "ignore" and function.name not in {"first_value", "last_value", "nth_value", "lag", "lead"}:
            raise QueryError(
                "NULL_TREATMENT_NOT_ALLOWED",
                f"Cannot specify null treatment clause for {function.name} function",
                node.at,
            )
        if function.name in {"lag", "lead"} and window.frame:
            raise QueryError(
                "INVALID_WINDOW_FRAME", f"Cannot specify window frame for {function.name} function", node.at
            )
        if function.name in {"lag", "lead"} and not window.order_by:
            raise QueryError("MISSING_ORDER_BY", f"{function.name} requires an ORDER BY window clause", node.at)
        check_frame(window, node.at)
        partition = tuple(self.expressions.analyze(x, scope) for x in window.partition_by)
        for key in partition:
            check_one_zone(key.type, node.at)
        where = self.expressions.boolean(node.where, scope, "FILTER") if node.where is not None else None
        order_by = self.sorts(window.order_by, scope)
        start, end = self._bound(window.start, scope), self._bound(window.end, scope)
        check_bounds(window, order_by, (start, end), node.at)
        frame = None if function.name in _FRAMELESS else window.frame
        found = p.Windowed(
            result,
            function,
            tuple(args),
            partition,
            order_by,
            frame,
            start,
            end,
            node.nulls == "ignore",
            where,
        )
        if any(p.contains(child, lambda e: isinstance(e, p.Windowed)) for child in found.children()):
            raise QueryError("NESTED_WINDOW", "Cannot nest window functions", node.at)
        return found

    def _bound(self, bound: n.FrameBound | None, scope: Scope) -> p.Bound | None:
        if bound is None:
            return None
        value = self.expressions.analyze(bound.value, scope) if bound.value is not None else None
        return p.Bound(bound.kind, value)

    # ---- operators that share the tables

    def concatenate(self, left: p.Expr, right: p.Expr, at: Position) -> p.Expr:
        if left.type == t.UNKNOWN and right.type == t.UNKNOWN:
            return p.Const(t.VARCHAR, None)
        return self.scalar("concat", [left, right], at)


#: Functions of the whole partition: a frame around them is allowed and means nothing.
_FRAMELESS: Final = frozenset({"cume_dist", "dense_rank", "ntile", "percent_rank", "rank", "row_number"})


def _best(overloads: tuple[Function, ...], shapes: list[Type | int]) -> Match | None:
    found = [m for m in (match(f, shapes) for f in overloads) if m is not None]
    return min(found, key=lambda m: m.cost) if found else None


def _converted(found: Match, args: list[p.Expr]) -> list[p.Expr]:
    return [coerce(a, parameter_type(x, a.type, found.bindings)) for x, a in zip(found.params, args, strict=True)]


def _no_overload(name: str, shown: list[str], overloads: tuple[Function, ...], at: Position) -> QueryError:
    expected = ", ".join(dict.fromkeys(f.expected() for f in overloads))
    return QueryError(
        "FUNCTION_NOT_FOUND" if name == "" else "TYPE_MISMATCH",
        f"Unexpected parameters ({', '.join(shown)}) for function {name}. Expected: {expected}",
        at,
    )


def _check_orderable(node: n.Call, args: list[p.Expr]) -> None:
    if node.name in {"max", "min"} and args:
        check_sortable(args[0].type, node.at)
    if node.name in {"max_by", "min_by"} and len(args) > 1:
        check_sortable(args[1].type, node.at)


#: Functions that look for equal values, or make keys of them.
_EQUALITY: Final = frozenset(
    {"approx_distinct", "approx_most_frequent", "array_distinct", "array_except", "array_histogram", "array_intersect",
     "array_position", "array_remove", "array_union", "arrays_overlap", "contains", "contains_sequence", "histogram",
     "map", "map_agg", "map_from_entries", "map_union", "multimap_agg", "multimap_from_entries", "transform_keys"}
)  # fmt: skip


def check_one_zone(kind: Type, at: Position) -> None:
    """Equal instants with different zones are one value to Trino; here they are told apart.

    Raises:
        QueryError: NOT_SUPPORTED.
    """
    if kind.varies:
        raise unsupported(
            "grouping or comparing timestamps whose zone differs from row to row; use AT TIME ZONE 'UTC'", at
        )


def check_sortable(kind: Type, at: Position) -> None:
    if not t.is_orderable(kind):
        raise QueryError("TYPE_MISMATCH", f"Type {kind} is not orderable, and therefore cannot be used in ORDER BY", at)


# ---- special forms ---------------------------------------------------------------------------------------------------


def _form_coalesce(self: CallAnalyzer, node: n.Call, scope: Scope) -> p.Expr:
    if len(node.args) < 2:
        raise QueryError(
            "INVALID_FUNCTION_ARGUMENT", "The 'coalesce' function must have at least two arguments", node.at
        )
    values = [self.expressions.analyze(a, scope) for a in node.args]
    common: Type | None = t.UNKNOWN
    for value in values:
        common = t.common_type(common, value.type) if common is not None else None
    if common is None:
        raise QueryError(
            "TYPE_MISMATCH",
            "All COALESCE operands must be the same type or coercible to a common type. "
            f"Cannot find common type between {', '.join(str(v.type) for v in values)}",
            node.at,
        )
    return p.Call(common, op.COALESCE, tuple(coerce(v, common) for v in values))


def _form_nullif(self: CallAnalyzer, node: n.Call, scope: Scope) -> p.Expr:
    _arity(node, 2, 2)
    first, second = (self.expressions.analyze(a, scope) for a in node.args)
    pair = comparable(first, second, "=", node.at)
    return p.Call(first.type, op.NULLIF, (first, *pair))


def _form_if(self: CallAnalyzer, node: n.Call, scope: Scope) -> p.Expr:
    _arity(node, 2, 3)
    condition = self.expressions.boolean(node.args[0], scope, "IF condition")
    results = [self.expressions.analyze(a, scope) for a in node.args[1:]]
    return choose([condition], [*results, p.Const(t.UNKNOWN, None)][:2], node.at)


def _form_try(self: CallAnalyzer, node: n.Call, scope: Scope) -> p.Expr:
    _arity(node, 1, 1)
    value = self.expressions.analyze(node.args[0], scope)
    if p.contains(value, lambda e: isinstance(e, p.Subquery | p.Windowed)):
        raise unsupported("TRY around a subquery or a window function", node.at)
    if p.contains(value, _may_be_refused):
        raise unsupported("TRY around a comparison of arrays or rows", node.at)
    return p.Call(value.type, op.TRY, (value, *zone_readings(value, node.at)))


def _may_be_refused(e: p.Expr) -> bool:
    """Whether it can end in NOT_SUPPORTED, which Trino's TRY lets through and DuckDB's does not."""
    return isinstance(e, p.Call) and e.function.name in {"<", "<=", ">", ">=", "between"} and bool(e.args[0].type.inner)


def _form_grouping(self: CallAnalyzer, node: n.Call, scope: Scope) -> p.Expr:
    args = tuple(self.expressions.analyze(a, scope) for a in node.args)
    return p.Grouping(t.INTEGER if len(args) < 32 else t.BIGINT, args)


def _form_time(_self: CallAnalyzer, node: n.Call, _scope: Scope) -> p.Expr:
    """current_timestamp(p): the precision is a constant of the grammar."""
    precision = int(node.args[0].value) if node.args and isinstance(node.args[0], n.Literal) else 3
    if node.name == "current_timestamp":
        result = t.timestamp_tz(precision)
    elif node.name == "localtimestamp":
        result = t.timestamp(precision)
    elif node.name == "localtime":
        time = op.form(
            "localtime", f"trino_cast_time(strftime(now() AT TIME ZONE 'UTC', '%H:%M:%S.%f'), {min(precision, 6)})"
        )
        return p.Call(Type("time", (min(precision, 6),)), time, ())
    else:
        raise unsupported(node.name, node.at)
    function = catalogue.by_name()[node.name][0]
    return p.Call(result, function, ()) if precision <= 3 else _microseconds(node, result)


def _microseconds(node: n.Call, result: Type) -> p.Expr:
    sql = "now()" if node.name == "current_timestamp" else "(now() AT TIME ZONE 'UTC')"
    return p.Call(result, op.form(f"{node.name} {result.numbers[0]}", sql), ())


def _form_schema(self: CallAnalyzer, _node: n.Call, _scope: Scope) -> p.Expr:
    return p.Const(t.VARCHAR, self.expressions.context.database)


def _form_reduce_agg(self: CallAnalyzer, node: n.Call, scope: Scope) -> p.Expr:
    """The non-null values gathered, then reduced; how partial states combine makes no difference to the result."""
    _arity(node, 4, 4)
    value, initial, step, _ = node.args
    known: n.Expression = n.Not(n.IsNull(value, at=node.at), at=node.at)
    where = known if node.where is None else n.Logical("and", (known, node.where), at=node.at)
    gathered = n.Call("array_agg", (value,), node.distinct, node.order_by, where, at=node.at)
    state = n.Lambda(("s",), n.Name("s", "s", at=node.at), at=node.at)
    return self.call(n.Call("reduce", (gathered, initial, step, state), at=node.at), scope)


def _arity(node: n.Call, low: int, high: int) -> None:
    if not low <= len(node.args) <= high:
        raise QueryError("SYNTAX_ERROR", f"Invalid number of arguments for '{node.name}' function", node.at)


_FORMS: Final[dict[str, Callable[[CallAnalyzer, n.Call, Scope], p.Expr]]] = {
    "current_schema": _form_schema, "reduce_agg": _form_reduce_agg, "coalesce": _form_coalesce,
    "nullif": _form_nullif, "if": _form_if, "try": _form_try, "grouping": _form_grouping,
    "current_timestamp": _form_time, "localtimestamp": _form_time, "current_time": _form_time, "localtime": _form_time,
}  # fmt: skip
