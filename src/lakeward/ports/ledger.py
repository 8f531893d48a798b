"""The run ledger as the pipelines see it: one entry for each dataset and slot."""

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
