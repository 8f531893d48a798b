"""Samples of several shapes, taken apart into records: a JSON array, lines of JSON, separated values. All gzipped."""

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

from lakeward_local.errors import DeclarationInvalid
from lakeward_local.replay.model import Record


def read_array(path: Path) -> tuple[Record, ...]:
    """The elements of a JSON array.

    Raises:
        DeclarationInvalid: the file is no such array.
    """
    values = _json(path, _text(path))
    if not isinstance(values, list):
        raise DeclarationInvalid(f"expected a JSON array in {path}, found something else")
    return tuple(Record(dense(value), value) for value in values)


def read_lines(path: Path) -> tuple[Record, ...]:
    """One record a line.

    Raises:
        DeclarationInvalid: a line is no JSON.
    """
    return tuple(Record(line.encode(), _json(path, line)) for line in _text(path).splitlines())


def read_separated(path: Path) -> tuple[bytes, tuple[Record, ...]]:
    """The header line, and one record a line; each with its own bytes, its line's end included.

    Raises:
        DeclarationInvalid: the file is missing or damaged.
    """
    header, *lines = _text(path).splitlines(keepends=True)
    rows = csv.DictReader(io.StringIO("".join([header, *lines]), newline=""))
    return header.encode(), tuple(Record(line.encode(), row) for line, row in zip(lines, rows, strict=True))


def dense(value: Any) -> bytes:
    """JSON without spaces."""
    return json.dumps(value, separators=(",", ":")).encode()


def _text(path: Path) -> str:
    try:
        return gzip.decompress(path.read_bytes()).decode()
    except (OSError, EOFError, ValueError) as error:
        raise DeclarationInvalid(f"expected a gzipped sample in {path}, found: {error}") from error


def _json(path: Path, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise DeclarationInvalid(f"expected JSON in {path}, found: {error}") from error
