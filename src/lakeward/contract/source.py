"""Where a dataset comes from: a third-party HTTP endpoint, its pages, the proof that they are all, and its manners."""

from collections.abc import Iterator
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field

from lakeward.contract.credentials import names_a_secret, says_a_secret
from lakeward.contract.part import Part, Problem
from lakeward.contract.shapes import CursorText, HeaderName, HeaderText, Host, ParamName, Path, Template, UrlTemplate
from lakeward.contract.source_auth import ApiKeyAuth, Auth, NoAuth
from lakeward.contract.source_manners import Limits, Manners
from lakeward.contract.source_paging import STOPS, Paging, Stop, TimeWindowsPaging
from lakeward.contract.source_records import CsvRecords, JsonRecords, Records
from lakeward.contract.template import (
    bare_clocks,
    leaves_its_folder,
    sets_clocks_back,
    shows_bare_clock,
    unknown_zones,
    zone_is_known,
)

LOG_IN = "store it in AWS Secrets Manager and name its ARN under source.auth: `{kind: api_key, secret: <ARN>, "
OWN_HEADERS = (
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "if-modified-since",
    "if-none-match",
    "range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
)


class DeclaredTotal(Part):
    """Where the service says how many records match, so that a run can prove that it has them all."""

    url: UrlTemplate | None = Field(
        default=None,
        description=(
            "https URL that answers with the total, on the host of `source.url`; with templates as that. Left out: "
            "every page says it."
        ),
    )
    params: dict[ParamName, Template] = Field(
        default_factory=dict,
        description="Query parameters of `url`. They select what the pages' parameters select.",
        json_schema_extra={"default": {}},
    )
    at: Path | None = Field(
        default=None, description="Where the number lies in the answer, such as `$.count`. Either this or `header`."
    )
    header: HeaderName | None = Field(default=None, description="The response header that holds the number.")

    def problems(self) -> Iterator[Problem]:
        """One place for the number; parameters only where there is something to ask."""
        if (self.at is None) == (self.header is None):
            yield (), f"expected exactly one of `at` and `header`, found {'neither' if self.at is None else 'both'}"
        if self.url is None and self.params:
            yield (
                ("params",),
                "expected no parameters, because the pages say the total and no `url` is asked; found some",
            )


class Incremental(Part):
    """What changed since the run before. The state is in certificates: a run that fails leaves it as it was."""

    param: ParamName = Field(description="Query parameter that carries the greatest value of the runs before.")
    at: Path = Field(description="Where a record holds the value, such as `$.updated_at`.")
    value: Literal["text", "number", "iso8601", "epoch_seconds", "epoch_milliseconds"] = Field(
        description="What the value is, and so how two are compared. Texts are compared by their codes."
    )
    initial: CursorText = Field(description="What the first run asks for.")
    lookback_seconds: int = Field(
        default=0,
        ge=0,
        le=2_592_000,
        description="How much further back to ask, for what shows up late. Not for `text`.",
    )

    def problems(self) -> Iterator[Problem]:
        """A step back needs a value that can be reckoned with."""
        if self.lookback_seconds and self.value in ("text", "number"):
            yield ("lookback_seconds",), f"expected this for instants only, found it with value {self.value}"


