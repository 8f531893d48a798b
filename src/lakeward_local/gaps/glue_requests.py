"""Actions of the Glue API that MiniStack does not know, served before it is asked."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from lakeward_local.gaps.patching import Function


def served(original: Function, actions: Mapping[str, Callable[[dict[str, Any]], Any]]) -> Function:
    """A request handler that serves ``actions`` itself and passes everything else to ``original``."""

    def handle_request(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Any:
        action = actions.get(headers.get("x-amz-target", "").rpartition(".")[2])
        if action is None or path.startswith("/iceberg"):
            return original(method, path, headers, body, query)
        return action(json.loads(body or b"{}"))

    return handle_request
