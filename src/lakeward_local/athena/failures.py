"""DuckDB's failures in Trino's words."""

from __future__ import annotations

import re
from typing import Final

import duckdb

from lakeward_local.athena.errors import QueryError
from lakeward_local.athena.functions.sql import MARK_END, MARK_START

_MARKED: Final = re.compile(re.escape(MARK_START) + r"([A-Z_]+): (.*?)" + re.escape(MARK_END), re.DOTALL)

#: A pattern in DuckDB's text -> Trino's error. The first that matches counts.
_KNOWN: Final = (
    (r"Overflow in (\w+) of (\w+) \((.*?)\)", "NUMERIC_VALUE_OUT_OF_RANGE"),
    (r"More than one row returned by a subquery", "SUBQUERY_MULTIPLE_ROWS"),
    (r"out of range|Out of Range|Overflow", "NUMERIC_VALUE_OUT_OF_RANGE"),
    (r"Map keys must be unique", "INVALID_FUNCTION_ARGUMENT"),
    (r"Like pattern must not end with escape character|escape", "INVALID_FUNCTION_ARGUMENT"),
    (r"INTERRUPT", "USER_CANCELED"),
    (r"must appear in the GROUP BY clause", "EXPRESSION_NOT_AGGREGATE"),
    (r"are not supported|not supported yet|Not implemented", "NOT_SUPPORTED"),
    (r"Out of Memory|out of memory", "EXCEEDED_LOCAL_MEMORY_LIMIT"),
)


def renamed(error: duckdb.Error) -> QueryError:
    """The Trino error that a DuckDB failure stands for; what is unknown is an internal error, loudly."""
    text = str(error)
    marked = _MARKED.search(text)
    if marked:
        return QueryError(marked.group(1), marked.group(2))
    first_line = text.split("\n", maxsplit=1)[0]
    if isinstance(error, duckdb.InterruptException):
        return QueryError("USER_CANCELED", "Query was canceled")
    for pattern, code in _KNOWN:
        if re.search(pattern, text):
            return QueryError(code, first_line)
    if isinstance(error, duckdb.ConversionException):
        return QueryError("INVALID_CAST_ARGUMENT", first_line)
    return QueryError("GENERIC_INTERNAL_ERROR", f"the local engine failed: {first_line}")
