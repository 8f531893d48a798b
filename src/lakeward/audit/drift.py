"""How far a column's values are spread otherwise than in the slots before.

The measure is the population stability index over ten bins, or over the most frequent categories and one for the rest:

    PSI = sum over bins of (now - before) * ln(now / before)

``before`` is the mean of the slots' shares, each slot weighing the same; the edges of the bins are the medians of the
slots' deciles. A share below 0.0001 counts as 0.0001, so that an empty bin is a large change and not an infinite one.
Within a slot, values are taken as spread evenly between two of its deciles.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from statistics import fmean, median

from lakeward.measures import Spread

LEAST_SHARE = 0.0001


def psi(now: Spread, before: Sequence[Spread]) -> float:
    """The index of one load against former ones.

    Args:
        now: has values.
        before: at least one, each with values, of a column of the same type.
    """
    if now.deciles:
        edges = [median(slot.deciles[cut] for slot in before) for cut in range(1, len(now.deciles) - 1)]
        shares = [_shares(slot, edges) for slot in before]
        return _index(_shares(now, edges), [fmean(column) for column in zip(*shares, strict=True)])
    names = sorted({name for slot in before for name in slot.categories})
    known = [_category_shares(slot, names) for slot in before]
    return _index(_category_shares(now, names), [fmean(column) for column in zip(*known, strict=True)])


def _index(now: list[float], before: list[float]) -> float:
    pairs = [(max(n, LEAST_SHARE), max(b, LEAST_SHARE)) for n, b in zip(now, before, strict=True)]
    return sum((n - b) * math.log(n / b) for n, b in pairs)


def _shares(slot: Spread, edges: list[float]) -> list[float]:
    """Shares of a slot's values in the bins between the edges."""
    reached = [_at_or_below(slot.deciles, edge) for edge in edges]
    return [high - low for low, high in zip([0.0, *reached], [*reached, 1.0], strict=True)]


def _at_or_below(deciles: list[float], value: float) -> float:
    """The share of values up to one, between deciles in proportion."""
    place = bisect_right(deciles, value)
    steps = len(deciles) - 1
    if place == 0:
        return 0.0
    if place > steps:
        return 1.0
    low, high = deciles[place - 1], deciles[place]
    return (place - 1 + (value - low) / (high - low)) / steps


def _category_shares(slot: Spread, names: list[str]) -> list[float]:
    """Shares of the named categories, then of all others."""
    named = [slot.categories.get(name, 0) / slot.values for name in names]
    return [*named, 1 - sum(named)]
