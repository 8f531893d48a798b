"""JSON functions. https://trino.io/docs/current/functions/json.html

A JSON value is held as its canonical text; the functions are Python (``native.jsons``), because DuckDB's own differ in
malformed input, numbers' text, paths and key order.
"""

from __future__ import annotations

from typing import Final

from lakeward_local.athena.functions.registry import Function, scalar

_INPUTS: Final = ("json", "varchar")

FUNCTIONS: Final[list[Function]] = [
    *(scalar(f"json_extract({x}, varchar) -> json", "trino_json_extract({0}, {1})") for x in _INPUTS),
    *(scalar(f"json_extract_scalar({x}, varchar) -> varchar", "trino_json_extract_scalar({0}, {1})") for x in _INPUTS),
    *(scalar(f"json_array_length({x}) -> bigint", "trino_json_array_length({0})") for x in _INPUTS),
    *(scalar(f"json_array_get({x}, bigint) -> json", "trino_json_array_get({0}, {1})") for x in _INPUTS),
    *(scalar(f"json_size({x}, varchar) -> bigint", "trino_json_size({0}, {1})") for x in _INPUTS),
    *(
        scalar(f"json_array_contains({x}, boolean) -> boolean", "trino_json_array_contains({0}, CAST({1} AS VARCHAR))")
        for x in _INPUTS
    ),
    *(
        scalar(f"json_array_contains({x}, bigint) -> boolean", "trino_json_array_contains({0}, CAST({1} AS VARCHAR))")
        for x in _INPUTS
    ),
    *(
        scalar(
            f"json_array_contains({x}, double) -> boolean",
            "(CASE WHEN isfinite({1}) THEN trino_json_array_contains({0}, trino_json_double({1})) ELSE false END)",
        )
        for x in _INPUTS
    ),
    *(
        scalar(f"json_array_contains({x}, varchar) -> boolean", "trino_json_array_contains({0}, to_json({1}))")
        for x in _INPUTS
    ),
    scalar("is_json_scalar(json) -> boolean", "(left(ltrim({0}), 1) NOT IN ('[', '{{'))"),
    scalar("is_json_scalar(varchar) -> boolean", "(left(trino_json_parse({0}), 1) NOT IN ('[', '{{'))"),
    scalar("json_format(json) -> varchar", "{0}"),
    scalar("json_parse(varchar) -> json", "trino_json_parse({0})"),
]
