"""Commands that let a release go on: approve, promote, health, roll back."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from lakeward.cli.deploy import PlanFolder, hold_to_deployed, print_deployed
from lakeward.cli.display import Display
from lakeward.cli.options import DEFAULT_FILE, Canary, ReleaseFile, read_release
from lakeward.cli.screen import amount, console, error_console, plain, print_table
from lakeward.cli.session import Environment
from lakeward.cli.target import Place, examined_in, kept_in, open_place, target_of
from lakeward.release.approval import Approval
from lakeward.release.approval import approve as keep_approval
from lakeward.release.evidence import Check
from lakeward.release.health import Note
from lakeward.release.promotion import Source
from lakeward.release.promotion import promote as promote_release
from lakeward.release.rollback import RolledBack, way_back
from lakeward.release.rollback import rollback as roll_back
from lakeward.released import short


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(approve)
    app.command()(promote)
    app.command()(health)
    app.command()(rollback)


def approve(
    by: Annotated[str, typer.Option(metavar="NAME", help="Who gives the leave.")],
    release: ReleaseFile = DEFAULT_FILE,
    note: Annotated[str | None, typer.Option(help="Why, or a link to where it was discussed.")] = None,
    environment: Environment = "local",
) -> None:
    """Give a release the leave to be promoted to an environment. The first approval stands.

    [bold]Example:[/bold] lakeward approve -e prod --release dist/release/release.json --by "Data team"
    """
    read, place = read_release(release), open_place(environment)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    wanted = Approval(environment=environment, release=read.id, by=by, note=note, approved_at=now)
    kept = keep_approval(place.store, wanted)
    console.print(plain(f"release {short(read.id)} may go to {environment}: {kept.by}, {kept.approved_at}"))


def promote(
    source: Annotated[str, typer.Option("--from", metavar="ENVIRONMENT", help="Where it was proved.")],
    to: Annotated[str, typer.Option("--to", metavar="ENVIRONMENT", help="Where it goes.")],
    release: ReleaseFile = DEFAULT_FILE,
    plan: PlanFolder = None,
    canary: Canary = None,
) -> None:
    """Bring a release on to the next environment: with green evidence of exactly this release from where it was
    proved, and an approval for where it goes. It is taken back by itself when it fails there.

    [bold]Example:[/bold] lakeward promote --from staging --to prod --release dist/release/release.json
    """
    read, place = read_release(release), open_place(to, release)
    origin = Source(source, kept_in(source))
    with Display(error_console) as display:
        target = target_of(place, display, read)
        promoted = promote_release(
            read,
            release.parent,
            origin,
            target,
            plan or place.plan,
            planned=plan is not None,
            compare=lambda of: hold_to_deployed(of, place, to),
            examine=lambda of: examined_in(place, of, target, canary),
            go_back=lambda previous: gone_back(place, display, previous, canary),
        )
    print_checks(promoted.checks, to)
    print_deployed(promoted.deployed, place)


def health(release: ReleaseFile = DEFAULT_FILE, canary: Canary = None, environment: Environment = "local") -> None:
    """Check that a deployed release works: a slot run once more, reads, no new alarm. No row changes.

    [bold]Example:[/bold] lakeward health -e prod --release dist/release/release.json
    """
    read, place = read_release(release), open_place(environment)
    with Display(error_console) as display:
        checks = examined_in(place, read, target_of(place, display, read), canary)
    print_checks(checks, environment)
    if not all(check.holds for check in checks):
        raise typer.Exit(1)


def rollback(
    to: Annotated[
        str | None,
        typer.Option(metavar="ID", help="The release to go back to, or its beginning; the one before unless given."),
    ] = None,
    canary: Canary = None,
    environment: Environment = "local",
) -> None:
    """Go back to an earlier release: schedules, readers, functions, Terraform, what the release wrote, and a proof.

    What it needs lies in the environment's artifacts bucket. Called again, it goes on.

    [bold]Example:[/bold] lakeward rollback -e prod
    """
    place = open_place(environment)
    with Display(error_console) as display:
        done = gone_back(place, display, to, canary)
    print_checks(done.checks, environment)
    again = f"; {amount(len(done.again), 'slot')} run again" if done.again else ""
    console.print(plain(f"{environment} has release {short(done.record.release)} again{again}"))
    for failed in (ran for ran in done.again if ran.failure):
        error_console.print(plain(f"{failed.dataset} {failed.slot} failed: {failed.failure}", "red"), soft_wrap=True)
    if not done.holds or any(ran.failure for ran in done.again):
        raise typer.Exit(1)


def gone_back(place: Place, display: Display, to: str | None, canary: str | None) -> RolledBack:
    """Roll an environment back."""
    way = way_back(target_of(place, display), to)
    target = target_of(place, display, way.release, way.bad)
    return roll_back(
        target,
        way,
        list(place.datasets(way.release)),
        lambda of: examined_in(place, of, target, canary, with_alarms=False),
    )


def print_checks(checks: list[Check], environment: str) -> None:
    """A row a check; what is only told is no check, and stands among them."""
    judged = [check for check in checks if not isinstance(check, Note)]
    holding = sum(check.holds for check in judged)
    table = Table(title=f"{holding} of {len(judged)} checks hold in {environment}", title_justify="left")
    for heading in ("check", "expected", "found"):
        table.add_column(heading, overflow="fold")
    for check in checks:
        style = "yellow" if isinstance(check, Note) else None if check.holds else "red"
        table.add_row(plain(check.name), plain(check.expected), plain(check.found), style=style)
    print_table(table)
