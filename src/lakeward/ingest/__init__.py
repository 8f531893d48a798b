"""Ingest: the first step of a run. It brings every page of a slot into raw, byte for byte, and certifies that it did.

    run         one slot: open an attempt, prove what it has, fetch the rest, certify
    attempt     which attempt a call works on, and how one is given up
    begin       what an attempt begins from: where the runs before it ended (found by ``beginning``)
    keeper      fetches answers into raw and proves stored ones again, both by the same checks
    ahead       asks for pages before it is their turn
    behind      puts them into raw while the run goes on
    paging      which page comes next (``paging_links``, ``paging_keyset``, ``paging_windows``; chosen by ``pagers``)
    tally       what the pages must add up to, and when they are all
    certify     the certificate of a run that came to its end
    verify      a certificate checked again, offline
    source      the requests that a contract asks for a slot
    receipt     what is kept beside each object: the facts of its answer
    layout      the names of the objects

What a page is made of is read by ``lakeward.formats``, which the transform reads by too.
"""

from lakeward.ingest.keeper import Deps
from lakeward.ingest.run import Progress, ingest_slot

__all__ = ["Deps", "Progress", "ingest_slot"]
