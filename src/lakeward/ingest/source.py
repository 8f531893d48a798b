"""The requests that a contract asks for a slot: where templates become instants and page numbers become offsets."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from lakeward.contract.source import HttpSource
from lakeward.errors import ContractInvalid
from lakeward.ports.upstream import Request
from lakeward.slot import Slot

URL_CHARACTERS = 1_000
"""A longer URL would not fit beside its page: S3 keeps 2 KB of metadata for an object."""


def total_request(source: HttpSource, slot: Slot) -> Request:
    """Ask how many records match. A number needs no compression, so none is offered."""
    return _request(source.total.url, _filled(source.total.params, slot), source.headers, "identity")


def page_request(source: HttpSource, slot: Slot, number: int) -> Request:
    """Ask for page ``number``, from 1. Other kinds of paging get their own branch here."""
    paging = source.paging
    position = {
        paging.offset_param: str(paging.first_offset + (number - 1) * paging.page_records),
        paging.limit_param: str(paging.page_records),
    }
    return _request(source.url, {**_filled(source.params, slot), **position}, source.headers, "gzip")


def _filled(params: Mapping[str, str], slot: Slot) -> dict[str, str]:
    instants = {
        "{slot.start}": _instant(slot.start),
        "{slot.end}": _instant(slot.end),
        "{slot.last_millisecond}": _instant(slot.end - timedelta(milliseconds=1)),
    }
    filled = dict(params)
    for template, text in instants.items():
        filled = {name: value.replace(template, text) for name, value in filled.items()}
    return filled


def _instant(instant: datetime) -> str:
    """ISO 8601, UTC, milliseconds, no offset: the form of the FDSN web services, in which a time is UTC."""
    return instant.replace(tzinfo=None).isoformat(timespec="milliseconds")


def _request(url: str, params: Mapping[str, str], headers: Mapping[str, str], encoding: str) -> Request:
    whole = f"{url}?{urlencode(params, quote_via=quote, safe=':,')}" if params else url
    if len(whole) > URL_CHARACTERS:
        raise ContractInvalid(
            f"expected requests of at most {URL_CHARACTERS} characters, found {len(whole)} for {url}; shorten params"
        )
    return Request(whole, {**headers, "Accept-Encoding": encoding})
