"""The rows of the ops tables: what became of each recorded attempt of a run, and which rules its records broke.

An attempt is an execution and how it ended: one that failed and was resumed has a row for the failure and one for the
success. Each is written once, under a key that the attempt alone decides, so recording it again changes nothing. The
columns are those of ``terraform/platform/ops.tf``. No value of a record is among them.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from lakeward.ports.ledger import Entry

Row = dict[str, Any]

FACTS = (
    "run_id",
    "release",
    "contract_sha256",
    "certificate_sha256",
    "snapshot_id",
    "engine",
    "engine_reason",
    "transform_seconds",
    "pages",
    "raw_bytes",
    "records_in",
    "rows_in",
    "written",
    "quarantined",
    "deduplicated",
    "estimated_microdollars",
)
"""What a row of ``runs`` has of the facts of a run that succeeded, by the same names."""


def run_row(entry: Entry) -> Row:
    """The attempt's row in ``runs``. Of one that failed, the step and the error's name say why; its cause may quote the
    upstream, and stays in the ledger."""
    began, recorded = _instant(entry.started_at), _instant(entry.recorded_at)
    row: Row = {
        "slot": str(entry.slot),
        "execution": entry.execution,
        "status": entry.status,
        "failed_step": entry.facts.get("step"),
        "error": entry.facts.get("error"),
        "started_at": _text(began),
        "recorded_at": _text(recorded),
        "seconds": round((recorded - began).total_seconds(), 3),
    }
    return row | {name: entry.facts.get(name) for name in FACTS}


def quality_rows(entry: Entry) -> list[Row]:
    """The attempt's rows in ``quality``: one for each rule that records broke, and one for each warning of the audit.
    None for an attempt that failed: nothing of it was published."""
    if entry.status == "FAILED":
        return []
    run: Row = {"slot": str(entry.slot), "execution": entry.execution, "started_at": _text(_instant(entry.started_at))}
    broken = [
        {"column_name": rule["column"], "rule": rule["rule"], "policy": rule["policy"], "records": rule["records"]}
        for rule in entry.facts["broken_rules"]
    ]
    warned = [
        {"column_name": None, "rule": check["rule"], "policy": check["policy"], "records": None}
        for check in entry.facts["checks"]
        if not check["holds"]
    ]
    return [run | row | {"records_in": entry.facts["records_in"]} for row in (*broken, *warned)]


def objects(entry: Entry) -> Iterator[tuple[str, bytes]]:
    """Keys and bytes of the attempt's objects; the run's own comes last, so that what has it has the others too."""
    outcome = "succeeded" if entry.status == "SUCCEEDED" else f"failed-{entry.facts['step']}"
    day = _instant(entry.started_at).date().isoformat()
    for table, rows in (("quality", quality_rows(entry)), ("runs", [run_row(entry)])):
        if rows:
            yield f"ops/{table}/dataset={entry.dataset}/day={day}/{entry.execution}.{outcome}.json", _lines(rows)


def _lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return "".join(f"{json.dumps(row)}\n" for row in rows).encode()


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _text(instant: datetime) -> str:
    """As Athena reads a timestamp in JSON: UTC, milliseconds, no zone."""
    return instant.replace(tzinfo=None).isoformat(sep=" ", timespec="milliseconds")
