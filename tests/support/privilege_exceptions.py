"""Rights that AWS asks for and the local cloud does not: the table of ``docs/least-privilege.md``."""

import re
from dataclasses import dataclass
from pathlib import Path

from privilege_world import Part

ROW = re.compile(r"^\| `(?P<role>[\w-]+|\*)` \| `(?P<right>[^`]+)` \| (?P<reason>[^|]+) \| (?P<source>[^|]+) \|$")
SOURCE = re.compile(r"https://docs\.aws\.amazon\.com/\S+")


@dataclass(frozen=True)
class Exceptions:
    """Role (``*`` for every one) and right (a statement, or ``Statement: part``) of each row."""

    rows: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, document: Path) -> "Exceptions":
        """Read the table; every row must give a reason and a page of AWS."""
        lines = [line for line in document.read_text().splitlines() if line.startswith("| `")]
        found = [ROW.match(line) for line in lines]
        wrong = [
            line
            for line, row in zip(lines, found, strict=True)
            if row is None or not row["reason"].strip() or not SOURCE.search(row["source"])
        ]
        assert wrong == [], f"{document}: expected rows of role, right, reason and a page of AWS's documentation"
        return cls(tuple((row["role"], row["right"]) for row in found if row))

    def excuse(self, role: str, part: Part) -> bool:
        """Whether a right may be there although the local cloud does not ask for it."""
        return bool({(role, str(part)), ("*", str(part))} & set(self.rows))

    def of_nothing(self, rights: set[tuple[str, str]]) -> list[tuple[str, str]]:
        """Rows about a right that no role has."""
        named = rights | {("*", right) for _, right in rights}
        return [row for row in self.rows if row not in named]
