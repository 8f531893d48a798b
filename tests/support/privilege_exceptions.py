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

    def to_try(self, role: str, parts: list[Part]) -> list[Part]:
        """What is to be taken away of a role's rights: each action and resource where there are more than one, else the
        statement. Who is denied without a part of a statement is denied without the statement.
        """
        excused = {part.sid for part in parts if part.is_whole and self.excuse(role, part)}
        split = {part.sid for part in parts if not part.is_whole}
        return [
            part
            for part in parts
            if part.sid not in excused and not (part.is_whole and part.sid in split) and not self.excuse(role, part)
        ]

    def of_nothing(self, rights: set[tuple[str, str]]) -> list[tuple[str, str]]:
        """Rows about a right that no role has."""
        named = rights | {("*", right) for _, right in rights}
        return [row for row in self.rows if row not in named]
