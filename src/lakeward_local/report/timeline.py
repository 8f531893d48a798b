"""The runs as a timeline: one row a run, one piece a step, across in percent of the plot.

Times when nothing ran are cut out, so that a run of yesterday and a run of today can stand side by side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lakeward.cli.running import Outcome
from lakeward_local.report import words
from lakeward_local.report.scale import ticks

ROW_PX = 26
_IDLE = timedelta(seconds=20)
_CUT_PERCENT = 4.0
_THINNEST_PERCENT = 0.4
_MARK_PERCENT = 25.0
"""The room that a mark takes, on a phone too."""


@dataclass(frozen=True)
class Piece:
    """One step of one run; x and width in percent."""

    x: float
    width: float
    step: str
    tip: str


@dataclass(frozen=True)
class Row:
    """One run; y in pixels."""

    label: str
    y: int
    pieces: tuple[Piece, ...]
    took: str
    failed: bool


@dataclass(frozen=True)
class Timeline:
    """The drawing; ``marks`` are (x in percent, text), ``cuts`` are x in percent."""

    rows: tuple[Row, ...]
    marks: tuple[tuple[float, str], ...]
    cuts: tuple[float, ...]
    began: datetime
    height: int


@dataclass(frozen=True)
class _Batch:
    """A time in which something ran: seconds from its start make percent from ``x``."""

    began: datetime
    ended: datetime
    x: float = 0.0
    width: float = 0.0

    def place(self, instant: datetime) -> float:
        whole = (self.ended - self.began).total_seconds()
        return self.x + (instant - self.began).total_seconds() / whole * self.width if whole else self.x


def timeline(outcomes: Sequence[Outcome]) -> Timeline | None:
    """Lay out runs in the given order; None when no run has a step."""
    spans = [(s.began, s.began + timedelta(seconds=s.seconds)) for o in outcomes for s in o.steps]
    if not spans:
        return None
    batches = _placed(_batches(spans))
    rows = []
    for i, outcome in enumerate(outcomes):
        pieces = []
        for step in outcome.steps:
            batch = next(b for b in batches if b.began <= step.began <= b.ended)
            x = batch.place(step.began)
            end = batch.place(step.began + timedelta(seconds=step.seconds))
            tip = f"{words.slot(outcome.slot)} {step.name.lower()}: {words.seconds(step.seconds)}"
            pieces.append(Piece(x, max(end - x, _THINNEST_PERCENT), step.name.lower(), tip))
        took = words.seconds(outcome.seconds)
        rows.append(Row(words.slot(outcome.slot), i * ROW_PX, tuple(pieces), took, outcome.failure is not None))
    marks = tuple(mark for batch in batches for mark in _marks(batch))
    cuts = tuple(batch.x - _CUT_PERCENT / 2 for batch in batches[1:])
    return Timeline(tuple(rows), marks, cuts, batches[0].began, len(rows) * ROW_PX)


def _batches(spans: Sequence[tuple[datetime, datetime]]) -> list[_Batch]:
    """Times in which something ran, without the long idle times between them."""
    batches: list[_Batch] = []
    for began, ended in sorted(spans):
        if batches and began - batches[-1].ended <= _IDLE:
            batches[-1] = _Batch(batches[-1].began, max(batches[-1].ended, ended))
        else:
            batches.append(_Batch(began, ended))
    return batches


def _placed(batches: list[_Batch]) -> list[_Batch]:
    """The batches beside each other, each as wide as it is long, with a gap where time was cut out."""
    busy = sum((b.ended - b.began).total_seconds() for b in batches) or 1.0
    room = 100 - _CUT_PERCENT * (len(batches) - 1)
    placed, x = [], 0.0
    for batch in batches:
        width = (batch.ended - batch.began).total_seconds() / busy * room
        placed.append(_Batch(batch.began, batch.ended, x, width))
        x += width + _CUT_PERCENT
    return placed


def _marks(batch: _Batch) -> list[tuple[float, str]]:
    """Round numbers of seconds since the batch began."""
    whole = (batch.ended - batch.began).total_seconds()
    most = int(batch.width / _MARK_PERCENT)
    marks = [t for t in ticks(whole, most) if t <= whole] if most else []
    return [(batch.place(batch.began + timedelta(seconds=t)), f"{t:g} s") for t in marks]
