"""A release is the same file wherever it is built, and another one when anything of it changes."""

import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from lakeward.adapters.packaging.sources import commit_of, version_of
from lakeward.cli.building import build_release
from lakeward.errors import BuildFailed
from lakeward.release.publish import prove_files
from lakeward.released import Release

ROOT = Path(__file__).parents[2]
BUILT = ("src/lakeward", "datasets", "terraform/platform", "modules", "requirements")


def copy_of_sources(target: Path) -> Path:
    for tree in BUILT:
        ignored = shutil.ignore_patterns("__pycache__", ".terraform", "sample", "*.egg-info")
        shutil.copytree(ROOT / tree, target / tree, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", target)
    return target


def build(root: Path) -> Release:
    return build_release(root, root / "dist" / "release", lambda _: None, with_layer=False)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_sources(tmp_path_factory.mktemp("here") / "tree")


def test_two_builds_in_two_folders_are_the_same_release(here: Path, tmp_path: Path):
    there = copy_of_sources(tmp_path / "over" / "there")
    for file in there.rglob("*"):
        if file.is_file():
            file.chmod(0o600)

    first, second = build(here), build(there)

    assert first == second
    files = [
        {path.relative_to(root): path.read_bytes() for path in (root / "dist/release").rglob("*") if path.is_file()}
        for root in (here, there)
    ]
    assert files[0] == files[1]
    prove_files(second, there / "dist" / "release")


def longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


def edit_code(root: Path) -> None:
    longer(root / "src/lakeward/slot.py")


def edit_a_query(root: Path) -> None:
    longer(next((root / "datasets/earthquakes/queries").glob("*.sql")))


def edit_terraform(root: Path) -> None:
    longer(root / "modules/bucket/main.tf")


def edit_the_lock(root: Path) -> None:
    longer(root / "requirements/layer.txt")


@pytest.mark.parametrize(
    ("edit", "parts"),
    [
        (edit_code, {"functions", "sbom"}),
        (edit_a_query, {"functions", "sbom", "datasets", "terraform"}),
        (edit_terraform, {"terraform"}),
        (edit_the_lock, {"lock_sha256", "sbom"}),
    ],
)
def test_what_changes_is_what_was_edited(edit: Callable[[Path], None], parts: set[str], tmp_path: Path):
    root = copy_of_sources(tmp_path / "tree")
    before = build(root).model_dump()
    edit(root)

    after = build(root).model_dump()

    assert {name for name in before if before[name] != after[name]} == parts


def test_the_terraform_of_a_release_is_what_an_apply_reads_and_no_test(here: Path):
    release = build(here)
    with zipfile.ZipFile(here / "dist/release" / release.terraform.key) as archive:
        names = archive.namelist()

    assert "terraform/platform/compute.tf" in names
    assert "terraform/platform/.terraform.lock.hcl" in names
    assert "datasets/earthquakes/contract.yaml" in names
    queries = {file.relative_to(ROOT).as_posix() for file in ROOT.glob("datasets/*/queries/*.sql")}
    assert {name for name in names if name.startswith("datasets/") and name.endswith(".sql")} == queries
    assert [name for name in names if name.endswith((".tftest.hcl", ".json.gz", ".expected.json"))] == []
    assert [
        name for name in names if name.startswith("terraform/") and not name.startswith("terraform/platform/")
    ] == []


def test_the_release_file_is_canonical_and_names_the_version_of_the_project(here: Path):
    release = build(here)
    raw = (here / "dist/release/release.json").read_bytes()

    assert raw == json.dumps(json.loads(raw), indent=2, sort_keys=True).encode() + b"\n"
    assert (release.version, release.commit, release.layer) == (version_of(here), None, None)


def test_a_tree_without_terraform_or_version_cannot_be_built(tmp_path: Path):
    root = copy_of_sources(tmp_path / "tree")
    shutil.rmtree(root / "modules")

    with pytest.raises(BuildFailed, match="expected modules in"):
        build(root)
    (root / "pyproject.toml").write_text("[project]\n")
    with pytest.raises(BuildFailed, match="expected the project's version"):
        version_of(root)


def test_a_commit_is_named_only_where_it_is_true(tmp_path: Path):
    (tmp_path / "datasets").mkdir()
    contract = tmp_path / "datasets" / "contract.yaml"
    contract.write_text("contract: 1\n")
    before = commit_of(tmp_path)
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Begin"]):
        who = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
        subprocess.run(["git", "-C", str(tmp_path), *who, *words], check=True)

    committed = commit_of(tmp_path)
    (tmp_path / "README.md").write_text("What is not shipped makes no difference.")
    beside = commit_of(tmp_path)
    contract.write_text("contract: 2\n")

    assert (before, len(committed or ""), beside, commit_of(tmp_path)) == (None, 40, committed, None)
