"""What DuckDB says of values is kept back, whatever the dataset; what it says of machines is told."""

import duckdb
import pytest
from transform_world import contract

from lakeward.adapters.duckdb_personal import discreet
from lakeward.errors import IncompleteRun


def test_an_error_about_a_value_does_not_quote_it():
    with duckdb.connect() as db, pytest.raises(IncompleteRun) as refused, discreet(contract()):
        db.execute("SELECT CAST(concat('se', 'cret') AS INTEGER)")

    assert "ConversionException" in refused.value.message
    assert "secret" not in refused.value.message
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_an_error_about_anything_else_is_told():
    with duckdb.connect() as db, pytest.raises(duckdb.CatalogException, match="nowhere"), discreet(contract()):
        db.execute("SELECT * FROM nowhere")
