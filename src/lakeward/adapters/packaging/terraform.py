"""The platform's Terraform as one zip: the root, the modules, and of each dataset the contract and the queries that the
root reads.

A deployment unpacks this and applies it, so what was proved in one environment is what is applied in the next, and a
release can be deployed again when the working copy has long moved on. What differs between environments is in
``environments/`` and not in here.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path

from lakeward.adapters.packaging.zips import Zip, write_zip
from lakeward.errors import BuildFailed

ROOT = "terraform/platform"
_TREES = (ROOT, "modules")
_LEFT_OUT = (".terraform", "tests")
"""Folders that no apply reads."""
_OF_DATASETS = ("*/contract.yaml", "*/queries/*.sql")
_MADE = (".tfplan", ".tfstate", ".backup")


def build_terraform(root: Path, to: Path) -> Zip:
    """Write ``<to>/terraform/<sha256>.zip``.

    Raises:
        BuildFailed: ``root`` has no such folders.
    """
    missing = [tree for tree in _TREES if not (root / tree).is_dir()]
    if missing:
        raise BuildFailed(f"expected {', '.join(missing)} in {root}, found none; give the repository's folder")
    read = [path for pattern in _OF_DATASETS for path in sorted((root / "datasets").glob(pattern))]
    of_datasets = [(path.relative_to(root).as_posix(), path) for path in read]
    files = [*of_datasets, *(file for tree in _TREES for file in _files(root, root / tree))]
    return write_zip(files, to / "terraform", zipfile.ZIP_STORED)


def _files(root: Path, tree: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(tree.rglob("*")):
        relative = path.relative_to(root)
        if path.is_file() and not set(_LEFT_OUT) & set(relative.parts) and path.suffix not in _MADE:
            yield relative.as_posix(), path
