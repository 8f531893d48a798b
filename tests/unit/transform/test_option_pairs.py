"""Every option has a record that passes and one that does not, with its exact reason; one without a pair fails here."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from engines import Chosen
from option_pairs import (
    ARRAYS,
    KEY,
    SCHEMA,
    Array,
    contract_of_array,
    contract_of_pairs,
    records_of_array,
    records_of_pairs,
)
from option_verdicts import held_to_the_array, held_to_the_pairs
from transform_world import transform

from lakeward.contract import Column
from lakeward.contract.part import Part
from lakeward.contract.types import NESTED, PARSES

DESCRIBING = {("Column", key) for key in ("name", "type", "description")}
"""Keys that no value can break: of ``type``, every type has a pair."""
JUDGED = ("Column", "Policies", "RowRule", "Explode")
REFUSED = {("Policies", "type", "warn"), ("Policies", "compute", "warn"), ("Policies", "required", "set_null")}
"""What a contract may not say; see ``tests/unit/contract``."""


def test_a_good_value_of_every_option_is_taken_and_another_is_told_with_its_reason(tmp_path: Path):
    held_to_the_pairs(transform(contract_of_pairs(), [{"items": records_of_pairs()}], tmp_path, Chosen(KEY)))


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: array.explode)
def test_an_array_is_exploded_and_what_cannot_be_is_told_with_its_reason(array: Array, tmp_path: Path):
    held_to_the_array(array, transform(contract_of_array(array), [{"items": records_of_array(array)}], tmp_path))


def test_every_option_has_a_pair():
    shown = set(options_in(contract_of_pairs()))
    for array in ARRAYS:
        shown |= set(options_in(contract_of_array(array)))

    assert set(options_of_the_schema()) - shown - DESCRIBING - REFUSED == set()


def test_every_type_has_a_pair():
    types = [column.parsed_type for column in contract_of_pairs().columns]

    assert {*PARSES, *NESTED} - {of.kind for of in types} == set()
    columns = contract_of_pairs().columns
    read = {(scalar.kind, column.reading) for column in columns for scalar in column.parsed_type.scalars()}
    assert {(kind, parse) for kind, known in PARSES.items() for parse in known} - read == set()


def options_of_the_schema() -> Iterator[tuple[str, ...]]:
    """Piece and key; of keys that choose, also what they choose."""
    for piece in JUDGED:
        for key, shown in SCHEMA[piece]["properties"].items():
            yield piece, key
            for value in shown.get("enum", []):
                yield piece, key, value


def options_in(part: Part) -> Iterator[tuple[str, ...]]:
    """The same of what a contract says, defaults too where they are choices; how a column is read may be its type's."""
    name = type(part).__name__
    if isinstance(part, Column):
        yield name, "parse", part.reading
    for key, value in part:
        if key in part.model_fields_set or isinstance(value, str):
            yield name, key
            yield name, key, str(value)
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, Part):
                yield from options_in(inner)
