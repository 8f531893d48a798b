"""Expressions to DuckDB SQL, one rule a node."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from lakeward_local.athena.analysis import plan as p
from lakeward_local.athena.functions.operators import try_zoned
from lakeward_local.athena.functions.ordering import sort_key, without_nulls
from lakeward_local.athena.functions.sql import LITERAL, duck_type, instant, literal, quote
from lakeward_local.athena.rewrite.casts import cast
from lakeward_local.athena.rewrite.lambdas import HIGHER_ORDER

#: Aggregates that order values, or make keys of them -> which argument may have no NULL inside.
_ORDERING: Final = {"max": 0, "min": 0, "max_by": 1, "min_by": 1, "map_agg": 0, "multimap_agg": 0}

#: Names of lambda parameters -> the SQL that stands for them.
Variables = Mapping[str, str]

#: Forms that compute an argument only when they need it.
_LAZY: Final = frozenset({"and", "or", "case", "coalesce", "try"})

#: Characters of SQL from which on a repeated argument is computed once. Shorter ones are left to DuckDB, which sees
#: through them; longer ones would grow with every call around them, by a power of how often templates repeat them.
_LONG: Final = 120


#: Macros of ``session`` that repeat their parameters.
_MACROS: Final = re.compile(r"trino_(?:any|all|has|distinct|divide|map_agg|multimap_agg)\(")


def bound_once(value: str, name: str, body: str) -> str:
    """DuckDB's way to say ``let name = value in body``."""
    return f"list_transform([{value}], lambda {name}: {body})[1]"


class ExpressionWriter:
    """Writes expressions; subqueries are written by ``query``."""

    def __init__(self, query: Callable[[p.QueryPlan], str]) -> None:
        self.query = query
        #: Relations whose columns are found in another one, by alias: see ``QueryWriter._unnested``.
        self.hosts: dict[str, str] = {}

    def write(self, expression: p.Expr, variables: Variables | None = None) -> str:
        """The DuckDB SQL of an expression, safe to put anywhere.

        Raises:
            QueryError: NOT_SUPPORTED, when DuckDB has no way to compute it.
        """
        return _RULES[type(expression)](self, expression, variables or {})

    def _const(self, e: p.Const, _variables: Variables) -> str:
        return constant(e)

    def _column(self, e: p.Column, _variables: Variables) -> str:
        host = self.hosts.get(e.relation)
        return (
            f"{quote(e.relation)}.{quote(e.name)}"
            if host is None
            else f"{quote(host)}.{quote(f'{e.relation}_{e.name}')}"
        )

    def _variable(self, e: p.Variable, variables: Variables) -> str:
        return variables.get(e.name, e.name)

    def _call(self, e: p.Call, variables: Variables) -> str:
        """A call; arguments that its template repeats are computed once when they are long (see ``bound_once``)."""
        if e.function.name in _LAZY:
            return self._applied(e, variables)
        texts = {
            f"\0{i}": self.write(a, variables) for i, a in enumerate(e.args) if not isinstance(a, p.Const | p.Lambda)
        }
        texts = {key: text for key, text in texts.items() if not LITERAL.fullmatch(text)}  # templates look at constants
        held = tuple(p.Variable(a.type, f"\0{i}") if f"\0{i}" in texts else a for i, a in enumerate(e.args))
        call = p.Call(e.type, e.function, held)
        sql = self._applied(call, {**variables, **texts})
        long = [key for key, text in texts.items() if len(text) > _LONG]
        if not long or not self._repeats(call, long, variables):
            return sql
        name = f"_l{sum(1 for _ in p.walk(e))}"  # the same for equal expressions, as GROUP BY needs it; no inner one's
        fields = {key: f"{name}.a{key[1:]}" for key in texts}
        packed = ", ".join(f"a{key[1:]} := {text}" for key, text in texts.items())
        return bound_once(f"struct_pack({packed})", name, self._applied(call, {**variables, **fields}))

    def _repeats(self, call: p.Call, held: list[str], variables: Variables) -> bool:
        """Whether a call's template, or a macro in it, has one of these arguments more than once."""
        template = self._applied(
            call, {**variables, **{a.name: a.name for a in call.args if isinstance(a, p.Variable)}}
        )
        return bool(_MACROS.search(template)) or any(template.count(key) > 1 for key in held)

    def _applied(self, e: p.Call, variables: Variables) -> str:
        special = HIGHER_ORDER.get(e.function.name)
        if special is not None and any(isinstance(a, p.Lambda) for a in e.args):
            return special(self, e, variables)
        args = [self.write(a, variables) for a in e.args]
        sql = e.function.render(args, [a.type for a in e.args], e.type)
        return sql if len(args) < 2 or e.function.takes_nulls else _null_in_null_out(sql, e, args)

    def _cast(self, e: p.Cast, variables: Variables) -> str:
        inner = self.write(e.value, variables)
        sql = cast(inner, e.value.type, e.type)
        if len(inner) > _LONG and sql.count(inner) > 1:
            name = f"_l{sum(1 for _ in p.walk(e))}"
            sql = bound_once(inner, name, cast(name, e.value.type, e.type))
        if not e.safe or sql == inner:
            return sql
        if e.type.name == "timestamp with time zone" and e.value.type.is_text:  # another zone than UTC is no NULL
            instant = f"trino_timestamp_tz_instant({inner}, {e.type.numbers[0]})"
            return try_zoned(sql, [(sql, instant)], e.type)
        return f"TRY({sql})"

    def _lambda(self, e: p.Lambda, variables: Variables) -> str:
        return f"lambda {', '.join(e.params)}: {self.write(e.body, variables)}"

    def _aggregate(self, e: p.Aggregate, variables: Variables) -> str:
        text = self._rendered(e, variables)
        where = f" FILTER (WHERE {self.write(e.where, variables)})" if e.where is not None else ""
        order = f" ORDER BY {self.sorts(e.order_by)}" if e.order_by else ""

        def complete(name: str, inside: str) -> str:
            distinct = "DISTINCT " if e.distinct and not inside.startswith("DISTINCT") else ""
            return f"{name}({distinct}{inside}{order}){where}"

        return _calls(text, complete)

    def _rendered(self, e: p.Aggregate | p.Windowed, variables: Variables) -> str:
        args = [self.write(a, variables) for a in e.args]
        at = _ORDERING.get(e.function.name)
        if at is not None:
            args[at] = without_nulls(args[at], e.args[at].type)
        return e.function.render(args, [a.type for a in e.args], e.type)

    def _windowed(self, e: p.Windowed, variables: Variables) -> str:
        text = self._rendered(e, variables)
        where = f" FILTER (WHERE {self.write(e.where, variables)})" if e.where is not None else ""
        nulls = " IGNORE NULLS" if e.ignore_nulls else ""
        over = f" OVER ({self._window(e, variables)})"
        return _calls(text, lambda name, inside: f"{name}({inside}{nulls}){where}{over}")

    def _window(self, e: p.Windowed, variables: Variables) -> str:
        parts = []
        if e.partition_by:
            parts.append("PARTITION BY " + ", ".join(self.write(x, variables) for x in e.partition_by))
        if e.order_by:
            parts.append("ORDER BY " + self.sorts(e.order_by))
        if e.frame and e.start is not None:
            end = e.end or p.Bound("current")
            parts.append(f"{e.frame.upper()} BETWEEN {self._bound(e.start)} AND {self._bound(end)}")
        return " ".join(parts)

    def _bound(self, bound: p.Bound) -> str:
        if bound.value is not None:
            return f"{self.write(bound.value)} {bound.kind.upper()}"
        return "CURRENT ROW" if bound.kind == "current" else bound.kind.replace("_", " ").upper()

    def sorts(self, items: tuple[p.Sort, ...]) -> str:
        """ORDER BY's list: the direction and the place of NULLs always said."""
        return ", ".join(
            sort_key(
                without_nulls(instant(self.write(s.value), s.value.type), s.value.type),
                s.value.type,
                descending=s.descending,
                nulls_first=s.nulls_first,
            )
            for s in items
        )

    def _grouping(self, e: p.Grouping, _variables: Variables) -> str:
        return f"CAST(grouping({', '.join(self.write(a) for a in e.args)}) AS {duck_type(e.type)})"

    def _subquery(self, e: p.Subquery, variables: Variables) -> str:
        inner = self.query(e.query)
        if e.kind == "scalar":
            return f"({inner})"
        if e.kind == "exists":
            return f"EXISTS ({inner})"
        value = self.write(e.args[0], variables)
        common, output = e.args[0].type, e.query.outputs[0].type
        if common != output and duck_type(common) != duck_type(output):
            inner = f"SELECT {cast('s.c0', output, common)} AS c0 FROM ({inner}) AS s"
        if common.inner:  # a NULL inside would be compared as a value like any other
            value = without_nulls(value, common)
            inner = f"SELECT {without_nulls('s.c0', common)} AS c0 FROM ({inner}) AS s"
        if e.kind == "in":
            return f"({value} IN ({inner}))"
        operator, quantifier = e.kind.split(" ")
        return f"({value} {operator} {quantifier.upper()} ({inner}))"


