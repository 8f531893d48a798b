"""Commands that bring a release into an environment: the plan, and the deployment of exactly that plan."""

import shutil
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from lakeward.cli.display import Display
from lakeward.cli.options import DEFAULT_FILE, ReleaseFile, Yes, read_release
from lakeward.cli.screen import amount, console, error_console, plain, print_table
from lakeward.cli.session import Environment
from lakeward.cli.target import Place, open_place, target_of
from lakeward.ports.deployment import IDLE
from lakeward.release.contracts import refuse_breaking
from lakeward.release.deploy import Deployed
from lakeward.release.deploy import deploy as deploy_release
from lakeward.release.deployment import current_deployment, kept_release
from lakeward.release.plan import Plan, Target, make_plan
from lakeward.release.publish import prove_files, publish
from lakeward.released import Release, short

MOST_CHANGES = 12
"""Shown of a plan; plan.txt has them all."""

commands = typer.Typer()

PlanFolder = Annotated[
    Path | None,
    typer.Option(
        "--plan",
        metavar="DIR",
        file_okay=False,
        exists=True,
        resolve_path=True,  # Terraform runs in another folder
        help="Apply the plan that lies here, as it is.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="deploy")


@commands.callback(invoke_without_command=True)
def deploy(
    context: typer.Context,
    release: ReleaseFile = DEFAULT_FILE,
    plan: PlanFolder = None,
    yes: Yes = False,
    environment: Environment = "local",
) -> None:
    """Bring a release into an environment: publish, plan, ask, apply exactly that plan, migrate, record.

    [bold]Example:[/bold] lakeward deploy -e dev --release dist/release/release.json --yes
    """
    if context.invoked_subcommand is not None:
        return
    read, place = read_release(release), open_place(environment, release)
    with Display(error_console) as display:
        publish(read, release.parent, place.store, display.say)
        hold_to_deployed(read, place, environment)
        target = target_of(place, display, read)
        folder = plan or place.plan
        made = None if plan else planned(read, target, folder)
    if made is not None:
        print_plan(made, folder)
        if made.changes and not yes:
            typer.confirm(f"Apply this to {environment}?", abort=True)
    with Display(error_console) as display:
        print_deployed(deploy_release(read, target_of(place, display, read), folder), place)


def hold_to_deployed(release: Release, place: Place, environment: str) -> None:
    """Refuse contracts that break with the deployed ones under the same major version."""
    current = current_deployment(place.store, environment)
    if current is not None and current.release != release.id:
        former = kept_release(place.store, current.release)
        before, after = (
            {name: dataset.contract for name, dataset in place.datasets(of).items()} for of in (former, release)
        )
        refuse_breaking(before, after)


@commands.command("plan")
def make(
    out: Annotated[Path, typer.Option(metavar="DIR", file_okay=False, help="The folder to keep the plan in.")],
    release: ReleaseFile = DEFAULT_FILE,
    environment: Environment = "local",
) -> None:
    """Plan a release, show what would change, and keep the plan.

    Only that release can be deployed by it, and only as long as nobody else deploys. The
    right to look is enough.

    [bold]Example:[/bold] lakeward deploy plan -e prod --release dist/release/release.json --out dist/prod/plan
    """
    read, place = read_release(release), open_place(environment, release)
    prove_files(read, release.parent)
    hold_to_deployed(read, place, environment)
    with Display(error_console) as display:
        made = planned(read, target_of(place, display, read), out)
    print_plan(made, out)


def planned(release: Release, target: Target, folder: Path) -> Plan:
    """Make a plan in a folder that holds nothing else."""
    shutil.rmtree(folder, ignore_errors=True)
    target.tell(f"planning release {short(release.id)} for {target.environment}")
    return make_plan(release, target, folder.resolve())


def print_plan(plan: Plan, folder: Path) -> None:
    """A short account of a plan."""
    table = Table(title=f"{plan.environment}: {amount(len(plan.changes), 'change')}", title_justify="left")
    table.add_column("what")
    table.add_column("which", overflow="fold")
    for change in plan.changes[:MOST_CHANGES]:
        verb, _, address = change.partition(" ")
        table.add_row(verb, plain(address))
    if len(plan.changes) > MOST_CHANGES:
        table.add_row("and", f"{len(plan.changes) - MOST_CHANGES} more, see {folder / 'plan.txt'}")
    print_table(table)
    if (folder / IDLE).is_file():
        console.print(plain((folder / IDLE).read_text().strip()), soft_wrap=True)


def print_deployed(deployed: Deployed, place: Place) -> None:
    """What a deployment came to, and which views readers still have to be moved to."""
    record, environment = deployed.record, place.values.environment
    word = "has" if deployed.changed else "had already"
    console.print(plain(f"{environment} {word} release {short(record.release)} (deployment {record.number})"))
    for name, done in deployed.migrated.items():
        if done.get("view") == "kept":
            console.print(
                plain(
                    f"{name}: readers see the former table still. Fill the new one: lakeward replay {name} -e "
                    f"{environment}; then move them: lakeward switch {name} -e {environment}"
                ),
                soft_wrap=True,
            )
