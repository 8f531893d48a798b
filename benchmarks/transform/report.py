"""What was measured, as a table for people, as JSON, and as plots (SVG) for the documentation."""

import json
import statistics
from dataclasses import asdict
from pathlib import Path

from measured import Measured

COLOURS = {"lakeward": "#0a6", "duckdb": "#e90", "pandas": "#46c", "dlt": "#c39", "spark": "#c33"}
WIDTH, BAR, LEFT = 720, 20, 190
BEGIN, END = "<!-- figures: written by benchmarks/transform/compare.py -->", "<!-- end of figures -->"


def medians(found: list[Measured]) -> list[Measured]:
    """The round with the median time of each client on each input."""
    groups: dict[tuple[str, int, str], list[Measured]] = {}
    for m in found:
        groups.setdefault((m.format, m.megabytes, m.client), []).append(m)
    return [sorted(group, key=lambda m: m.seconds)[len(group) // 2] for group in groups.values()]


def times_duckdb(found: list[Measured], m: Measured) -> float | None:
    """The median over rounds of this client's time by bare DuckDB's; None where DuckDB did not run."""
    same = [o for o in found if (o.format, o.megabytes) == (m.format, m.megabytes)]
    bare = {o.round: o.seconds for o in same if o.client == "duckdb"}
    ratios = [o.seconds / bare[o.round] for o in same if o.client == m.client and o.round in bare]
    return statistics.median(ratios) if ratios else None


def times_lakeward(found: list[Measured], m: Measured) -> float | None:
    """The median over rounds of this client's time by Lakeward's."""
    same = [o for o in found if (o.format, o.megabytes) == (m.format, m.megabytes)]
    ours = {o.round: o.seconds for o in same if o.client == "lakeward"}
    ratios = [o.seconds / ours[o.round] for o in same if o.client == m.client and o.round in ours]
    return statistics.median(ratios) if ratios else None


def table(found: list[Measured]) -> str:
    """Markdown."""
    lines = [
        "| input | client | rounds | seconds | of CPU | MB/s | by bare DuckDB's | by Lakeward's | peak MB |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for m in _sorted(found):
        same = [o for o in found if _same(o, m)]
        ratios = [
            "" if times is None else f"{times:.2f}" for times in (times_duckdb(found, m), times_lakeward(found, m))
        ]
        lines.append(
            f"| {m.format} {m.megabytes:,} MB | {m.client} | {len(same)} | {m.seconds:.2f} | {m.cpu_seconds:.2f} | "
            f"{m.input_bytes / 1e6 / m.seconds:.1f} | {' | '.join(ratios)} | {max(o.peak_mb for o in same):.0f} |"
        )
    return "\n".join(lines)


def steps(found: list[Measured]) -> str:
    """Markdown: Lakeward's seconds by step, and how they grow from one size to the next."""
    ours = [m for m in _sorted(found) if m.client == "lakeward"]
    names = list(dict.fromkeys(name for m in ours for name in m.steps))
    lines = [f"| input | {' | '.join(names)} | together | a GB | peak MB |", f"|---|{'---:|' * (len(names) + 3)}"]
    for m in ours:
        cells = [f"{m.steps[name]:.2f}" for name in names]
        peak = max(o.peak_mb for o in found if _same(o, m))
        lines.append(
            f"| {m.format} {m.megabytes:,} MB | {' | '.join(cells)} | {m.seconds:.2f} | "
            f"{m.seconds / m.input_bytes * 1e9:.2f} | {peak:.0f} |"
        )
    return "\n".join(lines)


def _sorted(found: list[Measured]) -> list[Measured]:
    return sorted(medians(found), key=lambda m: (m.format != "json", m.megabytes, m.seconds))


def _same(one: Measured, other: Measured) -> bool:
    return (one.format, one.megabytes, one.client) == (other.format, other.megabytes, other.client)


def write(found: list[Measured], folder: Path, machine: str, memory_mb: int, broken: list[str]) -> None:
    """``figures.json`` and ``plot.svg`` in a folder; the tables between the marks of the document of that name."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = {"machine": machine, "memory_mb": memory_mb, "runs": [asdict(m) for m in found]}
    (folder / "figures.json").write_text(json.dumps(facts, indent=1) + "\n")
    (folder / "plot.svg").write_text(plot(found, machine))
    document = folder.with_suffix(".md")
    if document.exists():
        before, _, rest = document.read_text().partition(BEGIN)
        _, _, after = rest.partition(END)
        said = f"Measured on {machine}; Lakeward and DuckDB were given {memory_mb} MB."
        plotted = f"![Megabytes a second by client and input]({folder.name}/plot.svg)"
        limits = "\n".join(["Limits that were not kept:", "", *[f"- {limit}" for limit in broken]])
        kept = limits if broken else "All limits were kept."
        parts = [said, table(found), kept, plotted, "Lakeward's seconds by step:", steps(found)]
        document.write_text(f"{before}{BEGIN}\n" + "\n\n".join(parts) + f"\n{END}{after}")


def plot(found: list[Measured], machine: str) -> str:
    """Bars of megabytes a second, one a client and input, on one scale; no scripts, no fonts from elsewhere."""
    rows = _sorted(found)
    fastest = max(m.input_bytes / 1e6 / m.seconds for m in rows)
    parts = [_text(8, 20, f"Megabytes of input a second, higher is better; {machine}")]
    y = 34
    for m in rows:
        rate = m.input_bytes / 1e6 / m.seconds
        width = max(1.0, rate / fastest * (WIDTH - LEFT - 90))
        parts.append(_text(8, y + 14, f"{m.format} {m.megabytes:,} MB, {m.client}"))
        parts.append(
            f'<rect x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR - 4}" fill="{COLOURS.get(m.client, "#888")}"/>'
        )
        parts.append(_text(LEFT + width + 6, y + 14, f"{rate:.1f} MB/s"))
        y += BAR
    style = "font-family: sans-serif; font-size: 12px; fill: #333"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 8}" style="{style}">'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


def _text(x: float, y: float, words: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}">{words}</text>'
