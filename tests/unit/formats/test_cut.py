"""The text of a page's records, cut out of the page."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeward.formats.cut import cut
from lakeward.formats.document import list_at

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "items", '"items":[', "]", "}]", "\\", "é"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["items", "a", "b", '"']), inner, max_size=3)
    ),
    max_leaves=12,
)


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
        whole, text = found
        assert whole == document
        assert orjson.loads(text) == list_at(document, path) == records


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
        (b"[1,2]", "$", b"[1,2]"),
        (b'{"items":[{"a":1}', "$.items", None),
        (b'{"items":[{"a":1}]', "$.items", None),
        (b'{"items":[{"a":01}]}', "$.items", None),
    ],
)
def test_shapes_of_pages(page: bytes, path: str, expected: bytes | None):
    assert cut(page, path) == (None if expected is None else (json.loads(page), expected))
