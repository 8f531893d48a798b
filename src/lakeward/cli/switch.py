"""Commands of blue/green: fill a new table from raw, and move readers to it."""

from typing import Annotated

import typer
from rich.table import Table

from lakeward.adapters.functions import call
from lakeward.adapters.raw_slots import certified_slots
from lakeward.cli.running import run_slots
from lakeward.cli.runs import outcome_table
from lakeward.cli.screen import amount, console, error_console, plain, print_table
from lakeward.cli.session import Environment, open_session, repository
from lakeward.cli.target import CALLING, PARALLEL
from lakeward.contract import dataset, names
from lakeward.errors import UnknownDataset
from lakeward.release.switch import asked_versions
from lakeward.slot import Slot


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(replay)
    app.command()(switch)


def replay(
    name: Annotated[str, typer.Argument(metavar="DATASET", help="A dataset's name.")],
    first: Annotated[str | None, typer.Option("--from", help="The first slot; the first in raw unless given.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="The last slot; the last in raw unless given.")] = None,
    parallel: Annotated[int, typer.Option(min=1, max=16, help="How many slots run at once.")] = PARALLEL,
    environment: Environment = "local",
) -> None:
    """Run every slot that raw holds whole again, under the deployed release. The upstream is not asked.

    Slots that this release has run already are left alone.

    [bold]Example:[/bold] lakeward replay earthquakes -e prod
    """
    of, session = dataset(name, repository() / "datasets"), open_session(environment)
    bucket = f"lakeward-{environment}-{session.account_id}-raw"
    slots = certified_slots(session.boto.client("s3"), bucket, of)
    start = Slot.parse(first, of.contract.slot) if first else None
    end = Slot.parse(last, of.contract.slot) if last else None
    slots = [slot for slot in slots if (start is None or slot >= start) and (end is None or slot <= end)]
    if not slots:
        error_console.print(plain(f"Raw holds no such slot of {name} in {environment}: there is nothing to replay."))
        return
    outcomes = run_slots(session, of, slots, again=False, parallel=parallel)
    console.print(outcome_table(outcomes))
    for failed in (o for o in outcomes if o.failure):
        error_console.print(plain(f"{failed.slot} failed: {failed.failure}", "bold red"), soft_wrap=True)
    if any(o.failure for o in outcomes):
        raise typer.Exit(1)


def switch(
    datasets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="DATASET[=VERSION]...",
            help="Datasets, in the order in which they move, each with the major version to show.",
        ),
    ] = None,
    to_version: Annotated[
        int | None,
        typer.Option(min=1, help="The version of datasets that name none; that of the deployed contract unless given."),
    ] = None,
    abandon: Annotated[bool, typer.Option("--abandon", help="Give up a switch that did not come to its end.")] = False,
    environment: Environment = "local",
) -> None:
    """Move what readers see to another table, whole and at once, when that holds every slot and answers as it should.

    Several datasets move one after the other; called again, a switch goes on where it
    stopped. A former version is gone back to in the same way.

    [bold]Examples:[/bold] lakeward switch earthquakes -e prod; lakeward switch airlines flights=1 -e prod
    """
    session = open_session(environment)
    client, function = session.boto.client("lambda", config=CALLING), session.function("switch")
    if abandon:
        number = call(client, function, {"action": "abandon"})["abandoned_plan"]
        console.print(f"gave up plan {number}" if number else "no switch is under way", highlight=False)
        return
    wanted = asked_versions(datasets or [])
    unknown = wanted.keys() - set(names(repository() / "datasets"))
    if not wanted or unknown:
        raise UnknownDataset(
            f"expected datasets to switch, found {', '.join(sorted(unknown)) or 'none'}; there are "
            f"{', '.join(names(repository() / 'datasets'))}"
        )
    done = call(client, function, {"action": "switch", "datasets": datasets, "to_version": to_version})
    table = Table(title=f"{amount(len(wanted), 'view')} in {environment}", title_justify="left")
    for heading in ("view", "showed", "shows", "outcome", "keep the former until"):
        table.add_column(heading)
    for view in done["views"]:
        table.add_row(view["dataset"], view["from_table"], view["to_table"], view["outcome"], view["keep_until"] or "")
    print_table(table)
    for view in done["views"]:
        for told in view.get("told", []):  # the function of an older release tells nothing
            console.print(plain(f"{view['dataset']}: {told}"), soft_wrap=True)
