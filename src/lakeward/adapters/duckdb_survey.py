"""A look at which fields the records of a load have."""

import json
from pathlib import Path

import duckdb

from lakeward.contract import Contract
from lakeward.measures import FieldDrift
from lakeward.transform.source_drift import missing_paths, new_fields, survey_sql


def survey(db: duckdb.DuckDBPyConnection, contract: Contract, pages: list[Path]) -> FieldDrift:
    """Compare the fields of records with those that the contract names.

    Args:
        pages: the sampled ones, decoded, on local disk.
    """
    wanted = contract.drift
    if not pages or (wanted.new, wanted.missing) == ("ignore", "ignore"):
        return FieldDrift()
    records, text = db.execute(survey_sql(contract, pages)).fetchone() or (0, None)
    if not records or text is None:
        return FieldDrift()
    structure = json.loads(text)
    return FieldDrift(
        looked_at=records,
        new=new_fields(structure, contract) if wanted.new != "ignore" else {},
        missing=missing_paths(structure, contract) if wanted.missing != "ignore" else [],
    )
