"""The run ledger: one item for each dataset and slot, saying what its newest run did."""

from dataclasses import dataclass
from typing import Any, Literal, Protocol

from lakeward.slot import Slot

Status = Literal["SUCCEEDED", "FAILED"]


@dataclass(frozen=True)
class Entry:
    """What the newest run of a slot did.

    ``facts`` are JSON values: counts of rows and bytes, run and snapshot ids; or the step that failed and its error.
    """

    dataset: str
    slot: Slot
    execution: str
    started_at: str
    status: Status
    recorded_at: str
    facts: dict[str, Any]


class Ledger(Protocol):
    """Where entries are kept."""

    def write(self, entry: Entry) -> bool:
        """Keep an entry in place of the slot's former one, unless that is of an execution that started later.

        Returns:
            Whether the entry was kept.

        Raises:
            StoreUnavailable: the store did not answer.
        """
        ...


def facts_of(steps: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What the ledger keeps of a successful run, from what the steps answered.

    Returns:
        records_in = written + quarantined + deduplicated, in rows, and where the rows are.
    """
    ingest, transform, publish = steps["ingest"], steps["transform"], steps["publish"]
    return {
        "run_id": transform["run_id"],
        "contract_sha256": transform["contract_sha256"],
        "release": transform["release"],
        "engine": transform["engine"],
        "pages": ingest["pages"],
        "raw_bytes": ingest["raw_bytes"],
        "certificate_sha256": ingest["certificate_sha256"],
        "records_in": transform["records_in"],
        "written": publish["rows_written"],
        "quarantined": transform["quarantined"],
        "deduplicated": transform["deduplicated"] + publish["rows_superseded"],
        "snapshot_id": publish["snapshot_id"],
    }
