"""The contract of a dataset, as typed data: source, schema, keys, partitioning, rules, freshness, owner.

These models are the only definition of the format: ``schemas/contract.schema.json`` is made from them. Every model
refuses keys that it does not know.
"""

import difflib
from collections import Counter
from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from lakeward.contract.column import Column
from lakeward.contract.column_rules import NOTED, Policy
from lakeward.contract.cost import Cost
from lakeward.contract.cron import CRON, cron_problem
from lakeward.contract.derived import computed_problems
from lakeward.contract.engine import Engine
from lakeward.contract.explode import EXPLODE, Explode, explode_problems
from lakeward.contract.load_modes import LITERALS, Load
from lakeward.contract.maintenance import Maintenance
from lakeward.contract.part import Part, Problem
from lakeward.contract.personal import DIGESTED, column_problems, place_problems, use_problems
from lakeward.contract.quality import Quality
from lakeward.contract.row_rules import ROW, RowRule, row_rule_problems
from lakeward.contract.shapes import DatasetName, Name, SecretArn, Version
from lakeward.contract.source import HttpSource
from lakeward.contract.source_drift import SourceDrift
from lakeward.contract.source_paging import KeysetPaging
from lakeward.errors import SlotInvalid
from lakeward.slot import INTERVALS, Every, Slot

__all__ = ["Column", "Contract", "HttpSource", "Load"]


class Schedule(Part):
    """When EventBridge Scheduler starts the run of the last slot that is over."""

    cron: str = Field(
        description=(
            "EventBridge cron expression in UTC: `cron(0 3 * * ? *)`. It fires at least once for every slot, "
            "so the days are always `* * ? *`, and the hours are `*` when slots are hours."
        ),
        json_schema_extra={"pattern": f"^{CRON}$"},
    )
    enabled: bool = Field(
        default=True,
        description=(
            "Whether runs start by themselves. `false` makes no schedule and no alarm of silence, "
            "for what is run by hand."
        ),
        json_schema_extra={"default": True},
    )


class Freshness(Part):
    """How old the newest published slot may grow before the alarm rings."""

    hours: int = Field(
        ge=2, le=168, description="Hours without a published slot that raise the alarm. More than a slot is long."
    )


class Serving(Part):
    """What readers see of the table."""

    keep_old_days: int = Field(
        default=7,
        ge=1,
        le=365,
        description="Days that the table of the former major version is kept after readers have been moved off it.",
    )
    canary_slot: str | None = Field(
        default=None,
        description=(
            "The slot that a health check runs again, such as `'2018-01-31'`, in quotes. "
            "Without it, the newest slot that raw holds."
        ),
    )


