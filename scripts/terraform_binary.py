#!/usr/bin/env python3
"""See that there is a Terraform new enough; fetch the pinned release into .lakeward/bin when there is none.

Standard library only. The archive is checked against the sha256 below before anything of it is used, wherever it came
from: LAKEWARD_TERRAFORM_RELEASES names another host that lays its files out as HashiCorp's does.
"""

import argparse
import hashlib
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parent.parent
_RELEASES = "https://releases.hashicorp.com/terraform"
_INSTALL = "install Terraform 1.10 or newer, see https://developer.hashicorp.com/terraform/install"

MINIMUM = (1, 10)
PINNED = "1.11.4"
# terraform_1.11.4_SHA256SUMS
SHA256 = {
    "darwin_amd64": "a56d5002b9f7647291faccc3dd1a70350e60fb61e4c45037629508b8fdc2575b",
    "darwin_arm64": "867e0808fa971217043e25b7a792b10720c79b1546f8a68479b74f138be73e18",
    "linux_amd64": "1ce994251c00281d6845f0f268637ba50c0005657eb3cf096b92f753b42ef4dc",
    "linux_arm64": "a43d1d0da9b9bab214a8305a39db0e40869572594ccf50c416a7756499143633",
}
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


class TerraformMissing(Exception):
    """There is no usable Terraform, and none could be fetched; the message says what to do."""


def this_platform() -> str:
    """As HashiCorp names it, ``linux_amd64``."""
    machine = platform.machine().lower()
    return f"{platform.system().lower()}_{_MACHINES.get(machine, machine)}"


def version_of(terraform: Path) -> tuple[int, ...] | None:
    """(1, 11, 4), or None when it does not run."""
    try:
        ended = subprocess.run([str(terraform), "version", "-json"], capture_output=True, text=True, check=True)
        numbers = json.loads(ended.stdout)["terraform_version"].partition("-")[0]
        return tuple(int(number) for number in numbers.split("."))
    except (OSError, subprocess.CalledProcessError, ValueError, KeyError):
        return None


def fetch(folder: Path, platform_name: str, releases: str, sha256: dict[str, str]) -> Path:
    """Put the pinned ``terraform`` into ``folder``.

    Raises:
        TerraformMissing: no sum is known for the platform, the host does not answer, or the archive is another one.
    """
    expected = sha256.get(platform_name)
    if expected is None:
        raise TerraformMissing(f"no pinned Terraform for {platform_name} (only {', '.join(sha256)}); {_INSTALL}")
    url = f"{releases}/{PINNED}/terraform_{PINNED}_{platform_name}.zip"
    archive = _download(url)
    found = hashlib.sha256(archive).hexdigest()
    if found != expected:
        raise TerraformMissing(f"expected sha256 {expected} of {url}, found {found}; none of it was used; {_INSTALL}")
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / "terraform.partial"
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        partial.write_bytes(opened.read("terraform"))
    partial.chmod(0o755)
    return partial.replace(folder / "terraform")


def _download(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - the scheme is ours or the user's choice
            content: bytes = answer.read()
    except (OSError, ValueError) as error:  # urllib's errors are OSErrors
        raise TerraformMissing(f"no Terraform on the PATH and {url} cannot be fetched ({error}); {_INSTALL}") from error
    return content


def ensure(folder: Path, platform_name: str, releases: str, sha256: dict[str, str]) -> str:
    """Say which Terraform will be used; fetch the pinned one into ``folder`` when there is none new enough.

    Raises:
        TerraformMissing: see ``fetch``.
    """
    on_path = shutil.which("terraform")
    for found in (folder / "terraform", Path(on_path) if on_path else None):
        version = version_of(found) if found else None
        if version and version >= MINIMUM:
            return f"Terraform {'.'.join(map(str, version))}: {found}"
    print(f"setup: fetching Terraform {PINNED}", file=sys.stderr, flush=True)
    return f"Terraform {PINNED}: {fetch(folder, platform_name, releases, sha256)}"


def main() -> int:
    """One line about the Terraform that is there; 1 and what to install otherwise."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: LAKEWARD_TERRAFORM_RELEASES=https://mirror.example.com/terraform scripts/terraform_binary.py",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--folder", type=Path, default=_REPOSITORY / ".lakeward" / "bin", help="where to put it")
    folder = parser.parse_args().folder
    releases = os.environ.get("LAKEWARD_TERRAFORM_RELEASES", _RELEASES)
    try:
        print(f"setup: {ensure(folder, this_platform(), releases, SHA256)}", file=sys.stderr)
    except TerraformMissing as missing:
        print(f"setup: {missing}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
