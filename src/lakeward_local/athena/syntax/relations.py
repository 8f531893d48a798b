"""FROM: tables, joins, UNNEST, LATERAL, samples."""

from __future__ import annotations

from typing import Final

from lakeward_local.athena.errors import Position, QueryError, unsupported
from lakeward_local.athena.syntax import nodes as n
from lakeward_local.athena.syntax.expressions import ExpressionParser, json_option

_JOIN_WORDS: Final = {"cross", "inner", "left", "right", "full", "natural", "join", "on", "using", "tablesample"}


class RelationParser(ExpressionParser):
    """Reads relations; queries inside them are read by the subclass."""

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
        if self.at_words("json_table", "("):
            return self._json_table(at)
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

    def _json_table(self, at: Position) -> n.Relation:
        self.position += 2
        value = self.expression()
        self.take("format", "json")
        self.expect(",")
        path = self.string()
        if self.take("as"):
            self.name()
        if self.at_words("passing"):
            raise unsupported("PASSING in JSON_TABLE", self.here.at)
        columns = self._json_columns()
        if self.at_words("plan"):
            raise unsupported("PLAN in JSON_TABLE", self.here.at)
        on_error = self.take_any("empty", "error") or "empty"
        if self.at_words("on", "error"):
            self.position += 2
        self.expect(")")
        return n.JsonTable(value, path, columns, on_error, at=at)

    def _json_columns(self) -> tuple[n.JsonColumn, ...]:
        self.expect("columns", "(")
        found = [self._json_column()]
        while self.take(","):
            found.append(self._json_column())
        self.expect(")")
        return tuple(found)

    def _json_column(self) -> n.JsonColumn:
        at = self.here.at
        if self.here.word == "nested" and (self.ahead().word == "path" or self.ahead().kind == "string"):
            self.advance()
            self.take("path")
            path = self.string()
            if self.take("as"):
                self.name()
            return n.JsonColumn("nested", "", "", path, columns=self._json_columns(), at=at)
        name = self.name().text
        if self.take("for", "ordinality"):
            return n.JsonColumn("ordinality", name, "bigint", "", at=at)
        kind_text = self.type_text()
        kind = "query" if self.take("format", "json") else "exists" if self.take("exists") else "value"
        path = self.string() if self.take("path") else f'lax $."{name}"'
        options: list[tuple[str, n.Expression | None]] = []
        while self.here.text not in {",", ")"}:
            options.append(json_option(self))
        return n.JsonColumn(kind, name, kind_text, path, tuple(options), at=at)

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

    def _at_clause(self) -> bool:
        """Whether a word that could be an alias begins a clause here: LIMIT and its kin are no reserved words."""
        word, following = self.here.word, self.ahead()
        if word in {"limit", "offset"}:
            return following.kind == "integer" or following.text == "?" or following.word == "all"
        if word == "fetch":
            return following.word in {"first", "next"}
        return word == "window" and self.ahead(2).word == "as"
