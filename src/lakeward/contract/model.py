"""The contract of a dataset, as typed data: source, schema, keys, partitioning, rules, freshness, owner.

These models are the only definition of the format: ``schemas/contract.schema.json`` is made from them. Every model
refuses keys that it does not know.
"""

import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from lakeward.contract.types import PARSES, Parse, kind, type_problem
from lakeward.slot import Every

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Path = Annotated[str, Field(pattern=r"^\$(\.[A-Za-z_][A-Za-z0-9_\-]*|\[\d+\])*$")]
SLOT_TEMPLATES = ("slot.start", "slot.end", "slot.last_millisecond")


class Part(BaseModel):
    """A piece of a contract: frozen, and strict about its keys and types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class OffsetLimitPaging(Part):
    """Pages by ``offset`` and ``limit``; the last page is the one that reaches the declared total."""

    kind: Literal["offset_limit"]
    offset_param: str = Field(min_length=1, description="Query parameter that carries the position of the first record.")
    limit_param: str = Field(min_length=1, description="Query parameter that carries the size of a page.")
    first_offset: Literal[0, 1] = Field(description="The offset of the first record: 0 or 1.")
    page_records: int = Field(ge=1, le=100_000, description="Records asked for in a page.")


class DeclaredTotal(Part):
    """Where the upstream says how many records match, so that completeness can be proved."""

    url: str = Field(description="https URL that answers with the total.")
    params: dict[str, str] = Field(default_factory=dict, description="Query parameters; slot templates are filled in.")
    at: Path = Field(description="Where the number lies in the answer, such as $.count.")


class Records(Part):
    """Where the records lie in a page."""

    format: Literal["json"]
    at: Path = Field(description="The array of records, such as $.features; $ when the page itself is the array.")
    declared_count_at: Path | None = Field(default=None, description="Where a page says how many records it holds.")


class Limits(Part):
    """Beyond these the run stops with an error instead of going on."""

    page_bytes: int = Field(default=67_108_864, ge=1, description="Largest page, bytes, on the wire and decoded.")
    pages: int = Field(default=10_000, ge=1, description="Most pages of a run.")
    request_seconds: int = Field(default=60, ge=1, le=600, description="Longest time for one answer, seconds in all.")


class HttpSource(Part):
    """A third-party HTTP endpoint, read with GET."""

    kind: Literal["http"]
    url: str = Field(description="https URL without a query.")
    params: dict[str, str] = Field(default_factory=dict, description="Query parameters; slot templates are filled in.")
    headers: dict[str, str] = Field(default_factory=dict, description="Request headers. Never a secret.")
    paging: OffsetLimitPaging
    total: DeclaredTotal
    records: Records
    limits: Limits = Field(default_factory=Limits)

    @model_validator(mode="after")
    def _urls_and_templates(self) -> Self:
        for url in (self.url, self.total.url):
            parts = urlsplit(url)
            if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment or parts.username:
                raise ValueError(f"expected an https URL without query, fragment and user, found {url!r}")
        if urlsplit(self.url).netloc != urlsplit(self.total.url).netloc:
            raise ValueError("expected source.url and source.total.url on one host")
        for where, params in (("params", self.params), ("total.params", self.total.params)):
            for name, value in params.items():
                for template in re.findall(r"\{([^}]*)\}", value):
                    if template not in SLOT_TEMPLATES:
                        known = ", ".join(f"{{{t}}}" for t in SLOT_TEMPLATES)
                        raise ValueError(f"{where}.{name}: unknown template {{{template}}}; known are {known}")
        taken = {self.paging.offset_param, self.paging.limit_param} & self.params.keys()
        if taken:
            raise ValueError(f"params must not name {', '.join(sorted(taken))}: paging sets it")
        return self


class Schedule(Part):
    """When EventBridge Scheduler starts the run of the last slot that is over."""

    cron: str = Field(pattern=r"^cron\(.+\)$", description="EventBridge cron expression in UTC: cron(0 3 * * ? *).")


class Freshness(Part):
    """How old the newest published slot may grow before the alarm rings."""

    hours: int = Field(ge=1, le=168, description="Hours without a published slot that raise the alarm.")


class Load(Part):
    """How rows of a slot meet the rows that are already there."""

    mode: Literal["upsert"] = Field(description="upsert: one row a key; the newest version wins.")
    primary_key: list[Name] = Field(min_length=1, description="Columns that identify a row.")
    newest_by: Name = Field(description="Column whose greatest value is the newest version; ties go to the later slot.")


class Column(Part):
    """One column of the table."""

    name: Name
    type: str = Field(description="boolean, int, bigint, double, decimal(p,s), string, date or timestamp (UTC).")
    description: str = Field(min_length=3)
    at: Path | None = Field(default=None, description="Where the value lies in a record, such as $.properties.mag.")
    utc_day_of: Name | None = Field(default=None, description="Instead of `at`: the UTC day of a timestamp column.")
    parse: Parse | None = Field(default=None, description="How the value is read; the type's own way when absent.")
    required: bool = Field(default=False, description="A record without a value here is quarantined.")
    minimum: float | None = Field(default=None, description="Smallest value allowed.")
    maximum: float | None = Field(default=None, description="Largest value allowed.")
    allowed: list[str] | None = Field(default=None, min_length=1, description="The only strings allowed.")

    @field_validator("type")
    @classmethod
    def _type_is_known(cls, value: str) -> str:
        problem = type_problem(value)
        if problem:
            raise ValueError(f"unknown type {value!r}: {problem}")
        return value

    @model_validator(mode="after")
    def _parts_agree(self) -> Self:
        if (self.at is None) == (self.utc_day_of is None):
            raise ValueError(f"column {self.name}: expected exactly one of `at` and `utc_day_of`")
        if self.utc_day_of is not None and (self.type != "date" or self.parse is not None):
            raise ValueError(f"column {self.name}: a `utc_day_of` column has type date and no `parse`")
        known = PARSES[kind(self.type)]
        if self.parse is not None and self.parse not in known:
            raise ValueError(f"column {self.name}: type {self.type} knows parse {', '.join(known)}; found {self.parse}")
        numeric = kind(self.type) in ("int", "bigint", "double", "decimal")
        if (self.minimum is not None or self.maximum is not None) and not numeric:
            raise ValueError(f"column {self.name}: minimum and maximum are for numbers, not for {self.type}")
        if self.allowed is not None and self.type != "string":
            raise ValueError(f"column {self.name}: `allowed` is for strings, not for {self.type}")
        return self

    @property
    def reading(self) -> str:
        """The parse in force: the declared one, or the type's own."""
        return self.parse or PARSES[kind(self.type)][0]


