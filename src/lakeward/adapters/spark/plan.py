"""How the work of a slot is cut: pages into tasks, keys into parts, parts into files. Pure functions of sizes.

pages  --read-->  rows by part of their key  --newest of each key-->  chunks by part and partition  --write-->  files
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from lakeward.certificate import CertifiedPage
from lakeward.transform.size import text_bytes

MOST_PARTS = 4096

Into = Literal["curated", "quarantine"]


@dataclass(frozen=True)
class Sizes:
    """What one task is given, about, in bytes.

    Attributes:
        read: text that one task reads, at most, unless one page alone has more; DuckDB holds less than 1 GB of it.
        part: text whose rows one task chooses the newest from.
        file: rows as compressed Arrow that one file is made from: files of 128 to 512 MB, where a slot has that many.
    """

    read: int = 128 << 20
    part: int = 512 << 20
    file: int = 256 << 20


class Place(NamedTuple):
    """Where a chunk of rows goes and comes from: its table, its partition there, the part that its keys are in."""

    into: Into
    partition: date
    part: int


def reading(pages: Iterable[CertifiedPage], sizes: Sizes) -> list[list[CertifiedPage]]:
    """The pages of each task, in order."""
    tasks: list[list[CertifiedPage]] = []
    room = 0
    for page in pages:
        if not tasks or text_bytes([page]) > room:
            tasks.append([])
            room = sizes.read
        tasks[-1].append(page)
        room -= text_bytes([page])
    return tasks


def parts(pages: Iterable[CertifiedPage], sizes: Sizes) -> int:
    """How many parts the keys are spread over."""
    return min(MOST_PARTS, math.ceil(text_bytes(pages) / sizes.part) or 1)


def files(chunks: Mapping[Place, int], sizes: Sizes) -> dict[Place, int]:
    """The number of the file that each chunk goes to, from 0.

    Args:
        chunks: bytes of each chunk.
        sizes: says when a file is full.

    A file has rows of one table and one partition. Chunks are added in the order of their parts until it is full, so
    the same chunks make the same files.
    """
    numbers: dict[Place, int] = {}
    number, room, last = -1, 0, None
    for place in sorted(chunks):
        if place[:2] != last or chunks[place] > room:
            number, room, last = number + 1, sizes.file, place[:2]
        numbers[place] = number
        room -= chunks[place]
    return numbers
