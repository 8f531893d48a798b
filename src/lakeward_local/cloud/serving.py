"""MiniStack, served by this process. To be imported when the environment is as MiniStack shall find it."""

import asyncio
import logging
import threading
from pathlib import Path
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app
from ministack.core import lambda_runtime

from lakeward_local import gaps
from lakeward_local.cloud.answers import ToldAgain
from lakeward_local.settings import CloudSettings

_KEEP_ALIVE_SECONDS = 75
_KEEP_ALIVE_REQUESTS = 1_000_000
"""Terraform and boto3 keep connections; one that is closed under them is one more thing that can go wrong."""
_POLL_SECONDS = 0.05
_REQUEST_LINE = "%(h)s %(m)s %(Uq)s %({x-amz-target}i)s %(s)s %(L)s %({amz-sdk-request}i)s"
"""From where, method, path and query, action of a JSON service, status, seconds, and which of its caller's attempts it
was: a status of "-" is an answer that nobody heard, and a second attempt is what comes of it."""


def serve_until(stop: threading.Event, port: int, requests: Path, settings: CloudSettings) -> list[str]:
    """Serve on 127.0.0.1 until ``stop`` is set.

    Args:
        requests: the file to which every request is written, a line each.

    Returns:
        What could not be written to disk; empty when all was.
    """
    gaps.close_all(left_open=settings.left_open)
    problems = _Problems()
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.keep_alive_timeout = _KEEP_ALIVE_SECONDS
    config.keep_alive_max_requests = _KEEP_ALIVE_REQUESTS
    config.loglevel = "INFO"
    config.accesslog = str(requests)
    config.access_log_format = _REQUEST_LINE

    async def told_to_stop() -> None:
        while not stop.is_set():
            await asyncio.sleep(_POLL_SECONDS)
        # A function that still runs would call a cloud that is gone.
        await asyncio.to_thread(lambda_runtime.reset)

    served: Any = ToldAgain(app.app)  # a dictionary is all that ASGI asks for where hypercorn names each message
    # Not asyncio.run: it would wait for every thread, and a function may run for a quarter of an hour.
    asyncio.new_event_loop().run_until_complete(serve(served, config, shutdown_trigger=told_to_stop))
    return problems.found


class _Problems(logging.Handler):
    """Collects what MiniStack could not write: it logs that and goes on."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []
        for name in ("persistence", "s3"):
            logging.getLogger(name).addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if record.levelno >= logging.ERROR or message.startswith("Failed to persist"):
            self.found.append(message)
