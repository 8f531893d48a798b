"""The ways in which a service hands out its records page by page, and how a run knows that it has the last one."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from lakeward.contract.part import Part, Problem
from lakeward.contract.shapes import HeaderName, InstantFormat, ParamName, Path, ZoneName

StopWhen = Literal["declared_total", "empty_page", "short_page", "no_next", "end_flag", "only_page", "windows_covered"]
PageRecords = Annotated[int, Field(ge=1, le=100_000, description="Records asked for in one page.")]


class NoPaging(Part):
    """Everything comes in one answer."""

    kind: Literal["none"] = Field(description="The way of paging: there are no pages.")


class OffsetLimitPaging(Part):
    """Pages by offset and limit."""

    kind: Literal["offset_limit"] = Field(description="The way of paging: by offset and limit.")
    offset_param: ParamName = Field(description="Query parameter that carries the position of a page's first record.")
    limit_param: ParamName = Field(description="Query parameter that carries the size of a page.")
    first_offset: Literal[0, 1] = Field(description="The offset of the first record of all.")
    page_records: PageRecords

    def problems(self) -> Iterator[Problem]:
        """Two parameters are two names."""
        if self.offset_param == self.limit_param:
            yield ("limit_param",), f"expected another parameter than offset_param, found {self.limit_param!r} again"


class PageNumberPaging(Part):
    """Pages by their number."""

    kind: Literal["page_number"] = Field(description="The way of paging: by the page's number.")
    page_param: ParamName = Field(description="Query parameter that carries the number of a page.")
    size_param: ParamName | None = Field(
        default=None, description="Query parameter that carries the size of a page, where the service has one."
    )
    first_page: Literal[0, 1] = Field(description="The number of the first page.")
    page_records: PageRecords

    def problems(self) -> Iterator[Problem]:
        """Two parameters are two names."""
        if self.page_param == self.size_param:
            yield ("size_param",), f"expected another parameter than page_param, found {self.size_param!r} again"


class CursorInBodyPaging(Part):
    """Each page holds the cursor of the next one."""

    kind: Literal["cursor_in_body"] = Field(description="The way of paging: by a cursor that the page holds.")
    cursor_param: ParamName = Field(description="Query parameter that carries the cursor; the first page has none.")
    at: Path = Field(
        description="Where a page holds the next cursor. Null, empty text, or the last name missing: no next page."
    )


class CursorInHeaderPaging(Part):
    """Each answer's headers hold the cursor of the next page."""

    kind: Literal["cursor_in_header"] = Field(description="The way of paging: by a cursor in a response header.")
    cursor_param: ParamName = Field(description="Query parameter that carries the cursor; the first page has none.")
    header: HeaderName = Field(description="The response header that holds the next cursor. None: no next page.")


class NextUrlInBodyPaging(Part):
    """Each page holds the URL of the next one."""

    kind: Literal["next_url_in_body"] = Field(description="The way of paging: by a URL that the page holds.")
    at: Path = Field(
        description="Where a page holds the next URL. Null, empty text, or the last name missing: no next page."
    )


class LinkHeaderPaging(Part):
    """Each answer's `Link` header (RFC 8288) holds the URL of the next page."""

    kind: Literal["link_header"] = Field(description='The way of paging: by `Link: <…>; rel="next"`.')


class KeysetPaging(Part):
    """Pages that go on after the last key of the page before. Keys are unique, and pages are in their order."""

    kind: Literal["keyset"] = Field(description="The way of paging: by the last value of a key.")
    key_at: Path = Field(
        description="Where a record holds its key: whole numbers, or texts in the order of their codes."
    )
    after_param: ParamName = Field(description="Query parameter that carries the last key; the first page has none.")
    limit_param: ParamName = Field(description="Query parameter that carries the size of a page.")
    page_records: PageRecords
    order: Literal["ascending", "descending"] = Field(default="ascending", description="Which way the keys run.")

    def problems(self) -> Iterator[Problem]:
        """Two parameters are two names."""
        if self.after_param == self.limit_param:
            yield ("limit_param",), f"expected another parameter than after_param, found {self.limit_param!r} again"


class TimeWindowsPaging(Part):
    """One answer a window of time. A window that meets the service's maximum is no proof: its halves are asked."""

    kind: Literal["time_windows"] = Field(description="The way of paging: by windows of time, the slot first.")
    start_param: ParamName = Field(description="Query parameter that carries the start of a window.")
    end_param: ParamName = Field(description="Query parameter that carries its end.")
    end: Literal["exclusive", "inclusive"] = Field(
        description="Whether the service leaves the end out. `inclusive`: one `unit` less is asked for."
    )
    unit: Literal["millisecond", "second"] = Field(
        default="millisecond", description="The smallest step of the service's clock. Windows begin on one."
    )
    instant_format: InstantFormat = Field(default="iso", description="How instants are written; as in templates.")
    zone: ZoneName = Field(default="UTC", description="The zone in which they are written.")
    maximum_records: int = Field(
        ge=2, le=10_000_000, description="Records in one answer at which the service may have left some out."
    )
    smallest_seconds: int = Field(
        default=1, ge=1, le=86_400, description="A window is not split below this. A full one then stops the run."
    )

    def problems(self) -> Iterator[Problem]:
        """Two parameters are two names."""
        if self.start_param == self.end_param:
            yield ("end_param",), f"expected another parameter than start_param, found {self.end_param!r} again"


Paging = (
    NoPaging
    | OffsetLimitPaging
    | PageNumberPaging
    | CursorInBodyPaging
    | CursorInHeaderPaging
    | NextUrlInBodyPaging
    | LinkHeaderPaging
    | KeysetPaging
    | TimeWindowsPaging
)

_SIZED: tuple[StopWhen, ...] = ("declared_total", "empty_page", "short_page", "end_flag")
_LINKED: tuple[StopWhen, ...] = ("declared_total", "no_next", "empty_page", "end_flag")
STOPS: dict[str, tuple[StopWhen, ...]] = {
    "none": ("declared_total", "only_page"),
    "offset_limit": _SIZED,
    "page_number": _SIZED,
    "cursor_in_body": _LINKED,
    "cursor_in_header": _LINKED,
    "next_url_in_body": _LINKED,
    "link_header": _LINKED,
    "keyset": _SIZED,
    "time_windows": ("windows_covered",),
}
"""The stop conditions that each way of paging can prove."""


class Stop(Part):
    """What ends a run. Each condition is proved by what lies in raw; see docs/sources.md for how far each one goes."""

    when: StopWhen = Field(
        description=(
            "`declared_total` reached; an `empty_page`; a `short_page` (fewer records than asked for); `no_next` page "
            "named; an `end_flag` in the page; the `only_page`; `windows_covered`: every window below its maximum."
        )
    )
    at: Path | None = Field(default=None, description="For `end_flag`: where a page says whether it is the last.")
    equals: bool = Field(default=True, description="For `end_flag`: what it says there when it is the last.")

    def problems(self) -> Iterator[Problem]:
        """A flag has its place, and nothing else has one."""
        if self.when == "end_flag" and self.at is None:
            yield ("at",), "expected where the flag lies, because `when` is end_flag; found none"
        for key in ("at", "equals"):
            if self.when != "end_flag" and key in self.model_fields_set:
                yield (key,), f"expected this for end_flag only, found it with {self.when}"
