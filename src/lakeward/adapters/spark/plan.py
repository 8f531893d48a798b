"""How the work of a slot is cut: pages into tasks, keys into parts, parts into files. Pure functions of sizes.

pages  --read-->  rows by part of their key  --newest of each key-->  chunks by part and partition  --write-->  files
"""

import math
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal, NamedTuple

from lakeward.certificate import CertifiedPage

READ_BYTES = 128 << 20
"""Text that one task reads, at most, unless one page alone has more: what DuckDB holds of it stays below 1 GB."""
PART_BYTES = 512 << 20
"""Text whose rows one task chooses the newest from, about."""
MOST_PARTS = 4096
FILE_BYTES = 256 << 20
"""Rows as compressed Arrow that one file is made from, about: files of 128 to 512 MB, where a slot has that many."""
EXPANSION = 10
"""Text that a byte of a compressed page stands for, about: JSON of services packs 8 to 12 times with gzip."""

Into = Literal["curated", "quarantine"]


class Place(NamedTuple):
    """Where a chunk of rows goes and comes from: its table, its partition there, the part that its keys are in."""

    into: Into
    partition: date
    part: int


def text_bytes(pages: Iterable[CertifiedPage]) -> int:
    """Decoded bytes of pages, about."""
    return sum(page.bytes if page.content_encoding == "identity" else page.bytes * EXPANSION for page in pages)


def reading(pages: Iterable[CertifiedPage]) -> list[list[CertifiedPage]]:
    """The pages of each task, in order."""
    tasks: list[list[CertifiedPage]] = []
    room = 0
    for page in pages:
        if not tasks or text_bytes([page]) > room:
            tasks.append([])
            room = READ_BYTES
        tasks[-1].append(page)
        room -= text_bytes([page])
    return tasks


def parts(pages: Iterable[CertifiedPage]) -> int:
    """How many parts the keys are spread over."""
    return min(MOST_PARTS, math.ceil(text_bytes(pages) / PART_BYTES) or 1)


def files(sizes: Mapping[Place, int]) -> dict[Place, int]:
    """The number of the file that each chunk goes to, from 0.

    Args:
        sizes: bytes of each chunk.

    A file has rows of one table and one partition. Chunks are added in the order of their parts until it is full, so
    the same sizes make the same files.
    """
    numbers: dict[Place, int] = {}
    number, room, last = -1, 0, None
    for place in sorted(sizes):
        if place[:2] != last or sizes[place] > room:
            number, room, last = number + 1, FILE_BYTES, place[:2]
        numbers[place] = number
        room -= sizes[place]
    return numbers
