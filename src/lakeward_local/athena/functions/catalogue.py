"""All function tables in one, by name."""

from __future__ import annotations

from collections import defaultdict
from functools import cache

from lakeward_local.athena.functions import (
    aggregates,
    arrays,
    binary,
    datetimes,
    jsons,
    maps,
    maths,
    regexps,
    strings,
    urls,
    windows,
)
from lakeward_local.athena.functions.registry import Function

_TABLES = (aggregates, arrays, binary, datetimes, jsons, maps, maths, regexps, strings, urls, windows)


@cache
def by_name() -> dict[str, tuple[Function, ...]]:
    """Name -> its overloads, in table order."""
    found: dict[str, list[Function]] = defaultdict(list)
    for table in _TABLES:
        for function in table.FUNCTIONS:
            found[function.name].append(function)
    return {name: tuple(overloads) for name, overloads in found.items()}
