"""Stacked bars from an answer of Athena: first column the axis, every further column a layer.

Across, everything is in percent of the plot, so that a narrow screen narrows the bars and never the text. Downwards,
everything is in pixels.
"""

import math
from dataclasses import dataclass
from datetime import date

from lakeward.cli.screen import amount
from lakeward_local.errors import DeclarationInvalid
from lakeward_local.report import words
from lakeward_local.report.declaration import Chart
from lakeward_local.report.facts import Answered
from lakeward_local.report.scale import ticks

HEIGHT_PX = 240
COLOURS = 8
_MOST_LABELS = 10
_PHONE_LETTERS = 48
"""How many letters of labels fit beside each other where the screen is narrowest."""
_BAR_SHARE = 0.72
"""Of a bar's place, what the bar takes."""


@dataclass(frozen=True)
class Layer:
    """One column of numbers: its name, the CSS class of its colour, its sum."""

    name: str
    css: str
    total: str


@dataclass(frozen=True)
class Segment:
    """One number: x and width in percent, y and height in pixels, and what it says when pointed at."""

    x: float
    y: float
    width: float
    height: float
    css: str
    tip: str


@dataclass(frozen=True)
class Label:
    """What stands under a bar (one or two lines), and the bar's sum over it; x in percent, y in pixels."""

    x: float
    y: float
    lines: tuple[str, ...]
    total: str


@dataclass(frozen=True)
class StackedBars:
    """The drawing; ``ticks`` are (y in pixels, text)."""

    layers: tuple[Layer, ...]
    segments: tuple[Segment, ...]
    labels: tuple[Label, ...]
    ticks: tuple[tuple[float, str], ...]
    height: int = HEIGHT_PX


def stacked_bars(chart: Chart, answered: Answered, where: str) -> StackedBars:
    """Lay out the bars of an answer, in the order of its rows and columns.

    Args:
        where: the file and the chart that are to blame when the answer cannot be drawn.

    Raises:
        DeclarationInvalid: no layer, too many, one that is no number, or a number below 0.
    """
    numbers = _numbers(answered, where)
    css = _colours(chart.layers, len(answered.columns) - 1)
    sums = [sum(column) for column in zip(*numbers, strict=True)]
    layers = [Layer(name, css[i], words.count(sums[i])) for i, name in enumerate(answered.names[1:])]
    scale = ticks(max(map(sum, numbers)))
    place = 100 / len(numbers)
    segments, labels = [], []
    every = math.ceil(len(numbers) / _MOST_LABELS)
    names = _axis([row[0] for row in answered.rows[::every]], answered.columns[0].type)
    for i, row in enumerate(numbers):
        top = float(HEIGHT_PX)
        for layer, value in zip(layers, row, strict=True):
            height = value / scale[-1] * HEIGHT_PX
            top -= height
            if value:
                tip = f"{answered.rows[i][0] or 'NULL'}, {layer.name}: {words.count(value)} {chart.unit}"
                x = place * (i + (1 - _BAR_SHARE) / 2)
                segments.append(Segment(x, top, place * _BAR_SHARE, height, layer.css, tip))
        if i % every == 0:
            total = words.count(sum(row)) if every == 1 else ""
            labels.append(Label(place * (i + 0.5), top, names[i // every], total))
    marks = tuple((HEIGHT_PX * (1 - t / scale[-1]), words.count(t)) for t in scale)
    shown = tuple(layer for layer, total in zip(layers, sums, strict=True) if total)
    return StackedBars(shown, tuple(segments), tuple(labels), marks)


def _numbers(answered: Answered, where: str) -> list[list[float]]:
    """The layers' values, row by row; NULL draws nothing.

    Raises:
        DeclarationInvalid: see ``stacked_bars``.
    """
    if not 1 < len(answered.columns) <= COLOURS + 1:
        raise DeclarationInvalid(
            f"{where}: expected a column for the axis and 1 to {COLOURS} columns of numbers, "
            f"found {amount(len(answered.columns), 'column')}"
        )
    for i, column in enumerate(answered.columns[1:], start=1):
        if not answered.is_number(i):
            raise DeclarationInvalid(
                f"{where}: expected numbers in column {column.name!r}, found {column.type}; CAST it or leave it out"
            )
    numbers = [[float(value or 0) for value in row[1:]] for row in answered.rows]
    if any(not math.isfinite(value) or value < 0 for row in numbers for value in row):
        raise DeclarationInvalid(f"{where}: expected finite numbers of 0 or more to stack, found others")
    return numbers


def _colours(layers: str, count: int) -> list[str]:
    """One CSS class a layer: spread over the whole scale when ordered, side by side when distinct."""
    if layers == "distinct" or count == 1:
        return [f"{layers}-{i + 1}" for i in range(count)]
    return [f"ordered-{1 + round(i * (COLOURS - 1) / (count - 1))}" for i in range(count)]


def _axis(values: list[str | None], kind: str) -> list[tuple[str, ...]]:
    """What stands under the bars: days, with the month where it changes; anything else as it is, cut to its room."""
    room = max(3, _PHONE_LETTERS // len(values))
    labels: list[tuple[str, ...]] = []
    month = ""
    for value in values:
        if value is None or kind != "date":
            text = "NULL" if value is None else value
            labels.append((text if len(text) <= room else text[: room - 1] + "…",))
        else:
            day = date.fromisoformat(value)
            labels.append((str(day.day),) if month == f"{day:%Y-%m}" else (str(day.day), f"{day:%b}"))
            month = f"{day:%Y-%m}"
    return labels
