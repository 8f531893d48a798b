"""What an audit asks of the world beyond the staged load: former slots, and other datasets' tables."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from lakeward.contract import Dataset
from lakeward.contract.quality import Reference
from lakeward.measures import Spread
from lakeward.slot import Slot
from lakeward.staged import StagedFile


@dataclass(frozen=True)
class FormerSlot:
    """A published slot as the ledger keeps it: its raw records, and how the columns of rules were spread, by name."""

    records_in: int
    spreads: dict[str, Spread] = field(default_factory=dict)


class History(Protocol):
    """The ledger, looking back."""

    def published_before(self, dataset: Dataset, slot: Slot, most: int) -> list[FormerSlot]:
        """The newest published slots before this one, newest first.

        Raises:
            StoreUnavailable: the store did not answer.
        """
        ...


@dataclass(frozen=True)
class Lookup:
    """Rows with a value, and how many of them have one that the other table lacks."""

    rows: int
    missing: int


Look = Callable[[list[StagedFile], Reference], Lookup]
"""Looks the values of staged files up in the published table that a rule names."""


def nothing_to_look_up(_files: list[StagedFile], rule: Reference) -> Lookup:
    """For contracts without references."""
    raise AssertionError(f"expected a way to look {rule.column} up in {rule.dataset}.{rule.to}, found none")
