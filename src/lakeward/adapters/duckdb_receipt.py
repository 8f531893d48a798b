"""When pages were received, inside DuckDB: a relation that compiled statements join records with."""

from datetime import UTC

import duckdb
import pyarrow as pa

from lakeward.contract import Contract
from lakeward.ports.lake import Received
from lakeward.transform.leaves import RECEIVED


def use_receipt(db: duckdb.DuckDBPyConnection, contract: Contract, received: Received) -> None:
    """Make the instants known to the statements of a session, where the contract has a column that tells them.

    A page of which nobody says it has no rows, which the proof of records then finds out.
    """
    if not contract.tells_receipt:
        return
    instants = [at.astimezone(UTC).replace(tzinfo=None) for at in received.values()]
    columns = {"page": pa.array(received, pa.string()), "at": pa.array(instants, pa.timestamp("us"))}
    db.register(RECEIVED, pa.table(columns))
