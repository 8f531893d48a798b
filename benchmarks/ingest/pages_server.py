"""A service with as many pages of one megabyte as are asked for; prints its port.

    python pages_server.py PAGES [--wait-ms 20] [--megabytes-per-second 100]

GET /count                    {"count": …}
GET /pages?offset=&limit=1000 {"items": [1,000 records]}; the same page is always the same bytes

A page takes ``--wait-ms`` until its first byte and then comes at ``--megabytes-per-second``, on each connection; both
as fast as can be unless said.
"""

import argparse
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

RECORDS = 1000
MARK = b"PAGEPAGE"
PIECE_BYTES = 131_072


def template() -> bytes:
    """A page of about a megabyte, with a mark where its number goes."""
    items = [
        {
            "id": f"{MARK.decode()}-{number:04d}",
            "measured_at": "2018-01-31T12:00:00Z",
            "station": f"station {number % 97}",
            "values": [round(number * 1.37 + i, 3) for i in range(60)],
            "note": "x" * 430,
        }
        for number in range(RECORDS)
    ]
    return json.dumps({"items": items}, separators=(",", ":")).encode()


class Handler(BaseHTTPRequestHandler):
    """Answers with kept connections."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    page = template()
    pages = 0
    wait_seconds = 0.0
    bytes_per_second = 0.0

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/count":
            body = json.dumps({"count": self.pages * RECORDS}).encode()
        else:
            number = int(parse_qs(parts.query)["offset"][0]) // RECORDS
            body = self.page.replace(MARK, b"%08d" % number) if number < self.pages else b'{"items":[]}'
        time.sleep(self.wait_seconds)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self._send(body)

    def _send(self, body: bytes) -> None:
        """The body, each piece when its last byte would have come."""
        if not self.bytes_per_second:
            self.wfile.write(body)
            return
        started = time.monotonic()
        for at in range(0, len(body), PIECE_BYTES):
            piece = body[at : at + PIECE_BYTES]
            due = started + (at + len(piece)) / self.bytes_per_second
            time.sleep(max(0.0, due - time.monotonic()))
            self.wfile.write(piece)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=int)
    parser.add_argument("--wait-ms", type=float, default=0.0)
    parser.add_argument("--megabytes-per-second", type=float, default=0.0)
    options = parser.parse_args()
    Handler.pages = options.pages
    Handler.wait_seconds, Handler.bytes_per_second = options.wait_ms / 1e3, options.megabytes_per_second * 1e6
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
