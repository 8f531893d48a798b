"""Build the one zip that every Lambda function runs: src/lakeward and what each dataset folder declares.

The zip is stored under its own sha256, so the same sources are the same file on every machine, and new code is
always a new key. Its entries are not compressed: the bytes then do not depend on the zlib at hand.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path

from lakeward.adapters.packaging.zips import Zip, write_zip
from lakeward.errors import BuildFailed

# A dataset's sample is for the laptop and the tests; the functions never read it.
_DATASET_PARTS = ("contract.yaml", "queries", "marts")


def build_functions(root: Path, to: Path) -> Zip:
    """Write ``<to>/functions/<sha256>.zip``.

    Raises:
        BuildFailed: ``root`` has no ``src/lakeward``, no dataset, or a dataset folder without a contract.
    """
    return write_zip([*_package_files(root), *_dataset_files(root)], to / "functions", zipfile.ZIP_STORED)


def _package_files(root: Path) -> Iterator[tuple[str, Path]]:
    package = root / "src" / "lakeward"
    if not (package / "__init__.py").is_file():
        raise BuildFailed(f"expected the package at {package}, found none; give the repository's folder as --root")
    yield from _shipped_files(package, root / "src")


def _dataset_files(root: Path) -> Iterator[tuple[str, Path]]:
    folders = sorted(path for path in (root / "datasets").glob("*") if path.is_dir() and not path.name.startswith("."))
    if not folders:
        raise BuildFailed(f"expected dataset folders in {root / 'datasets'}, found none; add datasets/<name>/")
    for folder in folders:
        if not (folder / "contract.yaml").is_file():
            raise BuildFailed(f"expected {folder / 'contract.yaml'}, found none; write it or remove the folder")
        for part in _DATASET_PARTS:
            yield from _shipped_files(folder / part, root)


def _shipped_files(path: Path, base: Path) -> Iterator[tuple[str, Path]]:
    """Every file at or below ``path`` that Lambda should see, named relative to ``base``."""
    if path.name.startswith(".") or path.name == "__pycache__" or path.suffix == ".pyc":
        return
    if path.is_dir():
        for child in path.iterdir():
            yield from _shipped_files(child, base)
    elif path.is_file():
        yield path.relative_to(base).as_posix(), path
