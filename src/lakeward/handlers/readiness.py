"""Asking whether a dataset's table may be read. The rules are in ``lakeward.release.readiness``."""

from collections.abc import Iterable
from dataclasses import replace

import boto3

from lakeward import tables
from lakeward.adapters.athena import AthenaQueries
from lakeward.adapters.dynamodb_ledger import DynamoDbLedger
from lakeward.adapters.raw_slots import certified_slots
from lakeward.contract import Dataset
from lakeward.handlers.settings import setting
from lakeward.ops.ledger import counts_of
from lakeward.ports.ledger import Entry
from lakeward.ports.query import Queries
from lakeward.release.candidate import over_candidate
from lakeward.release.comparison import Asked, Held, Readiness
from lakeward.release.readiness import readiness
from lakeward.serve.e2e import judge
from lakeward.serve.expectation import e2e_queries
from lakeward.views import view_of, view_sql


def readiness_of(of: Dataset, shown: str) -> Readiness:
    """Whether readers of the table ``shown`` may see that of the deployed contract."""
    ledger = DynamoDbLedger(boto3.resource("dynamodb").Table(setting("LEDGER_TABLE")))
    certified = certified_slots(boto3.client("s3"), setting("RAW_BUCKET"), of)
    engine = AthenaQueries(boto3.client("athena"), setting("WORKGROUP"))
    held = held_by(of, ledger.entries(of))
    return readiness(of, shown, certified, held, list(_asked(of, engine)), engine, setting("CURATED_DATABASE"))


def _asked(of: Dataset, engine: Queries) -> Iterable[Asked]:
    """The end-to-end queries, over the view that is to be."""
    shown = view_sql(view_of(of.name, tables.curated(of.contract), setting("CURATED_DATABASE")))
    queries = [replace(q, sql=over_candidate(q.sql, of.name, shown)) for q in e2e_queries(of.folder)]
    for verdict in judge(queries, engine, setting("SERVING_DATABASE")):
        yield Asked(verdict.query.name, len(verdict.differences), verdict.failure)


def held_by(of: Dataset, entries: Iterable[Entry]) -> list[Held]:
    """What the ledger has of the slots that ended well by the deployed contract."""
    return [
        _held(entry)
        for entry in entries
        if entry.status == "SUCCEEDED" and entry.facts.get("contract_sha256") == of.contract_sha256
    ]


def _held(entry: Entry) -> Held:
    counts, stand_ins = counts_of(entry.facts), entry.facts.get("stand_ins")
    return Held(
        entry.slot,
        counts["rows_in"],
        counts["written"],
        counts["quarantined"],
        counts["deduplicated"],
        None if stand_ins is None else tuple(stand_ins),
    )
