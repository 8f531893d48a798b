"""Which records a sample has. Their keys alone decide, so the same records are chosen again, in every slot and run."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from lakeward.contract import Contract
from lakeward.sampling.lossless import written
from lakeward.sampling.places import values_at

PARTS = 2**64


@dataclass(frozen=True)
class Choice:
    """How many records: those whose key's digest lies in a fraction of all digests, and of these at most so many."""

    fraction: float = 1.0
    most_records: int | None = None


def chosen(contract: Contract, records: Sequence[Any], choice: Choice) -> list[Any]:
    """The chosen records, in order. Records of one key are chosen together."""
    numbers = [_number(contract, record) for record in records]
    limit = choice.fraction * PARTS
    left = sorted((number, at) for at, number in enumerate(numbers) if number < limit)
    if choice.most_records is None:
        return [records[at] for at in sorted(at for _, at in left)]
    kept: list[int] = []
    for _, group in groupby(left, key=lambda one: one[0]):
        together = [at for _, at in group]
        if len(kept) + len(together) <= choice.most_records:
            kept += together
    return [records[at] for at in sorted(kept)]


def _number(contract: Contract, record: Any) -> int:
    """A number from 0 to 2**64 - 1 that follows from the record's key; without a key, from all of it."""
    paths = [contract.column(name).at for name in contract.load.primary_key]
    key = [values_at(record, path) for path in paths if path is not None]
    text = "|".join(written(values) for values in key) if any(key) else written(record)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