class HttpSource(Part):
    """A third-party HTTP endpoint, read with GET."""

    kind: Literal["http"] = Field(description="The kind of source.")
    url: UrlTemplate = Field(
        description=(
            "https URL of the records, without a query. Its path may have the templates of `params`, such as "
            "`/data/{slot.start|%Y/%m}/{slot.start|date}.csv`."
        )
    )
    params: dict[ParamName, Template] = Field(
        default_factory=dict,
        description=(
            "Query parameters. `{slot.start}`, `{slot.end}` (the first instant after the slot) and "
            "`{slot.last_millisecond}` become UTC instants such as `2018-01-31T00:00:00.000`; "
            "`{slot.start-1d|Europe/Berlin|date}` looks back a day and writes a date as Berlin has it."
        ),
        json_schema_extra={"default": {}},
    )
    headers: dict[HeaderName, HeaderText] = Field(
        default_factory=dict,
        description="Request headers, in plain text: never a secret.",
        json_schema_extra={"default": {}},
    )
    allowed_hosts: list[Host] = Field(
        default_factory=list,
        description="Further hosts that links and redirects may lead to. Who asks is told to them too, for links.",
        json_schema_extra={"default": [], "uniqueItems": True},
    )
    auth: Auth = Field(
        default=NoAuth(kind="none"),
        discriminator="kind",
        description="How the service is told who asks.",
        json_schema_extra={"default": {"kind": "none"}},
    )
    paging: Paging = Field(discriminator="kind", description="How the records are asked for page by page.")
    stop: Stop = Field(
        default=Stop(when="declared_total"),
        description="What ends a run.",
        json_schema_extra={"default": {"when": "declared_total"}},
    )
    total: DeclaredTotal | None = Field(
        default=None,
        description=(
            "How many records there are, as the service says. Needed by `declared_total`; checked wherever given."
        ),
    )
    records: Records = Field(discriminator="format", description="Where a page holds its records.")
    incremental: Incremental | None = Field(
        default=None, description="Ask for what changed since the run before, instead of by the slot."
    )
    manners: Manners = Field(
        default_factory=Manners, description="How the service is treated.", json_schema_extra={"default": {}}
    )
    limits: Limits = Field(
        default_factory=Limits, description="When a run must stop.", json_schema_extra={"default": {}}
    )

    @property
    def hosts(self) -> frozenset[str]:
        """Every host (with its port, when it has one) that records may come from."""
        return frozenset({urlsplit(self.url).netloc, *self.allowed_hosts})

    @property
    def total_is_asked(self) -> bool:
        """Whether the total has a question of its own, instead of standing in the pages."""
        return self.total is not None and self.total.url is not None

    @property
    def set_by_run(self) -> list[str]:
        """Query parameters that a run sets by itself."""
        names = [value for name, value in self.paging if name.endswith("_param") and value is not None]
        names += [self.incremental.param] if self.incremental else []
        return names + ([self.auth.param] if isinstance(self.auth, ApiKeyAuth) and self.auth.param else [])

    def problems(self) -> Iterator[Problem]:
        """What paging, stop condition, total and format ask of one another; no secret in a header."""
        yield from self._problems_of_the_total()
        yield from self._problems_of_the_end()
        for name in self.set_by_run:
            if name in self.params:
                yield ("params", name), "expected no such parameter, because paging sets it; found a value"
        for at, url in self._urls():
            if not any(unknown_zones(url)) and leaves_its_folder(url):
                yield at, "expected a path that names its folders, found `.` or `..` in it"
        for at, text in self._templates():
            for zone in unknown_zones(text):
                yield at, f"expected the name of a time zone, found {zone!r}"
        if isinstance(self.paging, TimeWindowsPaging) and not zone_is_known(self.paging.zone):
            yield ("paging", "zone"), f"expected the name of a time zone, found {self.paging.zone!r}"
        yield from self._problems_of_secrets()
        for name, value in self.headers.items():
            if name.lower() in OWN_HEADERS:
                by = " (source.manners.encodings says which)" if name.lower() == "accept-encoding" else ""
                words = "expected a header of the request's meaning, found one that the client sets"
                yield ("headers", name), f"{words}{by}"
            if "{slot" in value:
                words = "expected a value without templates, because only parameters are filled in; found one with some"
                yield ("headers", name), words
        if self.manners.conditional and (self.stop.when != "only_page" or self.total or self.incremental):
            words = (
                "expected this with the stop only_page, without total and incremental; found it with another of them"
            )
            yield ("manners", "conditional"), words
        if self.incremental and isinstance(self.records, CsvRecords) and self.incremental.value.startswith("epoch"):
            yield (
                ("incremental", "value"),
                "expected text, number or iso8601, because values of CSV are texts; found an epoch",
            )

    def _problems_of_secrets(self) -> Iterator[Problem]:
        """What tells a service who asks is in no contract: it would be in certificates, too."""
        for name, value in self.headers.items():
            if names_a_secret(name) or says_a_secret(value) or _is_the_key(self.auth, name):
                key = f"{LOG_IN}header: {name}}}`"
                how = "name its ARN under source.auth, such as `{kind: bearer, secret: <ARN>}`"
                how = how if name.lower() == "authorization" else key
                yield (
                    ("headers", name),
                    f"expected no secret in a contract, found a header that carries one; {how}",
                )
        for at, name, value in self._parameters():
            if names_a_secret(name) and "{slot." not in value:
                yield (
                    at,
                    f"expected no secret in a contract, found a parameter that carries one; {LOG_IN}param: {name}}}`",
                )

    def _urls(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Every URL that is asked, and where it stands."""
        yield ("url",), self.url
        if self.total is not None and self.total.url is not None:
            yield ("total", "url"), self.total.url

    def _parameters(self) -> Iterator[tuple[tuple[str, ...], str, str]]:
        """Every query parameter of the contract: where it stands, its name, its value."""
        for name, text in self.params.items():
            yield ("params", name), name, text
        for name, text in (self.total.params if self.total else {}).items():
            yield ("total", "params", name), name, text

    def _problems_of_the_total(self) -> Iterator[Problem]:
        if self.total is None:
            if self.stop.when == "declared_total":
                words = (
                    "expected where the service declares its total, or another way to stop (source.stop); found neither"
                )
                yield ("total",), words
            return
        if self.total.at is not None and self.total.url is None and not isinstance(self.records, JsonRecords):
            yield (
                ("total", "at"),
                f"expected `header` or `url`, because a page of {self.records.format} has no such place",
            )
        if self.total.url is None:
            if isinstance(self.paging, TimeWindowsPaging):
                yield (
                    ("total", "url"),
                    "expected a question about the whole slot, because each window has its own total; found none",
                )
            return
        mine, theirs = urlsplit(self.url).netloc, urlsplit(self.total.url).netloc
        if mine != theirs:
            yield ("total", "url"), f"expected the host of source.url, {mine}; found {theirs}"
        windows = isinstance(self.paging, TimeWindowsPaging)
        pages = _names_a_slot(self.url, self.params) or windows
        if pages != _names_a_slot(self.total.url, self.total.params):
            both = (
                "expected templates of the slot in source.params (or url) and in source.total.params (or url), or in "
                "neither"
            )
            yield ("total", "params"), f"{both}, so that pages and total are about the same records; found them in one"

    def _problems_of_the_end(self) -> Iterator[Problem]:
        known = STOPS[self.paging.kind]
        if self.stop.when not in known:
            yield (
                ("stop", "when"),
                f"expected {' or '.join(known)} with paging {self.paging.kind}; found {self.stop.when}",
            )
        places = {"end_flag": self.stop.when == "end_flag", "the next page": hasattr(self.paging, "at")}
        for what, wanted in places.items():
            if wanted and not isinstance(self.records, JsonRecords):
                yield (
                    ("records", "format"),
                    f"expected json, because {what} lies in the page; found {self.records.format}",
                )
        if self.limits.close_delimited and self.total is None and not isinstance(self.records, JsonRecords):
            at = ("limits", "close_delimited")
            yield at, "expected a declared total, or json, to show that a body is whole; found neither"

    def clock_problems(self) -> Iterator[Problem]:
        """Where an hour is asked for by a clock that shows it twice: for a contract whose slots are hours."""
        words = (
            "expected a form that shows the offset, because slots are hours and the clocks of {zone} are set back; "
            "found one that does not: iso_offset, iso_z, an epoch, or UTC"
        )
        for at, text in self._templates():
            for zone in bare_clocks(text):
                yield at, words.format(zone=zone)
        paging = self.paging
        if (
            isinstance(paging, TimeWindowsPaging)
            and shows_bare_clock(paging.instant_format)
            and sets_clocks_back(paging.zone)
        ):
            yield ("paging", "instant_format"), words.format(zone=paging.zone)

    def _templates(self) -> Iterator[tuple[tuple[str, ...], str]]:
        yield from self._urls()
        for at, _, text in self._parameters():
            yield at, text


def _is_the_key(auth: Auth, header: str) -> bool:
    return isinstance(auth, ApiKeyAuth) and auth.header is not None and auth.header.lower() == header.lower()


def _names_a_slot(url: str, params: dict[str, str]) -> bool:
    return any("{slot." in text for text in (url, *params.values()))
