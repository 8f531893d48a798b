"""The command that compares an environment with the release that is deployed there."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from lakeward.cli.display import Display
from lakeward.cli.screen import amount, console, error_console, plain, print_table
from lakeward.cli.session import Environment
from lakeward.cli.target import open_place, target_of
from lakeward.release.drift import Drift, look_for_drift
from lakeward.released import short

DRIFTED = 2
"""Exit code, as of `terraform plan -detailed-exitcode`."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(drift)


def drift(
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", dir_okay=False, help="Keep what was found in this file too, as JSON.")
    ] = None,
    environment: Environment = "local",
) -> None:
    """Plan the deployed release once more. That changes nothing, unless somebody changed the environment beside its
    releases: then the exit code is 2.

    [bold]Example:[/bold] lakeward drift -e prod
    """
    place = open_place(environment)
    with Display(error_console) as display:
        found = look_for_drift(target_of(place, display), place.scratch / "drift")
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(found.to_bytes())
    print_drift(found)
    if found.changes:
        raise typer.Exit(DRIFTED)


def print_drift(found: Drift) -> None:
    """A row a change."""
    if found.release is None and not found.changes:
        console.print(plain(f"nothing was ever deployed to {found.environment}"))
        return
    release = f"release {short(found.release)}" if found.release else "no release"
    if not found.changes:
        console.print(plain(f"{found.environment} is as {release} says"))
        return
    table = Table(title=f"{found.environment}: {amount(len(found.changes), 'difference')} to {release}")
    table.add_column("applying it again would", overflow="fold")
    for change in found.changes:
        table.add_row(plain(change))
    print_table(table)
