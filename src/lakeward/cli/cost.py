"""``lakeward cost``: what runs are estimated to cost, by size and engine, with the prices and speeds that are kept."""

from collections.abc import Sequence
from typing import Annotated

import typer

from lakeward.ops import throughput
from lakeward.ops.cost import PRICES_AS_OF, Size, crossover_text_bytes, lambda_transform_dollars, run_dollars

SIZES_MB = (1, 60, 600, 2_500, 6_000)
PAGE_BYTES = 4_000_000


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("cost")
    def cost(
        megabytes: Annotated[
            list[int] | None, typer.Argument(min=1, help="Sizes of a slot's text; without any, a few that tell most.")
        ] = None,
    ) -> None:
        """Show dollars a run and a GB for each engine, and from which size on Glue costs less than Lambda.

        [bold]Example:[/bold] lakeward cost 60 6000
        """
        typer.echo(table(megabytes or SIZES_MB))
        typer.echo(f"\n{crossover()}\nList prices of us-east-1, {PRICES_AS_OF}; plain JSON in pages of 4 MB.")


def table(sizes_mb: Sequence[int]) -> str:
    """Markdown: a row for each size."""
    workers = throughput.GLUE_WORKERS_AT_LEAST
    lines = [
        f"| text | Lambda, DuckDB | of that, transform | a GB | Glue 5, Spark, {workers} workers | a GB |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    for megabytes in sizes_mb:
        text = megabytes * 1_000_000
        size = Size(max(1, text // PAGE_BYTES), text, text)
        small, large = (sum(run_dollars(size, engine).values()) for engine in ("duckdb", "spark"))
        lines.append(
            f"| {megabytes:,} MB | ${small:.6f} | ${lambda_transform_dollars(size):.6f} | ${_a_gb(small, text):.4f} | "
            f"${large:.6f} | ${_a_gb(large, text):.4f} |"
        )
    return "\n".join(lines)


def crossover() -> str:
    """A sentence."""
    at = crossover_text_bytes()
    return (
        "Glue's transform costs less than Lambda's at no size."
        if at is None
        else f"Glue's transform costs less than Lambda's from {at / 1e6:,.0f} MB of text on."
    )


def _a_gb(dollars: float, text_bytes: int) -> float:
    return dollars / (text_bytes / 1e9)
