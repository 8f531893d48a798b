"""A breaking version of a dataset, made in a copy of the repository: a column renamed, another one retyped.

The copy is what a branch would be. It shares ``.lakeward`` with the original, so that its commands find the same
environments; nothing of it comes back.
"""

import re
import shutil
from pathlib import Path
from typing import Final

from lakeward.contract import load_dataset
from lakeward_local.errors import DeclarationInvalid

DATASET: Final = "earthquakes"
OLD_NAME, NEW_NAME = "station_count", "stations"
RETYPED: Final = "significance"
_COPIED: Final = ("datasets", "environments", "modules", "requirements", "src", "terraform", "pyproject.toml")
_LEFT_OUT: Final = shutil.ignore_patterns(".terraform", "__pycache__", "*.tfstate*", "*.egg-info")


def copy_of(root: Path, to: Path) -> Path:
    """Copy what a release is built from, and the environments; nothing that was made, and of the datasets only one."""
    to.mkdir(parents=True)
    for name in _COPIED:
        source = root / name
        if source.is_dir():
            shutil.copytree(source, to / name, ignore=_LEFT_OUT)
        else:
            shutil.copy(source, to / name)
    for folder in (to / "datasets").iterdir():
        if folder.is_dir() and folder.name != DATASET:
            shutil.rmtree(folder)
    return to


def breaking_copy(root: Path, to: Path) -> Path:
    """Copy the repository to ``to`` and give its dataset a new major version.

    Raises:
        DeclarationInvalid: the dataset is not what this knows how to change.
    """
    copy_of(root, to)
    (to / ".lakeward").symlink_to(root / ".lakeward", target_is_directory=True)
    folder = to / "datasets" / DATASET
    major = int(load_dataset(folder).contract.version.partition(".")[0]) + 1
    _edit(folder / "contract.yaml", r"^version: \S+$", f"version: {major}.0.0")
    _edit(folder / "contract.yaml", rf"(- name: {RETYPED}\n +type:) int$", r"\1 bigint")
    _edit(folder / "contract.yaml", rf"- name: {OLD_NAME}$", f"- name: {NEW_NAME}")
    for path in sorted((folder / "queries").iterdir()):
        text = re.sub(rf"\b{OLD_NAME}\b", NEW_NAME, path.read_text())
        path.write_text(text.replace(f'"{RETYPED}", "type": "integer"', f'"{RETYPED}", "type": "bigint"'))
    return to


def _edit(path: Path, pattern: str, replacement: str) -> None:
    text, times = re.subn(pattern, replacement, path.read_text(), flags=re.MULTILINE)
    if times != 1:
        raise DeclarationInvalid(
            f"{path}: expected {pattern!r} once, found it {times} times; mend {Path(__file__).name}, which changes it"
        )
    path.write_text(text)
