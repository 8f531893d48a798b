"""What the run ledger keeps of a run."""

import json
from collections.abc import Mapping
from typing import Any

from lakeward.ops.cost import Size, query_dollars, run_dollars

COUNTS = ("records_in", "rows_in", "written", "quarantined", "deduplicated")
"""Counts of a run that ended well."""


def counts_of(facts: Mapping[str, Any]) -> dict[str, int]:
    """The counts of a run. A release from before records were exploded kept no ``rows_in``: they were the records."""
    whole = {"rows_in": facts["records_in"], **facts}
    return {name: int(whole[name]) for name in COUNTS}


def facts_of(steps: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What the ledger keeps of a successful run, from what the steps answered.

    Returns:
        rows_in = written + quarantined + deduplicated, in rows, and where the rows are. ``rows_in`` are the records,
        ``records_in``, unless the contract explodes an array: then ``exploded`` says what became of them.
    """
    ingest, transform, publish = steps["ingest"], steps["transform"], steps["publish"]
    # A transform of an older release did not say how much text there was.
    size = Size(ingest["pages"], ingest["raw_bytes"], transform.get("text_bytes", ingest["raw_bytes"]))
    exploded = transform.get("exploded")
    done = publish.get("marts", {}).get("done", [])  # nothing of them when a deployment came in between
    marts = [built | {"dollars": query_dollars(built["scanned_bytes"])} for built in done]
    dollars = sum(run_dollars(size, transform["engine"], transform["seconds"]).values())
    dollars += sum(built["dollars"] for built in marts)
    return {
        "run_id": transform["run_id"],
        "contract_sha256": transform["contract_sha256"],
        "release": transform["release"],
        "engine": transform["engine"],
        # A run that an older release began has been given no route.
        "engine_reason": (ingest.get("route") or {}).get("reason", "before routes were chosen"),
        "transform_seconds": transform["seconds"],
        "pages": ingest["pages"],
        "raw_bytes": ingest["raw_bytes"],
        "certificate_sha256": ingest["certificate_sha256"],
        **({"stand_ins": ingest["stand_ins"]} if "stand_ins" in ingest else {}),  # an older release did not say
        **({"ingest_warnings": warned} if (warned := ingest.get("warnings")) else {}),  # an older release gave none
        "records_in": transform["records_in"],
        "rows_in": exploded["rows"] if exploded else transform["records_in"],
        **({"exploded": exploded} if exploded else {}),
        "written": publish["rows_written"],
        "quarantined": transform["quarantined"],
        "deduplicated": transform["deduplicated"] + publish["rows_superseded"],
        "snapshot_id": publish["snapshot_id"],
        "broken_rules": transform["broken_rules"],
        "drift": transform["drift"],
        "checks": steps["audit"]["checks"],
        "estimated_microdollars": round(dollars * 1_000_000),
        "spreads": json.dumps(transform["spreads"]),  # text: DynamoDB's numbers are narrower than doubles
        "marts": marts,
    }
