"""What docs/emulator-drift.md says of resources is true of the ones that Terraform makes."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LISTED, KEPT_OFF = (
    (ROOT / "docs/emulator-drift.md").read_text().partition("## With policies")[0].split("## Kept off the list")
)
ROW = re.compile(r"^\| (`(?:aws|_)[^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def made() -> set[str]:
    """Every kind of resource that Terraform makes."""
    files = [file for folder in ("modules", "terraform") for file in (ROOT / folder).rglob("*.tf")]
    return {kind for file in files for kind in re.findall(r'^resource "(\w+)"', file.read_text(), re.MULTILINE)}


def kinds_of(cell: str) -> list[str]:
    """The kinds that a cell names; one that begins with a line goes on from the first."""
    named = re.findall(r"`(\w+)`", cell)
    bucket = named[0].rpartition("_")[0]
    return [f"{bucket}{name}" if name.startswith("_") else name for name in named]


def test_what_may_differ_is_made():
    assert [kind for row in ROW.findall(LISTED) for kind in kinds_of(row[0]) if kind not in made()] == []


@pytest.mark.parametrize("row", ROW.findall(KEPT_OFF), ids=lambda row: row[0])
def test_what_is_kept_off_the_list_is_made_unless_it_says_that_none_is_used(row: tuple[str, str, str, str]):
    there = [kind for kind in kinds_of(row[0]) if kind in made()]

    assert there == ([] if "none is used" in row[3] else kinds_of(row[0]))


def test_every_gap_that_it_names_is_closed_by_a_file():
    assert [path for path in re.findall(r"`(src/[\w/]+\.py)`", KEPT_OFF) if not (ROOT / path).is_file()] == []
