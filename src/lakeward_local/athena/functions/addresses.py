"""IP address functions. https://trino.io/docs/current/functions/ipaddress.html"""

from __future__ import annotations

from typing import Final

from lakeward_local.athena.functions.registry import Function, scalar

FUNCTIONS: Final[list[Function]] = [
    scalar("contains(varchar, ipaddress) -> boolean", "trino_network_contains({0}, {1})"),
]
