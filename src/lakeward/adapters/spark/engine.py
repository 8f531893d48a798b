"""The driver's side: three steps of tasks, and what must hold between them.

    pages -> read -> rows by part of their key -> choose -> chunks by place -> write -> files

Spark moves packed rows between the steps and repeats what a lost machine did. See ``plan`` for how the work is cut and
``tasks`` for what is done with it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from lakeward import errors
from lakeward.adapters.spark import plan, tasks
from lakeward.adapters.spark.tasks import Buckets, Chosen, Task, Written
from lakeward.errors import LakewardError
from lakeward.measures import Exploded, FieldDrift, Measures
from lakeward.ports.work import EngineName, Fetch, Made, Work
from lakeward.staged import StagedFile
from lakeward.transform.measures import measured_columns
from lakeward.transform.source_drift import sampled_pages

TASK_MEMORY_MB = 1024
"""DuckDB's, for each task. A worker of 16 GB runs four tasks beside the 10 GB of its Java heap."""


@dataclass(frozen=True)
class SparkMaker:
    """Does a piece of work on a cluster.

    ``context`` is a ``pyspark.SparkContext``, ``keep`` the ``StorageLevel`` for what two steps read.
    """

    context: Any
    keep: Any
    buckets: Buckets
    fetch: Fetch
    sizes: plan.Sizes = field(default_factory=plan.Sizes)

    @property
    def name(self) -> EngineName:
        """See ``lakeward.ports.work.Maker``."""
        return "spark"

    def make(self, work: Work) -> Made:
        """See ``lakeward.ports.work.Maker``."""
        try:
            return self._make(work)
        except LakewardError:
            raise
        except Exception as failed:
            raise _named(failed) from failed

    def _make(self, work: Work) -> Made:
        # A list of a hundred thousand pages does not travel with each task.
        parts_wanted = plan.parts(work.pages, self.sizes)
        task = Task(replace(work, pages=()), self.buckets, self.fetch, parts_wanted, TASK_MEMORY_MB)
        pages = plan.reading(work.pages, self.sizes)
        sample = self.context.parallelize([sampled_pages(work.pages)], 1)
        drift: list[FieldDrift] = sample.map(partial(tasks.look, task)).collect()
        rows = self.context.parallelize(pages, len(pages)).flatMap(partial(tasks.read, task))
        parts = rows.partitionBy(task.parts, int)
        chosen = parts.mapPartitionsWithIndex(partial(tasks.choose, task)).persist(self.keep)
        try:
            told: list[_Told] = chosen.map(_told).collect()
            valid = sum(part.valid for part in told)
            exploded = sum((part.exploded for part in told), Exploded()) if work.contract.explode else None
            work.prove(valid, sum(part.quarantined for part in told), exploded)
            chunks = {place: size for part in told for place, size in part.sizes.items()}
            numbers = plan.files(chunks, self.sizes)
            files = chosen.flatMap(partial(_numbered, numbers)).partitionBy(len(set(numbers.values())) or 1, int)
            written: list[Written] = files.mapPartitions(partial(tasks.write, task)).collect()
            measured = self._measured(task, chosen)
        finally:
            chosen.unpersist()
        broken: Counter[tuple[str, str]] = Counter()
        for part in told:
            broken.update(part.broken)
        accepted, refused = _files(written, "curated"), _files(written, "quarantine")
        return Made(valid, accepted, refused, broken, measured, drift[0], exploded)

    def _measured(self, task: Task, chosen: Any) -> Measures:
        """What rules over the whole load ask of its rows; no step where there are none."""
        if not measured_columns(task.work.contract):
            return Measures()
        columns = chosen.flatMap(partial(tasks.to_measure, task)).partitionBy(1, int)
        found: list[Measures] = columns.mapPartitions(partial(tasks.measure, task)).collect()
        return found[0]


@dataclass(frozen=True)
class _Told:
    """What the driver must know of a part: its rows, the rules broken, each chunk's bytes, what exploding made."""

    valid: int
    quarantined: int
    broken: dict[tuple[str, str], int]
    sizes: dict[plan.Place, int]
    exploded: Exploded


def _told(chosen: Chosen) -> _Told:
    sizes = {place: len(blob) for place, blob in chosen.chunks.items()}
    return _Told(chosen.valid, chosen.quarantined, chosen.broken, sizes, chosen.exploded)


def _numbered(numbers: dict[plan.Place, int], chosen: Chosen) -> Iterator[tuple[int, tuple[plan.Place, bytes]]]:
    for place, blob in chosen.chunks.items():
        yield numbers[place], (place, blob)


def _files(written: Iterable[Written], into: plan.Into) -> list[StagedFile]:
    return sorted((w.file for w in written if w.into == into), key=lambda file: (file.partition, file.uri))


def _named(failed: Exception) -> Exception:
    """The error of ours that a task raised and that Spark told as text; otherwise what Spark raised."""
    told = re.search(r"lakeward\.errors\.(\w+): (.*)", str(failed))
    kind = getattr(errors, told[1], None) if told else None
    if told is None or not (isinstance(kind, type) and issubclass(kind, LakewardError)):
        return failed
    return kind(told[2])
