"""Pages as lines of ``{"position":1,"record":{…}}``: the form in which engines read what is no JSON value as a whole.

The fields of separated values are texts, and stay texts: what a column reads from one is the transform's matter.
"""

import io
from collections.abc import Container
from pathlib import Path
from typing import IO

import orjson

from lakeward.contract import Contract
from lakeward.contract.source_records import CsvRecords, NdjsonRecords
from lakeward.errors import LakewardError, RawConflict
from lakeward.formats.page import json_lines, needed_fields
from lakeward.formats.separated import numbered_rows

TEXT_SUFFIX = ".csv"
"""Of a page of separated values that is still text: UTF-8, perhaps with a byte order mark."""


def write_lines(
    contract: Contract,
    spec: CsvRecords | NdjsonRecords,
    stream: IO[bytes],
    out: IO[bytes],
    wanted: Container[int] | None = None,
) -> None:
    """Write a page's records.

    Args:
        contract: names the fields that separated values must have.
        spec: what the page is made of.
        stream: decoded bytes.
        out: gets the lines.
        wanted: positions, from 1, of the records that are written; None writes all. All are read, whatever is wanted.

    Raises:
        IncompleteRun: the page is not whole, or is not what the contract says.
    """
    if isinstance(spec, CsvRecords):
        numbered = ((n, orjson.dumps(row)) for n, row in numbered_rows(spec, stream, needed_fields(contract), wanted))
    else:
        texts = (text for text, _ in json_lines(spec, stream))
        numbered = ((n, text) for n, text in enumerate(texts, start=1) if wanted is None or n in wanted)
    for position, text in numbered:
        out.write(b'{"position":%d,"record":%b}\n' % (position, text))


def lines_of(contract: Contract, page: Path, folder: Path, wanted: Container[int] | None = None) -> Path:
    """A page on disk as lines: itself where it has that form already, or a file of the same name in a folder.

    Args:
        contract: of separated values, when the page is text.
        page: see ``TEXT_SUFFIX``.
        folder: made when it is not there.
        wanted: see ``write_lines``; of a page that has the form already, all are in it.

    Raises:
        RawConflict: the page cannot be read.
    """
    spec = contract.source.records
    if page.suffix != TEXT_SUFFIX or not isinstance(spec, CsvRecords):
        return page
    folder.mkdir(exist_ok=True)
    lines = folder / f"{page.stem}.json"
    with lines.open("wb") as out:
        try:
            write_lines(contract, as_text(spec), io.BytesIO(page.read_bytes()), out, wanted)
        except LakewardError as problem:
            raise RawConflict(
                f"{page.stem}: expected a page that can be read as when it was certified: {problem.message}"
            ) from None
    return lines


def as_text(spec: CsvRecords) -> CsvRecords:
    """The same of a page that was brought into UTF-8."""
    return spec.model_copy(update={"text_encoding": "utf-8"})
