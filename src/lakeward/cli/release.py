"""Commands about release files."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from lakeward.cli.building import FILE, build_release
from lakeward.cli.display import Display
from lakeward.cli.options import DEFAULT_FILE, ReleaseFile, read_release
from lakeward.cli.screen import amount, console, error_console, plain, print_table, size
from lakeward.cli.session import Environment, repository
from lakeward.cli.target import open_place
from lakeward.release.publish import publish as publish_release
from lakeward.released import Release, short

commands = typer.Typer(no_args_is_help=True, help="Build, look at and publish releases.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="release")


@commands.command()
def build(
    out: Annotated[
        Path | None, typer.Option(file_okay=False, help="The folder to build into; dist/release unless given.")
    ] = None,
    layer: Annotated[
        bool,
        typer.Option(
            "--with-layer/--without-layer",
            help="Build the functions' libraries too. A local cloud needs none; Lambda does.",
        ),
    ] = True,
    prove: Annotated[
        bool, typer.Option("--prove", help="Import all of it in an isolated Python 3.13 for Linux on x86_64.")
    ] = False,
) -> None:
    """Build a release: one file that names all that was built by its digest.

    The same sources make the same file, on any machine. Nothing of it is ever built
    again for another environment.

    [bold]Example:[/bold] lakeward release build --without-layer
    """
    root = repository()
    folder = out or root / DEFAULT_FILE.parent
    with Display(error_console) as display:
        release = build_release(root, folder.resolve(), display.say, with_layer=layer, proved=prove and layer)
    print_table(release_table(release))
    console.print(f"{folder / FILE}", highlight=False, soft_wrap=True)


@commands.command()
def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The release file.")] = (
        DEFAULT_FILE
    ),
) -> None:
    """Show what a release is made of, and its id.

    [bold]Example:[/bold] lakeward release show dist/release/release.json
    """
    print_table(release_table(read_release(file)))


@commands.command()
def publish(release: ReleaseFile = DEFAULT_FILE, environment: Environment = "local") -> None:
    """Store a release's files in an environment's artifacts bucket, each once, and prove that they are there.

    [bold]Example:[/bold] lakeward release publish -e dev --release dist/release/release.json
    """
    read = read_release(release)
    place = open_place(environment)
    with Display(error_console) as display:
        done = publish_release(read, release.parent, place.store, display.say)
    console.print(
        plain(f"{place.store.where}: {amount(len(done.stored), 'file')} stored, {len(done.there)} there already")
    )


def release_table(release: Release) -> Table:
    """A row a part."""
    table = Table(title=f"release {short(release.id)}", title_justify="left")
    for heading in ("part", "what", "size", "sha256"):
        table.add_column(heading, justify="right" if heading == "size" else "left", no_wrap=True)
    commit = release.commit[:12] if release.commit else "of edited or untracked sources"
    table.add_row("release", f"{release.version}, commit {commit}", "", release.id)
    parts = {"functions": release.functions, "layer": release.layer, "terraform": release.terraform}
    for name, artifact in {**parts, "sbom": release.sbom}.items():
        if artifact is None:
            table.add_row(name, "left out: for local clouds only", "", "")
        else:
            table.add_row(name, artifact.key.partition("/")[0], size(artifact.bytes), artifact.sha256)
    for name, dataset in sorted(release.datasets.items()):
        table.add_row(name, f"{dataset.version} in {dataset.table}", "", dataset.contract_sha256)
    return table
