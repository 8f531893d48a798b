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


@contextmanager
def discreet(contract: Contract) -> Iterator[None]:
    """Whatever DuckDB says of a dataset with personal columns is not told: it may quote values.

    Raises:
        IncompleteRun: DuckDB failed. The record is named by nobody; raw has it.
    """
    if not contract.personal_columns:
        yield
        return
    try:
        yield
    except duckdb.Error as problem:
        raise IncompleteRun(
            f"{contract.dataset}: expected pages that can be read, found {type(problem).__name__}; what DuckDB said is "
            "kept back, because it may quote personal values"
        ) from None
