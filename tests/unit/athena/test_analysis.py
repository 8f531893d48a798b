"""Bind and type, against a catalog in memory; rewrite, as far as its SQL shows."""

import pytest

from lakeward_local.athena import types as t
from lakeward_local.athena.analysis import plan as p
from lakeward_local.athena.analysis.queries import QueryAnalyzer
from lakeward_local.athena.analysis.relations import Environment
from lakeward_local.athena.analysis.scope import Scope
from lakeward_local.athena.catalog.model import Column, Table, View
from lakeward_local.athena.errors import QueryError
from lakeward_local.athena.rewrite.queries import QueryWriter
from lakeward_local.athena.syntax.queries import parse_query

TABLE = Table("db", "t", "hive", (Column("a", t.INTEGER), Column("b", t.VARCHAR), Column("p", t.VARCHAR)), ("p",))


class FakeCatalog:
    """One table and the views it is given."""

    def __init__(self, *views: View) -> None:
        self.known: dict[str, Table | View] = {"t": TABLE} | {v.name: v for v in views}

    def find(self, database: str, name: str) -> Table | View:
        if name not in self.known:
            raise QueryError("TABLE_NOT_FOUND", f"Table 'awsdatacatalog.{database}.{name}' does not exist", (1, 1))
        return self.known[name]


def analysed(sql: str, *views: View) -> p.QueryPlan:
    return QueryAnalyzer(FakeCatalog(*views)).query(parse_query(sql), Scope(), Environment("db"))


def scans(sql: str, *views: View) -> list[p.Scan]:
    found: list[p.Scan] = []

    def reader(scan: p.Scan) -> str:
        found.append(scan)
        return "SELECT 1"

    QueryWriter(reader).query(analysed(sql, *views))
    return found


def test_outputs_have_the_names_and_types_that_athena_shows():
    found = analysed('SELECT a, a + 1, count(*) AS "N", sum(a) s FROM t GROUP BY a')

    assert found.outputs == (
        p.Output("a", t.INTEGER), p.Output("_col1", t.INTEGER, named=False), p.Output("N", t.BIGINT), p.Output("s", t.BIGINT))  # fmt: skip  # noqa: E501


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("SELECT nope FROM t", "COLUMN_NOT_FOUND: line 1:8: Column 'nope' cannot be resolved"),
        ("SELECT * FROM u", "TABLE_NOT_FOUND: line 1:1: Table 'awsdatacatalog.db.u' does not exist"),
        (
            "SELECT a || 1 FROM t",
            "TYPE_MISMATCH: line 1:10: Unexpected parameters (integer, integer) for function concat",
        ),
        ("SELECT a = 'x' FROM t", "TYPE_MISMATCH: line 1:10: Cannot apply operator: integer = varchar(1)"),
        ("SELECT a, count(*) FROM t", "EXPRESSION_NOT_AGGREGATE: line 1:8: 'a' must be an aggregate expression"),
        ("SELECT nosuch(a) FROM t", "FUNCTION_NOT_FOUND: line 1:8: Function 'nosuch' not registered"),
        (
            "SELECT word_stem(b) FROM t",
            "NOT_SUPPORTED: line 1:8: the local Athena does not support the function word_stem",
        ),
    ],
)
def test_what_does_not_bind_or_fit_is_refused_where_it_stands(sql, error):
    with pytest.raises(QueryError) as refused:
        analysed(sql)

    assert str(refused.value).startswith(error)


def test_a_scan_reads_only_the_columns_that_the_query_names():
    assert [list(s.used) for s in scans("SELECT b FROM t WHERE a > 1")] == [["a", "b"]]


def test_conditions_reach_the_scan_through_views_but_not_the_null_side_of_an_outer_join():
    view = View("db", "v", "SELECT a AS x, p AS day FROM t", "db", (Column("x", t.INTEGER), Column("day", t.VARCHAR)))

    assert [len(s.filters) for s in scans("SELECT x FROM v WHERE day = 'd' AND x = 1", view)] == [2]
    assert [
        len(s.filters) for s in scans("SELECT l.a FROM t l LEFT JOIN t r ON l.a = r.a WHERE r.p = 'd' AND l.p = 'd'")
    ] == [1, 0]


def test_a_view_whose_query_no_longer_fits_its_columns_is_stale():
    view = View("db", "v", "SELECT b AS x FROM t", "db", (Column("x", t.INTEGER),))

    with pytest.raises(QueryError, match="VIEW_IS_STALE"):
        analysed("SELECT x FROM v", view)


def test_a_view_that_reads_itself_is_refused():
    view = View("db", "v", "SELECT x FROM v", "db", (Column("x", t.INTEGER),))

    with pytest.raises(QueryError, match="VIEW_IS_RECURSIVE"):
        analysed("SELECT x FROM v", view)


def test_no_name_of_the_users_reaches_duckdb():
    sql = QueryWriter(lambda _scan: "SELECT 1").query(
        analysed('SELECT b AS "x; DROP TABLE y" FROM t WHERE a = 1 ORDER BY 1')
    )

    assert sql == (
        'SELECT "r0"."c1" AS c0 FROM (SELECT 1) AS "r0" WHERE ("r0"."c0" = CAST(1 AS INTEGER)) ORDER BY 1 ASC NULLS LAST'  # noqa: E501
    )
