"""How days and instants are written in a text: a subset of strptime's directives, each with one strict meaning.

    %Y 2018   %y 18 (69 to 99: 1900s, 00 to 68: 2000s)   %m 01   %-m 1 or 01   %b Jan   %B January   %d 07   %-d 7 or 07
    %a Wed   %A Wednesday (neither is held to the day)
    %H 09     %-H 9 or 09   %I 09   %-I 9 or 09 with %p AM or PM   %M 05   %S 59   %f 1 to 6 decimals of a second
    %z +0100, +01:00 or Z    %% a percent sign

Any other character stands for itself. English names are in any case. 24:00 and second 60 are no times.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

_MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()  # noqa: SIM905


def _any_case(names: list[str]) -> str:
    return f"(?i:{'|'.join(names)})"


PATTERNS: dict[str, str] = {
    "%Y": r"[0-9]{4}",
    "%y": r"[0-9]{2}",
    "%m": r"(?:0[1-9]|1[0-2])",
    "%-m": r"(?:0?[1-9]|1[0-2])",
    "%b": _any_case([name[:3] for name in _MONTHS]),
    "%B": _any_case(_MONTHS),
    "%d": r"(?:0[1-9]|[12][0-9]|3[01])",
    "%-d": r"(?:0?[1-9]|[12][0-9]|3[01])",
    "%a": _any_case([name[:3] for name in _DAYS]),
    "%A": _any_case(_DAYS),
    "%H": r"(?:[01][0-9]|2[0-3])",
    "%-H": r"(?:[01]?[0-9]|2[0-3])",
    "%I": r"(?:0[1-9]|1[0-2])",
    "%-I": r"(?:0?[1-9]|1[0-2])",
    "%p": r"(?i:AM|PM)",
    "%M": r"[0-5][0-9]",
    "%S": r"[0-5][0-9]",
    "%f": r"[0-9]{1,6}",
    "%z": r"(?:[+-](?:(?:0[0-9]|1[0-7]):?[0-5][0-9]|18:?00))",
    "%%": "%",
}
"""Directive -> what it matches, as a regular expression of RE2, Java and Python alike."""
_YEAR, _MONTH, _DAY = ("%Y", "%y"), ("%m", "%-m", "%b", "%B"), ("%d", "%-d")
_HOUR, _TWELVE = ("%H", "%-H", "%I", "%-I"), ("%I", "%-I")
_TIME = (*_HOUR, "%p", "%M", "%S", "%f", "%z")


@dataclass(frozen=True)
class Format:
    """A format: its text, and its parts, each a directive or a character that stands for itself."""

    text: str
    parts: tuple[str, ...]

    @property
    def pattern(self) -> str:
        """What a whole text must match."""
        return "".join(PATTERNS.get(part) or re.escape(part) for part in self.parts)

    @property
    def zulu(self) -> "Format | None":
        """The same with a Z in the place of the offset; None when texts have no offset."""
        if not self.has_offset:
            return None
        return Format(self.text.replace("%z", "Z"), tuple("Z" if part == "%z" else part for part in self.parts))

    @property
    def has_offset(self) -> bool:
        """Whether texts say their offset from UTC."""
        return "%z" in self.parts

    @property
    def has_time(self) -> bool:
        """Whether texts say more than a day."""
        return any(part in _TIME for part in self.parts)

    def problems(self) -> Iterator[str]:
        """What is wrong with it."""
        for part in self.parts:
            if part.startswith("%") and part not in PATTERNS:
                other = part.swapcase()
                hint = f"; did you mean {other!r}?" if other in PATTERNS else f"; known are {', '.join(PATTERNS)}"
                yield f"unknown directive {part!r}{hint}"
        yield from self._doubles()
        if not self._has(_YEAR):
            yield "expected a year (%Y or %y), found none"
        if not (self._has(_MONTH) and self._has(_DAY)):
            yield "expected a month and a day, found less"
        if self._has(_TWELVE) != self._has(("%p",)):
            yield "expected %p with %I, and only there"
        for smaller, larger in (("%M", _HOUR), ("%S", ("%M",)), ("%f", ("%S",)), ("%z", _HOUR)):
            if self._has((smaller,)) and not self._has(larger):
                yield f"expected {larger[0]} with {smaller}, found none"

    def _doubles(self) -> Iterator[str]:
        ways = {"year": _YEAR, "month": _MONTH, "day": _DAY, "hour": _HOUR}
        for what, directives in ways.items():
            found = [part for part in self.parts if part in directives]
            if len(found) > 1:
                yield f"expected the {what} once, found {' and '.join(found)}"
        for part in ("%M", "%S", "%f", "%z", "%p"):
            if self.parts.count(part) > 1:
                yield f"expected {part} once, found it again"

    def _has(self, directives: tuple[str, ...]) -> bool:
        return any(part in directives for part in self.parts)


@cache
def parse_format(text: str) -> Format:
    """A format by its text; ``problems`` says what is wrong with it."""
    return Format(text, tuple(re.findall(r"%-?.|%|[^%]", text, re.DOTALL)))
