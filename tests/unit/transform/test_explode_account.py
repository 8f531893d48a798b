"""Whatever records hold: every element is one row, and what is made is what a few lines of Python say it is."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from made_records import ELEMENT_COLUMNS, made_arrays, pages_of
from transform_world import contract, transform

from lakeward.measures import Exploded

RECORDS = 400
WITHOUT = ("quarantine", "keep", "skip")


def elements_of(record: Any, empty: str, missing: str) -> list[int]:
    """The places of the rows that a record becomes; 0 for a row without an element."""
    if not isinstance(record, dict):
        return [0]
    way = record.get("way")
    if not isinstance(way, dict | None):
        return [0]
    found = (way or {}).get("legs")
    if isinstance(found, list) and found:
        return list(range(1, len(found) + 1))
    does = empty if isinstance(found, list) else missing if found is None else "quarantine"
    return [] if does == "skip" else [0]


@pytest.mark.parametrize(("empty", "missing"), [("quarantine", "keep"), ("keep", "skip"), ("skip", "quarantine")])
def test_no_element_is_lost_and_none_is_found_twice(empty: str, missing: str, tmp_path: Path):
    explode = f"{{at: $.way.legs, empty: {empty}, missing: {missing}}}"
    of = contract(*ELEMENT_COLUMNS, records_at=f"$.items, explode: {explode}", load="{mode: replace_slot}")
    pages = pages_of(made_arrays(RECORDS))

    result = transform(of, pages, tmp_path)

    wanted = Counter(
        (f"page-{number:05d}", position, element)
        for number, page in enumerate(pages, start=1)
        for position, record in enumerate(json.loads(page)["items"], start=1)
        for element in elements_of(record, empty, missing)
    )
    rows = [(r["_page"], r["_position"], r["_element"]) for r in result.accepted]
    refused = [(q["page"], q["position"], q["element"]) for q in result.quarantined]
    assert Counter(rows + refused) == wanted
    skipped = RECORDS - len({place[:2] for place in wanted})
    assert result.exploded == Exploded(records=RECORDS, rows=wanted.total(), skipped=skipped)
    assert min(len(rows), len(refused)) > RECORDS / 5
