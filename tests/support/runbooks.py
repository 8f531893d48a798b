"""The runbooks as data: the index by alarm, and the commands that it and the pages give."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
INDEX = ROOT / "docs" / "operations.md"
PAGES = ROOT / "docs" / "operations"
ROW = re.compile(
    r"^\| \[`lakeward-<e>-([\w<>-]+)`\]\(operations/([\w-]+\.md)\) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE
)
BOX = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:lakeward|aws) [^`]+)`")
WITHIN = re.compile(r"\$\((aws [^()]+)\)")


@dataclass(frozen=True)
class Row:
    """One line of the index."""

    alarm: str
    page: str
    meaning: str
    look: str
    action: str


def index() -> list[Row]:
    """The index, line by line."""
    return [Row(*found) for found in ROW.findall(INDEX.read_text())]


def boxed(page: Path) -> list[list[str]]:
    """The words of every command in a page's boxes, those within others included."""
    return [words for box in BOX.findall(page.read_text()) for line in box.splitlines() for words in _commands(line)]


def commands() -> list[list[str]]:
    """Every command of the index and of the pages' boxes."""
    told = [text for row in index() for text in INLINE.findall(f"{row.look} {row.action}")]
    return [shlex.split(text) for text in told] + [words for page in PAGES.glob("*.md") for words in boxed(page)]


def _commands(line: str) -> Iterator[list[str]]:
    for found in WITHIN.findall(line):
        yield shlex.split(found)
    words = shlex.split(line)
    if words and words[0] in ("lakeward", "aws"):
        yield words
