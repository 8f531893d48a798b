"""Which records a sample has. Their keys alone decide, so the same records are chosen again, in every slot and run.

Keys are ordered by their digest, and the first ones are chosen, each with all of its records. So no more has to be held
than is wanted, however much there is.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lakeward.contract import Contract
from lakeward.sampling.lossless import written
from lakeward.sampling.places import values_at

PARTS = 2**64
HELD_BESIDE = 1_000
"""Records that are held beside twice the wanted ones, before those that cannot be chosen any more are let go."""


@dataclass(frozen=True)
class Choice:
    """How many records: those whose key's digest lies in a fraction of all digests, and of these at most so many."""

    fraction: float = 1.0
    most_records: int | None = None


@dataclass
class Chooser:
    """Chooses of the records that it is offered."""

    contract: Contract
    choice: Choice
    offered: int = 0
    _held: list[tuple[int, Any]] = field(default_factory=list, repr=False)
    _seen: set[bytes] = field(default_factory=set, repr=False)
    """Digests of records of former slots that were wanted."""
    _cut: float = field(init=False)

    def __post_init__(self) -> None:
        self._cut = self.choice.fraction * PARTS

    def offer(self, records: Iterable[Any]) -> None:
        """The records of a slot, in order. What a former slot has too, value for value, is taken once."""
        here = set()
        for record in records:
            self.offered += 1
            number = _number(self.contract, record)
            if number >= self._cut:
                continue
            digest = hashlib.sha256(written(record).encode()).digest()
            here.add(digest)
            if digest not in self._seen:
                self._held.append((number, record))
                if len(self._held) > 2 * (self.choice.most_records or PARTS) + HELD_BESIDE:
                    self._let_go()
        self._seen |= here

    def chosen(self) -> list[Any]:
        """The chosen records, in the order in which they were offered."""
        self._let_go()
        return [record for _, record in self._held]

    def _let_go(self) -> None:
        """Let go of keys from the first one on that is too much; what comes later can only make that an earlier one."""
        most = self.choice.most_records
        if most is None or len(self._held) <= most:
            return
        counts, together = Counter(number for number, _ in self._held), 0
        for number in sorted(counts):
            together += counts[number]
            if together > most:
                self._cut = number
                break
        self._held = [(number, record) for number, record in self._held if number < self._cut]


def _number(contract: Contract, record: Any) -> int:
    """A number from 0 to 2**64 - 1 that follows from the record's key; without a key, from all of it."""
    paths = [contract.column(name).at for name in contract.load.primary_key]
    key = [values_at(record, path) for path in paths if path is not None]
    text = "|".join(written(values) for values in key) if any(key) else written(record)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
