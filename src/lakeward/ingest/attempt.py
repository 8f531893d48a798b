"""Attempts: each is one try to read a slot whole. What an attempt stored never changes; a failed one is left behind.

A call goes on with the newest attempt. When its proof failed it was marked abandoned, and the call starts the next one
from nothing. An attempt also ends when the contract changed since: half by one contract, half by another proves
nothing.
"""

import json
from dataclasses import dataclass
from typing import Any

from lakeward.contract import Dataset
from lakeward.errors import IncompleteRun, RawConflict
from lakeward.ingest.keeper import Deps, Keeper
from lakeward.ingest.layout import AttemptKeys, Found, SlotKeys


@dataclass(frozen=True)
class Attempt:
    """Attempt ``number`` and what raw holds of it."""

    number: int
    keys: AttemptKeys
    found: Found

    def stored(self, name: str) -> list[str]:
        """Keys of ``total`` or ``total-after``; none when it is still to be fetched."""
        return self.found.named.get(name, [])

    def check_order(self) -> None:
        """The total is asked before the first page.

        Raises:
            IncompleteRun: there are pages and no total.
        """
        if self.found.pages and not self.stored("total"):
            raise IncompleteRun(
                f"expected the declared total before the pages in {self.keys.folder}, found "
                f"{len(self.found.pages)} page(s) and no total"
            )

    def check_nothing_beyond(self, pages: int) -> None:
        """Nothing follows the last page.

        Raises:
            IncompleteRun: raw holds further pages.
        """
        beyond = sorted(number for number in self.found.pages if number > pages)
        if beyond:
            raise IncompleteRun(f"expected pages 1 to {pages} in {self.keys.folder}, found page {beyond[0]} as well")


def open_attempt(slot_keys: SlotKeys, dataset: Dataset, deps: Deps, keeper: Keeper) -> Attempt:
    """The attempt that this call works on: the newest, or a new one when that was abandoned."""
    attempts = slot_keys.attempts(deps.raw.keys(slot_keys.prefix))
    number = max(attempts, default=1)
    attempt = Attempt(number, slot_keys.attempt(number), attempts.get(number, Found()))
    if attempt.stored("abandoned"):
        return _next(attempt, slot_keys)
    asked_by = _contract_of(attempt, deps)
    if asked_by not in (None, dataset.contract_sha256):
        reason = f"begun by the contract with sha256 {asked_by}, which is now {dataset.contract_sha256}"
        abandon(attempt, {"reason": reason}, deps, keeper)
        return _next(attempt, slot_keys)
    return attempt


def abandon(attempt: Attempt, why: dict[str, Any], deps: Deps, keeper: Keeper) -> None:
    """Mark an attempt as given up. When another call was first, its reason stays."""
    mark = {"attempt": attempt.number, **why, "abandoned_at": deps.clock().isoformat(timespec="milliseconds")}
    try:
        keeper.write(attempt.keys.abandoned, json.dumps(mark, indent=2, sort_keys=True).encode() + b"\n")
    except RawConflict:
        return


def _next(attempt: Attempt, slot_keys: SlotKeys) -> Attempt:
    return Attempt(attempt.number + 1, slot_keys.attempt(attempt.number + 1), Found())


def _contract_of(attempt: Attempt, deps: Deps) -> str | None:
    """sha256 of the contract that began the attempt; None when nothing says so yet.

    It lies beside every answer: the total, where that is asked, and each page.
    """
    pages = attempt.found.pages
    for key in [*attempt.stored("total"), *(pages[min(pages)] if pages else [])]:
        stored = deps.raw.get(key)
        if stored is not None:
            return stored.metadata.get("contract-sha256")
    return None
