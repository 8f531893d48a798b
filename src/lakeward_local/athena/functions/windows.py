"""Window functions that are no aggregates. https://trino.io/docs/current/functions/window.html"""

from __future__ import annotations

from typing import Final

from lakeward_local.athena.functions.registry import Function, window

FUNCTIONS: Final[list[Function]] = [
    *(window(f"{name}() -> bigint", f"{name}()") for name in ("row_number", "rank", "dense_rank")),
    *(window(f"{name}() -> double", f"{name}()") for name in ("percent_rank", "cume_dist")),
    window("ntile(bigint) -> bigint", "ntile({0})"),
    *(window(f"{name}(T) -> T", f"{name}({{0}})") for name in ("first_value", "last_value")),
    window("nth_value(T, bigint) -> T", "nth_value({0}, {1})"),
    *(window(f"{name}(T) -> T", f"{name}({{0}})") for name in ("lag", "lead")),
    *(window(f"{name}(T, bigint) -> T", f"{name}({{0}}, {{1}})") for name in ("lag", "lead")),
    *(window(f"{name}(T, bigint, T) -> T", f"{name}({{0}}, {{1}}, {{2}})") for name in ("lag", "lead")),
]
