"""JSON that is written as it was read."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeward.errors import IncompleteRun
from lakeward.sampling.lossless import Members, Number, parse, written

TEXTS = [
    '{"a":1.10,"b":[12345678901234567890123,-0.0,1E400],"a":{"a":null,"a":true}}',
    '"\\"\\\\\\n\\u0000 é 😀"',
    '"\\ud83d"',
    "[]",
    "{}",
    "false",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_without_spaces_is_written_as_it_was(text: str):
    assert written(parse(text.encode())) == text


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(VALUES)
def test_whatever_is_read_means_the_same_when_it_is_written(value: Any):
    assert json.loads(written(parse(json.dumps(value).encode()))) == value


def test_a_name_has_every_value_that_stands_under_it():
    assert parse(b'{"a":1,"b":2,"a":"x"}') == Members((("a", Number("1")), ("b", Number("2")), ("a", "x")))
    assert parse(b'{"a":1,"b":2,"a":"x"}').of("a") == [Number("1"), "x"]


@pytest.mark.parametrize("text", [b"", b"{", b"NaN", b"[1]x", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_refused_and_not_shown(text: bytes):
    with pytest.raises(IncompleteRun, match="expected JSON") as refused:
        parse(text)

    assert text.decode("latin-1") not in refused.value.message or len(text) < 2
