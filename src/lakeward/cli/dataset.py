"""Commands about dataset folders."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from lakeward import tables
from lakeward.cli import contract_plan
from lakeward.cli.dataset_new import new
from lakeward.cli.dataset_sample import sample
from lakeward.cli.screen import amount, console, error_console, plain, print_table
from lakeward.cli.session import repository
from lakeward.contract import Column, Contract, Dataset, dataset, load_dataset
from lakeward.contract.marts import marts
from lakeward.contract.references import reference_problem
from lakeward.contract.schema import contract_schema_text, mart_schema_text
from lakeward.errors import LakewardError
from lakeward.serve.expectation import e2e_queries

commands = typer.Typer(no_args_is_help=True, help="Make, check and sample datasets and marts, and print the schemas.")
commands.command()(new)
commands.command()(contract_plan.plan)
commands.command()(sample)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="dataset")


@commands.command()
def check(
    name: Annotated[
        str | None, typer.Argument(metavar="DATASET", help="A dataset's name; all of them when it is left out.")
    ] = None,
) -> None:
    """Check a dataset's folder, or every one, and show the table that its contract makes.

    All problems are listed; the exit code is 1 when there is any. Nothing is sent anywhere.

    [bold]Example:[/bold] lakeward dataset check earthquakes
    """
    root = repository() / "datasets"
    folders = sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    if name is not None:
        named = [folder for folder in folders if folder.name == name]
        folders = named or [dataset(name, root).folder]
    wrong = [folder.name for folder in folders if not _checked(folder)]
    if not _marts_checked(root, {folder.name for folder in folders}):
        wrong.append("marts")
    if wrong:
        error_console.print(f"[bold red]to mend:[/bold red] {', '.join(wrong)}", highlight=False)
        raise typer.Exit(1)


def _checked(folder: Path) -> bool:
    """Show one dataset and all of its problems; False when it has any."""
    problems = []
    try:
        of = load_dataset(folder)
        print_table(design_table(of))
        problems += list(_references(of))
    except LakewardError as problem:
        problems.append(problem.message)
    try:
        console.print(f"{folder.name}: {amount(len(e2e_queries(folder)), 'end-to-end query', 'end-to-end queries')}")
    except LakewardError as problem:
        problems.append(problem.message)
    for told in _advice(folder) if not problems else ():
        console.print(Text.assemble(("to think of ", "yellow"), plain(told)), soft_wrap=True)
    for message in problems:
        error_console.print(plain(message, "red"), soft_wrap=True)
    return not problems


def _advice(folder: Path) -> Iterator[str]:
    """What a contract may say and would better not."""
    source = load_dataset(folder).contract.source
    if source.stop.when == "no_next" and source.total is None:
        yield (
            "source.stop: when the name of the next page is missing for another reason than that there is none, a part "
            "is certified as all. Declare source.total, or the stop end_flag, when the service has one"
        )


def _references(of: Dataset) -> Iterator[str]:
    """What is wrong with what a contract says of other datasets."""
    for rule in of.contract.quality.references:
        try:
            problem = reference_problem(of.contract, rule, load_dataset(of.folder.parent / rule.dataset).contract)
        except LakewardError as unreadable:
            problem = f"quality.references: {unreadable.message}"
        if problem:
            yield f"{of.folder / 'contract.yaml'}: {problem}"


def _marts_checked(root: Path, folders: set[str]) -> bool:
    """Show the marts of these folders; all marts are held against each other, so a problem of any is told."""
    try:
        found = marts(root)
    except LakewardError as problem:
        error_console.print(plain(problem.message, "red"), soft_wrap=True)
        return False
    shown = {path.stem for folder in folders for path in (root / folder / "marts").glob("*.yaml")}
    for name, model in found.items():
        if name in shown:
            read = ", ".join(f"{given.name} ({given.rows})" for given in model.declared.inputs)
            console.print(f"mart {name}: by {model.every or 'the whole'}, from {read}", highlight=False)
    return True


@commands.command()
def schema(
    mart: Annotated[bool, typer.Option("--mart", help="That of marts/<mart>.yaml instead.")] = False,
) -> None:
    """Print the JSON Schema of contract.yaml, for editors and other tools.

    [bold]Example:[/bold] lakeward dataset schema > schemas/contract.schema.json
    """
    typer.echo(mart_schema_text() if mart else contract_schema_text(), nl=False)


def design_table(of: Dataset) -> Table:
    """The curated table of a contract: where each column comes from, what it is for, and the rules it keeps."""
    contract, design = of.contract, tables.curated(of.contract)
    declared = {column.name: column for column in contract.columns}
    table = Table(title=f"{of.name} {contract.version}: {design.name}, partitioned by {design.partition_by}")
    table.add_column("column", no_wrap=True)
    table.add_column("type", no_wrap=True)
    table.add_column("from", overflow="fold")
    table.add_column("role and rules", overflow="fold")
    for column in design.columns:
        own = declared.get(column.name)
        source, rules = (_source(own), _rules(own, contract)) if own else ("the run", "")
        table.add_row(column.name, column.type, source, rules)
    return table


def _source(column: Column) -> str:
    parse = f" as {column.parse}" if column.parse else ""
    return f"{column.at}{parse}" if column.at else f"UTC day of {column.utc_day_of}"


def _rules(column: Column, contract: Contract) -> str:
    mark = contract.load.deleted_when
    rules = [
        "key" if column.name in contract.load.primary_key else "",
        "newest wins" if column.name == contract.load.newest_by else "",
        f"gone when {mark.equals}" if mark and column.name == mark.column else "",
        "partition" if column.name == contract.partition_by else "",
        "required" if column.required else "",
        f"at least {_limit(column.minimum)}" if column.minimum is not None else "",
        f"at most {_limit(column.maximum)}" if column.maximum is not None else "",
        f"one of {', '.join(column.allowed)}" if column.allowed else "",
        f"matches {column.pattern}" if column.pattern else "",
        f"{column.min_length or 0} to {column.max_length or 'any'} characters" if "length" in column.rules else "",
        *(f"{rule}: {policy}" for rule, policy in column.rules.items() if policy != "quarantine"),
    ]
    return "; ".join(filter(None, rules))


def _limit(limit: float | str) -> str:
    return f"{limit:g}" if isinstance(limit, float) else limit
