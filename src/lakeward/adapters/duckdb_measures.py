"""Measures of the rows that a transform wrote, as rules over whole loads ask."""

from typing import Any

import duckdb

from lakeward.contract import Contract
from lakeward.measures import Measures, Spread
from lakeward.transform.measures import measure_sql, nothing_measured


def measures(db: duckdb.DuckDBPyConnection, contract: Contract, rows: str | None) -> Measures:
    """Measure what the contract's rules ask for.

    Args:
        db: has no relation named ``written``.
        contract: says what is asked.
        rows: a SELECT of the accepted rows, at least of the columns that rules name; None when there is no row.
    """
    asked = measure_sql(contract)
    if rows is None or not asked:
        return nothing_measured(contract)
    db.execute(f"CREATE TEMP VIEW written AS {rows}")
    return Measures(
        repeated={columns: int(_one(db, sql)[0]) for columns, sql in asked.repeated.items()},
        newest={column: _one(db, sql)[0] for column, sql in asked.newest.items()},
        spreads=[_spread(db, column, sql, asked.categories.get(column)) for column, sql in asked.spreads.items()],
    )


def _spread(db: duckdb.DuckDBPyConnection, column: str, sql: str, categories: str | None) -> Spread:
    rows, nulls, deciles = _one(db, sql)
    found = dict(db.execute(categories).fetchall()) if categories else {}
    return Spread(column=column, rows=rows, nulls=nulls, deciles=deciles or [], categories=found)


def _one(db: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    row = db.execute(sql).fetchone()
    assert row is not None  # noqa: S101 -- for the type checker: an aggregate has one row
    return row
