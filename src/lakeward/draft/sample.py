"""A sample response taken apart: its format, its records, and what stands around them."""

import csv
import gzip
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from lakeward.errors import ContractInvalid

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
"""What a path of a contract can name."""
DELIMITERS = (",", ";", "\t", "|")
DEEPEST = 4
GZIP = b"\x1f\x8b"
NULL_WORDS = ("NA", "N/A", "null", "NULL", "None", "-", "nan", "NaN")


@dataclass(frozen=True)
class Sample:
    """A response: its records (objects; of CSV, texts), where they lie, and the rest.

    ``around`` is the JSON document; None for lines and CSV. ``null_text`` is the text that stands for no value in CSV.
    ``headers`` of the response have names in lower case; a file has none, and that it is gzipped says nothing of the
    service. ``compressed``: the service hands out a gzipped file.
    """

    format: Literal["json", "ndjson", "csv"]
    records: list[dict[str, Any]]
    at: str = "$"
    around: Any = None
    delimiter: str = ","
    null_text: str = ""
    compressed: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


def read_sample(body: bytes, headers: Mapping[str, str]) -> Sample:
    """Take a response apart.

    Args:
        body: JSON, lines of JSON or separated values, in UTF-8; perhaps gzipped.
        headers: of the response, names in lower case; empty for a file.

    Raises:
        ContractInvalid: none of these, or without records. Never shows what stands in it.
    """
    compressed = body.startswith(GZIP)
    try:
        text = gzip.decompress(body) if compressed else body
        text.decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError):
        raise ContractInvalid(
            "expected a sample in UTF-8, plain or gzipped, found other bytes; convert it, and say the encoding in "
            "source.records.text_encoding afterwards"
        ) from None
    text = text.removeprefix(b"\xef\xbb\xbf")
    by_itself = bool(headers) and compressed and "gzip" not in headers.get("content-encoding", "")
    found = _json(text) or _lines(text) or _separated(text)
    if found is None or not found.records:
        raise ContractInvalid(
            "expected a sample with at least one record: a JSON array of objects (in the document or in objects of "
            "it), one JSON object a line, or separated values below a line of names; found none of these"
        )
    return Sample(**{**vars(found), "headers": headers, "compressed": by_itself})


def _json(text: bytes) -> Sample | None:
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    if isinstance(document, dict) and b"\n" not in text.strip() and not list(_arrays(document, "$", 0)):
        return None  # one line, one object: perhaps a line of many
    found = max(_arrays(document, "$", 0), key=lambda pair: len(pair[1]), default=None)
    return None if found is None else Sample("json", found[1], found[0], document)


def _arrays(value: Any, at: str, depth: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Every array of objects that a path of names leads to."""
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        yield at, value
    elif isinstance(value, dict) and depth < DEEPEST:
        for name, inner in value.items():
            if NAME.fullmatch(name):
                yield from _arrays(inner, f"{at}.{name}", depth + 1)


def _lines(text: bytes) -> Sample | None:
    try:
        records = [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError:
        return None
    if not all(isinstance(record, dict) for record in records):
        return None
    if len(records) == 1 and [] in records[0].values():
        return None  # one document whose records are none, rather than one line
    return Sample("ndjson", records)


def _separated(text: bytes) -> Sample | None:
    lines = text.decode("utf-8").splitlines()
    if len(lines) < 2:
        return None
    delimiter = max(DELIMITERS, key=lines[0].count)
    try:
        rows = [
            row for row in csv.reader(io.StringIO(text.decode(), newline=""), delimiter=delimiter, strict=True) if row
        ]
    except csv.Error:
        return None
    names, values = rows[0], rows[1:]
    if len(names) < 2 or len(set(names)) < len(names) or any(len(row) != len(names) for row in values):
        return None
    null = _null_text(values)
    records = [{n: None if v in ("", null) else v for n, v in zip(names, row, strict=True)} for row in values]
    return Sample("csv", records, delimiter=delimiter, null_text=null)


def _null_text(rows: list[list[str]]) -> str:
    """The word that stands for no value, where nothing at all never does."""
    words = [value for row in rows for value in row]
    if "" in words:
        return ""
    return max(NULL_WORDS, key=words.count) if any(word in words for word in NULL_WORDS) else ""
