"""Setting up a virtual environment: from hashes only, and only when something changed."""

import hashlib
import subprocess
import zipfile
from pathlib import Path

import pytest

from environment import SetupFailed, ensure, stamp_of


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package ``tiny`` 1.0 in a folder that is the only index pip may look at."""
    file = tmp_path / "index" / "tiny-1.0-py3-none-any.whl"
    file.parent.mkdir()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("tiny.py", "ANSWER = 42\n")
        archive.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("tiny-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(file.parent))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return file


def lock_of(wheel: Path, sha256: str | None = None) -> Path:
    lock = wheel.parent / "lock.txt"
    digest = sha256 or hashlib.sha256(wheel.read_bytes()).hexdigest()
    lock.write_text(f"tiny==1.0 \\\n    --hash=sha256:{digest}\n")
    return lock


def test_it_installs_what_the_lock_says_and_then_leaves_it_alone(wheel: Path, tmp_path: Path):
    venv, lock = tmp_path / "venv", lock_of(wheel)

    assert ensure(venv, lock, None) is True
    assert ensure(venv, lock, None) is False
    question = [str(venv / "bin" / "python"), "-c", "import tiny; print(tiny.ANSWER)"]
    assert subprocess.run(question, capture_output=True, text=True, check=True).stdout == "42\n"


def test_a_package_with_another_hash_is_refused_and_the_next_run_starts_again(wheel: Path, tmp_path: Path):
    venv = tmp_path / "venv"

    with pytest.raises(SetupFailed, match="THESE PACKAGES DO NOT MATCH THE HASHES"):
        ensure(venv, lock_of(wheel, sha256="0" * 64), None)

    assert ensure(venv, lock_of(wheel), None) is True


def test_an_environment_that_was_moved_is_made_again(wheel: Path, tmp_path: Path):
    lock = lock_of(wheel)
    ensure(tmp_path / "venv", lock, None)
    (tmp_path / "venv").rename(tmp_path / "moved")

    assert ensure(tmp_path / "moved", lock, None) is True
    assert str(tmp_path / "moved") in (tmp_path / "moved" / "bin" / "pip").read_text()


def test_the_stamp_changes_with_the_lock_the_project_and_the_place(tmp_path: Path):
    lock, project = tmp_path / "lock.txt", tmp_path / "project"
    project.mkdir()
    lock.write_text("a==1\n")
    (project / "pyproject.toml").write_text("version = 1\n")
    stamps = [stamp_of(tmp_path / "venv", lock, project), stamp_of(tmp_path / "other", lock, project)]
    (project / "pyproject.toml").write_text("version = 2\n")
    stamps.append(stamp_of(tmp_path / "venv", lock, project))
    lock.write_text("a==2\n")
    stamps.append(stamp_of(tmp_path / "venv", lock, project))

    assert len(set(stamps)) == len(stamps)
