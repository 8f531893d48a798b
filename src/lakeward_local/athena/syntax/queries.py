"""Queries: SELECT, set operations, VALUES, WITH, relations, window and grouping clauses."""

from __future__ import annotations

from itertools import product
from typing import Final

from lakeward_local.athena.errors import Position, QueryError, unsupported
from lakeward_local.athena.syntax import nodes as n
from lakeward_local.athena.syntax.expressions import ExpressionParser

_JOIN_WORDS: Final = {"cross", "inner", "left", "right", "full", "natural", "join", "on", "using", "tablesample"}


class QueryParser(ExpressionParser):
    """Reads a whole query."""

    def query(self) -> n.Query:
        at = self.here.at
        tables: list[n.CommonTable] = []
        recursive = False
        if self.take("with"):
            recursive = self.take("recursive")
            tables.append(self._common_table())
            while self.take(","):
                tables.append(self._common_table())
        body = self._set_operation()
        order_by = self._order_by()
        offset, limit, with_ties = self._limits()
        return n.Query(body, tuple(tables), recursive, order_by, offset, limit, with_ties, at=at)

    def _common_table(self) -> n.CommonTable:
        name = self.name()
        columns = self.name_list() if self.here.text == "(" else ()
        self.expect("as", "(")
        query = self.query()
        self.expect(")")
        return n.CommonTable(name.text, columns, query, at=name.at)

    def _limits(self) -> tuple[n.Expression | None, n.Expression | None, bool]:
        offset = limit = None
        if self.take("offset"):
            offset = self._row_count()
            self.take_any("row", "rows")
        if self.take("limit"):
            limit = None if self.take("all") else self._row_count()
            return offset, limit, False
        if not self.take("fetch"):
            return offset, None, False
        if not self.take_any("first", "next"):
            raise self.fail("'FIRST', 'NEXT'")
        limit = n.Literal("integer", "1") if self.here.word in {"row", "rows"} else self._row_count()
        if not self.take_any("row", "rows"):
            raise self.fail("'ROW', 'ROWS'")
        if self.take("with", "ties"):
            return offset, limit, True
        self.expect("only")
        return offset, limit, False

    def _row_count(self) -> n.Expression:
        if self.here.kind != "integer" and self.here.text != "?":
            raise self.fail("'ALL', <integer>, '?'")
        return self._primary()

    def _order_by(self) -> tuple[n.SortItem, ...]:
        if not self.take("order"):
            return ()
        self.expect("by")
        items = [self._sort_item()]
        while self.take(","):
            items.append(self._sort_item())
        return tuple(items)

    def _sort_item(self) -> n.SortItem:
        at = self.here.at
        expression = self.expression()
        descending = self.take_any("asc", "desc") == "desc"
        nulls_first = None
        if self.take("nulls"):
            word = self.take_any("first", "last")
            if word is None:
                raise self.fail("'FIRST', 'LAST'")
            nulls_first = word == "first"
        return n.SortItem(expression, descending, nulls_first, at=at)

    # ---- bodies

    def _set_operation(self) -> n.Body:
        left = self._intersection()
        while True:
            at = self.here.at
            operator = self.take_any("union", "except")
            if operator is None:
                return left
            left = n.SetOperation(operator, self._distinct(), left, self._intersection(), at=at)

    def _intersection(self) -> n.Body:
        left = self._body()
        while True:
            at = self.here.at
            if not self.take("intersect"):
                return left
            left = n.SetOperation("intersect", self._distinct(), left, self._body(), at=at)

    def _distinct(self) -> bool:
        return self.take_any("all", "distinct") != "all"

    def _body(self) -> n.Body:
        at = self.here.at
        if self.take("("):
            query = self.query()
            self.expect(")")
            return n.Nested(query, at=at)
        if self.take("values"):
            rows = [self._values_row()]
            while self.take(","):
                rows.append(self._values_row())
            return n.Values(tuple(rows), at=at)
        if self.take("table"):
            table = n.TableName(self.dotted_name(), at=at)
            return n.Select((n.SelectItem(n.Star(at=at), at=at),), source=table, at=at)
        return self._select()

    def _values_row(self) -> tuple[n.Expression, ...]:
        value = self.expression()
        return value.items if isinstance(value, n.RowOf) else (value,)

    def _select(self) -> n.Select:
        at = self.here.at
        self.expect("select")
        distinct = self.take_any("distinct", "all") == "distinct"
        items = [self._select_item()]
        while self.take(","):
            items.append(self._select_item())
        source = self._relations() if self.take("from") else None
        where = self.expression() if self.take("where") else None
        group_by = self._group_by() if self.take("group") else None
        having = self.expression() if self.take("having") else None
        windows = self._windows() if self.take("window") else ()
        return n.Select(tuple(items), distinct, source, where, group_by, having, windows, at=at)

    def _select_item(self) -> n.SelectItem:
        at = self.here.at
        if self.take("*"):
            return n.SelectItem(n.Star(at=at), at=at)
        expression = self.expression()
        if self.here.text == "." and self.ahead().text == "*":
            self.position += 2
            aliases = self.name_list() if self.take("as") else ()
            return n.SelectItem(n.Star(_qualifier(expression), expression, aliases, at=at), at=at)
        if self.take("as"):
            return n.SelectItem(expression, self.name().written, at=at)
        named = self.at_name() and not self._at_clause()
        return n.SelectItem(expression, self.name().written if named else None, at=at)

    def _at_clause(self) -> bool:
        """Whether a word that could be an alias begins a clause here: LIMIT and its kin are no reserved words."""
        word, following = self.here.word, self.ahead()
        if word in {"limit", "offset"}:
            return following.kind == "integer" or following.text == "?" or following.word == "all"
        if word == "fetch":
            return following.word in {"first", "next"}
        return word == "window" and self.ahead(2).word == "as"

    def _group_by(self) -> n.GroupBy:
        self.expect("by")
        distinct = self.take_any("all", "distinct") == "distinct"
        elements = [self._grouping_element()]
        while self.take(","):
            elements.append(self._grouping_element())
        if distinct:
            raise unsupported("GROUP BY DISTINCT", self.here.at)
        return n.GroupBy(tuple(elements))

    def _grouping_element(self) -> tuple[tuple[n.Expression, ...], ...]:
        if self.at_words("rollup", "(") or self.at_words("cube", "("):
            rollup = self.advance().word == "rollup"
            self.expect("(")
            sets = [self._grouping_set()]
            while self.take(","):
                sets.append(self._grouping_set())
            self.expect(")")
            return _rollup(sets) if rollup else _cube(sets)
        if self.take("grouping", "sets"):
            self.expect("(")
            found = [self._grouping_set()]
            while self.take(","):
                found.append(self._grouping_set())
            self.expect(")")
            return tuple(found)
        return (self._grouping_set(),)

    def _grouping_set(self) -> tuple[n.Expression, ...]:
        if self.take("(", ")"):
            return ()
        value = self.expression()
        return value.items if isinstance(value, n.RowOf) else (value,)

    # ---- relations

    def _relations(self) -> n.Relation:
        left = self._joined()
        while self.take(","):
            left = n.Join("implicit", left, self._joined(), at=self.here.at)
        return left

    def _joined(self) -> n.Relation:
        left = self._sampled()
        while True:
            at = self.here.at
            kind = self._join_kind()
            if kind is None:
                return left
            if kind == "cross":
                left = n.Join("cross", left, self._sampled(), at=at)
                continue
            right = self._joined_operand()
            if self.take("using"):
                self.expect("(")
                names = [self.name()]
                while self.take(","):
                    names.append(self.name())
                self.expect(")")
                left = n.Join(kind, left, right, None, tuple(names), at=at)
            else:
                self.expect("on")
                left = n.Join(kind, left, right, self.expression(), at=at)

    def _joined_operand(self) -> n.Relation:
        return self._sampled()

    def _join_kind(self) -> str | None:
        if self.at_words("natural"):
            raise QueryError("NOT_SUPPORTED", "Natural join not supported", self.here.at)
        if self.take("cross", "join"):
            return "cross"
        if self.take("join"):
            return "inner"
        for kind in ("inner", "left", "right", "full"):
            if self.at_words(kind, "join") or self.at_words(kind, "outer", "join"):
                self.advance()
                self.take("outer")
                self.expect("join")
                return kind
        return None

    def _sampled(self) -> n.Relation:
        relation = self._aliased()
        at = self.here.at
        if not self.take("tablesample"):
            return relation
        method = self.take_any("bernoulli", "system")
        if method is None:
            raise self.fail("'BERNOULLI', 'SYSTEM'")
        self.expect("(")
        percent = self.expression()
        self.expect(")")
        return n.Sampled(relation, method, percent, at=at)

    def _aliased(self) -> n.Relation:
        relation = self._relation()
        at = self.here.at
        if self.at_words("match_recognize", "("):
            raise unsupported("MATCH_RECOGNIZE", at)
        explicit = self.take("as")
        if not explicit and (not self.at_name() or self.here.word in _JOIN_WORDS or self._at_clause()):
            return relation
        alias = self.name().text
        return n.Aliased(relation, alias, self.name_list() if self.here.text == "(" else (), at=at)

    def _relation(self) -> n.Relation:
        at = self.here.at
        if self.take("unnest"):
            self.expect("(")
            items = self.expressions()
            self.expect(")")
            return n.Unnest(items, self.take("with", "ordinality"), at=at)
        if self.at_words("lateral", "("):
            self.position += 2
            query = self.query()
            self.expect(")")
            return n.QueryRelation(query, lateral=True, at=at)
        if self.at_words("table", "("):
            raise unsupported("table functions", at)
        if self.take("("):
            if self.at_query():
                relation: n.Relation = self._query_or_relation(at)
            else:
                relation = self._relations()
            self.expect(")")
            return relation
        return self._table_name(at)

    def _query_or_relation(self, at: Position) -> n.Relation:
        """``((SELECT 1) x CROSS JOIN y)`` starts like a query and is none: try the query first."""
        start, parameters = self.position, self.parameters
        try:
            query = self.query()
            if self.here.text == ")":
                return n.QueryRelation(query, at=at)
        except QueryError:
            if self.tokens[start].text != "(":
                raise
        self.position, self.parameters = start, parameters
        return self._relations()

    def _table_name(self, at: Position) -> n.Relation:
        parts = self.dotted_name()
        if self.at_words("for", "version") or self.at_words("for", "timestamp") or self.at_words("for", "system_time"):
            self.advance()
            travel = "version" if self.advance().word == "version" else "timestamp"
            self.expect("as", "of")
            return n.TableName(parts, travel, self._concatenation(), at=at)
        return n.TableName(parts, at=at)

    # ---- calls and windows

    def call(self, name: str, at: Position | None = None) -> n.Expression:
        where = at or self.here.at
        self.expect("(")
        args: tuple[n.Expression, ...] = ()
        distinct = False
        order_by: tuple[n.SortItem, ...] = ()
        if name == "count" and self.take("*"):
            pass
        elif self.here.text != ")":
            distinct = self.take_any("distinct", "all") == "distinct"
            args = self.expressions()
            order_by = self._order_by()
        if name == "listagg" and self.take("on") and not self.take("overflow", "error"):
            raise unsupported("LISTAGG ... ON OVERFLOW TRUNCATE", self.here.at)
        self.expect(")")
        if self.take("within"):
            self.expect("group", "(")
            order_by = self._order_by()
            self.expect(")")
        filtered = None
        if self.at_words("filter", "("):
            self.position += 2
            self.expect("where")
            filtered = self.expression()
            self.expect(")")
        nulls = None
        if self.at_words("ignore", "nulls") or self.at_words("respect", "nulls"):
            nulls = self.advance().word
            self.advance()
        over = self._over() if self.take("over") else None
        return n.Call(name, args, distinct, order_by, filtered, over, nulls, at=where)

    def _over(self) -> n.Window:
        if self.here.text != "(":
            return n.Window(name=self.name().text)
        return self._window()

    def _windows(self) -> tuple[tuple[str, n.Window], ...]:
        found = []
        while True:
            name = self.name().text
            self.expect("as")
            found.append((name, self._window()))
            if not self.take(","):
                return tuple(found)

    def _window(self) -> n.Window:
        at = self.here.at
        self.expect("(")
        name = None
        if self.at_name() and self.here.word not in {"partition", "rows", "range", "groups"}:
            name = self.name().text
        partition_by: tuple[n.Expression, ...] = ()
        if self.take("partition"):
            self.expect("by")
            partition_by = self.expressions()
        order_by = self._order_by()
        frame = self.take_any("rows", "range", "groups")
        start = end = None
        if frame:
            if self.take("between"):
                start = self._frame_bound()
                self.expect("and")
                end = self._frame_bound()
            else:
                start = self._frame_bound()
        self.expect(")")
        return n.Window(name, partition_by, order_by, frame, start, end, at=at)

    def _frame_bound(self) -> n.FrameBound:
        at = self.here.at
        if self.take("unbounded"):
            word = self.take_any("preceding", "following")
            if word:
                return n.FrameBound(f"unbounded_{word}", at=at)
        elif self.take("current", "row"):
            return n.FrameBound("current", at=at)
        else:
            value = self.expression()
            word = self.take_any("preceding", "following")
            if word:
                return n.FrameBound(word, value, at=at)
        raise self.fail("'PRECEDING', 'FOLLOWING'")


def _qualifier(expression: n.Expression) -> tuple[str, ...]:
    if isinstance(expression, n.Name):
        return (expression.text,)
    if isinstance(expression, n.Dereference):
        base = _qualifier(expression.base)
        return (*base, expression.name.text) if base else ()
    return ()


def _rollup(sets: list[tuple[n.Expression, ...]]) -> tuple[tuple[n.Expression, ...], ...]:
    return tuple(sum(sets[:length], ()) for length in range(len(sets), -1, -1))


def _cube(sets: list[tuple[n.Expression, ...]]) -> tuple[tuple[n.Expression, ...], ...]:
    choices = product((True, False), repeat=len(sets))
    return tuple(sum((s for s, chosen in zip(sets, choice, strict=True) if chosen), ()) for choice in choices)


def parse_query(sql: str) -> n.Query:
    """Read one query and nothing behind it.

    Raises:
        QueryError: SYNTAX_ERROR, with Trino's ``line L:C: mismatched input``.
    """
    parser = QueryParser(sql)
    query = parser.query()
    parser.end()
    return query
