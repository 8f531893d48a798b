"""Tables of the page: what stands behind a chart, and answers as they came."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lakeward.cli.runs import COUNTS
from lakeward_local.report import words
from lakeward_local.report.facts import Answered, Facts
from lakeward_local.report.flow import Stage

NULL = "NULL"


@dataclass(frozen=True)
class Column:
    """A heading; numbers stand to the right."""

    heading: str
    number: bool = False


@dataclass(frozen=True)
class Table:
    """A caption, columns, rows of text; ``foot`` is the row of totals, if any."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    foot: tuple[str, ...] | None = None


def table(caption: str, headings: Iterable[str], rows: Iterable[Iterable[str]], texts: int = 1) -> Table:
    """A table whose first ``texts`` columns are text and whose others are numbers."""
    columns = tuple(Column(h, number=i >= texts) for i, h in enumerate(headings))
    return Table(caption, columns, tuple(tuple(row) for row in rows))


def answer_table(caption: str, answered: Answered) -> Table:
    """An answer of Athena, value by value as it came."""
    columns = tuple(Column(name, answered.is_number(i)) for i, name in enumerate(answered.names))
    rows = tuple(tuple(NULL if value is None else value for value in row) for row in answered.rows)
    return Table(caption, columns, rows)


def account_table(facts: Facts) -> Table:
    """A row a slot, and their totals: records in = written + quarantined + deduplicated."""
    headings = ("Slot", "Outcome", "Records in", "Written", "Quarantined", "Deduplicated", "Seconds", "AWS cost, est.")
    rows = []
    for o in facts.outcomes:
        counts = [words.count(o.counts[c]) if o.counts else "" for c in COUNTS]
        rows.append((words.slot(o.slot), o.outcome, *counts, f"{o.seconds:.1f}", words.dollars(o.dollars)))
    totals = [words.count(facts.total(c)) for c in COUNTS]
    foot = ("All", "", *totals, f"{facts.seconds:.1f}", words.dollars(facts.dollars))
    plain = table("records in = written + quarantined + deduplicated", headings, rows, texts=2)
    return replace(plain, foot=foot)


def steps_table(facts: Facts) -> Table:
    """A row a step: its calls, seconds and cost over all runs."""
    headings = ("Step", "Calls", "Memory, MB", "Seconds", "AWS cost, est.", "Share of cost")
    rows = [
        (
            s.name,
            words.count(s.calls),
            words.count(s.memory_mb),
            f"{s.seconds:.1f}",
            words.dollars(s.dollars),
            words.share(s.dollars, facts.dollars),
        )
        for s in facts.steps
    ]
    calls = words.count(sum(s.calls for s in facts.steps))
    seconds = f"{sum(s.seconds for s in facts.steps):.1f}"
    foot = ("All", calls, "", seconds, words.dollars(facts.dollars), words.share(facts.dollars, facts.dollars))
    return replace(table("each step over all runs", headings, rows), foot=foot)


def runs_table(facts: Facts) -> Table:
    """A row a run: when it began, and the seconds of each step."""
    steps = list(facts.memory_mb)
    rows = []
    for o in facts.outcomes:
        took = {s.name: f"{s.seconds:.2f}" for s in o.steps}
        began = f"{min(s.began for s in o.steps):%Y-%m-%d %H:%M:%S}" if o.steps else ""
        rows.append((o.execution, began, *(took.get(name, "") for name in steps), f"{o.seconds:.2f}"))
    return table("seconds of each step", ("Execution", "Began, UTC", *steps, "All"), rows, texts=2)


def flow_table(stages: Iterable[Stage]) -> Table:
    """A row a piece of the flow."""
    rows = [(stage.name, piece.name, words.count(piece.rows)) for stage in stages for piece in stage.pieces]
    return table("rows through each step", ("Step", "What", "Rows"), rows, texts=2)
