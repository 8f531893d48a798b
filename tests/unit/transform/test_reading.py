"""Every type and every way to read it: one value that is read, one that is quarantined with the exact reason."""

import json
from pathlib import Path
from typing import Any

import pytest
from reading_cases import CASES, MISSING, Case
from transform_world import contract, record, transform

from lakeward.contract.column_parse import OPTIONS
from lakeward.contract.types import PARSES


def with_x(number: int, value: Any) -> dict[str, Any]:
    return record(number) if value is MISSING else record(number, x=value)


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.column} {c.good!r}"[:70])
def test_a_value_is_read_and_another_is_quarantined_with_its_reason(case: Case, tmp_path: Path):
    of = contract(f"name: x, {case.column}, at: $.x")
    good, bad = with_x(1, case.good), with_x(2, case.bad)

    result = transform(of, [{"items": [good, bad]}], tmp_path)

    assert [(row["id"], row["x"]) for row in result.accepted] == [("p1", case.typed)]
    assert result.reasons() == [("x", "type", case.reason, "page-00001", 2)]
    assert [json.loads(q["record"]) for q in result.quarantined] == [bad]


def test_the_table_has_every_type_with_every_parse_and_every_option():
    declared = [contract(f"name: x, {case.column}, at: $.x").columns[-1] for case in CASES]
    parses = {(scalar.kind, column.reading) for column in declared for scalar in column.parsed_type.scalars()}
    kinds = {column.parsed_type.kind for column in declared}

    assert {(kind, parse) for kind, known in PARSES.items() for parse in known} - parses == set()
    assert {"list", "map", "struct", *PARSES} == kinds
    assert {key for column in declared for key in column.model_fields_set & set(OPTIONS)} == set(OPTIONS)
