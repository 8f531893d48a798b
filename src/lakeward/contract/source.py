"""Where a dataset comes from: a third-party HTTP endpoint, its pages, its declared total, and the limits of a run."""

from collections.abc import Iterator
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field

from lakeward.contract.part import Part, Problem
from lakeward.contract.shapes import HeaderName, HeaderText, MemberPath, ParamName, Path, Template, Url

SECRET_HEADERS = ("authorization", "cookie", "proxy-authorization", "x-api-key")
OWN_HEADERS = (
    "connection",
    "content-length",
    "expect",
    "host",
    "range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
)


class OffsetLimitPaging(Part):
    """Pages by offset and limit. The last page is the one that reaches the declared total."""

    kind: Literal["offset_limit"] = Field(description="The way of paging: by offset and limit.")
    offset_param: ParamName = Field(description="Query parameter that carries the position of a page's first record.")
    limit_param: ParamName = Field(description="Query parameter that carries the size of a page.")
    first_offset: Literal[0, 1] = Field(description="The offset of the first record of all.")
    page_records: int = Field(ge=1, le=100_000, description="Records asked for in one page.")

    def problems(self) -> Iterator[Problem]:
        """Two parameters are two names."""
        if self.offset_param == self.limit_param:
            yield ("limit_param",), f"expected another parameter than offset_param, found {self.limit_param!r} again"


class DeclaredTotal(Part):
    """Where the service says how many records match, so that a run can prove that it has them all."""

    url: Url = Field(description="https URL that answers with the total. On the host of `source.url`.")
    params: dict[ParamName, Template] = Field(
        default_factory=dict,
        description="Query parameters. They select what the pages' parameters select.",
        json_schema_extra={"default": {}},
    )
    at: Path = Field(description="Where the number lies in the answer, such as `$.count`.")


class Records(Part):
    """Where the records lie in a page."""

    format: Literal["json"] = Field(description="What a page is.")
    at: MemberPath = Field(
        description="The array of records, such as `$.features`; `$` when the page itself is the array."
    )
    declared_count_at: Path | None = Field(
        default=None, description="Where a page says how many records it holds. It is then checked."
    )


class Limits(Part):
    """Beyond these a run stops with an error instead of going on."""

    page_bytes: int = Field(
        default=33_554_432, ge=1, le=67_108_864, description="Largest page in bytes, on the wire and decoded."
    )
    pages: int = Field(default=10_000, ge=1, le=99_999, description="Most pages of one run.")
    request_seconds: int = Field(default=60, ge=1, le=600, description="Longest time for one whole answer, in seconds.")


class HttpSource(Part):
    """A third-party HTTP endpoint, read with GET."""

    kind: Literal["http"] = Field(description="The kind of source.")
    url: Url = Field(description="https URL of the records, without a query.")
    params: dict[ParamName, Template] = Field(
        default_factory=dict,
        description=(
            "Query parameters. `{slot.start}`, `{slot.end}` (the first instant after the slot) and "
            "`{slot.last_millisecond}` become UTC instants such as `2018-01-31T00:00:00.000`."
        ),
        json_schema_extra={"default": {}},
    )
    headers: dict[HeaderName, HeaderText] = Field(
        default_factory=dict,
        description="Request headers, in plain text: never a secret.",
        json_schema_extra={"default": {}},
    )
    paging: OffsetLimitPaging = Field(description="How the records are asked for page by page.")
    total: DeclaredTotal = Field(description="How many records there are, as the service says.")
    records: Records = Field(description="Where a page holds its records.")
    limits: Limits = Field(
        default_factory=Limits, description="When a run must stop.", json_schema_extra={"default": {}}
    )

    def problems(self) -> Iterator[Problem]:
        """One host; paging's parameters set by paging alone; both requests about the slot; no secret in a header."""
        mine, total = urlsplit(self.url).netloc, urlsplit(self.total.url).netloc
        if mine != total:
            yield ("total", "url"), f"expected the host of source.url, {mine}; found {total}"
        for name in (self.paging.offset_param, self.paging.limit_param):
            if name in self.params:
                yield ("params", name), "expected no such parameter, because paging sets it; found a value"
        if _names_a_slot(self.params) != _names_a_slot(self.total.params):
            both = "expected templates of the slot in source.params and in source.total.params, or in neither"
            yield ("total", "params"), f"{both}, so that pages and total are about the same records; found them in one"
        for name in self.headers:
            if name.lower() in SECRET_HEADERS:
                yield ("headers", name), "expected no secret in a contract, found a header that carries one"
            if name.lower() in OWN_HEADERS:
                yield ("headers", name), "expected a header of the request's meaning, found one that the client sets"


def _names_a_slot(params: dict[str, str]) -> bool:
    return any("{slot." in value for value in params.values())
