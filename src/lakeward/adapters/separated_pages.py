"""Pages of separated values as Arrow batches of texts: fast, and only for pages of which there is no doubt.

Arrow's reader forgives what ours refuses, so a page goes through it only when both must see the same: its quotes stand
around whole fields and are doubled inside them (RFC 4180), its lines end with a line feed, its last one too. Any other
page is left out, and named.
"""

import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

from lakeward.contract import Contract
from lakeward.contract.source_records import CsvRecords
from lakeward.errors import IncompleteRun
from lakeward.formats.lines import as_text
from lakeward.formats.separated import field_names

BLOCK_BYTES = 1 << 20
UTF8_MARK = b"\xef\xbb\xbf"


class SeparatedPages:
    """The records of some pages.

    Args:
        contract: of separated values.
        fields: the names of the fields that are wanted.
        pages: local files, see ``lakeward.formats.lines.TEXT_SUFFIX``.
    """

    def __init__(self, contract: Contract, fields: list[str], pages: list[Path]) -> None:
        assert isinstance(contract.source.records, CsvRecords)  # noqa: S101 -- for the type checker
        self._spec = as_text(contract.source.records)
        self._fields = fields
        self._pages = pages
        self.left_out: list[Path] = []
        """Pages that have to be read in another way; all are known when the reader has come to its end."""

    def reader(self) -> pa.RecordBatchReader:
        """All records, to be read once: _page, _position (from 1), _field0 and so on, NULL for no value."""
        texts = [(f"_field{n}", pa.string()) for n in range(len(self._fields))]
        schema = pa.schema([("_page", pa.string()), ("_position", pa.int64()), *texts])
        return pa.RecordBatchReader.from_batches(schema, self._batches(schema))

    def _batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        for path in self._pages:
            records = self._records(path)
            if records is None:
                self.left_out.append(path)
                continue
            position = 1
            for batch in records.to_batches():
                after = position + batch.num_rows
                page, positions = pa.repeat(path.stem, batch.num_rows), pa.arange(position, after)
                yield pa.record_batch([page, positions, *batch.columns], schema=schema)
                position = after

    def _records(self, path: Path) -> pa.Table | None:
        """The wanted fields of a page's records, in order; None when there is a doubt."""
        text = path.read_bytes()
        try:
            names = field_names(self._spec, io.BytesIO(text), self._fields)
        except IncompleteRun:
            return None
        body = _after_lines(text.removeprefix(UTF8_MARK), self._spec.skip_lines)
        quote = (self._spec.quote or "").encode()
        is_quoted = bool(quote) and quote in body
        is_ended = body.endswith(b"\n") or self._spec.open_end
        if not is_ended or body.startswith(UTF8_MARK) or not _has_plain_lines(text):  # Arrow drops a second mark too
            return None
        if is_quoted and not _is_clean(body, quote, self._spec):
            return None
        try:
            found = _parsed(body, len(names), self._spec, is_quoted=is_quoted)
        except pa.ArrowInvalid:  # a record with more or fewer fields, bytes that are no UTF-8, a record beyond a block
            return None
        at = {name: n for n, name in enumerate(names)}
        return found.slice(1 if self._spec.header else 0).select([at[field] for field in self._fields])


def _after_lines(text: bytes, lines: int) -> bytes:
    """The text behind so many lines."""
    start = 0
    for _ in range(lines):
        start = text.find(b"\n", start) + 1 or len(text)
    return text[start:] if start else text


def _has_plain_lines(text: bytes) -> bool:
    """Whether a carriage return stands before a line feed only, and nothing stops a text short."""
    return b"\0" not in text and (b"\r" not in text or text.count(b"\r") == text.count(b"\r\n"))


def _is_clean(body: bytes, quote: bytes, spec: CsvRecords) -> bool:
    """Whether every quote opens a field, closes one, or stands doubled inside of one.

    What lies between quotes is inside and outside of fields by turns. Outside, after a quote and before the next, there
    is either nothing (the two are one doubled quote), or something that begins and ends with the end of a field.
    """
    ends = (spec.delimiter.encode(), b"\n")
    starts = (*ends, b"\r")
    part, is_outside = b"\n", True
    for start in range(0, len(body), BLOCK_BYTES):
        parts = (part + body[start : start + BLOCK_BYTES]).split(quote)
        part = parts.pop()
        part = part[:1] + part[1:][-1:]  # more of it is not looked at
        outside = set(parts[0 if is_outside else 1 :: 2])
        if not all(not text or (text.startswith(starts) and text.endswith(ends)) for text in outside):
            return False
        is_outside ^= len(parts) % 2 == 1
    return is_outside and (not part or part.startswith(starts))


def _parsed(body: bytes, fields: int, spec: CsvRecords, *, is_quoted: bool) -> pa.Table:
    names = [str(n) for n in range(fields)]
    return csv.read_csv(
        pa.BufferReader(body),
        read_options=csv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES, column_names=names),
        parse_options=csv.ParseOptions(
            delimiter=spec.delimiter, quote_char=spec.quote if is_quoted else False, newlines_in_values=is_quoted
        ),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[spec.null_text],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )
