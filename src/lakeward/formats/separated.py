"""Separated values (CSV, TSV and their kin): one record a row, an object of texts. A row that is cut is refused."""

import csv
import io
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from lakeward.contract.source_records import CsvRecords
from lakeward.errors import IncompleteRun

if TYPE_CHECKING:
    from _csv import Reader

LONGEST_FIELD_CHARACTERS = 16_777_216
csv.field_size_limit(LONGEST_FIELD_CHARACTERS)

Row = dict[str, str | None]


class _Lines:
    """The lines of a text, and whether the last one had its end."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.ended = True

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = next(self._text)
        self.ended = line.endswith(("\n", "\r"))
        return line


def rows(spec: CsvRecords, stream: IO[bytes], needed: Sequence[str] = ()) -> Iterator[Row]:
    """Every record of a page.

    Args:
        spec: the dialect and the names of the fields.
        stream: decoded bytes.
        needed: fields that must be there. An error page that calls itself CSV does not have them.

    Raises:
        IncompleteRun: another encoding, a row with more or fewer fields than the header, a quote that is not closed, a
            header without the needed fields or with one of them twice.
    """
    return (row for _, row in numbered_rows(spec, stream, needed))


def numbered_rows(
    spec: CsvRecords, stream: IO[bytes], needed: Sequence[str], wanted: Container[int] | None = None
) -> Iterator[tuple[int, Row]]:
    """The same with their places, from 1; of all or of some, but the page is proved to its end.

    Args:
        spec: see ``rows``.
        stream: see ``rows``.
        needed: see ``rows``.
        wanted: places; None for all.
    """
    lines = _Lines(io.TextIOWrapper(stream, encoding=spec.codec, errors="strict", newline=""))
    reader = _reader(spec, lines)
    with _refusals(spec, reader):
        for _ in range(spec.skip_lines):
            next(lines, None)
        names, null_text = _names(spec, reader, needed), spec.null_text
        for number, values in enumerate((row for row in reader if row), start=1):
            if len(values) != len(names):
                raise IncompleteRun(f"expected {len(names)} fields in record {number}, found {len(values)}")
            if wanted is None or number in wanted:
                pairs = zip(names, values, strict=True)
                yield number, {name: None if value == null_text else value for name, value in pairs}
        if not lines.ended and not spec.open_end:
            raise IncompleteRun(
                "expected the last line to have its end, found none: it may be cut (source.records.open_end allows it)"
            )


def field_names(spec: CsvRecords, stream: IO[bytes], needed: Sequence[str] = ()) -> list[str]:
    """The names of a page's fields, in order.

    Args:
        spec: see ``rows``.
        stream: see ``rows``.
        needed: see ``rows``.

    Raises:
        IncompleteRun: as ``rows`` does before the first record.
    """
    lines = _Lines(io.TextIOWrapper(stream, encoding=spec.codec, errors="strict", newline=""))
    reader = _reader(spec, lines)
    with _refusals(spec, reader):
        for _ in range(spec.skip_lines):
            next(lines, None)
        return _names(spec, reader, needed)


def _reader(spec: CsvRecords, lines: _Lines) -> "Reader":
    return csv.reader(
        lines,
        delimiter=spec.delimiter,
        quotechar=spec.quote,
        quoting=csv.QUOTE_NONE if spec.quote is None else csv.QUOTE_MINIMAL,
        strict=True,
    )


@contextmanager
def _refusals(spec: CsvRecords, reader: "Reader") -> Iterator[None]:
    """What the reader raises, as this project says it."""
    try:
        yield
    except csv.Error as problem:
        raise IncompleteRun(f"expected separated values up to line {reader.line_num}, found: {problem}") from None
    except UnicodeError:  # also where UTF-16 has no byte order mark
        raise IncompleteRun(
            f"expected {spec.text_encoding}, found other bytes after line {reader.line_num} "
            "(source.records.text_encoding)"
        ) from None


def _names(spec: CsvRecords, reader: Iterator[list[str]], needed: Sequence[str]) -> list[str]:
    """The fields' names, in order; none when the page has no line at all and needs none."""
    found = next(reader, None) if spec.header else None
    if spec.header and found is None:
        raise IncompleteRun("expected a line that names the fields, found none")
    names = list(spec.fields) if spec.fields is not None else found or []
    if found is not None and len(found) != len(names):
        raise IncompleteRun(
            f"expected {len(names)} fields as in source.records.fields, found {len(found)} in the header"
        )
    missing = [name for name in needed if names.count(name) != 1]
    if missing:
        raise IncompleteRun(f"expected one field {missing[0]!r} in the header, found {names.count(missing[0])} of it")
    return names
