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
from lakeward.ports.deployment import SlotRecord
from lakeward.ports.ledger import Entry
from lakeward.release.candidate import over_candidate
from lakeward.release.evidence import Judged
from lakeward.release.readiness import why_not_ready
from lakeward.serve.e2e import judge
from lakeward.serve.expectation import e2e_queries
from lakeward.views import view_of, view_sql


def problems_of(of: Dataset) -> list[str]:
    """Why readers must not see the table of the deployed contract yet."""
    ledger = DynamoDbLedger(boto3.resource("dynamodb").Table(setting("LEDGER_TABLE")))
    certified = certified_slots(boto3.client("s3"), setting("RAW_BUCKET"), of)
    return why_not_ready(of, certified, [_record(e) for e in ledger.entries(of)], list(_judged(of)))


def _judged(of: Dataset) -> Iterable[Judged]:
    """The end-to-end queries, over the view that is to be."""
    shown = view_sql(view_of(of.name, tables.curated(of.contract), setting("CURATED_DATABASE")))
    queries = [replace(q, sql=over_candidate(q.sql, of.name, shown)) for q in e2e_queries(of.folder)]
    engine = AthenaQueries(boto3.client("athena"), setting("WORKGROUP"))
    for verdict in judge(queries, engine, setting("SERVING_DATABASE")):
        yield Judged(
            dataset=of.name,
            name=verdict.query.name,
            differences=len(verdict.differences),
            milliseconds=verdict.milliseconds,
            scanned_bytes=verdict.scanned_bytes,
        )


def _record(entry: Entry) -> SlotRecord:
    facts = entry.facts
    return SlotRecord(
        entry.slot, entry.status == "SUCCEEDED", entry.recorded_at, facts.get("release"), facts.get("contract_sha256")
    )
