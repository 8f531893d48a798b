"""Queries: SELECT, set operations, VALUES, WITH, relations, window and grouping clauses."""

from __future__ import annotations

from itertools import product

from lakeward_local.athena.syntax import nodes as n
from lakeward_local.athena.syntax.calls import CallParser
from lakeward_local.athena.syntax.relations import RelationParser


class QueryParser(RelationParser, CallParser):
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
        start = self.position
        offset, limit, with_ties = self._limits()
        fetch = any(token.word == "fetch" for token in self.tokens[start : self.position])
        return n.Query(body, tuple(tables), recursive, order_by, offset, limit, with_ties, fetch, at=at)

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

    def _group_by(self) -> n.GroupBy:
        self.expect("by")
        distinct = self.take_any("all", "distinct") == "distinct"
        elements: list[tuple[tuple[n.Expression, ...], ...]] = []
        columns_only = []
        while not elements or self.take(","):
            if self.at_words("rollup", "(") or self.at_words("cube", "(") or self.at_words("grouping", "sets"):
                columns_only.append(len(elements))
            elements.append(self._grouping_element())
        return n.GroupBy(tuple(elements), distinct, tuple(columns_only))

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
