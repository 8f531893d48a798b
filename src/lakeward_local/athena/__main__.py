"""``python -m lakeward_local.athena --port 4567 --endpoint-url http://127.0.0.1:4566``: Athena beside any emulator."""

from __future__ import annotations

import argparse
import contextlib
import sys

from lakeward_local.athena.server import clients_at, serve
from lakeward_local.athena.service import AthenaService


def main(argv: list[str] | None = None) -> int:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m lakeward_local.athena", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 picks a free one")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--endpoint-url", required=True, help="where Glue and S3 are, e.g. http://127.0.0.1:4566")
    args = parser.parse_args(argv)
    service = AthenaService(clients_at(args.endpoint_url))
    server = serve(service, args.host, args.port)
    sys.stdout.write(f"AWS_ENDPOINT_URL_ATHENA=http://{args.host}:{server.server_address[1]}\n")
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
    server.server_close()
    service.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
