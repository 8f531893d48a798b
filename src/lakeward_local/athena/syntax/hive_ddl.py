"""Hive's DDL as Athena takes it. https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html"""

from __future__ import annotations

import re
from typing import Any, Final

from lakeward_local.athena.errors import unsupported
from lakeward_local.athena.syntax import statement_nodes as s
from lakeward_local.athena.syntax.queries import QueryParser

Properties = tuple[tuple[str, str], ...]
_TRANSFORMS: Final = {"year", "month", "day", "hour", "bucket", "truncate"}


class HiveDdlParser(QueryParser):
    """Reads DDL; names may stand in backquotes."""

    # ---- CREATE

    def create_database(self) -> s.Statement:
        lenient = self.take("if", "not", "exists")
        name = self.name().text
        comment = self.string() if self.take("comment") else None
        location = self.string() if self.take("location") else None
        properties = self._pairs() if self.take("with", "dbproperties") else ()
        return s.CreateDatabase(name, lenient, comment, location, properties)

    def create_table(self, name: tuple[str, ...], *, external: bool, lenient: bool) -> s.Statement:
        columns = self._columns() if self.here.text == "(" else ()
        parts: dict[str, Any] = {}
        while self.here.kind != "end" and self.here.text != ";":
            self._clause(parts)
        return s.CreateTable(name, external, lenient, columns, **parts)

    def _clause(self, parts: dict[str, Any]) -> None:
        """One clause behind the columns; they come in any order that Athena allows."""
        if self.take("comment"):
            parts["comment"] = self.string()
        elif self.take("partitioned", "by"):
            parts["partitions"], parts["transforms"] = self._partitioned_by()
        elif self.take("row", "format", "serde"):
            parts["serde"] = self.string()
            if self.take("with", "serdeproperties"):
                parts["serde_properties"] = self._pairs()
        elif self.take("row", "format", "delimited"):
            parts["serde_properties"] = self._delimited()
        elif self.take("stored", "as", "inputformat"):
            parts["input_format"] = self.string()
            self.expect("outputformat")
            parts["output_format"] = self.string()
        elif self.take("stored", "as"):
            parts["stored_as"] = self.name().text
        elif self.take("location"):
            parts["location"] = self.string()
        elif self.take("tblproperties"):
            parts["properties"] = self._pairs()
        elif self.take("clustered", "by"):
            names = self.name_list()
            self.expect("into")
            parts["buckets"] = (names, self.integer())
            self.expect("buckets")
        else:
            raise self.fail("'COMMENT', 'LOCATION', 'PARTITIONED', 'ROW', 'STORED', 'TBLPROPERTIES', <EOF>")

    def _columns(self) -> tuple[s.ColumnDefinition, ...]:
        self.expect("(")
        found = [self._column()]
        while self.take(","):
            found.append(self._column())
        self.expect(")")
        return tuple(found)

    def _column(self) -> s.ColumnDefinition:
        name = self.name().text
        kind = self._hive_type()
        return s.ColumnDefinition(name, kind, self.string() if self.take("comment") else None)

    def _hive_type(self) -> str:
        """A type's text: ``map<string,array<int>>``, ``decimal(10,2)``."""
        if self.here.kind != "word":
            raise self.fail("<type>")
        text = self.advance().text.lower()
        if self.here.text in {"<", "("}:
            depth = 0
            while True:
                token = self.advance()
                if token.kind == "end":
                    raise self.fail("'>'", token)
                depth += token.text.count("<") + (token.text == "(") - (token.text == ")")
                depth -= token.text.count(">")
                text += token.text.strip("`").lower() if token.kind == "backquoted" else token.text.lower()
                if depth <= 0:
                    break
        return text

    def _partitioned_by(self) -> tuple[tuple[s.ColumnDefinition, ...], tuple[s.Transform, ...]]:
        """Hive's typed columns, or Iceberg's names and transforms."""
        self.expect("(")
        columns, transforms = [], []
        while True:
            if self.here.word in _TRANSFORMS and self.ahead().text == "(":
                transforms.append(self._transform())
            elif self.ahead().text in {",", ")"}:
                transforms.append(s.Transform("identity", self.name().text))
            else:
                columns.append(self._column())
            if not self.take(","):
                break
        self.expect(")")
        return tuple(columns), tuple(transforms)

    def _transform(self) -> s.Transform:
        name = self.advance().word
        self.expect("(")
        argument = self.integer() if self.here.kind == "integer" else None
        if argument is not None:
            self.expect(",")
        column = self.name().text
        if self.take(","):
            argument = self.integer()
        self.expect(")")
        return s.Transform(name, column, argument)

    def _delimited(self) -> Properties:
        found = []
        while True:
            if self.take("fields", "terminated", "by"):
                found += [("field.delim", self.string())]
                found += [("escape.delim", self.string())] if self.take("escaped", "by") else []
            elif self.take("collection", "items", "terminated", "by"):
                found.append(("collection.delim", self.string()))
            elif self.take("map", "keys", "terminated", "by"):
                found.append(("mapkey.delim", self.string()))
            elif self.take("lines", "terminated", "by"):
                found.append(("line.delim", self.string()))
            elif self.take("null", "defined", "as"):
                found.append(("serialization.null.format", self.string()))
            else:
                return tuple(found)

    def _pairs(self) -> Properties:
        """``('a'='b', ...)``."""
        self.expect("(")
        found = []
        while True:
            name = self._quoted()
            self.expect("=")
            found.append((name, self._quoted()))
            if not self.take(","):
                break
        self.expect(")")
        return tuple(found)

    def _quoted(self) -> str:
        if self.here.kind == "quoted":
            return self.advance().text[1:-1]
        return self.string()

    # ---- DROP, ALTER, MSCK

    def drop(self) -> s.Statement:
        self.expect("drop")
        kind = self.take_any("table", "view", "database", "schema")
        if kind is None:
            raise self.fail("'DATABASE', 'SCHEMA', 'TABLE', 'VIEW'")
        lenient = self.take("if", "exists")
        name = self.dotted_name()
        cascade = self.take_any("cascade", "restrict") == "cascade"
        return s.Drop("database" if kind == "schema" else kind, name, lenient, cascade)

    def repair(self) -> s.Statement:
        self.expect("msck", "repair", "table")
        return s.Repair(self.dotted_name())

    def alter(self) -> s.Statement:  # noqa: PLR0911 - one kind a line
        self.expect("alter")
        if self.take_any("database", "schema"):
            database = self.name().text
            self.expect("set", "dbproperties")
            return s.Alter((database,), "set_database_properties", properties=self._pairs())
        self.expect("table")
        name = self.dotted_name()
        if self.take("add"):
            return self._alter_add(name)
        if self.take("drop"):
            if self.take("column"):
                return s.Alter(name, "drop_column", text=self.name().text)
            lenient = self.take("if", "exists")
            return s.Alter(name, "drop_partitions", lenient, self._partitions())
        if self.take("set", "location"):
            return s.Alter(name, "set_location", text=self.string())
        if self.take("set", "tblproperties"):
            return s.Alter(name, "set_properties", properties=self._pairs())
        if self.take("unset", "tblproperties"):
            self.expect("(")
            names = [self._quoted()]
            while self.take(","):
                names.append(self._quoted())
            self.expect(")")
            return s.Alter(name, "unset_properties", properties=tuple((x, "") for x in names))
        if self.take("replace", "columns"):
            return s.Alter(name, "replace_columns", columns=self._columns())
        if self.take("change", "column") or self.take("change"):
            old, column = self.name().text, self._column()
            place = "first" if self.take("first") else f"after {self.name().text}" if self.take("after") else ""
            return s.Alter(name, "change_column", columns=(column,), old=old, text=place)
        if self.take("rename", "column"):
            old = self.name().text
            self.expect("to")
            return s.Alter(name, "rename_column", old=old, text=self.name().text)
        if self.at_words("partition"):
            return self._alter_partition(name)
        raise self.fail("'ADD', 'CHANGE', 'DROP', 'PARTITION', 'RENAME', 'REPLACE', 'SET'")

    def _alter_add(self, name: tuple[str, ...]) -> s.Statement:
        if self.take("columns"):
            return s.Alter(name, "add_columns", columns=self._columns())
        lenient = self.take("if", "not", "exists")
        return s.Alter(name, "add_partitions", lenient, self._partitions())

    def _alter_partition(self, name: tuple[str, ...]) -> s.Statement:
        spec = self._partition()
        if self.take("set", "location"):
            return s.Alter(name, "set_partition_location", partitions=(s.PartitionSpec(spec.values, self.string()),))
        self.expect("rename", "to")
        return s.Alter(name, "rename_partition", partitions=(spec, self._partition()))

    def _partitions(self) -> tuple[s.PartitionSpec, ...]:
        found = []
        while self.at_words("partition"):
            spec = self._partition()
            found.append(s.PartitionSpec(spec.values, self.string()) if self.take("location") else spec)
            self.take(",")
        if not found:
            raise self.fail("'PARTITION'")
        return tuple(found)

    def _partition(self) -> s.PartitionSpec:
        self.expect("partition", "(")
        values = []
        while True:
            key = self.name().text
            self.expect("=")
            values.append((key, self.string() if self.here.kind == "string" else self.advance().text))
            if not self.take(","):
                break
        self.expect(")")
        return s.PartitionSpec(tuple(values))

    # ---- SHOW, DESCRIBE

    def show(self) -> s.Statement:
        self.expect("show")
        if self.take_any("databases", "schemas"):
            self.take("like")
            return s.Show("databases", pattern=self.string() if self.here.kind == "string" else None)
        what = self.take_any("tables", "views")
        if what:
            database = self.dotted_name() if self.take_any("in", "from") else ()
            self.take("like")
            return s.Show(what, database, self.string() if self.here.kind == "string" else None)
        if self.take("partitions"):
            return s.Show("partitions", self.dotted_name())
        if self.take("columns"):
            if not self.take_any("in", "from"):
                raise self.fail("'FROM', 'IN'")
            name = self.dotted_name()
            return s.Show("columns", (*self.dotted_name(), *name) if self.take_any("in", "from") else name)
        if self.take("create", "table") or self.at_words("create", "view"):
            is_view = self.take("create", "view")
            return s.Show("create view" if is_view else "create table", self.dotted_name())
        if self.take("tblproperties"):
            name = self.dotted_name()
            pattern = None
            if self.take("("):
                pattern = self._quoted()
                self.expect(")")
            return s.Show("tblproperties", name, pattern)
        raise self.fail("'COLUMNS', 'CREATE', 'DATABASES', 'PARTITIONS', 'SCHEMAS', 'TABLES', 'TBLPROPERTIES', 'VIEWS'")

    def describe(self) -> s.Statement:
        self.advance()
        if self.at_words("extended"):
            raise unsupported("DESCRIBE EXTENDED", self.here.at)
        formatted = self.take("formatted")
        view = self.take("view")
        name = self.dotted_name()
        if self.at_words("partition") or self.at_name():
            raise unsupported("DESCRIBE of a partition or a column", self.here.at)
        return s.Describe(name, view, formatted)


def plain_pattern(pattern: str | None) -> str:
    """Hive's SHOW pattern, ``a*|b``, as a regular expression."""
    return "|".join(re.escape(x).replace(r"\*", ".*") for x in (pattern or "*").lower().split("|"))
