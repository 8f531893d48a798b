"""From a contract's way of paging to the pager that goes it."""

from collections.abc import Callable
from typing import Any

from lakeward.contract.source import HttpSource
from lakeward.contract.source_auth import secret_param
from lakeward.ingest.paging import ByNumber, ByOffset, OnePage, Pager
from lakeward.ingest.paging_keyset import ByKey
from lakeward.ingest.paging_links import ByCursor, ByNextUrl
from lakeward.ingest.paging_windows import ByWindow
from lakeward.slot import Slot

PAGERS: dict[str, Callable[[Any, HttpSource, Slot], Pager]] = {
    "none": lambda _paging, _source, _slot: OnePage(),
    "offset_limit": lambda paging, _source, _slot: ByOffset(paging),
    "page_number": lambda paging, _source, _slot: ByNumber(paging),
    "cursor_in_body": lambda paging, _source, _slot: ByCursor(paging),
    "cursor_in_header": lambda paging, _source, _slot: ByCursor(paging),
    "next_url_in_body": lambda _paging, source, slot: ByNextUrl(source, slot, secret_param(source.auth)),
    "link_header": lambda _paging, source, slot: ByNextUrl(source, slot, secret_param(source.auth)),
    "keyset": lambda paging, _source, _slot: ByKey(paging),
    "time_windows": lambda paging, _source, slot: ByWindow(paging, slot),
}


def pager_of(source: HttpSource, slot: Slot) -> Pager:
    """The way from page to page that a contract declares, from its beginning."""
    return PAGERS[source.paging.kind](source.paging, source, slot)
