"""A page of JSON in two cuts: the array of its records, and what stands around it.

The text of the records tells two pages apart whose surroundings differ, a time of day say. Writing the records again
to have that text takes as long as parsing them.
"""

import re
from typing import Any

import orjson

AROUND_BYTES = 65_536
"""What stands around the records is small; where it is not, nothing is gained."""
MARK = "\0 here are the records \0"


def cut(page: bytes, at: str) -> tuple[Any, bytes] | None:
    """The value of a page, and the text of the array at a path.

    That the cut is right is proved: with a mark in its place the rest is JSON, and the mark is the value at the path;
    and what was cut out is an array. So the page is JSON with this array there.

    Args:
        page: UTF-8 without a byte order mark.
        at: ``$`` or a path of names.

    Returns:
        None where the array is not easily found, or where the page is not JSON: the whole must be parsed to know.
    """
    if at == "$":
        records = _value(page)
        return (records, page) if isinstance(records, list) else None
    names = at.split(".")[1:]
    found = re.search(rb'"%b"\s*:\s*\[' % re.escape(names[-1].encode()), page)
    if found is None:
        return None
    start = found.end() - 1
    for end in dict.fromkeys((page.rfind(b"}]") + 2, page.rfind(b"]") + 1)):
        if start < end and start + len(page) - end <= AROUND_BYTES:
            document = _value(page[:start] + orjson.dumps(MARK) + page[end:])
            place = _place(document, names)
            if place is None:
                continue
            records = place[names[-1]] = _value(page[start:end])
            if isinstance(records, list):
                return document, page[start:end]
    return None


def _place(document: Any, names: list[str]) -> dict[str, Any] | None:
    """The object that holds the mark, when that is the value at the path."""
    *parents, name = names
    for parent in parents:
        document = document.get(parent) if isinstance(document, dict) else None
    return document if isinstance(document, dict) and document.get(name) == MARK else None


def _value(text: bytes) -> Any:
    """The value of a text; None where it is no JSON."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
