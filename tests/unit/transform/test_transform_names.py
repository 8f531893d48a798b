"""A column may have any name that a contract admits, also one that the transform could be thought to use itself."""

from pathlib import Path

import pytest
from transform_world import contract, record, transform

NAMES = ["page", "position", "record", "leaves", "violations", "filename", "accepted", "v", "reason", "rule", "select"]


@pytest.mark.parametrize("name", NAMES)
def test_a_columns_value_is_the_records_own(name: str, tmp_path: Path):
    of = contract(f"name: {name}, type: string, at: $.said")

    result = transform(of, [{"items": [record(1, said="one"), record(2, said="two"), record(3, said=3)]}], tmp_path)

    assert [row[name] for row in result.accepted] == ["one", "two"]
    assert result.reasons() == [(name, "type", "expected a string, found a number", "page-00001", 3)]


@pytest.mark.parametrize("name", [*NAMES, "items.filename", "a-b"])
def test_the_records_may_lie_under_any_name(name: str, tmp_path: Path):
    page: object = [record(1), record(2)]
    for step in reversed(name.split(".")):
        page = {step: page}

    result = transform(contract(records_at=f"$.{name}"), [page], tmp_path)

    assert [(row["id"], row["_page"], row["_position"]) for row in result.accepted] == [
        ("p1", "page-00001", 1),
        ("p2", "page-00001", 2),
    ]
