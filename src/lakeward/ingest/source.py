"""The requests that a contract asks for a slot: where templates become instants and steps become parameters."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from lakeward import __version__
from lakeward.contract.source import HttpSource
from lakeward.contract.source_auth import secret_headers
from lakeward.contract.template import fill, fill_url
from lakeward.errors import ContractInvalid
from lakeward.ingest.begin import Begin
from lakeward.ingest.paging import Step
from lakeward.ports.upstream import Request
from lakeward.slot import Slot

URL_CHARACTERS = 8_000
"""Servers and what stands between commonly refuse longer ones."""


def total_request(source: HttpSource, slot: Slot) -> Request:
    """Ask how many records match. A number needs no compression, so none is offered."""
    total = source.total
    if total is None or total.url is None:
        raise AssertionError("only asked where the contract has a question for the total")
    return _request(fill_url(total.url, slot), _filled(total.params, slot), source, "identity")


def page_request(source: HttpSource, slot: Slot, step: Step, begin: Begin) -> Request:
    """Ask for the page of a step."""
    encodings = ", ".join(source.manners.encodings) or "identity"
    if step.url is not None:
        return _request(step.url, {}, source, encodings)
    since = {} if source.incremental is None else {source.incremental.param: begin.since or source.incremental.initial}
    params = {**_filled(source.params, slot), **since, **step.params}
    request = _request(fill_url(source.url, slot), params, source, encodings)
    return Request(request.url, {**request.headers, **begin.conditions})


def shown_headers(source: HttpSource, request: Request) -> dict[str, str]:
    """A request's headers as a certificate may show them: names in lower case, what is secret redacted."""
    shown = {name.lower(): value for name, value in request.headers.items()}
    return shown | dict.fromkeys(secret_headers(source.auth), "redacted")


def _filled(params: Mapping[str, str], slot: Slot) -> dict[str, str]:
    return {name: fill(value, slot) for name, value in params.items()}


def _request(url: str, params: Mapping[str, str], source: HttpSource, encodings: str) -> Request:
    whole = f"{url}?{urlencode(params, quote_via=quote, safe=':,')}" if params else url
    if len(whole) > URL_CHARACTERS:
        raise ContractInvalid(
            f"expected requests of at most {URL_CHARACTERS} characters, found {len(whole)} for {source.url}; shorten "
            "params"
        )
    contact = source.manners.contact
    agent = {"User-Agent": f"lakeward/{__version__} (+{contact})"} if contact else {}
    return Request(whole, {**source.headers, **agent, "Accept-Encoding": encodings})
