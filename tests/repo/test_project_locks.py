"""The lock files: made from the .in files, every package with its hashes, no index named, one version of each."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

REQUIREMENTS = Path(__file__).parents[2] / "requirements"
LOCK_OF = {
    "runtime.in": ["dev.txt", "layer.txt"],
    "dev.in": ["dev.txt"],
    "checkov.in": ["checkov.txt"],
    "workflows.in": ["workflows.txt"],
    "pyvelox.in": ["pyvelox.txt"],
    "dbt.in": ["dbt.txt"],
    "bench.in": ["bench.txt"],
    "flights.in": ["flights.txt"],
    "glue.in": ["glue.txt", "spark.txt"],
    "spark.in": ["spark.txt"],
}
LOCKS = sorted({lock for locks in LOCK_OF.values() for lock in locks})


def asked(name: str) -> list[Requirement]:
    """The requirements of one .in file, without those of the files that it includes."""
    lines = (line.partition("#")[0].strip() for line in (REQUIREMENTS / name).read_text().splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


def blocks(lock: str) -> list[str]:
    """One text for each locked package: its first line and the hashes below it."""
    lines = (REQUIREMENTS / lock).read_text().splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    return [block for block in re.split(r"\n(?=\S)", text) if block.strip()]


def locked(lock: str) -> dict[str, list[Version]]:
    """The versions of each package by its canonical name; a lock for all platforms may hold several."""
    versions: dict[str, list[Version]] = {}
    for block in blocks(lock):
        requirement = Requirement(block.partition("\\")[0].strip())
        pin = next(iter(requirement.specifier))
        assert pin.operator == "==", block
        versions.setdefault(canonicalize_name(requirement.name), []).append(Version(pin.version))
    return versions


def test_every_file_here_is_a_lock_or_the_source_of_one():
    assert sorted(file.name for file in REQUIREMENTS.iterdir()) == sorted([*LOCK_OF, *LOCKS])


@pytest.mark.parametrize(("source", "lock"), [(source, lock) for source in LOCK_OF for lock in LOCK_OF[source]])
def test_a_lock_holds_what_its_source_asks_for(source: str, lock: str):
    held = locked(lock)
    wrong = [
        str(requirement)
        for requirement in asked(source)
        if not any(version in requirement.specifier for version in held.get(canonicalize_name(requirement.name), []))
    ]

    assert wrong == [], f"run: make lock ({source} asks for what {lock} does not hold)"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_its_hashes(lock: str):
    assert [block for block in blocks(lock) if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_index(lock: str):
    assert [block for block in blocks(lock) if re.search(r"--(extra-)?index|--find-links|://", block)] == []


@pytest.mark.parametrize("shipped", ["layer.txt", "glue.txt"])
def test_what_ships_has_the_versions_that_the_tests_ran_with(shipped: str):
    tested = locked("dev.txt")

    assert {name: found for name, found in locked(shipped).items() if not set(found) <= set(tested[name])} == {}
