"""The command that holds every dataset's end-to-end queries to their expected results."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from lakeward.adapters.athena import AthenaQueries
from lakeward.cli.options import read_release
from lakeward.cli.proving import keep, prepared
from lakeward.cli.screen import amount, error_console, plain, print_table, size
from lakeward.cli.session import Environment, Session, open_session, repository
from lakeward.contract import dataset, names
from lakeward.errors import QueriesInvalid
from lakeward.serve.e2e import Verdict, judge
from lakeward.serve.expectation import E2eQuery, e2e_queries

MOST_DIFFERENCES = 20
"""Shown of each query; the first ones say what happened."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(e2e)


def e2e(
    name: Annotated[
        str | None, typer.Argument(metavar="DATASET", help="A dataset's name; all of them when it is left out.")
    ] = None,
    release: Annotated[
        Path | None,
        typer.Option("--release", metavar="FILE", exists=True, dir_okay=False, help="The release to prove."),
    ] = None,
    evidence: Annotated[
        bool,
        typer.Option("--evidence", help="Check cost and access too, and keep it all as evidence for the release."),
    ] = False,
    environment: Environment = "local",
) -> None:
    """Run the end-to-end queries of a dataset, or of all, and compare whole results with the expected ones.

    The queries are datasets/<name>/queries/*.sql. With --evidence, what came of them is
    kept, green or red, for the release that is deployed: a promotion asks for it. The exit
    code is 1 when anything does not hold.

    [bold]Examples:[/bold] lakeward e2e earthquakes; lakeward e2e -e staging --release FILE --evidence
    """
    if evidence and name is not None:
        raise typer.BadParameter("expected no dataset with --evidence: a release is proved by all of its datasets")
    read = read_release(release) if release else None
    place = prepared(environment, read) if evidence else None
    queries = queries_of(name)
    verdicts = _judged(open_session(environment), queries)
    print_table(verdict_table(verdicts, environment))
    for verdict in verdicts:
        print_differences(verdict)
    holds = all(verdict.holds for verdict in verdicts)
    if place is not None:
        holds = keep(place, read, verdicts) and holds
    if not holds:
        raise typer.Exit(1)


def queries_of(name: str | None) -> list[E2eQuery]:
    """The queries of one dataset, or of all.

    Raises:
        UnknownDataset: no dataset has this name.
        QueriesInvalid: a dataset has no queries, or wrong ones; the problems of all datasets are listed.
    """
    root = repository() / "datasets"
    found: list[E2eQuery] = []
    problems = []
    for folder in [dataset(name, root).folder] if name else [root / each for each in names(root)]:
        try:
            found += e2e_queries(folder)
        except QueriesInvalid as problem:
            problems.append(problem.message)
    if problems:
        raise QueriesInvalid("\n".join(problems))
    return found


def _judged(session: Session, queries: list[E2eQuery]) -> list[Verdict]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    engine = AthenaQueries(session.athena, session.workgroup)
    with Progress(*columns, console=error_console, transient=True) as progress:
        judged = judge(queries, engine, session.serving_database)
        return list(progress.track(judged, total=len(queries), description="end-to-end queries"))


def verdict_table(verdicts: list[Verdict], environment: str) -> Table:
    """One line a query."""
    holding = sum(verdict.holds for verdict in verdicts)
    table = Table(title=f"{holding} of {len(verdicts)} end-to-end queries hold in {environment}")
    table.add_column("dataset")
    table.add_column("query")
    for heading in ("rows", "seconds", "scanned"):
        table.add_column(heading, justify="right")
    table.add_column("result")
    for v in verdicts:
        result = "as expected" if v.holds else amount(len(v.differences), "difference")
        table.add_row(
            v.query.dataset,
            v.query.name,
            f"{len(v.query.expected.rows):,}",
            f"{v.milliseconds / 1000:.2f}",
            size(v.scanned_bytes),
            result,
            style=None if v.holds else "red",
        )
    return table


def print_differences(verdict: Verdict) -> None:
    """What differs, on standard error; nothing when the result is as expected."""
    if verdict.holds:
        return
    error_console.print(f"\n[bold red]{verdict.query.dataset}/queries/{verdict.query.name}.sql[/bold red]")
    for line in verdict.differences[:MOST_DIFFERENCES]:
        error_console.print(plain(f"  {line}"), soft_wrap=True)
    left = len(verdict.differences) - MOST_DIFFERENCES
    if left > 0:
        error_console.print(f"  and {amount(left, 'more difference')}", highlight=False)
