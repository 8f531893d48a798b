"""Expressions over values that break them: nothing raises, and Python thinks the same of every one."""

import math
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from expression_worth import Failed, Unsure, worth
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from lakeward.contract.expression import parse_expression
from lakeward.contract.expression_types import Typed, typed
from lakeward.contract.types import parse_type
from lakeward.transform.expressions import worked_out
from lakeward.transform.values import sql_type

TYPES = {
    "i": "int",
    "b": "bigint",
    "d": "decimal(10,2)",
    "e": "decimal(38,10)",
    "f": "double",
    "s": "string",
    "t": "date",
    "u": "timestamp",
    "q": "boolean",
}
COLUMNS = {name: parse_type(of) for name, of in TYPES.items()}
ROWS: list[dict[str, Any]] = [
    dict.fromkeys(TYPES),
    {"i": 0, "b": 0, "d": Decimal(0), "e": Decimal(0), "f": 0.0, "s": "", "t": date(1, 1, 1), "q": True},
    {"i": -1, "b": -(2**63), "d": Decimal("-0.01"), "e": Decimal("1e-10"), "f": -1.5, "s": "2024-02-30", "q": False},
    {"i": 2**31 - 1, "b": 2**63 - 1, "d": Decimal("99999999.99"), "e": Decimal("9" * 28), "f": 1e300, "s": "1e400"},
    {"i": 3, "b": 2**53 + 1, "d": Decimal("1.01"), "e": Decimal("1.5"), "f": 1.005, "s": "12", "t": date(9999, 12, 31)},
    {"i": 29, "b": 2, "d": Decimal("2.50"), "e": Decimal(7), "f": 0.1, "s": "1.50", "u": datetime(2024, 2, 29, 23, 59)},
    {"i": 12, "b": -7, "d": Decimal("-3.75"), "e": Decimal("-0.5"), "f": -1e-300, "s": "2024-02-29T01:02:03Z"},
    {"i": 2024, "b": 10000, "f": 3.0, "s": "0000-01-01", "u": datetime(1, 1, 1), "t": date(2024, 2, 29), "q": True},
]
ROWS = [dict.fromkeys(TYPES) | row for row in ROWS]
NUMBER = ["i", "b", "d", "e", "f", "0", "1", "0.5", "2024", "9223372036854775807", "null"]
NUMERIC = ["int", "bigint", "decimal(5,2)", "decimal(20,0)", "double"]


