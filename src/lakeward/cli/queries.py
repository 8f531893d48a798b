"""Commands that ask Athena."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from lakeward.adapters.athena import AthenaQueries
from lakeward.cli import e2e
from lakeward.cli.answers import MOST_TABLE_ROWS, write_csv, write_json, write_table
from lakeward.cli.screen import amount, console, error_console, size
from lakeward.cli.session import Environment, open_session


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(sql)
    e2e.register(app)


def sql(
    statement: Annotated[
        str | None, typer.Argument(metavar="SQL", help="One statement; - reads it from standard input.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="Read the statement from this file.", allow_dash=True)
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            "--database",
            "-d",
            help="Where unqualified names are looked up; the serving database unless told otherwise.",
        ),
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV with a header line; NULL is an empty field.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="A JSON array of objects; decimals are strings, so nothing is rounded.")
    ] = False,
    environment: Environment = "local",
) -> None:
    """Ask Athena one statement.

    The answer goes to standard output; rows, seconds and bytes scanned go to standard error.

    [bold]Example:[/bold] lakeward sql "SELECT id, magnitude FROM earthquakes ORDER BY magnitude DESC LIMIT 5"
    """
    if as_csv and as_json:
        raise typer.BadParameter("expected --csv or --json, found both")
    text = statement_of(statement, file)
    session = open_session(environment)
    answer = AthenaQueries(session.athena, session.workgroup).run(text, database or session.serving_database)
    if as_csv or as_json:
        rows = (write_csv if as_csv else write_json)(answer, sys.stdout)
    else:
        rows = write_table(answer, console)
    more = next(answer.rows, None) is not None
    said = f"the first {MOST_TABLE_ROWS:,} rows (--csv or --json give all)" if more else amount(rows, "row")
    written = f"{amount(answer.written_rows, 'row')} written · " if answer.written_rows else ""
    error_console.print(
        f"{said} · {written}{answer.milliseconds / 1000:.2f} s · {size(answer.scanned_bytes)} scanned",
        style="dim",
        highlight=False,
    )


def statement_of(statement: str | None, file: Path | None) -> str:
    """The SQL that the arguments name.

    Raises:
        typer.BadParameter: none or two are named, the file cannot be read, or it is blank.
    """
    if (statement is None) == (file is None):
        raise typer.BadParameter('expected a statement or --file, one of them; for instance: lakeward sql "SELECT 1"')
    source = "-" if statement is None else statement
    try:
        if file is not None and str(file) != "-":
            text = file.read_text(encoding="utf-8")
        else:
            text = sys.stdin.read() if source == "-" else source
    except (OSError, UnicodeDecodeError) as problem:
        raise typer.BadParameter(f"expected a statement in {file}, found: {problem}") from None
    if not text.strip():
        raise typer.BadParameter("expected a statement, found nothing")
    return text
