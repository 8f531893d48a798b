"""The Glue job's artifacts: its script as it is, and wheels for Glue's Python in the form that Glue installs."""

import zipfile
from pathlib import Path

import pytest

from lakeward.adapters.packaging.job import build_packages, build_script
from lakeward.errors import BuildFailed
from lakeward.released import Artifact

ROOT = Path(__file__).parents[2]


def test_the_script_is_the_sources_own_under_its_digest(tmp_path: Path):
    built = build_script(ROOT, tmp_path)

    assert built.path.read_bytes() == (ROOT / "src/lakeward/jobs/transform.py").read_bytes()
    assert built.key == f"scripts/{built.sha256}.py"
    assert Artifact(key=built.key, sha256=built.sha256, bytes=built.bytes).content_type == "text/x-python"


def test_a_tree_without_the_script_is_refused(tmp_path: Path):
    with pytest.raises(
        BuildFailed, match=r"expected the job's script at .*src/lakeward/jobs/transform\.py, found none"
    ):
        build_script(tmp_path, tmp_path / "dist")


@pytest.mark.long
@pytest.mark.timeout(300)
def test_two_builds_of_the_packages_are_the_same_zip_of_wheels_and_what_to_install(tmp_path: Path):
    first, second = (build_packages(ROOT, tmp_path / n, tmp_path / f"scratch-{n}") for n in ("one", "two"))

    assert first.sha256 == second.sha256
    assert first.key == f"packages/{first.sha256}.gluewheels.zip"
    with zipfile.ZipFile(first.path) as opened:
        names = opened.namelist()
        asked = opened.read("wheels/requirements.txt").decode().split()
    assert {name.rpartition(".")[2] for name in names if name != "wheels/requirements.txt"} == {"whl"}
    assert len(asked) == len(names) - 1
    assert [line for line in asked if line.startswith("duckdb==")] == ["duckdb==1.5.5"]
    assert [name for name in names if name.startswith("wheels/duckdb-") and "cp311" in name and "x86_64" in name]
    assert Artifact(key=first.key, sha256=first.sha256, bytes=first.bytes).content_type == "application/zip"