class Contract(Part):
    """All that one dataset is. Written in `datasets/<name>/contract.yaml`."""

    contract: Literal[1] = Field(description="Version of this file format.")
    dataset: DatasetName = Field(
        description="Name of the dataset, of its folder and of its view. It does not end in `_quarantine`.",
        json_schema_extra={"not": {"pattern": "_quarantine$"}},
    )
    version: Version = Field(
        description="Semantic version, such as `1.0.0`. The major names the table: `earthquakes_v1`."
    )
    owner: str = Field(min_length=2, description="The team that answers for the data.")
    description: str = Field(
        min_length=10,
        max_length=2048,  # of a table's description in Glue
        description="What a row is and where it comes from, at most 2,048 characters. Shown in the catalog.",
    )
    source: HttpSource = Field(description="Where the records come from.")
    slot: Every = Field(description="The interval whose data one run asks for, in UTC.")
    schedule: Schedule = Field(description="When runs start.")
    freshness: Freshness = Field(description="How late is too late.")
    load: Load = Field(discriminator="mode", description="How new rows meet old ones.")
    partition_by: Name = Field(description="A `date` column. Its value is the partition of the table.")
    cluster_by: list[Name] = Field(
        default=[],
        description="Columns that rows are sorted by within a file, for queries that filter by them; else the key.",
        json_schema_extra={"uniqueItems": True},
    )
    columns: list[Column] = Field(min_length=1, description="The columns of the table, in order.")
    rules: list[RowRule] = Field(default=[], description="What several values of one row must be to one another.")
    personal_key: SecretArn | None = Field(
        default=None,
        description=(
            "ARN of the secret in AWS Secrets Manager with which personal columns are hashed and tokenised: at least "
            "32 bytes. `{region}`, `{account_id}` and `{environment}` become those of the function that reads it."
        ),
    )
    quality: Quality = Field(
        default_factory=Quality,
        description="What a whole load must keep to be published.",
        json_schema_extra={"default": {}},
    )
    drift: SourceDrift = Field(
        default_factory=SourceDrift,
        description="What becomes of a load whose records have other fields than before.",
        json_schema_extra={"default": {}},
    )
    serving: Serving = Field(
        default_factory=Serving,
        description="How readers are moved to a new table, and how a release is checked.",
        json_schema_extra={"default": {}},
    )
    engine: Engine = Field(
        default_factory=Engine,
        description="Where slots are transformed: in Lambda or in Glue. The rows are the same.",
        json_schema_extra={"default": {}},
    )
    cost: Cost = Field(
        default_factory=Cost,
        description="What one run may cost.",
        json_schema_extra={"default": {}},
    )
    maintenance: Maintenance = Field(
        default_factory=Maintenance,
        description="How small files are compacted, and how long former states are kept.",
        json_schema_extra={"default": {}},
    )

    def problems(self) -> Iterator[Problem]:
        """Names that must be there, timing that suits the slot, and columns that suit what they are used for."""
        if self.dataset.endswith("_quarantine"):
            yield (
                ("dataset",),
                "expected no name in _quarantine, which is the view of another dataset's refused records",
            )
        cron = cron_problem(self.schedule.cron, self.slot)
        if cron:
            yield ("schedule", "cron"), f"{cron}" + ("" if "; found" in cron else f"; found {self.schedule.cron!r}")
        slot_hours = INTERVALS[self.slot].total_seconds() / 3600
        if self.freshness.hours <= slot_hours:
            hours = f"expected more than the {slot_hours:g} of a slot, or the alarm never rests"
            yield ("freshness", "hours"), f"{hours}; found {self.freshness.hours}"
        if self.slot == "hour":
            yield from ((("source", *at), words) for at, words in self.source.clock_problems())
        if self.serving.canary_slot is not None:
            try:
                Slot.parse(self.serving.canary_slot, self.slot)
            except SlotInvalid as problem:
                yield ("serving", "canary_slot"), problem.message
        names = Counter(column.name for column in self.columns)
        yield from self._doubles(names)
        unknown = [(at, name) for at, name in self._named_columns() if name not in names]
        for at, name in unknown:
            near = difflib.get_close_matches(name, names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"columns are {', '.join(names)}"
            yield at, f"expected the name of a column, found {name!r}; {hint}"
        computed = [*computed_problems(self.columns), *row_rule_problems(self.rules, self.columns)]
        yield from computed
        yield from explode_problems(self.explode, self.columns, self.rules)
        yield from self._problems_of_personal_columns()
        if not unknown and not computed:
            yield from self._uses()

    def _named_columns(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Every place that names a column."""
        yield ("partition_by",), self.partition_by
        for number, name in enumerate(self.cluster_by):
            yield ("cluster_by", number), name
        if self.load.newest_by is not None:
            yield ("load", "newest_by"), self.load.newest_by
        if self.load.deleted_when is not None:
            yield ("load", "deleted_when", "column"), self.load.deleted_when.column
        for number, key in enumerate(self.load.primary_key):
            yield ("load", "primary_key", number), key
        for number, column in enumerate(self.columns):
            if column.utc_day_of is not None:
                yield ("columns", number, "utc_day_of"), column.utc_day_of
        yield from ((("quality", *at), name) for at, name in self.quality.named_columns())

    def _problems_of_personal_columns(self) -> Iterator[Problem]:
        if self.personal_key is not None and not any(column.personal in DIGESTED for column in self.columns):
            yield ("personal_key",), "expected this with columns that are hashed or tokenised only, found none of them"
        yield from column_problems(self.columns, self.personal_key is not None)
        yield from use_problems(self.columns, list(self._named_columns()))
        places: dict[tuple[str | int, ...], str] = {}
        if isinstance(self.source.paging, KeysetPaging):
            places["source", "paging", "key_at"] = self.source.paging.key_at
        if self.source.incremental is not None:
            places["source", "incremental", "at"] = self.source.incremental.at
        yield from place_problems(self.columns, places)
        if self.personal_columns and self.drift.new == "keep":
            words = "expected new fields not to be kept, because they may be personal as other columns are"
            yield ("drift", "new"), f"{words}; found keep"

    def _doubles(self, names: Counter[str]) -> Iterator[Problem]:
        """Names and readings that stand twice."""
        for name in sorted({name for name in self.cluster_by if self.cluster_by.count(name) > 1}):
            yield ("cluster_by",), f"expected every column once, found {name!r} again"
        readings: dict[tuple[str, str, str], str] = {}
        for number, column in enumerate(self.columns):
            if names[column.name] > 1 and any(c.name == column.name for c in self.columns[:number]):
                yield ("columns", number, "name"), f"expected a name of its own, found {column.name!r} again"
            if column.at is None:
                continue
            first = readings.setdefault((column.at, column.type, column.reading), column.name)
            if first != column.name:
                yield ("columns", number, "at"), f"expected a value of its own, found {column.at}, which {first} has"

    def _uses(self) -> Iterator[Problem]:
        """Columns that are a key, the version, the partition or the source of a day: all names are known here."""
        partition = self.column(self.partition_by)
        if partition.type != "date":
            yield ("partition_by",), f"expected a date column, found {partition.name}, which is {partition.type}"
        for number, column in enumerate(self.columns):
            if column.utc_day_of and self.column(column.utc_day_of).type != "timestamp":
                found = self.column(column.utc_day_of).type
                yield ("columns", number, "utc_day_of"), f"expected a timestamp column, found one of type {found}"
        version = [self.load.newest_by] if self.load.newest_by else []
        needed = dict.fromkeys([*self.load.primary_key, *version, self.partition_by])
        for name in dict.fromkeys(self.column(name).utc_day_of or name for name in needed):
            if self.column(name).constant is not None:
                continue
            if not self.column(name).required:
                at = ("columns", self.columns.index(self.column(name)))
                yield at, "expected `required: true`, because key, version or partition is made from it; found none"
            elif self.column(name).rules["required"] == "warn":
                at = ("columns", self.columns.index(self.column(name)))
                yield at, "expected a policy for `required` that leaves no record without key or version; found warn"
        for number, key in enumerate(self.load.primary_key):
            of = self.column(key).parsed_type
            if of.nested or of.kind in ("float", "double"):
                yield ("load", "primary_key", number), f"expected an exact type, found {key}, which is {of}"
        yield from self._problems_of_tombstones()

    def _problems_of_tombstones(self) -> Iterator[Problem]:
        types = {column.name: column.type for column in self.columns}
        yield from ((("quality", *at), words) for at, words in self.quality.type_problems(types))
        mark = self.load.deleted_when
        if mark is None:
            return
        kind = self.column(mark.column).type
        if kind not in LITERALS:
            yield ("load", "deleted_when", "column"), f"expected one of {', '.join(LITERALS)}; found {kind}"
        elif type(mark.equals) is not LITERALS[kind]:
            found = f"expected a value of {mark.column}, which is {kind}; found {mark.equals!r}"
            yield ("load", "deleted_when", "equals"), found
        if "set_null" in self.column(mark.column).rules.values():
            words = "expected a column that no rule empties, or a deletion would be missed; found one with set_null"
            yield ("load", "deleted_when", "column"), words

    @property
    def personal_columns(self) -> list[Column]:
        """The columns whose values are never stored or shown."""
        return [column for column in self.columns if column.personal is not None]

    @property
    def explode(self) -> Explode | None:
        """How records become several rows each; None where each is one."""
        return self.source.records.explode

    @property
    def tells_receipt(self) -> bool:
        """Whether a column says when its page was received."""
        return any(column.constant == "ingested_at" for column in self.columns)

    @property
    def sort_by(self) -> list[str]:
        """Columns that rows are sorted by within a file."""
        return self.cluster_by or self.load.primary_key

    @property
    def table(self) -> str:
        """The curated table: one for each major version, such as ``earthquakes_v1``."""
        return f"{self.dataset}_v{self.version.split('.')[0]}"

    @property
    def keeps_notes(self) -> bool:
        """Whether a record may be kept although it broke a rule; the table then has a column that says so."""
        return any(policy in NOTED for policies in self.policies.values() for policy in policies.values())

    @property
    def policies(self) -> dict[str, dict[str, Policy]]:
        """What becomes of a record, by column and rule; rules over a whole row stand under ``*``."""
        of_columns: dict[str, dict[str, Policy]] = {
            column.name: {str(rule): policy for rule, policy in column.rules.items()} for column in self.columns
        }
        of_rows: dict[str, Policy] = {EXPLODE: self.explode.on_violation} if self.explode else {}
        return {**of_columns, ROW: {**of_rows, **{rule.name: rule.on_violation for rule in self.rules}}}

    def column(self, name: str) -> Column:
        """The column of that name; the model has checked that named columns exist."""
        return next(c for c in self.columns if c.name == name)
