"""Axes that begin at nought."""

import math

_STEPS = (1, 2, 2.5, 5, 10)


def ticks(greatest: float, at_most: int = 5) -> list[float]:
    """Round numbers from 0 up to the first one that is not below ``greatest``; 0 and 1 when there is nothing to show.

    Args:
        at_most: how many, 0 not counted.
    """
    if greatest <= 0:
        return [0.0, 1.0]
    rough = greatest / at_most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(s * power for s in _STEPS if s * power >= rough * (1 - 1e-9))
    last = math.ceil(greatest / step * (1 - 1e-9))
    return [round(step * i, 12) for i in range(last + 1)]
