"""How a service pages, guessed from one response: its Link header, its links, cursors, totals, the request."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lakeward.draft.sample import NAME, Sample
from lakeward.ingest.paging_links import next_link

NEXT = ("next", "next_url", "nexturl", "next_link", "nextlink", "next_page_url", "nextpageurl")
CURSORS = {
    "nextpagetoken": "pageToken",
    "next_page_token": "page_token",
    "nexttoken": "nextToken",
    "next_token": "next_token",
    "nextcursor": "cursor",
    "next_cursor": "cursor",
    "cursor": "cursor",
    "end_cursor": "after",
    "endcursor": "after",
    "continuation": "continuation",
    "continuationtoken": "continuationToken",
    "scroll_id": "scroll_id",
}
"""A cursor's name in the answer, in lower case, and the parameter that services of that kind have."""
TOTALS = ("total", "totalcount", "total_count", "totalresults", "total_results", "numfound", "totalrecords", "count")
OFFSETS = ("offset", "start", "startindex", "skip")
NUMBERS = ("page", "pagenumber", "page_number", "pageno")
SIZES = ("limit", "per_page", "perpage", "pagesize", "page_size", "size", "rows", "count", "maxresults", "$top")
DEEPEST = 3


@dataclass(frozen=True)
class Paging:
    """``paging``, ``stop`` and ``total`` as in a contract; notes by the key that they are about."""

    paging: dict[str, Any]
    stop: str | None = None
    total_at: str | None = None
    count_at: str | None = None
    notes: dict[str, str] = field(default_factory=dict)


def paging_of(sample: Sample, params: Mapping[str, str]) -> Paging:
    """Guess it.

    Args:
        sample: one response.
        params: query parameters of the request that it answered; none when only a file is known.
    """
    around = dict(_around(sample.around, "$", 0)) if sample.format == "json" and sample.at != "$" else {}
    total_at, count_at = _counts(around, len(sample.records))
    for found in (_link(sample), _next(around), _cursor(around), _positions(sample, around, params, total_at)):
        if found is not None:
            notes = found.notes | ({"total": "is it the number of all records that match?"} if total_at else {})
            return Paging(found.paging, found.stop, total_at, count_at, notes)
    note = "nothing in the sample says that there are further pages"
    stop = None if total_at else "only_page"
    return Paging({"kind": "none"}, stop, total_at, count_at, {"paging": note})


def _around(value: Any, at: str, depth: int) -> Iterator[tuple[str, Any]]:
    """Values around the records, by their paths."""
    if isinstance(value, dict) and depth < DEEPEST:
        for name, inner in value.items():
            if NAME.fullmatch(name):
                yield from _around(inner, f"{at}.{name}", depth + 1)
    elif not isinstance(value, list | dict):
        yield at, value


def _last(at: str) -> str:
    return at.rpartition(".")[2].lower()


def _counts(around: Mapping[str, Any], records: int) -> tuple[str | None, str | None]:
    """Where the total stands, and where the number of this page's records."""
    numbers = {at: n for at, n in around.items() if isinstance(n, int) and not isinstance(n, bool)}
    named = [at for word in TOTALS for at in numbers if _last(at) == word]
    totals = [at for at in named if numbers[at] >= records and (_last(at) != "count" or numbers[at] > records)]
    counts = [at for at in named if numbers[at] == records and at not in totals[:1] and _last(at) == "count"]
    return (totals[0] if totals else None), (counts[0] if counts else None)


def _link(sample: Sample) -> Paging | None:
    if next_link(sample.headers.get("link", "")) is None:
        return None
    return Paging({"kind": "link_header"}, "no_next")


def _next(around: Mapping[str, Any]) -> Paging | None:
    for at, value in around.items():
        is_url = isinstance(value, str) and ("://" in value or value.startswith(("/", "?")))
        if _last(at) in NEXT and (value is None or is_url):
            note = "is null in the sample; is it a URL where there is a next page?" if value is None else ""
            return Paging({"kind": "next_url_in_body", "at": at}, "no_next", notes={"paging": note} if note else {})
    return None


def _cursor(around: Mapping[str, Any]) -> Paging | None:
    for at, value in around.items():
        param = CURSORS.get(_last(at))
        if param is not None and (value is None or isinstance(value, str | int)):
            paging = {"kind": "cursor_in_body", "cursor_param": param, "at": at}
            return Paging(paging, "no_next", notes={"cursor_param": "the parameter's name is a guess"})
    return None


def _positions(
    sample: Sample, around: Mapping[str, Any], params: Mapping[str, str], total_at: str | None
) -> Paging | None:
    """By offset or page number: what the request had, or else what the answer repeats."""
    given = {name.lower(): (name, value) for name, value in params.items()}
    echoed = {_last(at): (at.rpartition(".")[2], str(value)) for at, value in around.items()}
    for known, notes in ((given, {}), (echoed, {"paging": "the parameters' names are those of the answer's fields"})):
        size = next((known[word] for word in SIZES if word in known), None)
        records = int(size[1]) if size and size[1].isdigit() and int(size[1]) > 0 else len(sample.records)
        note = {"page_records": "as many as the sample has" if size is None else "the most that the service allows?"}
        offset = next((known[word] for word in OFFSETS if word in known and known[word][1].isdigit()), None)
        number = next((known[word] for word in NUMBERS if word in known and known[word][1].isdigit()), None)
        stop = None if total_at else "short_page"
        if offset is not None and size is not None:
            first = 1 if offset[1] == "1" else 0
            paging = {"offset_param": offset[0], "limit_param": size[0], "first_offset": first, "page_records": records}
            return Paging({"kind": "offset_limit", **paging}, stop, notes={**notes, **note})
        if number is not None:
            first = 0 if number[1] == "0" else 1
            sized = {"size_param": size[0]} if size else {}
            paging = {"page_param": number[0], **sized, "first_page": first, "page_records": records}
            return Paging({"kind": "page_number", **paging}, stop, notes={**notes, **note})
    return None