def _two(a: st.SearchStrategy[str], operators: list[str], b: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds("({} {} {})".format, a, st.sampled_from(operators), b)


def _call(names: list[str], *args: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    form = "{}(" + ", ".join("{}" for _ in args) + ")"
    return st.builds(form.format, st.sampled_from(names), *args)


def _cast(values: st.SearchStrategy[str], types: list[str]) -> st.SearchStrategy[str]:
    return st.builds("cast({} as {})".format, values, st.sampled_from(types))


def _kinds() -> tuple[st.SearchStrategy[str], ...]:
    number: st.SearchStrategy[str] = st.deferred(lambda: numbers)
    text: st.SearchStrategy[str] = st.deferred(lambda: texts)
    truth: st.SearchStrategy[str] = st.deferred(lambda: truths)
    moment: st.SearchStrategy[str] = st.deferred(lambda: moments)
    numbers = st.one_of(
        st.sampled_from(NUMBER),
        _two(number, ["+", "-", "*", "/", "%"], number),
        _cast(st.one_of(number, text), NUMERIC),
        st.builds("-{}".format, number),
        _call(["abs", "floor", "ceil", "round"], number),
        _call(["round"], number, st.sampled_from(["0", "1", "9"])),
        _call(["coalesce", "nullif", "least", "greatest"], number, number),
        _call(["length"], text),
        _call(["year", "month", "day", "day_of_week"], moment),
        st.builds("case when {} then {} else {} end".format, truth, number, number),
    )
    texts = st.one_of(
        st.sampled_from(["s", "'x'", "'1.5'", "'2024-01-31'", "null"]),
        _two(text, ["||"], text),
        _cast(st.one_of(number, truth), ["string"]),
        _call(["lower", "upper", "trim"], text),
        _call(["replace"], text, text, text),
        _call(["substr"], text, number, number),
        _call(["coalesce"], text, text),
    )
    truths = st.one_of(
        st.sampled_from(["q", "true", "false"]),
        _two(number, ["=", "<>", "<", "<=", ">", ">="], number),
        _two(moment, ["=", "<", ">="], moment),
        _two(truth, ["and", "or"], truth),
        st.builds("not {}".format, truth),
        st.builds("({} is null)".format, st.one_of(number, text, truth)),
        st.builds("({} in ({}, {}))".format, number, number, number),
        st.builds("({} between {} and {})".format, number, number, number),
    )
    moments = st.one_of(
        st.sampled_from(["t", "u"]),
        _cast(st.one_of(text, moment), ["date", "timestamp"]),
        _call(["make_date"], *[number] * 3),
        _call(["make_timestamp"], *[number] * 6),
    )
    return numbers, texts, truths, moments


@pytest.fixture(scope="module")
def engine() -> None:
    """In place of the engine of other tests here: this one asks DuckDB itself, as both engines do."""


@pytest.fixture(scope="module")
def rows() -> duckdb.DuckDBPyConnection:
    """A database with the rows above, in a table named ``r``."""
    db = duckdb.connect()
    db.execute("SET TimeZone = 'UTC'")
    db.execute(f"CREATE TABLE r (n INTEGER, {', '.join(f'{name} {sql_type(of)}' for name, of in COLUMNS.items())})")
    for number, row in enumerate(ROWS):
        db.execute(f"INSERT INTO r VALUES ({', '.join('?' * (len(row) + 1))})", [number, *row.values()])
    return db


@example("cast(f as decimal(5,2)) > 1")
@example("cast(f as decimal(5,2)) * 2")
@example("cast(f as decimal(5,2)) in (1, 2)")
@example("cast(cast(f as decimal(5,2)) as bigint)")
@example("coalesce(cast(f as decimal(5,2)), 0)")
@example("case when f > 0 then cast(f as decimal(5,2)) else 0 end")
@example("cast(s as decimal(5,2)) * 2")
@example("cast(10 / f as bigint)")
@example("cast(b as int) > 1")
@example("f * f")
@example("make_date(b, 1, 1)")
@example("make_timestamp(b, 1, 1, 0, 0, 0)")
@example("cast(s as date)")
@example("b % -1")
@example("abs(b)")
@example("substr(s, b, b)")
@example("-b")
@example("e < b")
@given(st.one_of(*_kinds()))
@settings(max_examples=150, deadline=None)
def test_no_expression_raises_and_python_thinks_the_same(rows: duckdb.DuckDBPyConnection, expression: str):
    tree = _tree(expression)
    assume(tree is not None)
    assert tree is not None
    select, worth_of = worked_out({"x": tree}, "SELECT * FROM r")
    found = worth_of["x"]

    kept = f"SELECT n, {found.value} AS x FROM ({select}) WHERE NOT {found.failed}"
    refused = f"SELECT n FROM ({select}) WHERE {found.failed}"

    values = dict(rows.execute(kept).fetchall())
    failed = {n for (n,) in rows.execute(refused).fetchall()}
    assert values.keys() | failed == set(range(len(ROWS)))
    assert not values.keys() & failed
    for number, row in enumerate(ROWS):
        try:
            wanted = worth(tree, row)
        except Unsure:
            continue
        except Failed:
            assert number in failed, (expression, row)
            continue
        assert number in values, (expression, row)
        assert _same(values[number], wanted), (expression, row, values[number], wanted)


def _tree(expression: str) -> Typed | None:
    try:
        tree = typed(parse_expression(expression), COLUMNS)
    except ValueError:
        return None
    return None if tree.of.kind == "null" else tree


def _same(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, float):
        return isinstance(found, float) and math.isclose(found, wanted, rel_tol=1e-12)
    return bool(found == wanted)
