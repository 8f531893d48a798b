"""The Athena API on a port of its own: AWS JSON 1.1 over HTTP, so that it stands beside any emulator."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import boto3
from botocore.config import Config

from lakeward_local.athena.errors import ApiError
from lakeward_local.athena.service import AthenaService

_CREDENTIAL: Final = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/")
DEFAULT_ACCOUNT: Final = "000000000000"


def clients_at(endpoint_url: str) -> Callable[[str, str, str], Any]:
    """A factory of clients for one endpoint; a 12-digit access key names the account there."""

    @cache
    def client(service: str, account_id: str, region: str) -> Any:
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=endpoint_url,
            region_name=region,
            aws_access_key_id=account_id,
            aws_secret_access_key="test",  # noqa: S106 - the local cloud checks no secrets
            config=Config(max_pool_connections=32, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )

    return client


def caller(authorization: str) -> tuple[str, str]:
    """Account and region from a request's signature; the access key is the account when it is 12 digits."""
    found = _CREDENTIAL.search(authorization)
    if found is None:
        return DEFAULT_ACCOUNT, "us-east-1"
    key, region = found.groups()
    return (key if re.fullmatch(r"\d{12}", key) else DEFAULT_ACCOUNT), region


def answer(service: AthenaService, target: str, body: bytes, authorization: str) -> tuple[int, dict[str, Any]]:
    """The HTTP status and JSON of one request."""
    try:
        account_id, region = caller(authorization)
        return 200, service.handle(target.rpartition(".")[2], json.loads(body or b"{}"), account_id, region)
    except ApiError as error:
        return error.http_status, {
            "__type": error.code,
            "Message": error.message,
            "message": error.message,
            **error.extra,
        }
    except KeyError as error:
        return 400, {"__type": "InvalidRequestException", "Message": f"a required member is missing: {error}"}


def serve(service: AthenaService, host: str = "127.0.0.1", port: int = 0) -> ThreadingHTTPServer:
    """A server, bound and not yet running; ``server_address[1]`` is its port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, found = answer(
                service, self.headers.get("X-Amz-Target", ""), body, self.headers.get("Authorization", "")
            )
            text = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(text)))
            if status != 200:
                self.send_header("x-amzn-ErrorType", str(found.get("__type", "")))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_args: object) -> None:
            """Requests are not logged."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    return Server((host, port), Handler)
