"""``lakeward dataset plan``: what a contract's changes will do to tables, rows and readers."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from lakeward.cli.screen import console, error_console, plain, print_table
from lakeward.cli.session import repository
from lakeward.cli.target import open_place
from lakeward.contract import Contract, dataset, names, parse_contract
from lakeward.contract.changes import Change, changes, version_problem
from lakeward.errors import ContractInvalid, PromotionRefused
from lakeward.release.deployment import deployed_release

STYLES = {"breaking": "red", "table": "green", "rows": "yellow", "other": "dim"}


def plan(
    name: Annotated[
        str | None, typer.Argument(metavar="DATASET", help="A dataset's name; all of them when it is left out.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option(metavar="FILE", exists=True, dir_okay=False, help="A former contract.yaml.")
    ] = None,
    environment: Annotated[
        str, typer.Option("--environment", "-e", envvar="LAKEWARD_ENVIRONMENT", help="Compare with what is deployed.")
    ] = "local",
) -> None:
    """Say what a contract's changes will do: columns added, a table made, slots to run again, views to move.

    Compared is the working copy with the release that is deployed in an environment, or with a former contract. The
    exit code is 1 when a change needs a new major version that the contract does not have. Nothing is changed.

    [bold]Example:[/bold] lakeward dataset plan earthquakes -e dev
    """
    root = repository() / "datasets"
    mine = {of: dataset(of, root).contract for of in ([name] if name else names(root))}
    before = _of_file(against, mine) if against else _deployed(environment)
    wrong = [of for of, contract in mine.items() if not _shown(before.get(of), contract)]
    if name is None and not against:
        for gone in sorted(before.keys() - mine.keys()):
            console.print(plain(f"{gone}: is deployed and not in the working copy; its tables and views stay"))
    if wrong:
        error_console.print(f"[bold red]to mend:[/bold red] {', '.join(wrong)}", highlight=False)
        raise typer.Exit(1)


def _of_file(path: Path, mine: dict[str, Contract]) -> dict[str, Contract]:
    former = parse_contract(path.read_text(), str(path))
    if former.dataset not in mine or len(mine) != 1:
        raise ContractInvalid(
            f"{path}: expected the contract of one dataset that is named, found that of {former.dataset}; "
            f"try: lakeward dataset plan {former.dataset} --against {path}"
        )
    return {former.dataset: former}


def _deployed(environment: str) -> dict[str, Contract]:
    """The contracts of the release that is deployed; none when nothing ever was."""
    place = open_place(environment)
    try:
        release = deployed_release(place.store, environment)
    except PromotionRefused:
        return {}
    return {name: of.contract for name, of in place.datasets(release).items()}


def _shown(before: Contract | None, after: Contract) -> bool:
    """Show one dataset's changes; False when its version does not suit them."""
    if before is None:
        console.print(plain(f"{after.dataset} {after.version}: new; the migration makes the table {after.table}"))
        return True
    found = changes(before, after)
    if not found:
        console.print(plain(f"{after.dataset} {after.version}: nothing changed"))
        return True
    print_table(change_table(before, after, found))
    for step in next_steps(before, after, found):
        console.print(plain(step))
    problem = version_problem(before, after)
    if problem:
        error_console.print(plain(problem, "red"), soft_wrap=True)
    return problem is None


def change_table(before: Contract, after: Contract, found: Iterable[Change]) -> Table:
    """Changes as rows, breaking ones first."""
    table = Table(title=f"{after.dataset}: {before.version} to {after.version}")
    table.add_column("kind", no_wrap=True)
    table.add_column("change", overflow="fold")
    table.add_column("what it comes to", overflow="fold")
    for change in found:
        table.add_row(change.kind, plain(change.what), plain(change.effect), style=STYLES[change.kind])
    return table


def next_steps(before: Contract, after: Contract, found: Iterable[Change]) -> list[str]:
    """What will happen, and what is to be done, in order."""
    if after.table != before.table:
        return [
            f"deploy makes the table {after.table}; readers stay on {before.table}",
            f"lakeward replay {after.dataset} fills it from raw",
            f"lakeward switch {after.dataset} moves the view when it holds every slot and its queries hold",
        ]
    kinds = {change.kind for change in found}
    steps = ["deploy evolves the table and its view"] if "table" in kinds else []
    return [*steps, *(["run former slots again where they shall follow"] if "rows" in kinds else [])]
