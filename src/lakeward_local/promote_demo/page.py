"""The report as one HTML file that loads nothing."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from lakeward.cli.screen import amount
from lakeward.released import short
from lakeward_local.promote_demo.account import verdict
from lakeward_local.promote_demo.drawing import HUES, draw_reads, draw_steps
from lakeward_local.promote_demo.readers import QUESTIONS, WRONG
from lakeward_local.promote_demo.story import ROLLBACK_SECONDS, Story
from lakeward_local.report import words
from lakeward_local.report.tables import Table, table


def write_page(story: Story, path: Path, now: datetime) -> Path:
    """Write the page, whole or not at all; returns where it is.

    Args:
        now: an aware instant; the page's time.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    draft.write_text(render(story, now), encoding="utf-8")
    draft.replace(path)
    return path


def render(story: Story, now: datetime) -> str:
    """The page's text."""
    versions = list(story.releases)
    wrong = story.tally.wrong()
    return (
        _templates()
        .get_template("promotion.html")
        .render(
            story=story,
            verdict=verdict(story),
            made_at=f"{now.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
            wrong={kind: wrong[kind] for kind in WRONG},
            limit=ROLLBACK_SECONDS,
            reads=draw_reads(story.tally, versions),
            legend=list(zip(versions, HUES, strict=False)),
            steps=draw_steps(story.steps),
            steps_table=steps_table(story),
            reads_table=reads_table(story),
            questions=QUESTIONS,
        )
    )


def steps_table(story: Story) -> Table:
    """A row a command."""
    rows = [
        (step.act, step.line, "refused, as it should be" if step.status else "done", f"{step.seconds:.1f}")
        for step in story.steps
    ]
    return table("every command", ("Act", "Command", "Outcome", "Seconds"), rows, texts=3)


def reads_table(story: Story) -> Table:
    """A row for each way in which a read came out."""
    right = [
        (f"{version}, release {short(story.releases.get(version, '?'))}", words.count(count))
        for version, count in sorted(story.tally.right().items())
    ]
    wrong = [(kind, words.count(story.tally.wrong()[kind])) for kind in WRONG]
    return table("what readers got", ("Answered by", "Reads"), [*right, *wrong])


@cache
def _templates() -> Environment:
    """Everything that is filled in is escaped."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("lakeward_local.promote_demo"), PackageLoader("lakeward_local.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(amount=amount, words=words, short=short)
    environment.filters["percent"] = lambda value: f"{value:.3f}%"
    return environment
