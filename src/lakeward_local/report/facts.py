"""What a report is made from. Every number comes from an execution of the state machine or from an answer of Athena."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from lakeward.cli.answers import NUMBERS
from lakeward.cli.running import Outcome
from lakeward.cli.runs import COUNTS
from lakeward.contract import Dataset
from lakeward.ports.query import ResultColumn, Row
from lakeward_local.report.declaration import Chart, Question, Suggestion


@dataclass(frozen=True)
class Answered:
    """The SQL as it was asked, and all that Athena answered."""

    sql: str
    columns: tuple[ResultColumn, ...]
    rows: tuple[Row, ...]
    scanned_bytes: int

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(column.name for column in self.columns)

    def is_number(self, column: int) -> bool:
        """Whether a column, counted from 0, holds numbers."""
        return self.columns[column].type in NUMBERS


@dataclass(frozen=True)
class StepTotal:
    """One step over all runs: calls of its function, their seconds in all, and what that costs on AWS (estimate)."""

    name: str
    calls: int
    memory_mb: int
    seconds: float
    dollars: float


@dataclass(frozen=True)
class Facts:
    """All that one report says."""

    dataset: Dataset
    environment: str
    release: str
    made_at: datetime
    outcomes: tuple[Outcome, ...]
    memory_mb: Mapping[str, int]
    """Memory of each step's function."""
    held_rows: Answered
    """One row, one number: rows of these slots in the table as readers see it now."""
    held_quarantine: Answered
    """The same for the quarantine table."""
    charts: tuple[tuple[Chart, Answered], ...]
    answers: tuple[tuple[Question, Answered], ...]
    suggestions: tuple[Suggestion, ...]

    @cached_property
    def succeeded(self) -> tuple[Outcome, ...]:
        """The runs that ended well; only these have counts."""
        return tuple(o for o in self.outcomes if o.failure is None)

    @cached_property
    def failed(self) -> tuple[Outcome, ...]:
        """The runs that did not."""
        return tuple(o for o in self.outcomes if o.failure is not None)

    def total(self, count: str) -> int:
        """One of ``COUNTS`` over all runs that ended well."""
        return sum(o.counts[count] for o in self.succeeded)

    @property
    def came(self) -> str:
        """What has to be accounted for, in words: records, or the rows that exploding an array made of them."""
        records = self.total("records_in")
        return "records in" if self.total("rows_in") == records else f"rows of {records:,} records"

    def ingested(self, fact: str) -> int:
        """``pages`` or ``raw_bytes`` over all runs that ended well."""
        return sum(int(o.output["ingest"][fact]) for o in self.succeeded)

    @cached_property
    def seconds(self) -> float:
        """Seconds of all runs, one after the other."""
        return sum(o.seconds for o in self.outcomes)

    @cached_property
    def dollars(self) -> float:
        """What all runs cost on AWS, estimated."""
        return sum(o.dollars for o in self.outcomes)

    @cached_property
    def steps(self) -> tuple[StepTotal, ...]:
        """Each step over all runs, failed ones too, in the order of the pipeline."""
        done = [step for o in self.outcomes for step in o.steps]
        return tuple(
            StepTotal(
                name,
                sum(s.calls for s in done if s.name == name),
                memory_mb,
                sum(s.seconds for s in done if s.name == name),
                sum(s.dollars(memory_mb) for s in done if s.name == name),
            )
            for name, memory_mb in self.memory_mb.items()
        )


def balances(outcome: Outcome) -> bool:
    """Whether every record of a run, or every row that they became, is accounted for."""
    rows_in, *became = (outcome.counts[c] for c in COUNTS)
    return rows_in == sum(became)
