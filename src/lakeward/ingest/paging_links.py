"""Pages that name the next one: by a cursor or a URL, in the body or in a header."""

import re
from urllib.parse import urldefrag, urljoin, urlsplit

from lakeward.contract.source import HttpSource
from lakeward.contract.source_paging import CursorInBodyPaging, CursorInHeaderPaging, NextUrlInBodyPaging
from lakeward.contract.template import fill_url
from lakeward.errors import IncompleteRun, UpstreamRefused
from lakeward.formats.document import has_place, text_at
from lakeward.ingest.paging import BasePager, Read, Step
from lakeward.slot import Slot

LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w*!#$&+.^`|~-]+\s*(?:=\s*(?:"(?:[^"\\]|\\.)*"|[^\s",;]+))?)*)')
PARAMETER = re.compile(r';\s*([\w*!#$&+.^`|~-]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",;]+)))?')


class ByCursor(BasePager):
    """By a cursor that the answer holds."""

    def __init__(self, paging: CursorInBodyPaging | CursorInHeaderPaging) -> None:
        self._paging = paging

    def first(self) -> Step:
        """The page without a cursor."""
        return Step({})

    def after(self, _step: Step, page: Read) -> Step | None:
        """The page of the cursor in this one."""
        cursor = self._cursor(page)
        return None if cursor is None else Step({"cursor": cursor}, {self._paging.cursor_param: cursor})

    def has_place(self, page: Read) -> bool:
        """By the header, or by what the place in the body is a part of."""
        if isinstance(self._paging, CursorInHeaderPaging):
            return self._paging.header.lower() in page.headers
        return _has_place(page, self._paging.at)

    def _cursor(self, page: Read) -> str | None:
        if isinstance(self._paging, CursorInHeaderPaging):
            return page.headers.get(self._paging.header.lower(), "").strip() or None
        return text_at(page.facts.document, self._paging.at)


class ByNextUrl(BasePager):
    """By a URL that the answer holds: in its body, or in its Link header."""

    def __init__(self, source: HttpSource, slot: Slot, secret_param: str | None) -> None:
        self._source = source
        self._first_url = fill_url(source.url, slot)
        self._secret_param = secret_param

    def first(self) -> Step:
        """The contract's own URL."""
        return Step({})

    def after(self, step: Step, page: Read) -> Step | None:
        """The page of the URL in this one, which may be relative to this one's.

        Raises:
            UpstreamRefused: it leads to another host than the contract allows, or not to https.
        """
        paging = self._source.paging
        given = (
            text_at(page.facts.document, paging.at)
            if isinstance(paging, NextUrlInBodyPaging)
            else next_link(page.headers.get("link", ""))
        )
        if given is None:
            return None
        url = checked_url(step.url or self._first_url, given, self._source.hosts)
        url = url if self._secret_param is None else without_param(url, self._secret_param)
        return Step({"url": url}, {}, url)

    def has_place(self, page: Read) -> bool:
        """By the header, or by what the place in the body is a part of."""
        paging = self._source.paging
        return _has_place(page, paging.at) if isinstance(paging, NextUrlInBodyPaging) else "link" in page.headers


def _has_place(page: Read, path: str) -> bool:
    """An answer without a body (status 204) says by itself that it has nothing, and so no place either."""
    if page.facts.document is None:
        return False
    try:
        return has_place(page.facts.document, path)
    except IncompleteRun as problem:
        raise IncompleteRun(
            f"{problem.message}: a page without it says nothing of the next one, so it is not the last (source.paging)"
        ) from None


def checked_url(base: str, given: str, hosts: frozenset[str]) -> str:
    """A URL that an answer named, perhaps relative to its own, when it may be asked.

    Raises:
        UpstreamRefused: not https, or a host that the contract does not allow, or with a user or spaces in it.
    """
    try:
        url = urldefrag(urljoin(base, given)).url
        parts = urlsplit(url)
        ready = parts.scheme == "https" and parts.netloc.removesuffix(":443") in hosts and url.isprintable()
    except ValueError:
        ready = False
    if not ready or " " in given or "\\" in given:
        raise UpstreamRefused(
            f"expected the next page on {' or '.join(sorted(hosts))} over https, found a URL that leads elsewhere; if "
            "it is the service's own, add its host to source.allowed_hosts"
        )
    return parts.geturl()


def without_param(url: str, name: str) -> str:
    """A URL without one of its query parameters; every other byte stays."""
    base, mark, query = url.partition("?")
    kept = [part for part in query.split("&") if part.partition("=")[0] != name]
    return base + (mark + "&".join(kept) if kept else "")


def next_link(header: str) -> str | None:
    """The target of the link whose relation is ``next`` (RFC 8288, section 3); None when there is none.

    Raises:
        IncompleteRun: two links lead to different next pages; or none does in a header that cannot all be read, so that
            the one that does may be what cannot be read.
    """
    found = {target for target, parameters in LINK.findall(header) if _is_next(parameters)}
    if len(found) > 1:
        raise IncompleteRun(f"expected one next page in the Link header, found {len(found)}")
    if not found and LINK.sub("", header).strip(", \t"):
        raise IncompleteRun("expected a Link header of links as RFC 8288 has them, found one that cannot all be read")
    return found.pop() if found else None


def _is_next(parameters: str) -> bool:
    """By the first ``rel``; further ones count for nothing."""
    relations = [quoted or plain for name, quoted, plain in PARAMETER.findall(parameters) if name.lower() == "rel"]
    return bool(relations) and "next" in relations[0].lower().split()
