"""The text of a page's records, cut out of the page."""

import json
import subprocess
import sys
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeward.formats.cut import MOST_RECORDS, PIECE_BYTES, cut
from lakeward.formats.document import list_at

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "items", '"items":[', "]", "}]", "\\", "é"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["items", "a", "b", '"']), inner, max_size=3)
    ),
    max_leaves=12,
)


def without_records(document: Any, path: str) -> Any:
    """The same value with an empty array at the path."""
    if path == "$":
        return []
    name, _, rest = path.removeprefix("$.").partition(".")
    return document | {name: without_records(document[name], f"$.{rest}" if rest else "$")}


@given(
    around=st.dictionaries(st.sampled_from(["a", "b", "page", "items"]), VALUES, max_size=4),
    records=st.lists(VALUES, max_size=4),
    path=st.sampled_from(["$", "$.items", "$.page.items"]),
    indent=st.sampled_from([None, 2]),
)
def test_what_is_cut_out_is_the_array_at_the_path_whatever_stands_around_it(
    around: dict[str, Any], records: list[Any], path: str, indent: int | None
):
    document: Any = records
    if path == "$.items":
        document = around | {"items": records}
    elif path == "$.page.items":
        document = around | {"page": {"items": records, "after": around}}
    page = json.dumps(document, indent=indent).encode()

    found = cut(page, path)

    if found is not None:
        assert orjson.loads(found.text) == list_at(document, path) == records
        assert found.records == len(records)
        assert found.document == without_records(document, path)


@pytest.mark.parametrize(
    ("page", "path", "expected"),
    [
        (b'{"items":[{"a":1}]}', "$.items", b'[{"a":1}]'),
        (b'{"n":1, "items" : [ {"a":1} ], "bbox":[1,2]}', "$.items", None),  # two lists, neither ends in }]
        (b'{"items":[{"a":1}],"bbox":[1,2]}', "$.items", b'[{"a":1}]'),
        (b'{"items":[]}', "$.items", b"[]"),
        (b'{"d":{"items":[{"a":[1]}]},"items":[]}', "$.d.items", b'[{"a":[1]}]'),
        (b'{"text":"\\"items\\":[","items":[{"a":1}]}', "$.items", b'[{"a":1}]'),
        (b'{"facets":{"items":[]},"items":[{"a":1}]}', "$.items", None),
        (b'{"d":{"items":[1]},"items":"\\u0000 here are the records \\u0000"}', "$.items", None),
        (b"[1,2]", "$", b"[1,2]"),
        (b'{"items":[{"a":1}', "$.items", None),
        (b'{"items":[{"a":1}]', "$.items", None),
        (b'{"items":[{"a":01}]}', "$.items", None),
    ],
)
def test_shapes_of_pages(page: bytes, path: str, expected: bytes | None):
    if expected is None:
        assert cut(page, path) is None
    else:
        document = without_records(json.loads(page), path)
        found = cut(page, path)
        assert found is not None
        assert (found.document, found.text, found.records) == (document, expected, len(json.loads(expected)))


TEXT = (
    r'[{"a":1.5e3,"b":"x\u00e9\n","c":[true,false,null,-0]},{"d":"é😀","e":{}},'
    r' 12345678901234567890123, "\ud83d\ude00"]'
)
PIECES = [
    b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"0", b"-", b".", b"e", b"\\u", b"\\ud800", b"\\udc00", b"\x00",
    b"\x1f", b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"NaN", b"Infinity", b"+1", b"01", b"1.", b".5", b" ", b"/**/",
    b"tru", b"nul", b"\xef\xbb\xbf", b"",
]  # fmt: skip


@settings(max_examples=1_000, deadline=None)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, len(TEXT.encode())), st.integers(0, 3), st.sampled_from(PIECES)),
        min_size=1,
        max_size=3,
    )
)
def test_what_is_only_looked_through_is_json_all_the_same(changes: list[tuple[int, int, bytes]]):
    """Whatever is changed in it: a text of which records are counted is one that a strict parser takes too."""
    text = TEXT.encode()
    for at, removed, put in changes:
        text = text[:at] + put + text[at + removed :]

    found = cut(text, "$")

    if found is not None:
        assert len(json.loads(text.decode(), parse_constant=refuse)) == found.records


def refuse(constant: str) -> None:
    raise ValueError(constant)


def test_the_text_that_is_changed_there_is_counted_when_it_is_not():
    found = cut(TEXT.encode(), "$")
    assert found is not None
    assert found.records == 4


@pytest.mark.parametrize(
    "text", [b'["\xff"]', b'["\xed\xa0\x80"]', b"[" * 5_000 + b"]" * 5_000, b"{}", b"", b"[1] [2]"]
)
def test_what_is_no_array_of_json_is_not_counted(text: bytes):
    assert cut(text, "$") is None


@pytest.mark.parametrize("before", range(PIECE_BYTES - 5, PIECE_BYTES + 2))
@pytest.mark.parametrize("text", ["\u00e9", "\U0001f600"])
def test_a_character_may_lie_across_two_pieces_and_half_of_one_may_not(before: int, text: str):
    page = b'["' + b"x" * before + text.encode() + b'"]'

    found = cut(page, "$")

    assert found is not None
    assert found.records == 1
    assert cut(page[:-3] + page[-2:], "$") is None


def test_very_many_records_are_not_counted_one_object_each():
    many = b"[" + b"0," * MOST_RECORDS + b"0]"

    assert cut(many, "$") is None
    assert cut(b'["' + b"," * 100 + b"x" * len(many) + b'"]', "$") is not None


def test_the_mark_is_another_in_each_process():
    """Who knew it could write it into a page, and pass off one array for another."""
    program = "from lakeward.formats.cut import MARK; print(MARK)"
    marks = {subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout for _ in range(2)}

    assert len(marks) == 2
