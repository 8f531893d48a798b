"""The command. It strings together what other commands do one by one; what is its own is the account and the report."""

import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from lakeward.adapters.athena import AthenaQueries
from lakeward.cli.display import Display
from lakeward.cli.running import Outcome, run_slots
from lakeward.cli.runs import slots_of
from lakeward.cli.screen import amount, console, error_console, plain
from lakeward.cli.session import open_session, repository
from lakeward.contract import Dataset, dataset
from lakeward.errors import SlotInvalid
from lakeward.slot import Slot
from lakeward_local.demo.account import print_account
from lakeward_local.demo.collect import collect
from lakeward_local.deploy import ENVIRONMENT, deploy_local
from lakeward_local.home import Home
from lakeward_local.local_cloud import LocalCloud
from lakeward_local.report.declaration import FILE_NAME, Declaration, load_declaration
from lakeward_local.report.page import render

DEFAULT_DATASET: Final = "earthquakes"


def demo(
    name: Annotated[str, typer.Option("--dataset", metavar="NAME", help="A dataset's name.")] = DEFAULT_DATASET,
    first: Annotated[str | None, typer.Option("--from", help="The first slot; the dataset's own unless given.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="The last slot.")] = None,
    parallel: Annotated[int, typer.Option(min=1, max=16, help="How many slots run at once.")] = 2,
) -> None:
    """Run a dataset through the whole pipeline on this machine, and say what became of every record.

    Terraform builds the environment in a local cloud, slots run through the state
    machine, Athena is asked, and a report page is written. What is done already is
    left alone, so a second demo is quick and changes no row.

    [bold]Example:[/bold] lakeward demo --dataset earthquakes --from 2018-01-31 --to 2018-02-07
    """
    root = repository()
    of = dataset(name, root / "datasets")
    declaration = load_declaration(of.folder)
    slots = demo_slots(of, declaration, first, last)
    with Display(error_console) as display:
        deploy_local(root, LocalCloud.of(root).up(display.say), display)
        session = open_session(ENVIRONMENT)
        display.say(f"Running {amount(len(slots), 'slot')} of {name} through the state machine")
        outcomes = run_slots(session, of, slots, again=False, parallel=parallel)
        display.say(_what_ran(outcomes))
        queries = AthenaQueries(session.athena, session.workgroup)
        display.say("Asking Athena, and writing the report")
        facts = collect(of, declaration, session, outcomes, queries, datetime.now(UTC))
        command = command_name()
        page = write_report(root, render(facts, command))
    print_account(facts, command, console)
    console.print(f"\nReport: {page.relative_to(root)}", highlight=False)
    console.print(page.as_uri(), style="dim", highlight=False, soft_wrap=True)
    for failed in facts.failed:
        error_console.print(plain(f"{failed.slot} failed: {failed.failure}", "bold red"), soft_wrap=True)
    if facts.failed:
        raise typer.Exit(1)


def demo_slots(of: Dataset, declaration: Declaration, first: str | None, last: str | None) -> list[Slot]:
    """The slots to run: those of the options, or those that the dataset's folder declares.

    Raises:
        SlotInvalid: only one option is given, or none and the folder declares no slots, or they are no slots.
    """
    declared = declaration.slots
    if first is None and last is None and declared is not None:
        first, last = declared.first, declared.last
    if first is None or last is None:
        raise SlotInvalid(
            f"expected --from and --to together, or `slots: {{from: …, to: …}}` in {of.folder / FILE_NAME}; "
            f"for instance: lakeward demo --dataset {of.name} --from 2018-01-31 --to 2018-02-07"
        )
    return slots_of(of, None, first, last)


def write_report(root: Path, page: str) -> Path:
    """Write the page, whole or not at all; returns where it is."""
    path = Home.of(root).folder / "report" / "index.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    draft.write_text(page, encoding="utf-8")
    draft.replace(path)
    return path


def command_name() -> str:
    """How to type ``lakeward`` here: by its name where the PATH leads to it, by its path elsewhere."""
    typed = Path(sys.argv[0]).absolute()
    on_path = shutil.which("lakeward")
    if on_path and Path(on_path).absolute() == typed:
        return "lakeward"
    return str(typed.relative_to(Path.cwd())) if typed.is_relative_to(Path.cwd()) else str(typed)


def _what_ran(outcomes: list[Outcome]) -> str:
    """8 ran; 7 ran, 1 failed."""
    words = list(dict.fromkeys(o.outcome for o in outcomes))
    return ", ".join(f"{sum(o.outcome == word for o in outcomes)} {word}" for word in words)
