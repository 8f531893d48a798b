"""A small world for reports: a dataset of rivers, two good runs and one that failed, and answers of Athena."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

from lakeward.cli.running import Outcome
from lakeward.contract import Dataset, parse_contract
from lakeward.ops.account import STEPS, Step
from lakeward.ports.query import ResultColumn, Row
from lakeward.slot import Slot
from lakeward_local.report.declaration import Chart, Question, Suggestion
from lakeward_local.report.facts import Answered, Facts

CONTRACT = """
contract: 1
dataset: rivers
version: 1.0.0
owner: hydrology
description: Levels of rivers, one row a reading.
source:
  kind: http
  url: https://rivers.test/levels
  paging: {kind: offset_limit, offset_param: offset, limit_param: limit, first_offset: 0, page_records: 100}
  total: {url: "https://rivers.test/count", at: $.count}
  records: {format: json, at: $.items}
slot: day
schedule: {cron: "cron(0 3 * * ? *)"}
freshness: {hours: 30}
load: {mode: upsert, primary_key: [id], newest_by: version}
partition_by: day
columns:
  - {name: id, type: string, at: $.id, required: true, description: Identifier.}
  - {name: version, type: bigint, at: $.version, required: true, description: Revision.}
  - {name: day, type: date, at: $.day, required: true, description: Day of the reading.}
"""
MEMORY_MB = dict(zip(STEPS, (512, 3008, 512, 3008, 512), strict=True))
BEGAN = datetime(2024, 3, 5, 9, 0, tzinfo=UTC)


NOTHING = {"records_in": 0, "written": 0, "quarantined": 0, "deduplicated": 0}


def rivers(folder: Path = Path("datasets/rivers")) -> Dataset:
    """The dataset."""
    return Dataset(folder, parse_contract(CONTRACT, "test"), "c" * 64)


def slot(day: int) -> Slot:
    """A day of March 2024."""
    return Slot(datetime(2024, 3, day, tzinfo=UTC))


def run(day: int, seconds: float = 1.0, began: datetime = BEGAN, steps: int = 5, **counts: int) -> Outcome:
    """A run whose steps took equally long; it failed in its last step when it has fewer than five."""
    done = [
        Step(name, began + timedelta(seconds=seconds * i), seconds, 1, seconds) for i, name in enumerate(STEPS[:steps])
    ]
    failed = steps < len(STEPS)
    return Outcome(
        slot=slot(day),
        execution=f"rivers-{slot(day).key}",
        outcome="failed" if failed else "ran",
        seconds=seconds * steps,
        dollars=sum(step.dollars(MEMORY_MB[step.name]) for step in done),
        counts={} if failed else NOTHING | {"rows_in": counts.get("records_in", 0)} | counts,
        steps=done,
        output={} if failed else {"ingest": {"pages": 2, "raw_bytes": 1500}},
        failure="FAILED AuditFailed: too few (execution rivers)" if failed else None,
    )


def answered(sql: str, columns: dict[str, str], *rows: Row) -> Answered:
    """An answer; ``columns`` are name -> Athena's type."""
    return Answered(sql, tuple(ResultColumn(n, t) for n, t in columns.items()), rows, 2048)


def counted(rows: int) -> Answered:
    """The answer of a query that counts."""
    return answered("SELECT count(*)", {"rows": "bigint"}, (str(rows),))


LEVELS = Chart(
    kind="stacked_bars",
    title="Readings by day & level",
    about="High water is rare.",
    unit="readings",
    layers="ordered",
    sql="SELECT … FROM {dataset}",
)
LEVELS_ANSWERED = answered(
    "SELECT … FROM rivers",
    {"day": "date", "low": "bigint", "high": "bigint", "flood": "bigint"},
    ("2024-02-29", "60", "20", "0"),
    ("2024-03-01", "100", "0", "0"),
)
HIGHEST = Question(question="Which river is highest?", sql="SELECT river FROM {dataset}")


def facts(*outcomes: Outcome, held: int = 0, quarantined: int = 0, **parts: object) -> Facts:
    """Facts about these runs; ``parts`` replace charts, answers, suggestions or the dataset."""
    usual: dict[str, object] = {
        "dataset": rivers(),
        "charts": ((LEVELS, LEVELS_ANSWERED),),
        "answers": (
            (HIGHEST, answered("SELECT river FROM rivers", {"river": "varchar", "cm": "double"}, ("Rhine", "912.5"))),
        ),
        "suggestions": (Suggestion(do="Ask {dataset}", how="Type `lakeward sql …`."),),
    }
    return Facts(
        environment="local",
        release="abcdef0123456789" * 4,
        made_at=datetime(2024, 3, 5, 9, 30, tzinfo=UTC),
        outcomes=outcomes,
        memory_mb=MEMORY_MB,
        held_rows=counted(held),
        held_quarantine=counted(quarantined),
        **(usual | parts),  # type: ignore[arg-type]
    )


GOOD = facts(
    run(1, records_in=110, written=100, quarantined=7, deduplicated=3),
    run(2, began=BEGAN + timedelta(seconds=2), records_in=90, written=90),
    held=188,
    quarantined=7,
)


@dataclass
class Element:
    """An element of a page: tag, attributes, and what is in it, text and elements in order."""

    tag: str
    attributes: dict[str, str]
    inside: "list[Element | str]" = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text in it, spaces and line ends made one space."""
        parts = (part if isinstance(part, str) else part.text for part in self.inside)
        return " ".join(" ".join(parts).split())

    def all(self, tag: str = "", **attributes: str) -> "list[Element]":
        """Every element below with this tag and these attributes."""
        return [
            element
            for element in self.below()
            if tag in ("", element.tag) and all(element.attributes.get(k) == v for k, v in attributes.items())
        ]

    def below(self) -> "Iterator[Element]":
        """Every element below, in the order of the page."""
        for part in self.inside:
            if isinstance(part, Element):
                yield part
                yield from part.below()

    def cells(self) -> list[list[str]]:
        """A table's rows of text, headings first."""
        return [[cell.text for cell in row.all() if cell.tag in ("th", "td")] for row in self.all("tr")]


class _Reader(HTMLParser):
    """Builds elements, and fails on a page whose elements do not nest."""

    VOID = ("meta", "br", "hr", "link", "img", "input")
    SVG = ("rect", "line", "path")

    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("page", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(element)
        if tag not in self.VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.SVG, f"<{tag}/> is not closed in HTML"
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def read_page(text: str) -> Element:
    """A page as elements."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert [element.tag for element in reader.open] == ["page"], "an element is not closed"
    return reader.open[0]
