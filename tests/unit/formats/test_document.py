"""From wire bytes to values: what is whole is read, what is not is refused and never guessed."""

import gzip
import io
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeward.contract.source_manners import Limits
from lakeward.contract.source_records import JsonRecords
from lakeward.errors import IncompleteRun, UpstreamRefused
from lakeward.formats.document import list_at, parse, value_at, whole_number_at
from lakeward.formats.encodings import CHUNK_BYTES, Encoding, content_encoding
from lakeward.formats.opened import opened

DOCUMENT = {"meta": {"count": 2, "note": None, "ratio": 2.0, "on": True}, "items": [{"id": "a"}, {"id": "b"}], "x-y": 1}


def decode(wire: io.BytesIO, encoding: Encoding, limit_bytes: int) -> bytes:
    """All decoded bytes, at most so many."""
    limits = Limits(page_bytes=limit_bytes)
    with opened(wire, len(wire.getvalue()), encoding, JsonRecords(format="json", at="$"), limits) as decoded:
        return decoded.read()


@given(
    size=st.integers(0, 3 * CHUNK_BYTES),
    members=st.integers(1, 3),
    random=st.booleans(),
)
def test_gzip_of_any_length_in_one_member_or_several_comes_out_as_it_went_in(size: int, members: int, random: bool):
    part = os.urandom(size) if random else b"a" * size
    wire = b"".join(gzip.compress(part) for _ in range(members))

    assert decode(io.BytesIO(wire), "gzip", 10 * CHUNK_BYTES) == part * members


@given(cut=st.integers(0, 10_000), size=st.integers(1, 2 * CHUNK_BYTES))
def test_gzip_cut_anywhere_is_refused(cut: int, size: int):
    wire = gzip.compress(os.urandom(size))

    with pytest.raises(IncompleteRun, match="stops short"):
        decode(io.BytesIO(wire[: cut % len(wire)]), "gzip", 10 * CHUNK_BYTES)


def test_damaged_gzip_is_refused():
    wire = bytearray(gzip.compress(b"whole" * 1000))
    wire[-5] ^= 1  # in the checksum

    with pytest.raises(IncompleteRun, match="damaged"):
        decode(io.BytesIO(bytes(wire)), "gzip", 10_000)


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_a_body_may_have_the_largest_size_and_no_byte_more(encoding: str):
    largest, larger = b"0" * 1000, b"0" * 1001
    wire = (gzip.compress(largest), gzip.compress(larger)) if encoding == "gzip" else (largest, larger)

    assert decode(io.BytesIO(wire[0]), encoding, 1000) == largest
    with pytest.raises(UpstreamRefused, match="at most 1000 bytes once decoded, found more"):
        decode(io.BytesIO(wire[1]), encoding, 1000)


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        ("", "identity"),
        ("identity", "identity"),
        ("GZIP", "gzip"),
        ("x-gzip", "gzip"),
        ("deflate", "deflate"),
        ("zstd", "zstd"),
    ],
)
def test_encodings_that_were_offered_are_known(header: str, encoding: str):
    assert content_encoding(header) == encoding


@pytest.mark.parametrize("header", ["br", "compress", "gzip, gzip"])
def test_encodings_that_cannot_be_read_are_refused(header: str):
    with pytest.raises(UpstreamRefused, match=f"found Content-Encoding '{header}'"):
        content_encoding(header)


@given(keep=st.integers(0, 200))
def test_json_cut_anywhere_is_refused(keep: int):
    whole = json.dumps(DOCUMENT).encode()

    with pytest.raises(IncompleteRun, match="expected JSON, found"):
        parse(whole[: keep % len(whole)], "application/json")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"items": [1, 2', "found 15 bytes (content type 'text/json') that stop in the middle, at byte 15"),
        (b"<html>secret</html>", "found 19 bytes (content type 'text/json') that are not JSON, from byte 0"),
        (b'{"a": NaN}', "found 10 bytes (content type 'text/json') that are not JSON, from byte 6"),
        (b'{"a": 1}\n{"a": 2}', "found 17 bytes (content type 'text/json') that are not JSON, from byte 9"),
        ('{"ä": NaN}'.encode(), "found 11 bytes (content type 'text/json') that are not JSON, from byte 7"),
        ('{"ä": "ö"'.encode(), "found 11 bytes (content type 'text/json') that stop in the middle, at byte 11"),
        (b'{"a": "\xff"}', "found 10 bytes (content type 'text/json') that are not UTF-8, from byte 7"),
        (b"", "found 0 bytes (content type 'text/json') that stop in the middle, at byte 0"),
    ],
)
def test_what_is_not_json_is_refused_by_its_place_and_without_its_words(body: bytes, message: str):
    with pytest.raises(IncompleteRun) as refused:
        parse(body, "text/json")

    assert refused.value.message == f"expected JSON, {message}"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", DOCUMENT),
        ("$.meta.count", 2),
        ("$.items", DOCUMENT["items"]),
        ("$.items[1].id", "b"),
        ("$.x-y", 1),
        ("$.meta.note", None),
    ],
)
def test_a_path_leads_to_its_value(path: str, value: object):
    assert value_at(DOCUMENT, path) == value


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("$.meta.total", "expected a value at $.meta.total, found no 'total' in the object at $.meta"),
        ("$.items[2]", "expected a value at $.items[2], found no element 2 in the array at $.items"),
        ("$.items.id", "expected a value at $.items.id, found no 'id' in the array at $.items"),
        ("$[0]", "expected a value at $[0], found no element 0 in the object at $"),
    ],
)
def test_a_path_that_ends_nowhere_says_where_it_ended(path: str, message: str):
    with pytest.raises(IncompleteRun) as refused:
        value_at(DOCUMENT, path)

    assert refused.value.message == message


@pytest.mark.parametrize(
    ("path", "found"),
    [("$.meta.ratio", "a number"), ("$.meta.on", "a boolean"), ("$.meta.note", "null"), ("$.items", "an array")],
)
def test_a_count_is_a_whole_number(path: str, found: str):
    with pytest.raises(IncompleteRun, match=f"expected a whole number at .*, found {found}"):
        whole_number_at(DOCUMENT, path)


def test_a_count_is_not_negative():
    with pytest.raises(IncompleteRun, match=r"from 0 upwards at \$.count, found -1"):
        whole_number_at({"count": -1}, "$.count")


def test_records_are_an_array():
    with pytest.raises(IncompleteRun, match=r"expected an array at \$.meta, found an object"):
        list_at(DOCUMENT, "$.meta")
