"""The functions zip: the same sources are the same bytes, and nothing but what Lambda needs is in it."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from lakeward.adapters.packaging.functions import build_functions
from lakeward.errors import BuildFailed

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small repository with everything that belongs into the zip and much that does not."""
    root = tmp_path / "tree"
    for name in (
        "src/lakeward/__init__.py",
        "src/lakeward/py.typed",
        "src/lakeward/handlers/ingest.py",
        "src/lakeward/handlers/__pycache__/ingest.cpython-313.pyc",
        "src/lakeward/.DS_Store",
        "src/lakeward_local/__init__.py",
        "datasets/quakes/contract.yaml",
        "datasets/quakes/queries/events.sql",
        "datasets/quakes/queries/events.csv",
        "datasets/quakes/marts/by_day.sql",
        "datasets/quakes/sample/page.geojson",
        "datasets/quakes/README.md",
    ):
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"contents of {name}\n")
    return root


def copy_of_sources(target: Path) -> Path:
    for tree in ("src", "datasets"):
        shutil.copytree(ROOT / tree, target / tree, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    return target


def test_two_copies_in_two_folders_are_the_same_zip(tmp_path: Path):
    first, second = copy_of_sources(tmp_path / "here"), copy_of_sources(tmp_path / "over" / "there")
    for file in second.rglob("*.py"):
        os.utime(file, (1_600_000_000, 1_600_000_000))
        file.chmod(0o600)

    assert build_functions(first, first / "dist").sha256 == build_functions(second, second / "dist").sha256


def test_one_changed_byte_is_another_key(tree: Path):
    before = build_functions(tree, tree / "dist")
    (tree / "datasets/quakes/contract.yaml").write_text("contents of datasets/quakes/contract.yamL\n")

    assert build_functions(tree, tree / "dist").key != before.key


def test_only_what_lambda_needs_is_in_it_and_times_and_modes_are_fixed(tree: Path):
    with zipfile.ZipFile(build_functions(tree, tree / "dist").path) as archive:
        found = [(entry.filename, entry.date_time, entry.external_attr >> 16) for entry in archive.infolist()]

    assert found == [
        (name, (1980, 1, 1, 0, 0, 0), 0o100644)
        for name in (
            "datasets/quakes/contract.yaml",
            "datasets/quakes/marts/by_day.sql",
            "datasets/quakes/queries/events.csv",
            "datasets/quakes/queries/events.sql",
            "lakeward/__init__.py",
            "lakeward/handlers/ingest.py",
            "lakeward/py.typed",
        )
    ]


def test_the_script_prints_where_the_zip_is_and_the_digest_of_its_bytes(tree: Path):
    ended = run_script("--root", str(tree))
    printed = json.loads(ended.stdout)
    path = Path(printed["path"])
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()

    assert (path, printed["sha256"], printed["key"]) == (
        tree / "dist" / "functions" / f"{sha256}.zip",
        sha256,
        f"functions/{sha256}.zip",
    )
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_dataset_folder_without_a_contract_is_refused(tree: Path):
    (tree / "datasets/quakes/contract.yaml").unlink()

    with pytest.raises(BuildFailed, match=r"expected .*quakes/contract\.yaml, found none"):
        build_functions(tree, tree / "dist")


def test_a_tree_that_is_no_repository_is_refused_in_one_line(tmp_path: Path):
    ended = run_script("--root", str(tmp_path))

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("build_functions: expected the package at ")
    assert ended.stderr.count("\n") == 1


def run_script(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / "build_functions.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)
