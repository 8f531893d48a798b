"""The report as one HTML file that loads nothing: no script, no font, no image, no other file."""

from dataclasses import dataclass
from datetime import UTC
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from lakeward.cli.screen import amount, size
from lakeward.ops.account import STEPS
from lakeward_local.report import tables, words
from lakeward_local.report.bars import StackedBars, stacked_bars
from lakeward_local.report.declaration import FILE_NAME, Chart
from lakeward_local.report.facts import Answered, Facts, balances
from lakeward_local.report.flow import flow
from lakeward_local.report.suggestions import suggestions
from lakeward_local.report.tables import Table
from lakeward_local.report.timeline import timeline


@dataclass(frozen=True)
class Figure:
    """A declared chart: its words, its drawing (None when the answer has no rows), its answer as a table."""

    chart: Chart
    sql: str
    drawing: StackedBars | None
    table: Table

    @property
    def legend(self) -> list[tuple[str, str, str]]:
        """Name, colour and sum of each layer that has anything to show."""
        return [(layer.name, layer.css, layer.total) for layer in self.drawing.layers] if self.drawing else []


@dataclass(frozen=True)
class QuestionAnswered:
    """A declared question: its words, its SQL, its answer as a table."""

    question: str
    sql: str
    table: Table
    scanned: str


def render(facts: Facts, command: str) -> str:
    """The page.

    Args:
        command: how ``lakeward`` is typed here.

    Raises:
        DeclarationInvalid: a declared chart cannot be drawn from its answer.
    """
    stages = flow(facts)
    first, last = facts.outcomes[0].slot, facts.outcomes[-1].slot
    return (
        _templates()
        .get_template("page.html")
        .render(
            facts=facts,
            contract=facts.dataset.contract,
            slots=words.slots(first, last),
            made_at=f"{facts.made_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
            account=tables.account_table(facts),
            adds_up=all(balances(o) for o in facts.succeeded),
            figures=[_figure(facts, i, *pair) for i, pair in enumerate(facts.charts)],
            stages=stages,
            flow_table=tables.flow_table(stages),
            timeline=timeline(facts.outcomes),
            step_legend=[(name, _hue(name), "") for name in facts.memory_mb],
            runs_table=tables.runs_table(facts),
            steps_table=tables.steps_table(facts),
            most_dollars=max((s.dollars for s in facts.steps), default=0.0) or 1.0,
            answers=[_answer(question.question, answered) for question, answered in facts.answers],
            suggestions=suggestions(facts, command),
        )
    )


def _figure(facts: Facts, position: int, chart: Chart, answered: Answered) -> Figure:
    where = f"{facts.dataset.folder / FILE_NAME}: charts[{position}] ({chart.title})"
    drawing = stacked_bars(chart, answered, where) if answered.rows else None
    return Figure(chart, answered.sql, drawing, tables.answer_table(chart.title, answered))


def _answer(question: str, answered: Answered) -> QuestionAnswered:
    scanned = size(answered.scanned_bytes)
    return QuestionAnswered(question, answered.sql, tables.answer_table(question, answered), scanned)


@cache
def _templates() -> Environment:
    """Everything that is filled in is escaped: answers and error messages hold what a third party sent."""
    environment = Environment(
        loader=PackageLoader("lakeward_local.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(amount=amount, size=size, words=words)
    environment.filters["code"] = _code
    environment.filters["hue"] = _hue
    environment.filters["percent"] = lambda value: f"{value:.3f}%"
    environment.filters["utc"] = lambda value: f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return environment


def _hue(step: str) -> str:
    """The colour of a step, the same everywhere on the page."""
    return f"distinct-{[name.lower() for name in STEPS].index(step.lower()) + 1}"


def _code(text: str) -> Markup:
    """Text in which what stands between backticks is code."""
    parts = [f"<code>{escape(p)}</code>" if i % 2 else str(escape(p)) for i, p in enumerate(text.split("`"))]
    return Markup("".join(parts))  # noqa: S704 -- every part is escaped above
