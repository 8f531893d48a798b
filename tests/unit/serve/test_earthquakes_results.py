"""The expected results of earthquakes' end-to-end queries are what plain Python computes from the recorded file."""

import json
import re
import struct
from typing import Any

import pytest
from earthquakes_by_hand import COLUMNS, FOLDER, events, expected_files, rendered_double, text_of
from hypothesis import given
from hypothesis import strategies as st

from lakeward.contract import load_dataset
from lakeward.serve.expectation import e2e_queries
from lakeward.views import presto_type

EXPECTED = expected_files()
CONTRACT = load_dataset(FOLDER).contract


@pytest.mark.parametrize("name", EXPECTED)
def test_an_expected_file_is_what_was_computed_by_hand(name: str):
    text = (FOLDER / "queries" / name).read_text(encoding="utf-8")

    assert json.loads(text) == EXPECTED[name]
    assert text == text_of(EXPECTED[name])


def test_every_query_was_computed_by_hand():
    assert sorted(f"{query.name}.expected.json" for query in e2e_queries(FOLDER)) == sorted(EXPECTED)


def test_every_query_is_about_days_of_the_sample_alone():
    days = {str(event["event_date"]) for event in events()}
    named = {query.name: re.findall(r"DATE '([\d-]+)'", query.sql) for query in e2e_queries(FOLDER)}

    assert {name: found for name, found in named.items() if len(found) != 2 or not set(found) <= days} == {}


def test_the_columns_by_hand_are_the_views():
    assert {column.name: presto_type(column.type).removesuffix("(3)") for column in CONTRACT.columns} == COLUMNS


def test_no_record_of_the_sample_breaks_a_rule_of_the_contract():
    broken = [
        (event["id"], column.name)
        for event in events()
        for column in CONTRACT.columns
        for value in [event[column.name]]
        if (value is None and column.required)
        or (value is not None and column.minimum is not None and value < column.minimum)
        or (value is not None and column.maximum is not None and value > column.maximum)
        or (value is not None and column.allowed is not None and value not in column.allowed)
    ]

    assert broken == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((2.0, "2.0"), (0.04214, "0.04214"), (-118.6671667, "-118.6671667"), (0.0, "0.0"), (-0.0, "-0.0")),
        *((0.001, "0.001"), (0.0006674, "6.674E-4"), (1e-7, "1.0E-7"), (9999999.5, "9999999.5"), (1e7, "1.0E7")),
        *((123456789.0, "1.23456789E8"), (-2.5e22, "-2.5E22")),
    ],
)
def test_doubles_are_rendered_as_java_does(value: float, text: str):
    assert rendered_double(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_rendered_double_is_that_double(value: float):
    assert bits(float(rendered_double(value))) == bits(value)


def bits(value: float) -> Any:
    """All of a double, so that -0.0 is not 0.0."""
    return struct.pack("d", value)
