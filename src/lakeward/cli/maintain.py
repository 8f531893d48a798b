"""Keeping tables in shape by hand: what the schedule does each night."""

from typing import Annotated, Any

import typer
from rich.table import Table

from lakeward.adapters.functions import call
from lakeward.cli.screen import amount, console, error_console, plain, print_table
from lakeward.cli.session import Environment, open_session, repository
from lakeward.cli.target import CALLING
from lakeward.contract import names
from lakeward.errors import UnknownDataset
from lakeward.ops.upkeep_cost import UpkeepUse, storage_dollars, upkeep_dollars

MIB = 1 << 20


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(maintain)


def maintain(
    datasets: Annotated[
        list[str] | None, typer.Argument(metavar="DATASET...", help="Datasets whose tables are kept.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every dataset.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    environment: Environment = "local",
) -> None:
    """Compact small files, expire old states, remove files that nothing leads to. Readers and runs may go on.

    [bold]Example:[/bold] lakeward maintain earthquakes --dry-run -e prod
    """
    known = names(repository() / "datasets")
    wanted = known if everything else datasets or []
    unknown = sorted(set(wanted) - set(known))
    if not wanted or unknown:
        raise UnknownDataset(
            f"expected datasets to maintain, or --all, found {', '.join(unknown) or 'none'}; there are "
            f"{', '.join(known)}"
        )
    session = open_session(environment)
    client, function = session.boto.client("lambda", config=CALLING), session.function("maintain")
    told = [call(client, function, {"dataset": name, "dry_run": dry_run}) for name in wanted]
    kept = [table for answer in told for table in answer["tables"]]
    print_table(shown(kept, environment, dry_run=dry_run))
    for line in (former for answer in told for former in answer["former"]):
        console.print(plain(former_line(line, dry_run=dry_run)), soft_wrap=True)
    queried = sum(answer["queried_removed"] for answer in told)
    if queried:
        what = "would be removed" if dry_run else "removed"
        console.print(plain(f"{amount(queried, 'file')} that queries of marts wrote: {what}."), soft_wrap=True)
    memory_mb = client.get_function_configuration(FunctionName=function)["MemorySize"]
    console.print(plain(cost_line(kept, [answer["seconds"] for answer in told], memory_mb)), soft_wrap=True)
    unfinished = [table["table"] for table in kept if not table["finished"]]
    if unfinished:
        error_console.print(
            plain(f"Not all is done: the time was over, or runs were faster. Run it again for {', '.join(unfinished)}.")
        )
        raise typer.Exit(1)


def shown(kept: list[dict[str, Any]], environment: str, *, dry_run: bool) -> Table:
    """One line a table."""
    title = f"what would be done in {environment}" if dry_run else f"what was done in {environment}"
    table = Table(title=f"{amount(len(kept), 'table')}: {title}", title_justify="left")
    for heading in (
        "table",
        "tombstones",
        "compacted",
        "states expired",
        "states left",
        "files removed",
        "MiB removed",
    ):
        table.add_column(heading, justify="left" if heading == "table" else "right")
    for line in kept:
        compacted = f"{line['files_compacted']} to {line['files_made']}" if line["files_compacted"] else "nothing"
        counts = (line["snapshots_expired"], line["snapshots_left"], line["files_removed"])
        table.add_row(
            line["table"],
            str(line["tombstones_forgotten"]),
            compacted,
            *map(str, counts),
            f"{line['bytes_removed'] / MIB:.1f}",
        )
    return table


def former_line(former: dict[str, Any], *, dry_run: bool) -> str:
    """What became of the table of a former major version."""
    match former["outcome"]:
        case "shown":
            return f"{former['table']}: a former version that a view still shows; it stays."
        case "waiting":
            return f"{former['table']}: a former version that no view shows; kept until {former['keep_until']}."
    done = "would be dropped" if dry_run else "dropped"
    return f"{former['table']}: a former version, {done} with {amount(former['files_removed'], 'file')}."


def cost_line(kept: list[dict[str, Any]], seconds: list[float], memory_mb: int) -> str:
    """What it costs on AWS, and what it saves."""
    use = UpkeepUse(
        seconds=sum(seconds),
        memory_mb=memory_mb,
        files_read=sum(table["files_compacted"] + table["files_removed"] for table in kept),
        files_written=sum(table["files_made"] for table in kept),
    )
    saved = storage_dollars(sum(table["bytes_removed"] for table in kept))
    return (
        f"On AWS about ${upkeep_dollars(use):.6f} for this call; storage costs ${saved:.6f} a month less, once removed."
    )
