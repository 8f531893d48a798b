"""Types, function tables and rendering: what is known is written in tables, and the tables are whole."""

from datetime import datetime
from decimal import Decimal

import pytest

from lakeward_local.athena import types as t
from lakeward_local.athena.catalog.hive_types import hive_type
from lakeward_local.athena.functions.catalogue import UNSUPPORTED, by_name
from lakeward_local.athena.native import datetimes, jsons, numbers, patterns, regexps, texts
from lakeward_local.athena.render import renderer
from lakeward_local.athena.session import Sessions


@pytest.mark.parametrize(
    "text",
    [
        "integer",
        "decimal(10,2)",
        "varchar(5)",
        "timestamp(6)",
        "timestamp(3) with time zone",
        "array(map(varchar, bigint))",
        "row(a integer, b row(c double))",
        "row(integer, varchar)",
        "interval day to second",
    ],
)
def test_a_types_text_reads_back(text):
    assert str(t.parse_type(text)) == text


@pytest.mark.parametrize(
    ("glue", "trino"),
    [
        ("string", "varchar"),
        ("struct<a:int,b:array<float>>", "row(a integer, b array(real))"),
        ("timestamp", "timestamp(3)"),
        ("map<string,decimal(5,1)>", "map(varchar, decimal(5,1))"),
        ("binary", "varbinary"),
    ],
)
def test_glue_types_are_trinos(glue, trino):
    kind = t.parse_type(glue, hive=True)

    assert str(kind) == trino
    assert t.parse_type(hive_type(kind), hive=True) == kind


@pytest.mark.parametrize(
    ("a", "b", "common"),
    [
        ("integer", "bigint", "bigint"),
        ("integer", "decimal(3,1)", "decimal(11,1)"),
        ("decimal(3,1)", "double", "double"),
        ("date", "timestamp(3)", "timestamp(3)"),
        ("varchar(2)", "varchar(5)", "varchar(5)"),
        ("varchar", "integer", "None"),
        ("array(integer)", "array(double)", "array(double)"),
        ("unknown", "date", "date"),
        ("boolean", "integer", "None"),
    ],
)
def test_common_types_are_trinos(a, b, common):
    assert str(t.common_type(t.parse_type(a), t.parse_type(b))) == common
    assert str(t.common_type(t.parse_type(b), t.parse_type(a))) == common


def test_every_function_that_a_template_calls_exists():
    import re

    sessions = Sessions(threads=1)
    known = {row[0] for row in sessions.cursor().execute("SELECT function_name FROM duckdb_functions()").fetchall()}
    called = set()
    for overloads in by_name().values():
        for function in overloads:
            called |= set(re.findall(r"trino_\w+", function.template if isinstance(function.template, str) else ""))
    sessions.close()

    assert called <= known


def test_no_function_is_both_known_and_unsupported():
    assert UNSUPPORTED.isdisjoint(by_name())


def test_every_native_function_is_named_once():
    names = [x.name for table in (datetimes, jsons, numbers, patterns, regexps, texts) for x in table.NATIVES]

    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("double", 1e7, "1.0E7"),
        ("double", 0.001, "0.001"),
        ("double", -0.0, "-0.0"),
        ("real", 0.10000000149011612, "0.1"),
        ("decimal(5,2)", Decimal("1.50"), "1.50"),
        ("timestamp(0)", datetime(2024, 1, 2), "2024-01-02 00:00:00.000"),
        ("timestamp(6)", datetime(2024, 1, 2), "2024-01-02 00:00:00.000000"),
        ("varbinary", b"\x01\xff", "01 ff"),
        ("array(varchar)", ["a", None], "[a, null]"),
        ("row(a integer, b varchar)", {"f0": 1, "f1": None}, "{a=1, b=null}"),
        ("map(varchar, double)", {"k": 1.0}, "{k=1.0}"),
        ("interval year to month", -14, "-1-2"),
        ("char(3)", "a", "a  "),
    ],
)
def test_values_are_shown_as_athena_shows_them(kind, value, shown):
    assert renderer(t.parse_type(kind))(value) == shown
    assert renderer(t.parse_type(kind))(None) is None