class Quality(Part):
    """Rules over the whole load; when one fails, nothing of the slot is published."""

    max_quarantined_fraction: float = Field(default=1.0, ge=0, le=1, description="Quarantined / raw records, at most.")
    min_records: int = Field(default=0, ge=0, description="Raw records of a slot, at least.")


class Contract(Part):
    """All that one dataset is. Written in ``datasets/<name>/contract.yaml``."""

    contract: Literal[1] = Field(description="Version of this file format.")
    dataset: Name
    version: str = Field(pattern=r"^(0|[1-9]\d*)\.\d+\.\d+$", description="Semantic version; the major names the table.")
    owner: str = Field(min_length=2, description="The team that answers for the data.")
    description: str = Field(min_length=10)
    source: HttpSource
    slot: Every = Field(description="The interval that one run asks for.")
    schedule: Schedule
    freshness: Freshness
    load: Load
    partition_by: Name = Field(description="A date column; its value is the partition.")
    columns: list[Column] = Field(min_length=1)
    quality: Quality = Field(default_factory=Quality)

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        by_name = {c.name: c for c in self.columns}
        if len(by_name) != len(self.columns):
            twice = sorted({c.name for c in self.columns if [d.name for d in self.columns].count(c.name) > 1})
            raise ValueError(f"columns named twice: {', '.join(twice)}")
        wanted = [("partition_by", self.partition_by), ("load.newest_by", self.load.newest_by)]
        wanted += [("load.primary_key", k) for k in self.load.primary_key]
        wanted += [(f"columns.{c.name}.utc_day_of", c.utc_day_of) for c in self.columns if c.utc_day_of]
        for where, name in wanted:
            if name not in by_name:
                raise ValueError(f"{where}: no column is named {name!r}; columns are {', '.join(by_name)}")
        if by_name[self.partition_by].type != "date":
            raise ValueError(f"partition_by: expected a date column, found {by_name[self.partition_by].type}")
        for key in (*self.load.primary_key, self.load.newest_by):
            if not by_name[key].required:
                raise ValueError(f"column {key}: a key or version column must be `required: true`")
        for column in self.columns:
            if column.utc_day_of and by_name[column.utc_day_of].type != "timestamp":
                raise ValueError(f"column {column.name}: utc_day_of expects a timestamp column")
        partition = by_name[self.partition_by]
        anchor = by_name[partition.utc_day_of] if partition.utc_day_of else partition
        if not anchor.required:
            raise ValueError(f"column {anchor.name}: what the partition is made from must be `required: true`")
        return self

    @property
    def table(self) -> str:
        """The curated table: one for each major version, such as ``earthquakes_v1``."""
        return f"{self.dataset}_v{self.version.split('.')[0]}"

    def column(self, name: str) -> Column:
        """The column of that name; the model has checked that named columns exist."""
        return next(c for c in self.columns if c.name == name)
