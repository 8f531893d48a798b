"""A service with as many pages of one megabyte as are asked for: ``python pages_server.py PAGES``; prints its port.

GET /count                    {"count": …}
GET /pages?offset=&limit=1000 {"items": [1,000 records]}; the same page is always the same bytes
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

RECORDS = 1000
MARK = b"PAGEPAGE"
PAGES = int(sys.argv[1]) if len(sys.argv) > 1 else 1000


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

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/count":
            body = json.dumps({"count": PAGES * RECORDS}).encode()
        else:
            number = int(parse_qs(parts.query)["offset"][0]) // RECORDS
            body = self.page.replace(MARK, b"%08d" % number) if number < PAGES else b'{"items":[]}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()
