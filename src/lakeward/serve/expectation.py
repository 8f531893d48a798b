"""A dataset's end-to-end queries: ``queries/<name>.sql``, each with ``queries/<name>.expected.json``.

The expected file holds the whole result as Athena gives it in GetQueryResults::

    {"note": "how it was computed",
     "columns": [{"name": "events", "type": "bigint"}],
     "rows": [["1707"]]}

Every value is a text as Athena renders it (``'2018-01-31 01:49:59.650'``, ``'4.0'``), or null for SQL NULL.
"""

import difflib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from lakeward.errors import QueriesInvalid

SQL, EXPECTED = ".sql", ".expected.json"
ATHENA_TYPES = (
    *("boolean", "tinyint", "smallint", "integer", "bigint", "float", "double", "decimal"),
    *("char", "varchar", "varbinary", "date", "time", "time with time zone", "timestamp", "timestamp with time zone"),
    *(
        "interval year to month",
        "interval day to second",
        "json",
        "uuid",
        "ipaddress",
        "array",
        "map",
        "row",
        "unknown",
    ),
)
"""Type names of ResultSetMetadata, which has no parameters: decimal(10,2) is decimal, timestamp(3) is timestamp."""

_LITERALS = r"'(?:[^']|'')*'"
_COMMENTS = r"--[^\n]*|/\*.*?\*/"


def _athena_type(name: str) -> str:
    if name not in ATHENA_TYPES:
        near = difflib.get_close_matches(name, ATHENA_TYPES, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"types are {', '.join(ATHENA_TYPES)}"
        raise ValueError(f"expected a type as Athena names it in results, found {name!r}; {hint}")
    return name


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ExpectedColumn(_Strict):
    """A column of the result."""

    name: str = Field(min_length=1)
    type: Annotated[str, AfterValidator(_athena_type)]


class Expected(_Strict):
    """A whole result. ``note`` says how it was computed, so that a reader can trust it."""

    note: str | None = None
    columns: list[ExpectedColumn] = Field(min_length=1)
    rows: list[list[str | None]]


@dataclass(frozen=True)
class E2eQuery:
    """One query of one dataset, and what it must answer."""

    dataset: str
    name: str
    sql: str
    expected: Expected


def e2e_queries(dataset_folder: Path) -> list[E2eQuery]:
    """All queries of a dataset, by name.

    Raises:
        QueriesInvalid: there are none, a file lacks its partner, or a file breaks the rules; all problems are listed.
    """
    folder = dataset_folder / "queries"
    marts = sorted(path.stem for path in (dataset_folder / "marts").glob("*.sql"))
    views = [dataset_folder.name, f"{dataset_folder.name}_quarantine", *marts]
    found = sorted(path for path in folder.glob("*") if path.is_file() and path.name != "README.md")
    names = dict.fromkeys(path.name.removesuffix(suffix) for path in found for suffix in [_suffix(path)] if suffix)
    problems = [f"{p}: expected <name>{SQL} or <name>{EXPECTED}" for p in found if not _suffix(p)]
    if not names:
        problems.append(
            f"{folder}: expected at least one query <name>{SQL} with its result <name>{EXPECTED}, found none"
        )
    queries = []
    for name in names:
        sql, expected = folder / f"{name}{SQL}", folder / f"{name}{EXPECTED}"
        missing = [
            f"{path}: expected this file beside its partner, found none"
            for path in (sql, expected)
            if path not in found
        ]
        if missing:
            problems += missing
            continue
        read = _read(expected)
        if isinstance(read, Expected):
            query = E2eQuery(dataset_folder.name, name, sql.read_text(encoding="utf-8", errors="replace"), read)
            problems += [f"{sql}: {text}" for text in _sql_problems(query, views)]
            problems += [f"{expected}: {text}" for text in _shape_problems(read)]
            queries.append(query)
        else:
            problems += read
    if problems:
        raise QueriesInvalid(f"{len(problems)} problem(s)\n" + "\n".join(f"  {text}" for text in problems))
    return queries


def _suffix(path: Path) -> str | None:
    return next((suffix for suffix in (SQL, EXPECTED) if path.name.endswith(suffix)), None)


def _read(path: Path) -> Expected | list[str]:
    """The expected result, or what is wrong with its file."""
    try:
        return Expected.model_validate_json(path.read_bytes())
    except ValidationError as problem:
        return [f"{path}: {_told(error)}" for error in problem.errors()]


def _told(error: ErrorDetails) -> str:
    at = ".".join(map(str, error["loc"])) or "the file"
    if error["type"] == "string_type":
        return f"{at}: expected text as Athena renders it, in quotes; found {json.dumps(error['input'])}"
    return f"{at}: {error['msg'].removeprefix('Value error, ')}"


def _shape_problems(expected: Expected) -> Iterator[str]:
    width = len(expected.columns)
    for number, row in enumerate(expected.rows, start=1):
        if len(row) != width:
            yield f"row {number}: expected {width} values, one a column; found {len(row)}"


def _sql_problems(query: E2eQuery, views: list[str]) -> Iterator[str]:
    """What would make a result depend on luck or on the environment."""
    bare = re.sub(rf"{_LITERALS}|{_COMMENTS}", " ", query.sql, flags=re.DOTALL).strip().rstrip(";")
    if "\ufffd" in query.sql:
        yield "expected UTF-8, found other bytes"
    if not bare:
        yield "expected one statement, found none"
    if ";" in re.sub(r'"(?:[^"]|"")*"', " ", bare):
        yield "expected one statement, found a semicolon between two"
    if len(query.expected.rows) > 1 and not re.search(r"\border\s+by\b", bare, re.IGNORECASE):
        yield "expected ORDER BY, because the result has several rows; found none"
    if bare and not re.search(rf'\b(from|join)\s+"?({"|".join(views)})\b', bare, re.IGNORECASE):
        *most, last = views
        yield f"expected a query of {', '.join(most)} or {last}, whose folder this is; found none of them"
    database = re.search(r"\blakeward_[a-z0-9_]+_(curated|quarantine|serving)\b", bare)
    if database:
        yield f"expected names without a database, so that it runs in every environment; found {database[0]}"
