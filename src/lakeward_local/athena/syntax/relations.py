"""FROM: tables, joins, UNNEST, LATERAL, samples."""

from __future__ import annotations

from typing import Final

from lakeward_local.athena.errors import Position, QueryError, unsupported
from lakeward_local.athena.syntax import nodes as n
from lakeward_local.athena.syntax.expressions import ExpressionParser

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

    def _at_clause(self) -> bool:
        """Whether a word that could be an alias begins a clause here: LIMIT and its kin are no reserved words."""
        word, following = self.here.word, self.ahead()
        if word in {"limit", "offset"}:
            return following.kind == "integer" or following.text == "?" or following.word == "all"
        if word == "fetch":
            return following.word in {"first", "next"}
        return word == "window" and self.ahead(2).word == "as"
