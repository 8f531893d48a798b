"""Records through the steps: what came in, what became of it, what readers find; each stage a row of pieces.

Widths are shares of the records that came in, in percent. A piece that is not empty is never too thin to be seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lakeward.cli.screen import amount, size
from lakeward_local.report.facts import Facts

_THINNEST_PERCENT = 0.6


@dataclass(frozen=True)
class Piece:
    """Some records of a stage; x and width in percent."""

    name: str
    css: str
    rows: int
    x: float
    width: float

    @property
    def text(self) -> str:
        """1,707 written."""
        return f"{self.rows:,} {self.name}"


@dataclass(frozen=True)
class Ribbon:
    """Where the records of one piece go: from (x, width) above to (x, width) below, in percent."""

    css: str
    above: tuple[float, float]
    below: tuple[float, float]

    @property
    def path(self) -> str:
        """The outline in a box of 100 by 100."""
        (a, aw), (b, bw) = self.above, self.below
        return (
            f"M{a:.3f},0 C{a:.3f},50 {b:.3f},50 {b:.3f},100 "
            f"L{b + bw:.3f},100 C{b + bw:.3f},50 {a + aw:.3f},50 {a + aw:.3f},0 Z"
        )


@dataclass(frozen=True)
class Stage:
    """One row: the step that makes it, its pieces, and the ribbons that lead to it from the row above."""

    name: str
    pieces: tuple[Piece, ...]
    ribbons: tuple[Ribbon, ...] = ()


def flow(facts: Facts) -> tuple[Stage, ...]:
    """Three stages, from the ledger's counts of the runs that ended well and from two counts by Athena."""
    whole = facts.total("rows_in")
    came = _pieces(whole, [("raw records" if facts.came == "records in" else facts.came, "raw", whole)])
    became = _pieces(whole, [(name, name, facts.total(name)) for name in ("written", "quarantined", "deduplicated")])
    held = [
        ("rows in the table", "written", only_number(facts.held_rows.rows)),
        ("rows in quarantine", "quarantined", only_number(facts.held_quarantine.rows)),
    ]
    found = _pieces(whole, held)
    pages = amount(facts.ingested("pages"), "page")
    return (
        Stage(f"Ingest: {pages}, {size(facts.ingested('raw_bytes'))}", came),
        Stage("Transform, audit, publish", became, _ribbons(_split(came[0], became), became)),
        Stage("What Athena finds now", found, _ribbons([(p.x, p.width) for p in became], found)),
    )


def only_number(rows: Sequence[Sequence[str | None]]) -> int:
    """The answer of a query that counts."""
    ((value,),) = rows
    return int(value or 0)


def _pieces(whole: int, parts: Sequence[tuple[str, str, int]]) -> tuple[Piece, ...]:
    """Parts side by side. More than ``whole``, as when a reader finds rows of other runs too, fills the row."""
    sum_rows = max(whole, sum(rows for *_, rows in parts)) or 1
    widths = [max(rows / sum_rows * 100, _THINNEST_PERCENT) if rows else 0.0 for *_, rows in parts]
    squeeze = min(1.0, 100 / (sum(widths) or 100))
    pieces, x = [], 0.0
    for (name, css, rows), width in zip(parts, widths, strict=True):
        pieces.append(Piece(name, css, rows, x, width * squeeze))
        x += width * squeeze
    return tuple(pieces)


def _split(above: Piece, below: Sequence[Piece]) -> list[tuple[float, float]]:
    """One piece cut into what goes to each of the pieces below."""
    shares, x = [], above.x
    for piece in below:
        shares.append((x, piece.width))
        x += piece.width
    return shares


def _ribbons(above: Sequence[tuple[float, float]], below: Sequence[Piece]) -> tuple[Ribbon, ...]:
    """Ribbons between pairs, in order; what has no counterpart below goes nowhere."""
    pairs = zip(above, below, strict=False)
    return tuple(Ribbon(p.css, start, (p.x, p.width)) for start, p in pairs if start[1] or p.width)
