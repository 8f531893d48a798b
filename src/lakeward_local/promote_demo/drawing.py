"""The drawings of the page: reads over time by the version that answered, and the commands one below the other."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from lakeward_local.promote_demo.readers import WRONG, Read, Tally
from lakeward_local.promote_demo.steps import Step
from lakeward_local.report.scale import ticks

HEIGHT: Final = 170.0
BINS: Final = 80
WRONG_HUE: Final = "wrong"
HUES: Final = ("distinct-1", "distinct-2")
ROW: Final = 24.0


@dataclass(frozen=True)
class Segment:
    """A bar or a piece of one: x and width in percent, y and height in pixels."""

    x: float
    width: float
    y: float
    height: float
    hue: str
    tip: str


@dataclass(frozen=True)
class ReadsDrawing:
    """Reads over time. ``moves`` are where readers were moved: x, width and words."""

    segments: list[Segment]
    ticks: list[tuple[float, str]]
    marks: list[tuple[float, str]]
    moves: list[tuple[float, float, str]]
    height: float = HEIGHT


@dataclass(frozen=True)
class StepsDrawing:
    """The commands: a row each."""

    segments: list[Segment]
    marks: list[tuple[float, str]]
    height: float


def draw_reads(tally: Tally, versions: list[str]) -> ReadsDrawing | None:
    """Bars over time; None when nobody read."""
    if not tally.reads:
        return None
    first, last = tally.reads[0].began, max(read.ended for read in tally.reads)
    span = max(last - first, 1e-9)
    bins: list[Counter[str]] = [Counter() for _ in range(BINS)]
    for read in tally.reads:
        bins[min(int((read.ended - first) / span * BINS), BINS - 1)][_came_out(read, tally)] += 1
    scale = ticks(max(bin_.total() for bin_ in bins), at_most=4)
    hues = dict(zip(versions, HUES, strict=False))
    segments = []
    for position, counted in enumerate(bins):
        base = HEIGHT
        for what in (*versions, *WRONG):
            if counted[what]:
                tall = counted[what] / scale[-1] * HEIGHT
                base -= tall
                tip = f"{counted[what]} reads, {what}, at {position * span / BINS:.0f} s"
                segments.append(Segment(position * 100 / BINS, 92 / BINS, base, tall, hues.get(what, WRONG_HUE), tip))
    return ReadsDrawing(
        segments,
        [(HEIGHT - value / scale[-1] * HEIGHT, f"{value:,.0f}") for value in scale],
        [(second / span * 100, f"{second:.0f} s") for second in ticks(span, at_most=6) if second <= span],
        [
            ((move.began - first) / span * 100, max((move.ended - move.began) / span * 100, 0.15), move.version)
            for move in tally.moves
        ],
    )


def draw_steps(steps: list[Step]) -> StepsDrawing:
    """A bar a command, in the order in which they ran."""
    first = min(step.began for step in steps)
    span = max(step.ended for step in steps) - first or 1.0
    acts = list(dict.fromkeys(step.act for step in steps))
    segments = [
        Segment(
            (step.began - first) / span * 100,
            max(step.seconds / span * 100, 0.2),
            row * ROW + 5,
            ROW - 10,
            "wrong" if step.status else f"distinct-{acts.index(step.act) % 8 + 1}",
            f"{step.line}: {step.seconds:.1f} s",
        )
        for row, step in enumerate(steps)
    ]
    marks = [(second / span * 100, f"{second:.0f} s") for second in ticks(span, at_most=6) if second <= span]
    return StepsDrawing(segments, marks, len(steps) * ROW)


def _came_out(read: Read, tally: Tally) -> str:
    if read.answered in WRONG or read.answered in tally.possible(read):
        return read.answered
    return "stale"
