"""The small engine: compiled contracts run by DuckDB, the quick way where that knows the contract."""

from dataclasses import replace
from pathlib import Path
from typing import Final

import duckdb

from lakeward.adapters.duckdb_files import (
    account_of,
    broken_of,
    connect,
    order_of,
    refused_order_of,
    rows_of,
    write_partitions,
)
from lakeward.adapters.duckdb_measures import measures
from lakeward.adapters.duckdb_personal import discreet, use_key
from lakeward.adapters.duckdb_quick import QuickWay
from lakeward.adapters.duckdb_receipt import use_receipt
from lakeward.adapters.duckdb_survey import survey
from lakeward.contract import Contract
from lakeward.formats.lines import lines_of
from lakeward.ports.lake import NOBODY_SAYS, FieldIds, Received, Transformed
from lakeward.ports.personal import PersonalKey
from lakeward.slot import Slot
from lakeward.transform.compile import compile_transform
from lakeward.transform.source_drift import SAMPLED_RECORDS, sampled_pages


class DuckDbEngine:
    """Runs compiled contracts with DuckDB."""

    name: Final = "duckdb"

    def transform(
        self,
        contract: Contract,
        slot: Slot,
        pages: list[Path],
        ids: tuple[FieldIds, FieldIds],
        workdir: Path,
        key: PersonalKey | None = None,
        received: Received = NOBODY_SAYS,
    ) -> Transformed:
        """See ``lakeward.ports.lake.Engine``."""
        with connect(workdir) as db, discreet(contract):
            use_key(db, contract, key)
            use_receipt(db, contract, received)
            quick = QuickWay(db, contract, slot, ids, workdir)
            made = quick.transform(pages) if quick.is_known else strictly(db, contract, slot, pages, ids, workdir)
            sampled = [
                lines_of(contract, page, workdir / "sampled", range(1, SAMPLED_RECORDS + 1))
                for page in sampled_pages(pages)
            ]
            return replace(made, drift=survey(db, contract, sampled))


def strictly(
    db: duckdb.DuckDBPyConnection,
    contract: Contract,
    slot: Slot,
    pages: list[Path],
    ids: tuple[FieldIds, FieldIds],
    workdir: Path,
) -> Transformed:
    """Every record as the contract is compiled: for contracts with what the quick way does not know."""
    pages = [lines_of(contract, page, workdir / "lines") for page in pages]
    sql = compile_transform(contract, slot, pages)
    curated_ids, quarantine_ids = ids
    db.execute(f"CREATE TABLE accepted AS {sql.accepted}")
    (valid,) = db.execute("SELECT count(*) FROM accepted").fetchone() or (0,)
    order, target_bytes = order_of(contract), contract.maintenance.target_file_mb << 20
    accepted = write_partitions(db, sql.newest, order, curated_ids, workdir / "accepted", target_bytes)
    refused = write_partitions(db, sql.quarantined, refused_order_of(contract), quarantine_ids, workdir / "quarantined")
    broken, measured = broken_of(db, contract, refused), measures(db, contract, rows_of(accepted))
    return Transformed(valid, accepted, refused, broken, measured, exploded=account_of(db, sql))
