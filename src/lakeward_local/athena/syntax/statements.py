"""Statements: which kind stands there, and its parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lakeward_local.athena.errors import QueryError, unsupported
from lakeward_local.athena.syntax import nodes as n
from lakeward_local.athena.syntax import statement_nodes as s
from lakeward_local.athena.syntax.hive_ddl import HiveDdlParser

_EXPECTED: Final = (
    "'ALTER', 'CREATE', 'DEALLOCATE', 'DELETE', 'DESCRIBE', 'DROP', 'EXECUTE', 'EXPLAIN', 'INSERT', 'MERGE', "
    "'MSCK', 'OPTIMIZE', 'PREPARE', 'SHOW', 'UNLOAD', 'UPDATE', 'VACUUM', 'VALUES', 'WITH', <query>"
)


class StatementParser(HiveDdlParser):
    """Reads one statement of any kind."""

    def statement(self) -> s.Statement:
        word = self.here.word
        if self.here.text == "(" or word in {"select", "with", "values", "table"}:
            query = self.query()
            self.end()
            return s.QueryStatement(query)
        reader = _READERS.get(word)
        if reader is None:
            raise self.fail(_EXPECTED)
        self.backquotes = word in {"create", "drop", "alter", "msck", "show", "describe", "desc"}
        found = reader(self)
        self.end()
        return found

    # ---- queries around queries

    def explain(self) -> s.Statement:
        self.expect("explain")
        analyze = self.take("analyze")
        validates = False
        if self.here.text == "(" and not self.at_query():
            while not self.take(")"):
                if self.here.kind == "end":
                    raise self.fail("')'")
                validates = validates or self.at_words("type", "validate")
                self.advance()
        return s.Explain(self.query(), analyze, validates)

    def prepare(self) -> s.Statement:
        self.expect("prepare")
        name = self.name().text
        self.expect("from")
        return s.Prepare(name, self.rest())

    def execute(self) -> s.Statement:
        self.expect("execute")
        name = self.name().text
        return s.Execute(name, self.expressions() if self.take("using") else ())

    def deallocate(self) -> s.Statement:
        self.expect("deallocate", "prepare")
        return s.Deallocate(self.name().text)

    def unload(self) -> s.Statement:
        self.expect("unload", "(")
        query = self.query()
        self.expect(")", "to")
        location = self.string()
        return s.Unload(query, location, self._with_properties() if self.take("with") else ())

    # ---- DML

    def insert(self) -> s.Statement:
        self.expect("insert", "into")
        table = self.dotted_name()
        columns: tuple[str, ...] = ()
        if self.here.text == "(" and not self.at_query():
            columns = self.name_list()
        return s.Insert(table, columns, self.query())

    def delete(self) -> s.Statement:
        self.expect("delete", "from")
        table = self.dotted_name()
        return s.Delete(table, self.expression() if self.take("where") else None)

    def update(self) -> s.Statement:
        self.expect("update")
        table = self.dotted_name()
        self.expect("set")
        assignments = self._assignments()
        return s.Update(table, assignments, self.expression() if self.take("where") else None)

    def _assignments(self) -> tuple[tuple[str, n.Expression], ...]:
        found = []
        while True:
            parts = self.dotted_name()
            self.expect("=")
            found.append((parts[-1], self.expression()))
            if not self.take(","):
                return tuple(found)

    def merge(self) -> s.Statement:
        self.expect("merge", "into")
        table = self.dotted_name()
        self.take("as")
        alias = self.name().text if self.at_name() and self.here.word != "using" else table[-1]
        self.expect("using")
        source = self._aliased()
        self.expect("on")
        condition = self.expression()
        cases = []
        while self.take("when"):
            cases.append(self._merge_case())
        if not cases:
            raise self.fail("'WHEN'")
        return s.Merge(table, alias, source, condition, tuple(cases))

    def _merge_case(self) -> s.MergeCase:
        matched = not self.take("not")
        self.expect("matched")
        condition = self.expression() if self.take("and") else None
        self.expect("then")
        if self.take("delete"):
            return s.MergeCase(matched, condition, "delete")
        if self.take("update"):
            self.expect("set")
            return s.MergeCase(matched, condition, "update", self._assignments())
        self.expect("insert")
        names = self.name_list() if self.here.text == "(" else ()
        self.expect("values", "(")
        values = self.expressions()
        self.expect(")")
        if names and len(names) != len(values):
            raise QueryError(
                "MISMATCHED_COLUMN_ALIASES", f"Insert column list has {len(names)} entries, VALUES {len(values)}"
            )
        return s.MergeCase(matched, condition, "insert", tuple(zip(names or [""] * len(values), values, strict=True)))

    def optimize(self) -> s.Statement:
        self.expect("optimize")
        name = self.dotted_name()
        self.expect("rewrite", "data", "using", "bin_pack")
        return s.Optimize(name, self.expression() if self.take("where") else None)

    def vacuum(self) -> s.Statement:
        self.expect("vacuum")
        return s.Vacuum(self.dotted_name())

    # ---- CREATE

    def create(self) -> s.Statement:
        self.expect("create")
        replace = self.take("or", "replace")
        if self.take("view"):
            name = self.dotted_name()
            self.expect("as")
            self.backquotes = False
            start = self.here.start
            query = self.query()
            last = self.here.start if self.here.kind != "end" else self.tokens[-1].start
            return s.CreateView(name, replace, self.sql[start:last].strip(), query)
        if replace:
            raise self.fail("'VIEW'")
        if self.take_any("database", "schema"):
            return self.create_database()
        external = self.take("external")
        if not self.take("table"):
            raise self.fail("'DATABASE', 'EXTERNAL', 'SCHEMA', 'TABLE', 'VIEW'")
        lenient = self.take("if", "not", "exists")
        name = self.dotted_name()
        if not external and self.here.text != "(" and not self.at_words("comment"):
            return self._create_table_as(name, lenient)
        if not external and self.here.text == "(" and self.at_query():
            return self._create_table_as(name, lenient)
        return self.create_table(name, external=external, lenient=lenient)

    def _create_table_as(self, name: tuple[str, ...], lenient: bool) -> s.Statement:
        properties = self._with_properties() if self.take("with") else ()
        self.expect("as")
        self.backquotes = False
        query = self.query()
        with_data = True
        if self.take("with"):
            with_data = not self.take("no")
            self.expect("data")
        return s.CreateTableAs(name, lenient, properties, query, with_data)

    def _with_properties(self) -> tuple[tuple[str, str | tuple[str, ...]], ...]:
        """``(format = 'PARQUET', partitioned_by = ARRAY['a'])``."""
        self.expect("(")
        found: list[tuple[str, str | tuple[str, ...]]] = []
        while True:
            name = self.string().lower() if self.here.kind == "string" else self.name().text
            self.expect("=")
            found.append((name, _constant(self.expression())))
            if not self.take(","):
                break
        self.expect(")")
        return tuple(found)


def _constant(value: n.Expression) -> str | tuple[str, ...]:
    if isinstance(value, n.ArrayOf):
        return tuple(str(_constant(item)) for item in value.items)
    if isinstance(value, n.Literal):
        return value.value
    raise unsupported("a table property that is no constant", value.at)


_READERS: Final[dict[str, Callable[[StatementParser], s.Statement]]] = {
    "explain": StatementParser.explain, "prepare": StatementParser.prepare, "execute": StatementParser.execute,
    "deallocate": StatementParser.deallocate, "unload": StatementParser.unload, "insert": StatementParser.insert,
    "delete": StatementParser.delete, "update": StatementParser.update, "merge": StatementParser.merge,
    "optimize": StatementParser.optimize, "vacuum": StatementParser.vacuum, "create": StatementParser.create,
    "drop": HiveDdlParser.drop, "alter": HiveDdlParser.alter, "msck": HiveDdlParser.repair, "show": HiveDdlParser.show,
    "describe": HiveDdlParser.describe, "desc": HiveDdlParser.describe,
}  # fmt: skip


def parse_statement(sql: str) -> s.Statement:
    """Read one statement.

    Raises:
        QueryError: SYNTAX_ERROR.
    """
    return StatementParser(sql).statement()
