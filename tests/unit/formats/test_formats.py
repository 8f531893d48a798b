"""Records out of every format and wrapping: what is whole is read, what is not is refused."""

import gzip
import io
import zipfile
import zlib
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from paged_service import zipped

from lakeward.contract.source_manners import Limits
from lakeward.contract.source_records import CsvRecords, JsonRecords, NdjsonRecords, Records
from lakeward.errors import IncompleteRun, UpstreamRefused
from lakeward.formats.encodings import Encoding
from lakeward.formats.opened import opened
from lakeward.formats.page import json_lines, json_text
from lakeward.formats.separated import rows

JSON = JsonRecords(format="json", at="$")
CSV = CsvRecords(format="csv")


def csv(text: str | bytes, *needed: str, **options: Any) -> list[dict[str, str | None]]:
    spec = CsvRecords(format="csv", **options)
    body = text if isinstance(text, bytes) else text.encode(spec.text_encoding)
    return list(rows(spec, io.BytesIO(body), needed))


def read(body: bytes, records: Records = JSON, encoding: Encoding = "identity", **limits: int) -> bytes:
    with opened(io.BytesIO(body), len(body), encoding, records, Limits(**limits)) as stream:
        return stream.read()


READ = {
    "commas": ("a,b\n1,2\n", {}, [{"a": "1", "b": "2"}]),
    "line ends of Windows": ("a,b\r\n1,2\r\n", {}, [{"a": "1", "b": "2"}]),
    "a delimiter, a quote and a line's end in quotes": ('a\n"x,""y""\nz"\n', {}, [{"a": 'x,"y"\nz'}]),
    "nothing": ("a,b\n1,\n", {}, [{"a": "1", "b": None}]),
    "another text for nothing": ("a,b\nNA,\n", {"null_text": "NA"}, [{"a": None, "b": ""}]),
    "tabs": ("a\tb\n1\t2\n", {"delimiter": "\t"}, [{"a": "1", "b": "2"}]),
    "no header": ("1;2\n", {"delimiter": ";", "header": False, "fields": ["x", "y"]}, [{"x": "1", "y": "2"}]),
    "names in the place of a header": ("A (m),B\n1,2\n", {"fields": ["x", "y"]}, [{"x": "1", "y": "2"}]),
    "lines before the header": ("made today\n\na\n1\n", {"skip_lines": 2}, [{"a": "1"}]),
    "an empty line between": ("a\n1\n\n2\n", {}, [{"a": "1"}, {"a": "2"}]),
    "a byte order mark": ("\ufeffa\n1\n", {}, [{"a": "1"}]),
    "UTF-16": ("a\n\u00e9\n", {"text_encoding": "utf-16"}, [{"a": "\u00e9"}]),
    "windows-1252": ("a\n\u20ac\n", {"text_encoding": "windows-1252"}, [{"a": "\u20ac"}]),
    "a header alone": ("a,b\n", {}, []),
    "an open end that is allowed": ("a\n1", {"open_end": True}, [{"a": "1"}]),
}


@pytest.mark.parametrize("name", READ)
def test_separated_values_are_read(name: str):
    text, options, expected = READ[name]

    assert csv(text, **options) == expected


REFUSED = {
    "a row with a field less": ("a,b\n1\n", {}, "expected 2 fields in record 1, found 1"),
    "a row with a field more": ("a\n1,2\n", {}, "expected 1 fields in record 1, found 2"),
    "a quote that is not closed": ('a\n"1\n', {}, "expected separated values up to line"),
    "an open end": ("a\n1", {}, "expected the last line to have its end, found none"),
    "no line": ("", {}, "expected a line that names the fields, found none"),
    "another encoding": (b"a\n\xff\n", {}, "expected utf-8, found other bytes"),
    "UTF-16 without a byte order mark": (
        "a\n1\n".encode("utf-16-le"),
        {"text_encoding": "utf-16"},
        "expected utf-16, found other bytes",
    ),
    "UTF-16 whose last character is cut": (
        "a\n1\n".encode("utf-16") + b"x",
        {"text_encoding": "utf-16"},
        "expected utf-16, found other bytes",
    ),
    "fewer names than fields": (
        "a,b\n1,2\n",
        {"fields": ["x"]},
        ("expected 1 fields as in source.records.fields, found 2"),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_separated_values_that_are_not_whole_are_refused(name: str):
    text, options, expected = REFUSED[name]

    with pytest.raises(IncompleteRun, match=expected):
        csv(text, **options)


@pytest.mark.parametrize("header", ["b", "a,a", "<html>"])
def test_a_field_that_a_column_needs_is_there_once(header: str):
    with pytest.raises(IncompleteRun, match="expected one field 'a' in the header"):
        csv(f"{header}\n", "a")


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])), min_size=2, max_size=2)
    )
)
def test_any_values_come_out_as_they_went_in(values: list[list[str]]):
    quoted = "".join(",".join('"' + v.replace('"', '""') + '"' for v in row) + "\n" for row in values)

    assert csv("a,b\n" + quoted) == [{"a": a or None, "b": b or None} for a, b in values]


