"""Window functions that are no aggregates. https://trino.io/docs/current/functions/window.html"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lakeward_local.athena import types as t
from lakeward_local.athena.functions.registry import Function, Template, window
from lakeward_local.athena.functions.sql import guard
from lakeward_local.athena.types import Type


def _at_least(sql: str, least: int, message: str) -> str:
    """A count that Trino refuses below ``least``, and DuckDB takes."""
    return guard(f"{sql} < {least}", "INVALID_FUNCTION_ARGUMENT", f"'{message}'", sql, t.BIGINT)


def _ntile(a: Sequence[str], _t: Sequence[Type], _r: Type) -> str:
    return f"ntile({_at_least(a[0], 1, 'Buckets must be greater than 0')})"


def _nth_value(a: Sequence[str], _t: Sequence[Type], _r: Type) -> str:
    return f"nth_value({a[0]}, {_at_least(a[1], 1, 'Offset must be at least 1')})"


def _shifted(name: str) -> Template:
    """lag and lead: by a negative count DuckDB goes the other way."""

    def template(a: Sequence[str], _t: Sequence[Type], _r: Type) -> str:
        rest = "".join(f", {x}" for x in a[2:])
        return f"{name}({a[0]}, {_at_least(a[1], 0, 'Offset must be at least 0')}{rest})"

    return template


FUNCTIONS: Final[list[Function]] = [
    *(window(f"{name}() -> bigint", f"{name}()") for name in ("row_number", "rank", "dense_rank")),
    *(window(f"{name}() -> double", f"{name}()") for name in ("percent_rank", "cume_dist")),
    window("ntile(bigint) -> bigint", _ntile),
    *(window(f"{name}(T) -> T", f"{name}({{0}})") for name in ("first_value", "last_value")),
    window("nth_value(T, bigint) -> T", _nth_value),
    *(window(f"{name}(T) -> T", f"{name}({{0}})") for name in ("lag", "lead")),
    *(window(f"{name}(T, bigint) -> T", _shifted(name)) for name in ("lag", "lead")),
    *(window(f"{name}(T, bigint, T) -> T", _shifted(name)) for name in ("lag", "lead")),
]
