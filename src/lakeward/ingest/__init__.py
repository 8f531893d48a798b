"""Ingest: the first step of a run. It brings every page of a slot into raw, byte for byte, and certifies that it did.

    run         one slot: open an attempt, prove what it has, fetch the rest, certify
    attempt     which attempt a call works on, and how one is given up
    keeper      fetches answers into raw and proves stored ones again, both by the same checks
    tally       what the pages must add up to
    document    wire bytes -> decoded -> JSON -> the value at a path
    source      the requests that a contract asks for a slot
    receipt     what is kept beside each object: the facts of its answer
    layout      the names of the objects

Rooms that later work fills: other kinds of paging and authentication in ``source``, other formats in ``document``,
other stop conditions in ``tally``.
"""

from lakeward.ingest.keeper import Deps
from lakeward.ingest.run import Progress, ingest_slot

__all__ = ["Deps", "Progress", "ingest_slot"]
