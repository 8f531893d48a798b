"""URL functions. https://trino.io/docs/current/functions/url.html"""

from __future__ import annotations

from typing import Final

from lakeward_local.athena.functions.registry import Function, scalar

FUNCTIONS: Final[list[Function]] = [
    *(
        scalar(f"url_extract_{part}(varchar) -> varchar", f"trino_url_part('{part}', {{0}})")
        for part in ("fragment", "host", "path", "protocol", "query")
    ),
    scalar("url_extract_port(varchar) -> bigint", "CAST(trino_url_part('port', {0}) AS BIGINT)"),
    scalar("url_extract_parameter(varchar, varchar) -> varchar", "trino_url_parameter({0}, {1})"),
    scalar("url_encode(varchar) -> varchar", "trino_url_encode({0})"),
    scalar("url_decode(varchar) -> varchar", "trino_url_decode({0})"),
]
