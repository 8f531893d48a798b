"""Personal columns: what may be said of them, so that no value can be told from what is stored."""

import re
from collections.abc import Iterator
from typing import Literal

from lakeward.contract.column import Column
from lakeward.contract.derived import needs
from lakeward.contract.explode import EACH
from lakeward.contract.part import Problem

Hidden = Literal["hash", "redact", "tokenise", "drop"]
DIGESTED = ("hash", "tokenise")
WITH_TEXT = ("string", "int", "bigint", "date")
"""Types whose text is the same in every engine, so that its digest is."""


def column_problems(columns: list[Column], has_key: bool) -> Iterator[Problem]:
    """What stands against a column being personal, seen from the columns."""
    personal = {c.name for c in columns if c.personal is not None}
    for number, column in enumerate(columns):
        at = ("columns", number, "personal")
        if column.personal in DIGESTED and column.type not in WITH_TEXT:
            yield at, f"expected {', '.join(WITH_TEXT)} to {column.personal}; found {column.type}"
        if column.personal in DIGESTED and not has_key:
            yield at, "expected `personal_key`, the secret that digests are made with; found none"
        if column.personal is not None and column.at is None:
            yield at, "expected this on a column with `at`, because what is made from others is not personal; found it"
        for name in (name for name in needs(column) if name in personal):
            yield ("columns", number), f"expected columns that are not personal to be made from, found {name}"
        if column.personal is None or column.at is None:
            continue
        for other in columns:
            if other.personal is None and other.at is not None and _inside(column.at, other.at):
                yield at, f"expected a place that no other column reads, found that {other.name} reads {other.at}"


def use_problems(columns: list[Column], uses: list[tuple[tuple[str | int, ...], str]]) -> Iterator[Problem]:
    """Personal columns that are named where a value is needed as it is."""
    personal = {c.name: c.personal for c in columns if c.personal is not None}
    for at, name in uses:
        key = at[:2] == ("load", "primary_key") or at[:2] == ("quality", "unique")
        if name in personal and not (key and personal[name] in DIGESTED):
            yield at, f"expected a column that is not personal, found {name}, which is ({personal[name]})"


def place_problems(columns: list[Column], places: dict[tuple[str | int, ...], str]) -> Iterator[Problem]:
    """Personal values that ingest would keep in its certificates."""
    for at, path in places.items():
        for column in columns:
            if column.personal is not None and column.at is not None and _inside(column.at, path):
                yield at, f"expected a place that holds nothing personal, found that of {column.name}"


def _inside(one: str, other: str) -> bool:
    """Whether one of two paths leads to the other's place, or into it."""
    first, second = (re.findall(r"\.[^.\[]+|\[(?:\d+|\*)\]", path) for path in (one, other))
    return all(a == b or (EACH in (a, b) and a[0] == b[0]) for a, b in zip(first, second, strict=False))