def _null_in_null_out(sql: str, e: p.Call, args: list[str]) -> str:
    """Trino does not call a function with a NULL (nor does it fail then); DuckDB's templates may."""
    if any(isinstance(a, p.Const) and a.value is None for a in e.args):
        return f"CAST(NULL AS {duck_type(e.type)})"
    known = [f"{x} IS NULL" for x, a in zip(args, e.args, strict=True) if not isinstance(a, p.Const | p.Lambda)]
    return f"(CASE WHEN {' OR '.join(known)} THEN NULL ELSE {sql} END)" if known else sql


def constant(e: p.Const) -> str:  # noqa: PLR0911 - one kind a line
    """A typed constant."""
    kind = duck_type(e.type)
    if e.value is None:
        return f"CAST(NULL AS {kind})"
    match e.type.name:
        case "boolean":
            return e.value
        case "varchar" | "json" | "char":
            return literal(e.value)
        case "varbinary":
            return f"unhex({literal(e.value)})"
        case "interval year to month":
            return f"to_months(CAST({literal(e.value)} AS INTEGER))"
        case "interval day to second":
            return f"to_microseconds(CAST({literal(e.value)} AS BIGINT))"
        case "integer":
            return f"CAST({e.value} AS INTEGER)"
    return f"CAST({literal(e.value)} AS {kind})"


def _calls(template: str, complete: Callable[[str, str], str]) -> str:
    """A template with each marked call completed; one without marks is a call as a whole."""

    def one(call: str) -> str:
        name, _, arguments = call.partition("(")
        return complete(name, arguments[:-1])

    if "⟨" not in template:
        return one(template)
    return re.sub(r"⟨(.*?)⟩", lambda found: one(found.group(1)), template, flags=re.DOTALL)


_RULES: Final[dict[type, Callable[..., str]]] = {
    p.Const: ExpressionWriter._const, p.Column: ExpressionWriter._column, p.Variable: ExpressionWriter._variable,
    p.Call: ExpressionWriter._call, p.Cast: ExpressionWriter._cast, p.Lambda: ExpressionWriter._lambda,
    p.Aggregate: ExpressionWriter._aggregate, p.Windowed: ExpressionWriter._windowed,
    p.Grouping: ExpressionWriter._grouping, p.Subquery: ExpressionWriter._subquery,
}  # fmt: skip
