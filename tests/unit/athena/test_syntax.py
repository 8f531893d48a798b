"""Parse: text to syntax tree."""

import pytest

from lakeward_local.athena.errors import QueryError
from lakeward_local.athena.syntax import nodes as n
from lakeward_local.athena.syntax import statement_nodes as s
from lakeward_local.athena.syntax.queries import parse_query
from lakeward_local.athena.syntax.statements import parse_statement


def value(sql: str) -> n.Expression:
    body = parse_query(f"SELECT {sql}").body
    assert isinstance(body, n.Select)
    return body.items[0].expression


def number(text: str) -> n.Literal:
    return n.Literal("integer", text)


def test_operators_bind_as_in_trino():
    product = n.Binary("*", number("2"), number("3"))

    assert value("1 + 2 * 3 || 'x'") == n.Binary("||", n.Binary("+", number("1"), product), n.Literal("string", "x"))
    assert value("NOT 1 = 2 AND true") == n.Logical(
        "and", (n.Not(n.Binary("=", number("1"), number("2"))), n.Literal("boolean", "true"))
    )


def test_names_are_lower_case_and_remember_how_they_were_written():
    found = value('"My Col"')

    assert isinstance(found, n.Name)
    assert (found.text, found.written) == ("my col", "My Col")


@pytest.mark.parametrize(
    ("sql", "where"),
    [
        ("SELEC 1", "line 1:1: mismatched input 'SELEC'"),
        ("SELECT 1\nFROM", "line 2:5: mismatched input '<EOF>'"),
        ("SELECT `a`", "line 1:8: backquoted identifiers are not supported"),
        ("SELECT 1::int", "line 1:9: mismatched input ':'"),
        ("SELECT 1 LIMIT 1 OFFSET 1", "line 1:18: mismatched input 'OFFSET'"),
        ("SELECT 1a", "line 1:8: identifiers must not start with a digit"),
    ],
)
def test_a_syntax_error_says_where(sql, where):
    with pytest.raises(QueryError, match="SYNTAX_ERROR") as refused:
        parse_statement(sql)

    assert refused.value.message.startswith(where)


def test_hive_ddl_keeps_what_it_declares():
    found = parse_statement(
        "CREATE EXTERNAL TABLE IF NOT EXISTS `d`.`t` (`a` int COMMENT 'x', b map<string,array<int>>) "
        "PARTITIONED BY (p string) STORED AS PARQUET LOCATION 's3://b/k/' TBLPROPERTIES ('k'='v')"
    )

    assert found == s.CreateTable(
        ("d", "t"), True, True,
        (s.ColumnDefinition("a", "int", "x"), s.ColumnDefinition("b", "map<string,array<int>>")),
        partitions=(s.ColumnDefinition("p", "string"),), stored_as="parquet", location="s3://b/k/",
        properties=(("k", "v"),),
    )  # fmt: skip


def test_iceberg_transforms_are_read():
    found = parse_statement(
        "CREATE TABLE t (a int) PARTITIONED BY (day(ts), bucket(4, id), region) LOCATION 's3://b/' "
        "TBLPROPERTIES ('table_type'='ICEBERG')"
    )

    assert isinstance(found, s.CreateTable)
    assert found.transforms == (
        s.Transform("day", "ts"), s.Transform("bucket", "id", 4), s.Transform("identity", "region"))  # fmt: skip


def test_a_views_text_is_kept_as_it_was_written():
    found = parse_statement("CREATE OR REPLACE VIEW v AS SELECT  a,\n b FROM t ;")

    assert isinstance(found, s.CreateView)
    assert (found.replace, found.sql) == (True, "SELECT  a,\n b FROM t")
