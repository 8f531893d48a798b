"""The command's root: sub-commands, and how errors reach a person.

Commands that need the local cloud come from the ``lakeward.commands`` entry points, so that this package never
imports it.
"""

from importlib.metadata import entry_points
from typing import NoReturn

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.text import Text

from lakeward import __version__
from lakeward.cli import (
    backfill,
    certificate,
    cost,
    dataset,
    deploy,
    drift,
    maintain,
    promote,
    queries,
    release,
    runs,
    switch,
)
from lakeward.cli.screen import error_console, plain
from lakeward.errors import LakewardError

app = typer.Typer(
    name="lakeward",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="A data lake pipeline on AWS, and the same on this machine.\n\nStart with: [bold]lakeward up[/bold]",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Say the version."),
) -> None:
    """Hold the options that stand before a command."""


def build() -> typer.Typer:
    """The whole command, with what entry points add."""
    runs.register(app)
    queries.register(app)
    dataset.register(app)
    certificate.register(app)
    backfill.register(app)
    release.register(app)
    deploy.register(app)
    promote.register(app)
    switch.register(app)
    drift.register(app)
    maintain.register(app)
    cost.register(app)
    for entry in sorted(entry_points(group="lakeward.commands"), key=lambda e: e.name):
        entry.load()(app)
    return app


def main() -> None:
    """Run the command. An error that we raised on purpose is printed as its message; exit code 1."""
    try:
        build()()
    except LakewardError as problem:
        _fail(type(problem).__name__, problem.message)
    except (BotoCoreError, ClientError) as problem:
        _fail("AWS", str(problem))


def _fail(kind: str, message: str) -> NoReturn:
    error_console.print(Text.assemble((f"{kind} ", "bold red"), plain(message)), soft_wrap=True)
    raise SystemExit(1)
