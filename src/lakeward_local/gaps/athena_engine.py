"""Athena that speaks Trino.

AWS: Athena engine 3: Trino's SQL over the Glue catalog and Iceberg, enforced workgroups, result files, statistics.

MiniStack 1.5.33: hands the text to DuckDB: no Trino semantics, no DDL, silently wrong answers.

``lakeward_local.athena`` is asked instead, for the whole API of the service; it reaches Glue and S3 by HTTP, as any
client does. It can go when MiniStack's Athena holds ``tests/conformance``.
"""

import asyncio
import json
import os
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import athena

from lakeward_local.athena.server import answer, clients_at
from lakeward_local.athena.service import AthenaService
from lakeward_local.gaps.patching import replace


def install() -> None:
    """Put the service in the place of MiniStack's, its state in the place of that one's state."""
    service = AthenaService(clients_at(f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}"))

    async def handle_request(_method: str, _path: str, headers: dict[str, str], body: bytes, _query: Any) -> Any:
        # Whose request it is MiniStack knows best: not every caller inside of it signs with an account.
        signature = f"Credential={get_account_id()}/20180131/{get_region()}/athena/aws4_request"
        target = headers.get("x-amz-target", "")
        # The service calls this process again, so it must not hold up the loop that would answer.
        status, found = await asyncio.to_thread(answer, service, target, body, signature)
        kind = {"x-amzn-errortype": str(found["__type"])} if status >= 400 else {}
        return status, {"Content-Type": "application/x-amz-json-1.1", **kind}, json.dumps(found).encode()

    athena.lakeward_service = service  # for iam_resources, which must know what lies in which workgroup
    replace(athena, "handle_request", lambda _: handle_request)
    replace(athena, "get_state", lambda _: service.state)
    replace(athena, "load_persisted_state", lambda _: service.restore)
