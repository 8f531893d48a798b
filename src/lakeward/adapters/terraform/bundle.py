"""A release's own Terraform, unpacked where it can be applied."""

import hashlib
import tempfile
import zipfile
from pathlib import Path

from lakeward.errors import ReleaseInvalid
from lakeward.ports.artifacts import Artifacts
from lakeward.released import Release

DATASETS = "datasets"


def unpack_bundle(release: Release, store: Artifacts, folder: Path, files: Path | None = None) -> Path:
    """The tree of a release below ``folder``: terraform/platform, modules, and each dataset's contract.

    Args:
        files: where the release's files lie on this machine; None, or a folder without them, for the bucket's.

    Raises:
        ReleaseInvalid: the bucket does not hold it, or what was found has other bytes.
    """
    tree = folder / release.terraform.sha256[:16]
    if tree.is_dir():
        return tree
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        archive, unpacked = Path(scratch) / "terraform.zip", Path(scratch) / "tree"
        where = f"{store.where}/{release.terraform.key}"
        if files is not None and (files / release.terraform.key).is_file():
            archive = files / release.terraform.key
            where = str(archive)
        elif not store.download(release.terraform.key, archive):
            raise ReleaseInvalid(
                f"{where}: expected the release's Terraform, found nothing; publish the release: lakeward release "
                "publish"
            )
        with archive.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if found != release.terraform.sha256:
            raise ReleaseInvalid(
                f"{where}: expected sha256 {release.terraform.sha256}, found {found}; find out who changed it"
            )
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(unpacked)
        try:
            unpacked.rename(tree)
        except OSError:
            if not tree.is_dir():  # another one may have been as quick
                raise
    return tree