@given(cut=st.integers(1, 60))
def test_a_cut_inside_the_last_line_is_noticed(cut: int):
    whole = "a,b\n" + "1234567,abcdef\n" * 5
    text = whole[:-cut]

    if text.endswith("\n") and text.count("\n") > 0:
        assert len(csv(text)) == text.count("\n") - 1
    else:
        with pytest.raises(IncompleteRun):
            csv(text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "iso-8859-1", "windows-1252"])
def test_json_in_any_encoding(encoding: str):
    spec = JsonRecords(format="json", at="$", text_encoding=encoding)  # type: ignore[arg-type]

    assert json_text(spec, '["\u00e9"]'.encode(encoding)) == '["\u00e9"]'.encode()


def test_json_behind_a_byte_order_mark():
    assert json_text(JSON, b"\xef\xbb\xbf[1]") == b"[1]"


def test_lines_of_json_keep_their_text():
    found = json_lines(NdjsonRecords(format="ndjson"), io.BytesIO(b'{"a": 1.10}\r\n\n  [2]\n"last"'))

    assert [text for text, _ in found] == [b'{"a": 1.10}', b"[2]", b'"last"']


@pytest.mark.parametrize("body", [b"1\n12", b'{"a": 1}\n{"a"', b'{"a": 1} {"a": 2}\n', b"{'a': 1}\n", b"\xff\n"])
def test_a_line_that_is_no_json_is_refused(body: bytes):
    with pytest.raises(IncompleteRun, match=r"on line|other bytes|its end"):
        list(json_lines(NdjsonRecords(format="ndjson"), io.BytesIO(body)))


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
@given(body=st.binary(max_size=5000), cut=st.integers(1, 5000))
def test_each_encoding_is_undone_whole_and_refused_when_cut(encoding: Encoding, body: bytes, cut: int):
    wire = {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
    }[encoding](body)

    assert read(wire, encoding=encoding) == body
    with pytest.raises(IncompleteRun):
        read(wire[: -1 - cut % len(wire)] if cut % len(wire) < len(wire) - 1 else b"", encoding=encoding)


def test_deflate_may_come_without_its_frame():
    raw = zlib.compressobj(wbits=-15)

    assert read(raw.compress(b"plain" * 100) + raw.flush(), encoding="deflate") == b"plain" * 100


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
def test_a_bomb_is_refused_before_it_is_large(encoding: Encoding):
    body = b"\0" * 20_000_000
    wire = {"gzip": gzip.compress, "deflate": zlib.compress, "zstd": zstandard.compress}[encoding](body)

    with pytest.raises(UpstreamRefused, match="grow at most 200 times"):
        read(wire, encoding=encoding)


def test_a_file_may_be_compressed_besides_its_transfer():
    spec = NdjsonRecords(format="ndjson", compression="zstd")

    assert read(gzip.compress(zstandard.compress(b"1\n")), spec, "gzip") == b"1\n"


ZIP = CsvRecords(format="csv", archive_member="*.csv")


def test_one_file_of_an_archive_is_read():
    assert read(zipped(b"a\n1\n"), ZIP) == b"a\n1\n"


def test_an_archive_with_no_such_file_or_two_is_refused():
    two = io.BytesIO()
    with zipfile.ZipFile(two, "w") as files:
        files.writestr("a.csv", "")
        files.writestr("b.csv", "")

    for body, found in ((two.getvalue(), 2), (zipped(b"").replace(b".csv", b".txt"), 0)):
        with pytest.raises(IncompleteRun, match=f"found {found} among 2"):
            read(body, ZIP)


def test_an_archive_with_a_bad_checksum_is_refused():
    body = bytearray(zipped(b"a\n" + b"123\n" * 50))
    at = body.index(b"readings.csv") + len(b"readings.csv") + 5
    body[at] ^= 0xFF

    with pytest.raises(IncompleteRun, match="expected a zip archive that is whole"):
        read(bytes(body), ZIP)


def test_an_archives_file_may_not_be_a_bomb():
    with pytest.raises(UpstreamRefused, match="grow at most 200 times"):
        read(zipped(b"\0" * 20_000_000), ZIP)
