"""Finding Terraform, or fetching the pinned release and believing nothing but its digest."""

import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from terraform_binary import PINNED, SHA256, TerraformMissing, ensure, fetch, version_of


def fake_terraform(version: str) -> str:
    return f'#!/bin/sh\necho \'{{"terraform_version": "{version}"}}\'\n'


def archive_of(program: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("LICENSE.txt", "…")
        archive.writestr("terraform", program)
    return stream.getvalue()


ARCHIVE = archive_of(fake_terraform(PINNED))
KNOWN = {"linux_amd64": hashlib.sha256(ARCHIVE).hexdigest()}


class ReleaseHost(BaseHTTPRequestHandler):
    """Serves the one archive where the release host would."""

    def do_GET(self) -> None:
        found = self.path == f"/terraform/{PINNED}/terraform_{PINNED}_linux_amd64.zip"
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(ARCHIVE)) if found else "0")
        self.end_headers()
        if found:
            self.wfile.write(ARCHIVE)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def releases() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), ReleaseHost) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/terraform"
        server.shutdown()
        thread.join()


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole PATH."""
    folder = tmp_path / "path"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def install(folder: Path, version: str) -> Path:
    program = folder / "terraform"
    program.write_text(fake_terraform(version))
    program.chmod(0o755)
    return program


def test_the_pinned_release_is_fetched_and_runs(releases: str, tmp_path: Path):
    terraform = fetch(tmp_path / "bin", "linux_amd64", releases, KNOWN)

    assert (terraform, version_of(terraform)) == (tmp_path / "bin" / "terraform", (1, 11, 4))


def test_an_archive_with_another_digest_is_refused_and_nothing_of_it_is_kept(releases: str, tmp_path: Path):
    with pytest.raises(TerraformMissing, match=f"expected sha256 {'0' * 64} of .*, found {KNOWN['linux_amd64']}"):
        fetch(tmp_path / "bin", "linux_amd64", releases, {"linux_amd64": "0" * 64})

    assert not (tmp_path / "bin").exists()


def test_a_host_that_does_not_have_it_is_one_line_with_what_to_install(releases: str, tmp_path: Path):
    with pytest.raises(TerraformMissing, match=r"cannot be fetched \(HTTP Error 404.*install Terraform 1\.10 or newer"):
        fetch(tmp_path / "bin", "linux_amd64", f"{releases}/nowhere", KNOWN)


def test_a_host_that_cannot_be_reached_is_one_line_with_what_to_install(tmp_path: Path):
    with pytest.raises(TerraformMissing, match="install Terraform") as refusal:
        fetch(tmp_path / "bin", "linux_amd64", "http://127.0.0.1:1", KNOWN)

    assert "\n" not in str(refusal.value)


def test_a_platform_without_a_known_digest_is_not_guessed(tmp_path: Path):
    with pytest.raises(TerraformMissing, match="no pinned Terraform for plan9_mips"):
        fetch(tmp_path / "bin", "plan9_mips", "http://127.0.0.1:1", SHA256)


def test_one_on_the_path_that_is_new_enough_is_used(on_path: Path, tmp_path: Path):
    program = install(on_path, "1.10.0")

    assert ensure(tmp_path / "bin", "linux_amd64", "http://127.0.0.1:1", {}) == f"Terraform 1.10.0: {program}"


def test_one_on_the_path_that_is_too_old_is_not_used(on_path: Path, releases: str, tmp_path: Path):
    install(on_path, "1.9.8")

    assert ensure(tmp_path / "bin", "linux_amd64", releases, KNOWN) == (
        f"Terraform {PINNED}: {tmp_path / 'bin' / 'terraform'}"
    )


def test_one_that_was_fetched_is_not_fetched_again(on_path: Path, releases: str, tmp_path: Path):
    first = ensure(tmp_path / "bin", "linux_amd64", releases, KNOWN)

    assert ensure(tmp_path / "bin", "linux_amd64", "http://127.0.0.1:1", KNOWN) == first


def test_what_does_not_run_has_no_version(tmp_path: Path):
    assert version_of(tmp_path / "absent") is None
