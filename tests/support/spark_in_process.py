"""As much of a SparkContext as the engine calls, in this process: every value and function is pickled on its way."""

import pickle
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any


def sent(value: Any) -> Any:
    """What arrives of a value on another machine."""
    return pickle.loads(pickle.dumps(value))  # noqa: S301


@dataclass(frozen=True)
class Spread:
    """An RDD whose partitions are lists."""

    partitions: list[list[Any]]

    def mapPartitionsWithIndex(self, do: Callable[[int, Iterable[Any]], Iterable[Any]]) -> "Spread":
        return Spread([sent(list(sent(do)(n, iter(values)))) for n, values in enumerate(self.partitions)])

    def mapPartitions(self, do: Callable[[Iterable[Any]], Iterable[Any]]) -> "Spread":
        return Spread([sent(list(sent(do)(iter(values)))) for values in self.partitions])

    def flatMap(self, do: Callable[[Any], Iterable[Any]]) -> "Spread":
        return Spread([sent([made for v in values for made in sent(do)(v)]) for values in self.partitions])

    def map(self, do: Callable[[Any], Any]) -> "Spread":
        return Spread([[sent(sent(do)(value)) for value in values] for values in self.partitions])

    def partitionBy(self, count: int, function: Callable[[Any], int]) -> "Spread":
        pairs = self.collect()
        return Spread([[pair for pair in pairs if function(pair[0]) % count == n] for n in range(count)])

    def persist(self, _level: Any) -> "Spread":
        return self

    def unpersist(self) -> "Spread":
        return self

    def collect(self) -> list[Any]:
        return list(chain.from_iterable(self.partitions))


class InProcess:
    """A SparkContext without Spark."""

    def parallelize(self, values: list[Any], count: int) -> Spread:
        return Spread([values[n::count] for n in range(count)])
