"""Which page comes next: the one rule that each way of paging has of its own.

A pager is made anew for each call and led through all pages from the first, stored ones too, so what it remembers is
what the pages say. It checks only that pages move on; what they add up to is for ``tally``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from lakeward.contract.source_paging import OffsetLimitPaging, PageNumberPaging
from lakeward.errors import IncompleteRun
from lakeward.formats.page import PageFacts

Position = dict[str, str]
"""Where a page stands, as the certificate shows it: ``{"offset": "101"}``; empty for a page that needs no saying."""


@dataclass(frozen=True)
class Step:
    """One page to ask for: its position, the query parameters that say so, or the whole URL that an answer named."""

    position: Position
    params: Mapping[str, str] = field(default_factory=dict)
    url: str | None = None


@dataclass(frozen=True)
class Read:
    """A page that was read: its facts, the answer's headers (names in lower case), its records' keys if wanted."""

    facts: PageFacts
    headers: Mapping[str, str]
    keys: list[Any] = field(default_factory=list)


class Pager(Protocol):
    """The way from page to page."""

    key_at: str | None
    """Path of the value to collect from every record; None when no pager's rule needs one."""

    def first(self) -> Step:
        """The first page."""
        ...

    def after(self, step: Step, page: Read) -> Step | None:
        """The page after this one; None when there is none that anybody knows of.

        Raises:
            IncompleteRun: the page does not go on from where the one before it ended.
        """
        ...

    def ahead(self, step: Step) -> Step | None:
        """The page after this one, when that is known before this one was read."""
        ...

    def superseded(self, step: Step, page: Read) -> bool:
        """Whether the page proves nothing and further pages are asked in its place."""
        ...

    def has_place(self, page: Read) -> bool:
        """Whether the page has the place where it would name the next one, also when nothing is there.

        Raises:
            IncompleteRun: it has not even what the place would be a part of, so it is no page that says anything of
                the next one.
        """
        ...


class BasePager:
    """What most ways of paging have in common."""

    key_at: str | None = None

    def ahead(self, _step: Step) -> Step | None:
        """Nobody knows."""
        return None

    def superseded(self, _step: Step, _page: Read) -> bool:
        """Every page counts."""
        return False

    def has_place(self, _page: Read) -> bool:
        """There is no such place, so it is missing nowhere."""
        return True


class OnePage(BasePager):
    """There is one answer."""

    def first(self) -> Step:
        """It."""
        return Step({})

    def after(self, _step: Step, _page: Read) -> None:
        """Nothing."""
        return


class ByOffset(BasePager):
    """By offset and limit."""

    def __init__(self, paging: OffsetLimitPaging) -> None:
        self._paging = paging

    def first(self) -> Step:
        """The page at the first offset."""
        return self._at(self._paging.first_offset)

    def after(self, step: Step, _page: Read) -> Step:
        """The page that begins where this one ends."""
        return self.ahead(step)

    def ahead(self, step: Step) -> Step:
        """The same: offsets are known beforehand."""
        return self._at(int(step.position["offset"]) + self._paging.page_records)

    def _at(self, offset: int) -> Step:
        size = str(self._paging.page_records)
        return Step({"offset": str(offset)}, {self._paging.offset_param: str(offset), self._paging.limit_param: size})


class ByNumber(BasePager):
    """By the page's number."""

    def __init__(self, paging: PageNumberPaging) -> None:
        self._paging = paging

    def first(self) -> Step:
        """The page of the first number."""
        return self._numbered(self._paging.first_page)

    def after(self, step: Step, _page: Read) -> Step:
        """The next number."""
        return self.ahead(step)

    def ahead(self, step: Step) -> Step:
        """The same: numbers are known beforehand."""
        return self._numbered(int(step.position["page"]) + 1)

    def _numbered(self, number: int) -> Step:
        params = {self._paging.page_param: str(number)}
        if self._paging.size_param is not None:
            params[self._paging.size_param] = str(self._paging.page_records)
        return Step({"page": str(number)}, params)


class Positions:
    """The positions of a run so far. One that comes twice means that pages go round in a circle, or back."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def check(self, following: Step | None, number: int) -> None:
        """Hold the page after page ``number`` against all that were asked.

        Raises:
            IncompleteRun: it was asked before.
        """
        earlier = None if following is None else self._numbers.get(_text(following))
        if earlier is not None:
            raise IncompleteRun(
                f"expected page {number} to lead to a page that was not read yet, found that it leads to page "
                f"{earlier} "
                "again: the service's pages go round in a circle"
            )

    def add(self, step: Step, number: int) -> None:
        """Remember a page that was read."""
        self._numbers[_text(step)] = number


def _text(step: Step) -> str:
    return "&".join(f"{name}={value}" for name, value in sorted(step.position.items()))
