"""Personal values inside DuckDB: the key as a variable of the session, and errors that quote no value."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from lakeward.contract import Contract
from lakeward.errors import ConfigurationMissing, IncompleteRun
from lakeward.ports.personal import PersonalKey
from lakeward.transform.personal import INNER, OUTER


def use_key(db: duckdb.DuckDBPyConnection, contract: Contract, key: PersonalKey | None) -> None:
    """Make the key known to the statements of a session; no statement's text has it.

    Raises:
        ConfigurationMissing: the contract needs a key, and there is none.
    """
    if contract.personal_key is None:
        return
    if key is None:
        raise ConfigurationMissing(
            f"{contract.dataset}: expected the key {contract.personal_key}, found none; "
            "whoever transforms a dataset with personal columns reads it first"
        )
    for name, pad in zip((INNER, OUTER), key.pads, strict=True):
        db.execute(f"SET VARIABLE {name} = ?", [pad])


QUOTING = (duckdb.DataError, duckdb.InvalidInputException, UnicodeDecodeError)
"""Errors that are about values, so that their messages may quote one; the last of them when DuckDB cuts the value that
it quotes inside a character."""


@contextmanager
def discreet(contract: Contract) -> Iterator[None]:
    """What DuckDB says of values is not told, because it may quote one; of a dataset with personal columns, nothing is.

    Raises:
        IncompleteRun: DuckDB failed. The record is named by nobody; raw has it.
    """
    try:
        yield
    except (duckdb.Error, UnicodeDecodeError) as problem:
        if not contract.personal_columns and not isinstance(problem, QUOTING):
            raise
        raise IncompleteRun(
            f"{contract.dataset}: expected pages that can be read, found {type(problem).__name__}; what DuckDB said is "
            "kept back, because it may quote values"
        ) from None
