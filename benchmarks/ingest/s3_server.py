"""As much of S3 as ingest asks for, in a folder; prints its port.

    python s3_server.py FOLDER [--wait-ms 30]

PUT answers 412 when the key is taken and 400 when the bytes are not those of ``x-amz-checksum-sha256``, and keeps body
and metadata in a file each; GET of an object, and the list of keys below a prefix. It takes ``--wait-ms`` more for each
put. Signatures are not checked: whether ours are right is nothing that takes us time.
"""

import argparse
import base64
import hashlib
import json
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape

PIECE_BYTES = 262_144


class Handler(BaseHTTPRequestHandler):
    """Answers with kept connections."""

    protocol_version = "HTTP/1.1"
    folder = Path()
    wait_seconds = 0.0

    def do_PUT(self) -> None:
        """Keep an object, once."""
        path, left, digest = self._path(), int(self.headers["Content-Length"]), hashlib.sha256()
        taken = path.exists()
        coming = path.with_name(f"{path.name}.coming-{id(self)}")
        with coming.open("wb") as out:
            while left:
                piece = self.rfile.read(min(left, PIECE_BYTES))
                digest.update(piece)
                out.write(piece)
                left -= len(piece)
        time.sleep(self.wait_seconds)
        wanted = self.headers["x-amz-checksum-sha256"]
        if base64.b64encode(digest.digest()).decode() != wanted:
            return self._answer(400, _error("BadDigest"))
        if taken and self.headers["If-None-Match"] == "*":
            return self._answer(412, _error("PreconditionFailed"))
        metadata = {name: value for name, value in self.headers.items() if name.lower().startswith("x-amz-meta-")}
        path.with_name(f"{path.name}.metadata").write_text(json.dumps(metadata))
        coming.rename(path)
        return self._answer(200, b"", {"ETag": '"1"', "x-amz-checksum-sha256": wanted})

    def do_GET(self) -> None:
        """An object, or the keys below a prefix."""
        query = parse_qs(urlsplit(self.path).query)
        if "list-type" in query:
            return self._answer(200, self._listed(query["prefix"][0]))
        path = self._path()
        if not path.exists():
            return self._answer(404, _error("NoSuchKey"))
        metadata = json.loads(path.with_name(f"{path.name}.metadata").read_text())
        return self._answer(200, path.read_bytes(), metadata)

    def _path(self) -> Path:
        return self.folder / quote(unquote(urlsplit(self.path).path), safe="")

    def _listed(self, prefix: str) -> bytes:
        bucket = urlsplit(self.path).path
        names = [unquote(path.name).removeprefix(f"{bucket}/") for path in self.folder.glob("*.metadata")]
        found = sorted(name.removesuffix(".metadata") for name in names if name.startswith(prefix))
        contents = "".join(f"<Contents><Key>{escape(name)}</Key></Contents>" for name in found)
        return f"<ListBucketResult><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>".encode()

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _error(code: str) -> bytes:
    return f"<Error><Code>{code}</Code></Error>".encode()


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--wait-ms", type=float, default=0.0)
    options = parser.parse_args()
    Handler.folder, Handler.wait_seconds = options.folder, options.wait_ms / 1e3
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
